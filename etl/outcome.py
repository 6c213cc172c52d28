"""What an import did, in numbers that reconcile and in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from etl.agreement import Agreement

SHOWN = 12  # reasons or remarks that are printed, the most frequent first
POSITIONS = {
    "missing": "no coordinates",
    "default": "a default point of the source",
    "swapped": "coordinates swapped: they would lie in the city the other way round",
    "outside": "outside the city's borders",
}


@dataclass(frozen=True)
class Outcome:
    """Rows read = stored + rejected + duplicates: enforced. `updated` are those of `stored` that were there before."""

    ledger: Path
    read: int
    stored: int
    updated: int
    rejected: int
    duplicates: int
    repeats: int  # those of `duplicates` whose key another row of the file has
    reasons: Counter[str]
    positions: Counter[str]  # of all usable rows: located | missing | default | swapped | outside
    remarks: Counter[str]
    agreements: tuple[Agreement, ...]
    load_id: int | None  # None: nothing new was stored
    dry_run: bool

    def __post_init__(self) -> None:
        if self.read != self.stored + self.rejected + self.duplicates:
            raise ValueError(f"{self.read} rows read ≠ {self.stored} + {self.rejected} + {self.duplicates}")

    def lines(self) -> Iterator[str]:
        """The report."""
        yield (
            f"{self.ledger.name}: {self.read:,} rows read = {self.stored:,} stored + {self.rejected:,} rejected"
            f" + {self.duplicates:,} duplicates."
        )
        if self.updated:
            yield f"  {self.updated:,} of the stored rows bring known issues up to date."
        if self.duplicates:
            known = self.duplicates - self.repeats
            yield f"  Duplicates: {known:,} stored before and unchanged, {self.repeats:,} with the key of another row."
        yield from _counted("Rejected", self.reasons)
        located = self.positions["located"]
        yield f"  Located: {located:,} of {self.positions.total():,}."
        yield from _counted(
            "Not located", Counter({POSITIONS[w]: n for w, n in self.positions.items() if w in POSITIONS})
        )
        yield from _counted("Decided", self.remarks)
        for agreement in self.agreements:
            yield f"  {agreement}"


def _counted(title: str, counts: Counter[str]) -> Iterator[str]:
    for text, n in counts.most_common(SHOWN):
        yield f"  {title}: {n:,} – {text}"
    rest = counts.most_common()[SHOWN:]
    if rest:
        yield f"  {title}: {sum(n for _, n in rest):,} – for {len(rest)} other reasons"
