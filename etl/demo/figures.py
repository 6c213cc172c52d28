"""What a demo year adds up to, exactly, at its end. The default figures are those of the published article."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figures:
    """Totals at the end of the year. `overdue` is what the towns' shares are scaled to; it may differ by a few."""

    notified: int = 41_516
    rectified: int = 40_990
    snapshots: int = 344  # citizens' snapshots resolved
    found: int = 89  # on citizens' rounds, all rectified
    rounds: int = 4
    overdue: int = 75

    @property
    def open(self) -> int:
        """Notified and not rectified."""
        return self.notified - self.rectified


ARTICLE = Figures()
