"""Files of a model: where they are, and a hash of all of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any

__all__ = ["TRAINING_RECORD", "content_hash", "installed_folders", "read_json", "write_settings"]

#: What was trained, how and with what success, in the folder of the model.
TRAINING_RECORD = "training.json"
#: Files that make a folder one of weights.
_WEIGHTS = ("model.safetensors", "model.onnx")


def content_hash(paths: Iterable[Path], *settings: object) -> str:
    """Return 32 hexadecimal digits of the contents of files, and of settings.

    The place of a file does not count, so a model keeps its version when it is moved.
    """
    state = sha256(repr(settings).encode())
    for path in sorted(paths, key=lambda path: path.name):
        state.update(path.name.encode())
        with path.open("rb") as file:
            while piece := file.read(1 << 22):
                state.update(piece)
    return state.hexdigest()[:32]


def installed_folders(name: str) -> list[Path]:
    """Return the folders with weights inside an installed package of this name.

    The package is found, not imported: nothing of it runs.
    """
    module = name.replace("-", "_").replace(".", "_").lower()
    if not module.isidentifier():
        return []
    spec = find_spec(module)
    roots = spec.submodule_search_locations if spec is not None else None
    return sorted(
        {
            file.parent
            for root in roots or ()
            for kind in _WEIGHTS
            for file in Path(root).rglob(kind)
        }
    )


def read_json(path: Path) -> Any:
    """Return the content of a JSON file, None when there is none."""
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def write_settings(folder: str | Path, settings: dict[str, Any]) -> None:
    """Write what `load_encoder` needs to read an encoder again."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "encoder.json").write_text(json.dumps(settings, indent=1), encoding="utf-8")
