"""The questions that a resolver answers; nothing is changed by them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sameas.core.errors import ArgumentError
from sameas.resolver.answers import EntityView, Event, Match, RecordView
from sameas.resolver.errors import RecordError, UnknownRecordError
from sameas.resolver.matching import match_records
from sameas.resolver.opened import Opened, as_key, check_mapping
from sameas.resolver.views import as_event, entity_view, find_entity, record_view

__all__ = ["Questions"]


class Questions(Opened):
    """What may be asked of a store with a linker."""

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
            Key of the record. If the store has it, it is asked about as if it had changed. The
            default is the key of nobody.
        limit : int
            Number of candidates in the answer, best first.
        explain : bool
            Say why each of them has its score.

        Raises
        ------
        RecordError
            If a field cannot be used; it names the field.
        """
        check_mapping(record)
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
                check_mapping(record)
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

    def record(self, source: str, id: str | int) -> RecordView:
        """Return a record, or its tombstone.

        Raises
        ------
        UnknownRecordError
            If there never was such a record.
        """
        with self.store.read() as work:
            row = work.find(source, as_key(id))
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
            return tuple(map(as_event, work.events_of_record(source, as_key(id))))

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
