"""Reading ledger files: any kind of table → its columns as text, in pieces, each row with its line in the file."""

from etl.read.ledger import Fault, Ledger, Piece
from etl.read.opening import open_ledger

__all__ = ["Fault", "Ledger", "Piece", "open_ledger"]
