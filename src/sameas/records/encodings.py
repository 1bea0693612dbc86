"""In which encoding a text file was written, where nobody says so."""

from __future__ import annotations

import codecs
import logging
from pathlib import Path
from typing import Any

import pyarrow as pa

from sameas.core.errors import ArgumentError

__all__ = ["checked", "encoding_of"]

_logger = logging.getLogger(__name__)

_BLOCK = 1 << 24  # bytes read at once
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# Bytes that no text in windows-1252 has: without a letter, or one that is next to never written.
_NO_LETTER = bytes((0x81, 0x8D, 0x8F, 0x90, 0x9D, 0xFF))


def encoding_of(file: Path) -> str:
    """Find out the encoding of a text file, packed or not.

    UTF-16 is known by its first bytes. A file is in windows-1252, as spreadsheets write it in
    Western Europe, if its first bytes beyond ASCII make no letter of UTF-8 and could all be
    letters there; this is a guess, and logged as a warning. Anything else is UTF-8, and values that
    are not are set aside by `collect`.

    Notes
    -----
    Cost: reads up to the first bytes beyond ASCII, 16 MB at a time.
    """
    with pa.input_stream(str(file), compression="detect") as stream:
        block = stream.read(_BLOCK)
        if block.startswith(_UTF16):
            return "utf-16"
        while block and block.isascii():
            block = stream.read(_BLOCK)
        block += stream.read(4)  # the rest of a letter that the block cuts
    if not _has_utf8(block) and not block.isascii() and not any(b in block for b in _NO_LETTER):
        _logger.warning(
            "%s is not UTF-8: it is read as windows-1252. If letters come out wrong, name its "
            "encoding: %s::ENCODING.", file, file,
        )  # fmt: skip
        return "windows-1252"
    return "utf-8"


def _has_utf8(block: bytes) -> bool:
    return not block.decode("utf-8", errors="ignore").isascii()


def checked(encoding: str, *, file: Path) -> str:
    """Return the name of an encoding that Python knows.

    Raises
    ------
    ArgumentError
        If there is no such encoding.

    Examples
    --------
    >>> checked("cp1250", file=Path("people.csv"))
    'cp1250'
    """
    try:
        codec: Any = codecs.lookup(encoding)
    except LookupError:
        codec = None
    if codec is None or not codec._is_text_encoding:
        raise ArgumentError(
            f"{file}: unknown encoding {encoding!r}: expected the name of one, such as utf-8, "
            "utf-16, windows-1252 (Western Europe), windows-1250 (Central Europe) or shift_jis."
        )
    return encoding
