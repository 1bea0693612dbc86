"""What people said of pairs of records."""

from __future__ import annotations

from sameas.store.cursor import Tables
from sameas.store.rows import CorrectionRow

__all__ = ["Corrections"]

_CORRECTION = "left_source, left_id, right_source, right_id, verdict, seq, author, reason"


class Corrections(Tables):
    """Corrections, one a pair of records."""

    def corrections_of(self, source: str, id: str) -> list[CorrectionRow]:
        """Return what was said of a record and others."""
        rows = self._cursor.rows(
            f"SELECT {_CORRECTION} FROM corrections WHERE (left_source = ? AND left_id = ?) "
            f"OR (right_source = ? AND right_id = ?) ORDER BY seq",
            (source, id, source, id),
        )
        return [CorrectionRow(*row) for row in rows]

    def corrections(self) -> list[CorrectionRow]:
        """Return all corrections, the earliest first."""
        rows = self._cursor.rows(f"SELECT {_CORRECTION} FROM corrections ORDER BY seq")
        return [CorrectionRow(*row) for row in rows]

    def counts_corrections(self) -> int:
        """Return 1 if there is any correction, 0 if not."""
        return len(self._cursor.rows("SELECT 1 FROM corrections LIMIT 1"))

    def put_correction(self, row: CorrectionRow) -> None:
        """Write a correction over an earlier one of the same pair."""
        self._cursor.run(
            f"INSERT INTO corrections ({_CORRECTION}) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (left_source, left_id, right_source, right_id) DO UPDATE SET "
            "verdict = excluded.verdict, seq = excluded.seq, author = excluded.author, "
            "reason = excluded.reason",
            row,
        )

    def drop_correction(self, pair: tuple[str, str, str, str]) -> None:
        """Withdraw the correction of a pair."""
        self._cursor.run(
            "DELETE FROM corrections WHERE left_source = ? AND left_id = ? "
            "AND right_source = ? AND right_id = ?",
            pair,
        )
