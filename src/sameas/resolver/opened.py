"""A fitted linker and a store, opened together."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Self

from sameas.core.errors import ArgumentError
from sameas.linker import Linker
from sameas.linker.saving import FittedLinker
from sameas.resolver.errors import LinkerChangedError, RecordError
from sameas.resolver.machine import Limits, Machine
from sameas.resolver.writing import Given
from sameas.store import Store, Transaction, open_store

__all__ = ["Opened", "as_key", "check_mapping"]


class Opened:
    """A store that belongs to the linker at hand, checked in every transaction."""

    def __init__(
        self,
        linker: Linker | FittedLinker | str | os.PathLike[str],
        store: Store | str | os.PathLike[str],
        *,
        limits: Limits | None = None,
    ) -> None:
        self.fitted = _fitted(linker)
        self.machine = Machine(self.fitted, limits or Limits())
        self.store = open_store(store) if isinstance(store, str | os.PathLike) else store
        with self.store.read() as work:
            found = work.meta("linker")
        if found is None:
            with self.store.write() as work:
                if work.meta("linker") is None:
                    work.set_meta("linker", self.fitted.version)
        elif found != self.fitted.version:
            raise LinkerChangedError(
                f"{self.store.name} was filled by the linker {found}; this one is "
                f"{self.fitted.version}. Prepare it anew with `sameas load --rebuild`, or "
                "`sameas.resolver.rebuild_store`; entity ids stay."
            )

    def __enter__(self) -> Self:
        """Return the resolver; leaving closes its store."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the store."""
        self.close()

    def close(self) -> None:
        """Close the store."""
        self.store.close()

    @property
    def version(self) -> str:
        """The version of the linker."""
        return self.fitted.version

    @property
    def threshold(self) -> float:
        """The score from which a pair is a match."""
        return self.fitted.threshold

    @property
    def order_dependent(self) -> tuple[str, ...]:
        """Why the order of inserts matters; empty: it does not."""
        return self.machine.order_dependent()

    def _given(self, record: Mapping[str, Any], source: str, id: str | int) -> Given:
        check_mapping(record)
        if not isinstance(source, str) or not source:
            raise RecordError(f"The source of a record is a text, got {source!r}.", "source")
        return Given.of(self.machine, record, source, as_key(id))

    def _same_linker(self, work: Transaction) -> None:
        found = work.meta("linker")
        if found != self.fitted.version:
            raise LinkerChangedError(
                f"{self.store.name} was prepared anew for the linker {found}; this one is "
                f"{self.fitted.version}. Load that linker."
            )


def check_mapping(record: Any) -> None:
    """Raise if a record is none."""
    if not isinstance(record, Mapping):
        raise RecordError(f"A record is a mapping of field to value, got {record!r}.")


def as_key(id: str | int) -> str:
    """Return an id as the text under which it is kept."""
    if isinstance(id, bool) or not isinstance(id, str | int) or id == "":
        raise RecordError(f"The id of a record is a text or a whole number, got {id!r}.", "id")
    return str(id)


def _fitted(linker: Linker | FittedLinker | str | os.PathLike[str]) -> FittedLinker:
    if isinstance(linker, FittedLinker):
        return linker
    if isinstance(linker, str | os.PathLike):
        linker = Linker.load(linker)
    if linker.fitted_ is None:
        raise ArgumentError("The linker is not fitted: call fit, or load a saved one.")
    return linker.fitted_
