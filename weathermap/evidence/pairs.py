"""Photos before and after of one scene: compared once, by the worker, and kept for who checks. Advice, no verdict."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.dialects.postgresql import insert

from weathermap.evidence.photos import DARKROOM, copy_left
from weathermap.settings import Settings
from weathermap.store.people_tables import photo_pair
from weathermap.store.sql import execute_often, query

log = logging.getLogger(__name__)
SAME = 10  # places that both show: the same scene
NONE = 7  # fewer: no sign of it
POOR = 150  # places that a picture shows at all; with fewer nothing can be told
AT_ONCE = 200  # pairs that are asked for
PATIENCE_S = 120.0


@dataclass(frozen=True)
class Likeness:
    """Of an issue's photos before and after, the two that agree best (digests), and what that says.

    `said`: same (`places` places that both show), none (no sign of the same scene), unclear (too dark, blurred or plain
    to tell, or nearly enough places), failed (could not be compared), waiting (not compared yet), copy (there is but
    one photo for both).
    """

    said: str
    before: str
    after: str
    places: int = 0


def likeness_of(connection: Connection, issues: Sequence[int]) -> dict[int, Likeness]:
    """By issue_id, for those that have photos of both sides."""
    rows = connection.execute(query("pairs_compared"), {"ids": list(issues)})
    return {issue_id: _best(list(pairs)) for issue_id, pairs in groupby(rows, key=lambda row: row.issue_id)}


def said_of(places: int | None, seen: int | None, why: str | None) -> str:
    """What a pair says, as in Likeness."""
    if why is None:
        return "waiting"
    if places is None or seen is None:
        return "failed"
    if places >= SAME:
        return "same"
    return "none" if places < NONE and seen >= POOR else "unclear"


def _best(rows: Sequence[Any]) -> Likeness:
    """The pair with the most in common; as long as one is not compared, or cannot tell, none is ruled out."""
    pairs = [row for row in rows if row.before != row.after]
    if not pairs:
        return Likeness("copy", rows[0].before, rows[0].after)
    said = [said_of(row.places, row.seen, row.why) for row in pairs]
    first = next(one for one in ("same", "waiting", "unclear", "failed", "none") if one in said)
    row = max((row for row, one in zip(pairs, said, strict=True) if one == first), key=lambda row: row.places or 0)
    return Likeness(first, row.before, row.after, row.places or 0)


def compare_waiting(engine: Engine, settings: Settings, every: bool = False) -> Iterator[Counter[str]]:
    """Compare what was not compared yet, of issues to be checked or of `every` one; yields how many pairs ended how:
    '' compared, else why not.

    An issue at a time, each kept in a transaction of its own: stopped at any moment, it goes on from there. Raises
    StoreError for photos that cannot be reached now.
    """
    while True:
        with engine.connect() as connection:
            rows = execute_often(connection, "pairs_waiting", {"all": every, "most": AT_ONCE}).all()
        if not rows:
            return
        for _, found in groupby(rows, key=lambda row: row.issue_id):
            pairs = [(bytes(row.before), bytes(row.after)) for row in found]
            compared = compare(settings, pairs)
            with engine.begin() as connection:
                connection.execute(insert(photo_pair).on_conflict_do_nothing(), compared)
            yield Counter(row["why"] for row in compared)


def compare(settings: Settings, pairs: Sequence[tuple[bytes, bytes]]) -> list[dict[str, Any]]:
    """The rows of photo_pair for pairs of digests, looked at in a process of their own. Raises StoreError."""
    copies: dict[bytes, bytes | None] = {}
    for digest in (digest for pair in pairs for digest in pair):
        if digest not in copies:
            copies[digest] = copy_left(settings, digest, "shown")
    before, after = (
        [digest for digest in dict.fromkeys(pair[side] for pair in pairs) if copies[digest]] for side in (0, 1)
    )
    told = _looked([copies[one] or b"" for one in before], [copies[one] or b"" for one in after])
    now, rows = datetime.now(UTC), []
    for one, other in pairs:
        row: dict[str, Any] = {"before": one, "after": other, "places": None, "seen": None, "why": "failed"}
        if copies[one] is None or copies[other] is None:
            row["why"] = "gone"
        elif told is not None and (found := told[before.index(one)][after.index(other)]) is not None:
            row |= {"places": found[0], "seen": found[1], "why": ""}
        rows.append({**row, "compared_at": now})
    return rows


def _looked(before: Sequence[bytes], after: Sequence[bytes]) -> list[list[tuple[int, int] | None]] | None:
    """What weathermap.evidence.scene says of them; None if it ended before it said anything."""
    sizes = json.dumps([[len(one) for one in side] for side in (before, after)])
    command = [sys.executable, "-m", "weathermap.evidence.scene", sizes]
    environ = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    try:
        with DARKROOM:
            ran = subprocess.run(
                command,
                input=b"".join([*before, *after]),
                capture_output=True,
                timeout=PATIENCE_S,
                check=False,
                env=environ,
            )
    except subprocess.TimeoutExpired:
        log.warning("photos were not compared in time")
        return None
    if ran.returncode:
        log.warning("photos were not compared", extra={"code": ran.returncode, "error": ran.stderr[-500:].decode()})
        return None
    found: list[list[tuple[int, int] | None]] = json.loads(ran.stdout)
    return found
