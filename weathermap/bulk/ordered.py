"""What issues count, ±1 each, in the order of time: one number for each entry and its issue."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from weathermap.bulk.counted import Counted
from weathermap.tally.prefix import SHIFT_S

Ints = NDArray[np.int64]
Ids = NDArray[np.int32]
KEY_BITS = 63
LEAST = SHIFT_S << 6  # the first entry of 1970
MOST_ENTRIES = 8  # room for so many an issue


@dataclass(frozen=True)
class Ordered:
    """(entry − least) << bits | row of its issue, ascending; and by row what the issues count for."""

    ordered: Ints
    bits: int
    least: int
    holders: Ids  # areas of levels and overlays, then the unit; 0 for none
    category: Ids
    source: Ids

    def spans(self, size: int, buckets: Ints, kept: Ints, most: int) -> Iterator[Span]:
        """All of it, cut between buckets of `size` seconds, so that none of several buckets holds more than `most`.

        `buckets`, `kept`: ascending ones that hold so many stored entries, which count too; parallel.
        """
        weight, since = np.append(0, np.cumsum(kept)), None
        at, stored = 0, 0
        while True:
            ends = [self._bucket(at + most, size)] if at + most < len(self.ordered) else []
            if (fitting := int(np.searchsorted(weight, weight[stored] + most, side="right")) - 1) < len(buckets):
                ends.append(int(buckets[fitting]))
            if not ends:
                yield Span(replace(self, ordered=self.ordered[at:]), since, None)
                return
            firsts = [self._bucket(at, size)] if at < len(self.ordered) else []
            firsts += [int(buckets[stored])] if stored < len(buckets) else []
            until = max(min(ends), min(firsts) + 1)  # a bucket alone may hold more
            begin, at = at, self._place(until * size)
            stored = int(np.searchsorted(buckets, until))
            yield Span(replace(self, ordered=self.ordered[begin:at]), since, until)
            since = until

    def _bucket(self, place: int, size: int) -> int:
        """Of the entry at a place."""
        return int((((self.ordered[place] >> self.bits) + self.least) >> 6) - SHIFT_S) // size

    def _place(self, second: int) -> int:
        """Of the first entry at or after a second since 1970Z."""
        wanted = ((second + SHIFT_S << 6) - self.least) << self.bits
        return int(np.searchsorted(self.ordered, min(wanted, (1 << KEY_BITS) - 1)))


@dataclass(frozen=True)
class Span:
    """The entries of buckets since ≤ b < until; None: unbounded."""

    of: Ordered
    since: int | None
    until: int | None


class Room:
    """Taken beforehand for so many issues, so that nothing is held twice."""

    def __init__(self, issues: int, holders: int) -> None:
        self.n = 0
        self.bits = issues.bit_length()
        self._used = 0
        self._ordered = np.empty(issues * MOST_ENTRIES, dtype=np.int64)  # untouched room takes no memory
        self._holders = np.empty((issues, holders), dtype=np.int32)
        self._category, self._source = (np.empty(issues, dtype=np.int32) for _ in range(2))

    def fits(self, issues: Counted, entry: Ints) -> bool:
        """Whether there is room, and each entry and its issue's row are one number."""
        low, high = (int(entry.min()), int(entry.max())) if len(entry) else (LEAST, LEAST)
        within = low >= LEAST and (high - LEAST).bit_length() + self.bits <= KEY_BITS
        return within and self.n + len(issues) <= len(self._source) and self._used + len(entry) <= len(self._ordered)

    def take(self, issues: Counted, row: Ids, entry: Ints) -> None:
        """Issues, and their entries with the row of each."""
        here, after = slice(self.n, self.n + len(issues)), self._used + len(entry)
        self._ordered[self._used : after] = entry - LEAST << self.bits | row + np.int64(self.n)
        self._holders[here], self._category[here], self._source[here] = issues.holders, issues.category, issues.source
        self.n, self._used = here.stop, after

    def ordered(self) -> Ordered:
        """All of it, ascending."""
        whole = self._ordered[: self._used]
        whole.sort()
        n = slice(self.n)
        return Ordered(whole, self.bits, LEAST, self._holders[n], self._category[n], self._source[n])


def alone(issues: Counted, row: Ids, entry: Ints) -> Ordered:
    """Issues of any age, and their entries with the row of each."""
    bits, least = len(issues).bit_length(), int(entry.min())
    whole = np.sort(entry - least << bits | row)
    return Ordered(whole, bits, least, issues.holders, issues.category, issues.source)
