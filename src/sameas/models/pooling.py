"""From vectors of tokens to the vector of a text, as sentence-transformers do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sameas.models.files import read_json

__all__ = ["POOLINGS", "pool", "pooling_of"]

POOLINGS = ("mean", "cls", "max")
_KNOWN = ("Transformer", "Pooling", "Normalize")


def pooling_of(folder: Path) -> str | None:
    """Return the pooling that a model folder asks for, None when we cannot do it.

    A folder without ``modules.json`` is a plain transformer: the mean of its tokens.
    """
    modules = read_json(folder / "modules.json")
    if modules is None:
        return "mean"
    pooling = "mean"
    for module in modules:
        kind = module["type"].rsplit(".", 1)[-1]
        if kind not in _KNOWN:
            return None
        if kind == "Pooling":
            config = read_json(folder / module["path"] / "config.json") or {}
            asked = config.get("pooling_mode")
            if asked is None:
                on = [
                    key
                    for key, value in config.items()
                    if key.startswith("pooling_mode_") and value
                ]
                names = {"cls_token": "cls", "mean_tokens": "mean", "max_tokens": "max"}
                asked = names.get(on[0].removeprefix("pooling_mode_")) if len(on) == 1 else None
            if asked not in POOLINGS:
                return None
            pooling = asked
    return pooling


def pool(hidden: Any, mask: Any, pooling: str) -> Any:
    """Pool float[b, t, d] with a mask float[b, t, 1]; works on tensors and on arrays."""
    if pooling == "cls":
        return hidden[:, 0]
    if pooling == "max":
        result = (hidden * mask - 1e9 * (1 - mask)).max(1)
        return getattr(result, "values", result)
    return (hidden * mask).sum(1) / mask.sum(1)
