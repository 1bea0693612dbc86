"""Which names are short for which: a table of pairs, from the library `nicknames`."""

from __future__ import annotations

import logging
from importlib.util import find_spec

import pyarrow as pa

from sameas.records.latin import latin

__all__ = ["nickname_pairs"]

_logger = logging.getLogger(__name__)


def nickname_pairs() -> pa.Table:
    """Return every nickname with every name it may stand for, in normal form.

    The hand-kept list of the library `nicknames` (extra "fields"): about 1,500 English names
    and translations into English. Without the library the table is empty, and that is logged.

    Returns
    -------
    pyarrow.Table
        ``name`` and ``formal``, strings, sorted.

    Examples
    --------
    >>> {"name": "bob", "formal": "robert"} in nickname_pairs().to_pylist()
    True
    """
    found: set[tuple[str, str]] = set()
    if find_spec("nicknames") is None:
        _logger.warning(
            "Nicknames of persons are not known: pip install 'sameas[fields]' brings a list."
        )
    else:
        from nicknames import NickNamer

        for formal, names in NickNamer().nickname_lookup.items():
            found.update((name, formal) for name in names)
    pairs = sorted(found)
    table = pa.table(
        {
            "name": latin(pa.array([pair[0] for pair in pairs], pa.large_string())),
            "formal": latin(pa.array([pair[1] for pair in pairs], pa.large_string())),
        }
    )
    return table.drop_null()
