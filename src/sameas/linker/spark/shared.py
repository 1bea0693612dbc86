"""Tables that every worker reads whole: too large for a task, small enough for a machine."""

from __future__ import annotations

from functools import lru_cache
from uuid import uuid4

import pyarrow as pa
from pyarrow import fs

from sameas.core.errors import RunError
from sameas.engines.address import address_of

__all__ = ["share", "shared"]


def share(folder: str, name: str, table: pa.Table) -> str:
    """Write a table into the work folder; return its address.

    Raises
    ------
    RunError
        If the folder cannot be written.
    """
    address = f"{folder}/{name}-{uuid4().hex[:8]}.arrow"
    try:
        system, path = fs.FileSystem.from_uri(address_of(address))
        system.create_dir(path.rpartition("/")[0], recursive=True)
        with (
            system.open_output_stream(path) as sink,
            pa.ipc.new_file(sink, table.schema) as writer,
        ):
            writer.write_table(table)
    except (OSError, pa.ArrowException) as error:
        raise RunError(f"The work folder {folder} cannot be written: {error}.") from error
    return address


@lru_cache(maxsize=4)
def shared(address: str) -> pa.Table:
    """Read a table that was shared, once a process."""
    system, path = fs.FileSystem.from_uri(address_of(address))
    with system.open_input_file(path) as source:
        return pa.ipc.open_file(source).read_all().combine_chunks()
