"""Where a named model lies: a folder, an installed package of weights, the hub."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sameas.core.errors import ArgumentError, DataError, choices_hint
from sameas.core.optional import require
from sameas.models.files import installed_folders, read_json

__all__ = ["find_model", "is_static", "weights_folder"]

T = TypeVar("T")
_HUB_FILES = ("*.json", "*.safetensors", "*.txt", "*.model")


def find_model(name: str, read: Callable[[Path, str], T], *, ours: tuple[str, ...] = ()) -> T:
    """Give the first folder that bears the name to `read`.

    Parameters
    ----------
    name : str
        In this order: a folder; an installed package with weights, which is not imported; a
        name on the Hugging Face hub, from the local cache, else from the network unless
        ``HF_HUB_OFFLINE`` is set.
    read : callable
        Takes the folder and the name; its result is returned.
    ours : tuple of str
        Names that mean something else, for the hint.

    Raises
    ------
    ArgumentError
        If nothing bears the name; the message says what was tried.
    """
    folder = Path(name).expanduser()
    if folder.is_dir():
        return read(folder, name)
    found = installed_folders(name) if "/" not in name else []
    if len(found) == 1:
        return read(found[0], name)
    if found:
        raise ArgumentError(
            f"The package {name!r} carries several models, name one folder: "
            f"{', '.join(str(one) for one in found)}."
        )
    return _from_hub(name, read, ours)


def weights_folder(model: str | Path) -> Path:
    """Return the folder of a transformer that can be trained."""

    def read(folder: Path, name: str) -> Path:
        weights = (folder / "model.safetensors").is_file()
        if not weights and not any(folder.glob("model-*.safetensors")):
            raise DataError(
                f"The model {name!r} has no model.safetensors in {folder}: only weights of "
                "PyTorch in that form can be trained."
            )
        if is_static(folder):
            raise DataError(f"The model {name!r} has static token embeddings: no transformer.")
        return folder

    return find_model(str(model), read)


def is_static(folder: Path) -> bool:
    """Whether a folder holds static token embeddings."""
    config = read_json(folder / "config.json") or {}
    modules = read_json(folder / "modules.json") or []
    return config.get("model_type") == "model2vec" or any(
        module["type"].endswith("StaticEmbedding") for module in modules
    )


def _from_hub(name: str, read: Callable[[Path, str], T], ours: tuple[str, ...]) -> T:
    """Take a model from the local cache of the hub, else from the network."""
    tried = [f"no encoder of ours ({', '.join(ours)})"] if ours else []
    tried += ["no folder", "no installed package"]
    hint = choices_hint(name, ours)
    if hint or name.count("/") > 1 or name.startswith((".", "~", "/")):
        raise ArgumentError(f"No model bears the name {name!r}: {'; '.join(tried)}.{hint}")
    hub = require("huggingface_hub", extra="torch", what=f"The model {name!r} from the hub")
    offline = os.environ.get("HF_HUB_OFFLINE", "") not in ("", "0")
    full = name if "/" in name else f"sentence-transformers/{name}"
    for local in (True,) if offline else (True, False):
        where = "the local cache of the hub" if local else "the hub"
        try:
            folder = hub.snapshot_download(
                full, allow_patterns=list(_HUB_FILES), local_files_only=local
            )
            return read(Path(folder), full)
        except (OSError, ValueError, hub.errors.HfHubHTTPError) as error:
            if isinstance(error, DataError | ArgumentError) and not local:
                raise
            tried.append(f"not as {full} in {where} ({type(error).__name__})")
    if offline:
        tried.append("the network was not asked, since HF_HUB_OFFLINE is set")
    raise ArgumentError(f"No model bears the name {name!r}: {'; '.join(tried)}.")
