"""A durable store of records and entities: SQLite in a file, or PostgreSQL."""

from sameas.store.base import Store, StoreBusyError, StoreError
from sameas.store.open import open_store
from sameas.store.rows import ComparedRow, CorrectionRow, EntityRow, EventRow, RecordRow
from sameas.store.sqlite import SQLiteStore
from sameas.store.transaction import Transaction

__all__ = [
    "ComparedRow",
    "CorrectionRow",
    "EntityRow",
    "EventRow",
    "RecordRow",
    "SQLiteStore",
    "Store",
    "StoreBusyError",
    "StoreError",
    "Transaction",
    "open_store",
]
