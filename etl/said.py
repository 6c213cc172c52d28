"""What an import did, adding up from chunk to chunk; kept with each stored chunk, so that a resumed one can say all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from etl.agreement import Agreement
from etl.outcome import Outcome

NUMBERS = ("read", "stored", "updated", "rejected", "duplicates", "repeats")
COUNTS = ("reasons", "positions", "remarks")


@dataclass
class Said:
    """As `Outcome`; parts of it add up."""

    read: int = 0
    stored: int = 0
    updated: int = 0
    rejected: int = 0
    duplicates: int = 0
    repeats: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    positions: Counter[str] = field(default_factory=Counter)
    remarks: Counter[str] = field(default_factory=Counter)
    agreements: tuple[Agreement, ...] = ()

    def add(self, other: Said) -> None:
        """Add what another chunk did."""
        for name in NUMBERS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in COUNTS:
            getattr(self, name).update(getattr(other, name))
        levels = {agreement.level: agreement for agreement in self.agreements}
        for agreement in other.agreements:
            levels[agreement.level] = _both(levels.get(agreement.level), agreement)
        self.agreements = tuple(levels.values())

    def as_json(self) -> dict[str, Any]:
        """For the store."""
        return vars(self) | {"agreements": [vars(agreement) for agreement in self.agreements]}

    @classmethod
    def of_json(cls, said: Mapping[str, Any]) -> Said:
        """From the store."""
        counts = {name: Counter(said[name]) for name in COUNTS}
        agreements = tuple(Agreement(**agreement) for agreement in said["agreements"])
        return cls(**{**said, **counts, "agreements": agreements})

    def outcome(self, ledger: Path, load_id: int | None, dry_run: bool) -> Outcome:
        """The whole; rows of stored issues that bring nothing new are no load of their own."""
        return Outcome(**{"ledger": ledger, "load_id": load_id, "dry_run": dry_run, **vars(self)})


def _both(one: Agreement | None, other: Agreement) -> Agreement:
    if one is None:
        return other
    unknown = Counter(one.unknown) + Counter(other.unknown)
    sums = (getattr(one, name) + getattr(other, name) for name in ("rows", "exact", "near"))
    return Agreement(one.level, *sums, dict(unknown.most_common()))
