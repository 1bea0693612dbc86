"""An example of a record: for the OpenAPI document, and to compile what a request needs."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from sameas.linker.saving import FittedLinker
from sameas.linker.spec import LinkerSpec
from sameas.resolver import Resolver

__all__ = ["example_record", "warm"]

_BY_KIND: dict[str, Any] = {
    "name": "Blue Door Cafe", "organisation": "Blue Door Ltd", "latitude": 55.95,
    "longitude": -3.19, "phone": "+44 131 496 0000", "url": "https://example.org",
    "postal_code": "EH1 1AA", "street": "12 Rose Street", "address": "12 Rose Street",
    "person": "Ada Byron", "given_name": "Ada", "surname": "Byron", "date": "1815-12-10",
    "email": "ada@example.org", "number": 3, "set": ["cafe"],
    "aliases": ["Old Blue Door"],
}  # fmt: skip


def example_record(spec: LinkerSpec) -> dict[str, Any]:
    """Return a record with a value for each field."""
    return {field.name: _BY_KIND.get(field.kind, "text") for field in spec.fields}


def warm(fitted: FittedLinker) -> None:
    """Compile the kernels of a linker, in a store that is thrown away.

    Cost: half a second if they were compiled before on this machine, else up to a minute.
    """
    record = example_record(fitted.spec)
    with (
        tempfile.TemporaryDirectory() as folder,
        Resolver(fitted, Path(folder) / "warm.db") as resolver,
    ):
        for source in ("first", "second"):
            resolver.put(record, source=source, id="1")
        resolver.match(record)
