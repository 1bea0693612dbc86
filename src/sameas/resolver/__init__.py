"""The online door: a fitted linker and a durable store of records and entities."""

from sameas.resolver.answers import (
    Candidate,
    Change,
    CheckReport,
    EntityView,
    Event,
    Match,
    RecordView,
)
from sameas.resolver.checking import check_store, replay
from sameas.resolver.corrections import read_corrections
from sameas.resolver.errors import (
    ContradictionError,
    LinkerChangedError,
    RecordError,
    RecordExistsError,
    UnknownRecordError,
)
from sameas.resolver.loading import LoadReport, load_run, load_tables, rebuild_store
from sameas.resolver.machine import Limits
from sameas.resolver.resolver import Resolver

__all__ = [
    "Candidate",
    "Change",
    "CheckReport",
    "ContradictionError",
    "EntityView",
    "Event",
    "Limits",
    "LinkerChangedError",
    "LoadReport",
    "Match",
    "RecordError",
    "RecordExistsError",
    "RecordView",
    "Resolver",
    "UnknownRecordError",
    "check_store",
    "load_run",
    "load_tables",
    "read_corrections",
    "rebuild_store",
    "replay",
]
