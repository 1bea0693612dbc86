"""The resolver: a fitted linker and a store; the online door."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from itertools import chain, repeat
from typing import Any, Self

from sameas.core.errors import ArgumentError
from sameas.linker import Linker
from sameas.linker.saving import FittedLinker
from sameas.resolver.answers import Change, CheckReport, EntityView, Event, Match, RecordView
from sameas.resolver.checking import check_store
from sameas.resolver.errors import LinkerChangedError, RecordError, UnknownRecordError
from sameas.resolver.machine import Limits, Machine
from sameas.resolver.matching import match_records
from sameas.resolver.views import as_event, entity_view, find_entity, record_view
from sameas.resolver.writing import Given, correct_pair, delete_record, put_records
from sameas.store import Store, Transaction, open_store

__all__ = ["Resolver"]


class Resolver:
    """Keep records of one meaning together, one record at a time.

    Parameters
    ----------
    linker : Linker, FittedLinker, or folder
        A fitted linker without nearest neighbours and without a second pass.
    store : Store, file, or address
        Where records and entities live; see `sameas.store.open_store`.
    limits : Limits, optional
        A cap on the candidates of a record. Without one the order of inserts does not matter:
        the entities are those of one batch run over all records.

    Raises
    ------
    LinkerChangedError
        If the store was filled by another linker.

    Notes
    -----
    Scores are those of a batch run over the records of the store and the new one. A write is
    on the disk when the method returns. May be used from several threads and processes.

    Examples
    --------
    ::

        with Resolver("model/", "places.db") as resolver:
            found = resolver.match({"name": "Blue Door", "latitude": 55.9, "longitude": -3.2})
            change = resolver.insert(record, source="crawler", id="17")
            resolver.entity(change.entity).golden
    """

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

    def match(
        self,
        record: Mapping[str, Any],
        *,
        source: str = "asked",
        id: str | int = "asked",
        limit: int = 10,
        explain: bool = False,
    ) -> Match:
        """Ask whether a record is already there; nothing is stored.

        Parameters
        ----------
        record : mapping
            Values by field.
        source, id : str
            Key of the record. If the store has it, it is asked about as if it had changed.
        limit : int
            Number of candidates in the answer, best first.
        explain : bool
            Say why each of them has its score.

        Raises
        ------
        RecordError
            If a field cannot be used; it names the field.
        """
        _check_mapping(record)
        asked = [{**record, "source": source, "id": id}]
        (found,) = self.match_many(asked, limit=limit, explain=explain)
        if isinstance(found, RecordError):
            raise found
        return found

    def match_many(
        self, records: Iterable[Mapping[str, Any]], *, limit: int = 10, explain: bool = False
    ) -> list[Match | RecordError]:
        """Ask about records, each as if it alone were added; see `match`.

        Cheaper than one after another: a step costs the same for one record and for twenty.

        Parameters
        ----------
        records : iterable of mapping
            Values by field; the key of a record may stand in its `source` and `id`.
        limit : int
        explain : bool

        Returns
        -------
        list of Match or RecordError
            The error of a record that cannot be used stands in its place.
        """
        if limit < 0:
            raise ArgumentError(f"limit must be at least 0, got {limit}.")
        answers: list[Match | RecordError] = []
        places, given = [], []
        for place, record in enumerate(records):
            try:
                _check_mapping(record)
                source, id = (record.get(name, "asked") for name in ("source", "id"))
                given.append(self._given(record, source, id))
                places.append(place)
            except RecordError as error:
                answers.append(error)
        if not given:
            return answers
        with self.store.read() as work:
            self._same_linker(work)
            found = match_records(work, self.machine, given, limit=limit, explain=explain)
        for place, one in zip(places, found, strict=True):
            answers.insert(place, one)
        return answers

    def put(self, record: Mapping[str, Any], *, source: str, id: str | int) -> Change:
        """Insert a record, or update it if it is there; the same content changes nothing."""
        return self.put_many([(source, id, record)])[0]

    def insert(self, record: Mapping[str, Any], *, source: str, id: str | int) -> Change:
        """Insert a record that is not there yet.

        Raises
        ------
        RecordExistsError
            If it is there with other content.
        """
        return self._write([(self._given(record, source, id), "insert")])[0]

    def update(self, record: Mapping[str, Any], *, source: str, id: str | int) -> Change:
        """Replace the content of a record that is there.

        Raises
        ------
        UnknownRecordError
            If it is not there.
        """
        return self._write([(self._given(record, source, id), "update")])[0]

    def put_many(self, records: Iterable[tuple[str, str | int, Mapping[str, Any]]]) -> list[Change]:
        """Put records (source, id, record) in one transaction: all of them or none."""
        return self._write([(self._given(record, s, i), "put") for s, i, record in records])

    def put_each(
        self,
        records: Iterable[tuple[str, str | int, Mapping[str, Any]]],
        *,
        modes: Iterable[str] = (),
    ) -> list[Change | RecordError | UnknownRecordError]:
        """Put the records that can be used in one transaction; the others' errors come back.

        Parameters
        ----------
        records : iterable of (source, id, record)
        modes : iterable of {"put", "insert", "update"}
            Of each record; "put" by default.
        """
        answers: list[Change | RecordError | UnknownRecordError] = []
        places, given = [], []
        for place, ((source, id, record), mode) in enumerate(
            zip(records, chain(modes, repeat("put")), strict=False)
        ):
            try:
                given.append((self._given(record, source, id), mode))
                places.append(place)
            except RecordError as error:
                answers.append(error)
        with self.store.write() as work:
            self._same_linker(work)
            done = put_records(work, self.machine, given)
        for place, change in zip(places, done, strict=True):
            answers.insert(place, change)
        return answers

    def delete(self, *, source: str, id: str | int) -> Change:
        """Erase a record; a tombstone with its key stays.

        Raises
        ------
        UnknownRecordError
            If it is not there.
        """
        with self.store.write() as work:
            self._same_linker(work)
            return delete_record(work, self.machine, source, _key(id))

    def correct(
        self,
        left: tuple[str, str | int],
        right: tuple[str, str | int],
        verdict: str | None,
        *,
        author: str | None = None,
        reason: str | None = None,
    ) -> Change:
        """Say of two records (source, id) that they are the same thing, or are not.

        Parameters
        ----------
        left, right : (source, id)
        verdict : {"same", "different"} or None
            None withdraws what was said.
        author, reason : str, optional
            Kept with the correction.

        Raises
        ------
        ContradictionError
            If earlier corrections say otherwise.
        UnknownRecordError
            If a record is not there.
        """
        ends = (left[0], _key(left[1])), (right[0], _key(right[1]))
        with self.store.write() as work:
            self._same_linker(work)
            return correct_pair(work, self.machine, ends, verdict, author=author, reason=reason)

    def record(self, source: str, id: str | int) -> RecordView:
        """Return a record, or its tombstone.

        Raises
        ------
        UnknownRecordError
            If there never was such a record.
        """
        with self.store.read() as work:
            row = work.find(source, _key(id))
        if row is None:
            raise UnknownRecordError(f"There is no record {id!r} of the source {source!r}.")
        return record_view(row)

    def entity(self, entity: str) -> EntityView:
        """Return an entity; an id that was merged away leads to the one it was merged into.

        Raises
        ------
        UnknownRecordError
            If there never was such an entity.
        """
        with self.store.read() as work:
            return entity_view(work, self.machine, find_entity(work, entity), entity)

    def history(self, source: str, id: str | int) -> tuple[Event, ...]:
        """Return all that has happened to a record, the earliest first."""
        with self.store.read() as work:
            return tuple(map(as_event, work.events_of_record(source, _key(id))))

    def changes(self, since: int = 0, *, limit: int | None = 1000) -> tuple[Event, ...]:
        """Return the changes after a sequence number, in order."""
        with self.store.read() as work:
            return tuple(map(as_event, work.events(since, limit)))

    def counts(self) -> dict[str, int]:
        """Count records, tombstones, entities and corrections; the last sequence number."""
        with self.store.read() as work:
            return work.counts()

    def last_change(self) -> int:
        """Return the last sequence number; a look at a store that can be worked with.

        Raises
        ------
        LinkerChangedError
            If the store was prepared anew for another linker.
        """
        with self.store.read() as work:
            self._same_linker(work)
            return work.last_seq()

    def check(self) -> CheckReport:
        """Check that the store is whole: files, entities, events, blocks, edges."""
        return check_store(self.store, self.machine)

    def _write(self, given: list[tuple[Given, str]]) -> list[Change]:
        """Put records, all of them or none."""
        done: list[Change] = []
        with self.store.write() as work:
            self._same_linker(work)
            for change in put_records(work, self.machine, given):
                if not isinstance(change, Change):
                    raise change
                done.append(change)
        return done

    def _given(self, record: Mapping[str, Any], source: str, id: str | int) -> Given:
        _check_mapping(record)
        if not isinstance(source, str) or not source:
            raise RecordError(f"The source of a record is a text, got {source!r}.", "source")
        return Given.of(self.machine, record, source, _key(id))

    def _same_linker(self, work: Transaction) -> None:
        found = work.meta("linker")
        if found != self.fitted.version:
            raise LinkerChangedError(
                f"{self.store.name} was prepared anew for the linker {found}; this one is "
                f"{self.fitted.version}. Load that linker."
            )


def _check_mapping(record: Any) -> None:
    if not isinstance(record, Mapping):
        raise RecordError(f"A record is a mapping of field to value, got {record!r}.")


def _key(id: str | int) -> str:
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
