"""The resolver: a fitted linker and a store; the online door."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain, repeat
from typing import Any

from sameas.resolver.answers import Change, CheckReport
from sameas.resolver.asking import Questions
from sameas.resolver.checking import check_store
from sameas.resolver.errors import RecordError, UnknownRecordError
from sameas.resolver.opened import as_key
from sameas.resolver.writing import Given, correct_pair, delete_record, put_records

__all__ = ["Resolver"]


class Resolver(Questions):
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
            return delete_record(work, self.machine, source, as_key(id))

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
        ends = (left[0], as_key(left[1])), (right[0], as_key(right[1]))
        with self.store.write() as work:
            self._same_linker(work)
            return correct_pair(work, self.machine, ends, verdict, author=author, reason=reason)

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
