"""A run piece by piece, for tables that do not fit into memory; its results are the same."""

from sameas.linker.pieces.door import run_in_pieces
from sameas.linker.pieces.memory import records_a_piece
from sameas.linker.pieces.run import PieceRun

__all__ = ["PieceRun", "records_a_piece", "run_in_pieces"]
