"""Files of safetensors, mapped: their pages are read as they are needed."""

from __future__ import annotations

import json
from math import prod
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = ["Mapped", "map_tensors", "tensor_kinds"]


class Mapped(NamedTuple):
    """A tensor, and the byte of its file at which it begins."""

    values: npt.NDArray[np.float32]
    begin: int


def tensor_kinds(file: Path) -> dict[str, str]:
    """Return the kind of each tensor of a file: ``"F32"``, ``"I64"``, ..."""
    return {name: one["dtype"] for name, one in _header(file)[0].items()}


def map_tensors(file: Path) -> dict[str, Mapped]:
    """Map the float32 tensors of a file, read-only.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> head = b'{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}'
    >>> file = Path(mkdtemp()) / "model.safetensors"
    >>> values = np.array([1, 2], np.float32)
    >>> _ = file.write_bytes(len(head).to_bytes(8, "little") + head + values.tobytes())
    >>> map_tensors(file)["a"].values.tolist()
    [1.0, 2.0]
    """
    header, begin = _header(file)
    raw = np.memmap(file, np.uint8, mode="r")
    found = {}
    for name, about in header.items():
        if about["dtype"] == "F32":
            first = begin + about["data_offsets"][0]
            values = raw[first : first + 4 * prod(about["shape"])].view("<f4")
            found[name] = Mapped(values.reshape(about["shape"]), first)
    return found


def _header(file: Path) -> tuple[dict[str, Any], int]:
    """Return what the file says of its tensors, and where their bytes begin."""
    with file.open("rb") as stream:
        size = int.from_bytes(stream.read(8), "little")
        header = json.loads(stream.read(size))
    header.pop("__metadata__", None)
    return header, 8 + size
