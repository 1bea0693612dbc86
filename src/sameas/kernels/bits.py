"""Counting bits with single machine instructions."""

from __future__ import annotations

from typing import Any

from numba.core import types
from numba.extending import intrinsic

__all__ = ["bit_count", "lowest_bit"]


@intrinsic
def bit_count(typing_context: Any, word: Any) -> Any:
    """Count the ones of a uint64, as int64."""
    del typing_context, word

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del context, signature
        return builder.ctpop(arguments[0])

    return types.int64(types.uint64), generate


@intrinsic
def lowest_bit(typing_context: Any, word: Any) -> Any:
    """Return the place of the lowest one of a uint64, as int64; 64 if there is none."""
    del typing_context, word

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del signature
        false = context.get_constant(types.boolean, 0)
        return builder.cttz(arguments[0], false)

    return types.int64(types.uint64), generate
