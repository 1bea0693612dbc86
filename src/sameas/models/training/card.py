"""What stands beside the weights: a card for readers, the same in JSON, and the way to the hub."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sameas.core.errors import ArgumentError
from sameas.core.optional import require
from sameas.models.files import TRAINING_RECORD

__all__ = ["push_to_hub", "read_record", "write_card"]


def write_card(folder: Path, record: Mapping[str, Any], *, task: str, library: str) -> None:
    """Write ``training.json`` and the model card ``README.md``.

    Parameters
    ----------
    folder : path
    record : mapping
        ``base_model``, ``data``, ``settings``, ``scores``, ``history``, ``versions``.
    task, library : str
        As the hub names them, such as ``"sentence-similarity"`` and ``"sentence-transformers"``.
    """
    text = json.dumps(record, indent=1, ensure_ascii=False, default=str)
    (folder / TRAINING_RECORD).write_text(text, encoding="utf-8")
    lines = ["---", f"library_name: {library}", f"pipeline_tag: {task}"]
    if _public(record["base_model"]):
        lines.append(f"base_model: {record['base_model']}")
    lines += ["tags:", f"- {library}", "- record-linkage", "- sameas", "---", ""]
    lines += [f"# {folder.name}", "", f"Fine-tuned from `{record['base_model']}` with sameas.", ""]
    for name, title in (("data", "Data"), ("scores", "Scores"), ("settings", "Settings")):
        lines += [f"## {title}", "", *_rows(record[name]), ""]
    lines += ["## Course", "", *_history(record["history"]), ""]
    lines += ["## Versions", "", *_rows(record["versions"]), "", "## Use", "", "```python"]
    lines += _use(folder.name, library) + ["```", ""]
    (folder / "README.md").write_text("\n".join(lines), encoding="utf-8")


def read_record(folder: str | Path) -> dict[str, Any] | None:
    """Return what `write_card` wrote, None where there is nothing."""
    path = Path(folder) / TRAINING_RECORD
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def push_to_hub(
    folder: str | Path, repository: str, *, private: bool = True, endpoint: str | None = None
) -> str:
    """Send a trained folder to the Hugging Face hub.

    Parameters
    ----------
    folder : path
        What `train_model` wrote.
    repository : str
        ``"owner/name"``; made if it is not there.
    private : bool
        Whether a new repository is private.
    endpoint : str, optional
        Another hub than ``HF_ENDPOINT`` or the public one. The token comes from ``HF_TOKEN``,
        or from a login; it is no argument.

    Returns
    -------
    str
        The address of the commit.
    """
    folder = Path(folder)
    if not (folder / "config.json").is_file() and read_record(folder) is None:
        raise ArgumentError(f"{folder} holds no trained model.")
    if repository.count("/") != 1:
        raise ArgumentError(f"repository must be 'owner/name', got {repository!r}.")
    hub = require("huggingface_hub", extra="torch", what="Sending a model to the hub")
    api = hub.HfApi(endpoint=endpoint, token=os.environ.get("HF_TOKEN"))
    api.create_repo(repository, private=private, exist_ok=True)
    done = api.upload_folder(
        repo_id=repository,
        folder_path=folder,
        ignore_patterns=[".training/*"],
        commit_message=f"Add {folder.name}, trained with sameas",
    )
    return str(done.commit_url)


def _public(name: str) -> bool:
    """Whether a name can be one of the hub; the place of a folder is nobody's business."""
    return not Path(name).expanduser().exists() and name.count("/") == 1


def _rows(values: Mapping[str, Any]) -> list[str]:
    if not values:
        return ["None."]
    rows = [f"| {name} | {_cell(value)} |" for name, value in values.items()]
    return ["| | |", "|---|---|", *rows]


def _history(entries: list[dict[str, Any]]) -> list[str]:
    if not entries:
        return ["Not measured."]
    names = list(entries[0])
    rows = ["| " + " | ".join(_cell(one[name]) for name in names) + " |" for one in entries]
    return ["| " + " | ".join(names) + " |", "|" + "---|" * len(names), *rows]


def _cell(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _use(name: str, library: str) -> list[str]:
    if library == "sentence-transformers":
        return [
            "from sameas.frames import merge",
            "",
            f'merge(left, right, on="name", model="{name}")  # or SentenceTransformer("{name}")',
        ]
    return [
        "from sameas.models import load_classifier",
        "",
        f'load_classifier("{name}").probabilities(texts)',
    ]
