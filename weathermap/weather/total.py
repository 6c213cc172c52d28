"""How long a list is, without going through it: where the question is exactly a tally, the tally answers."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from weathermap.issue.listing import Filter, count_issues
from weathermap.store.catalog import Catalog
from weathermap.tally.measures import M
from weathermap.weather.board import sums_at

# state → the measures whose sum, with these signs, counts the issues that are in it
TALLIED: Mapping[str, Mapping[str, int]] = {
    **{measure: {measure: 1} for measure in ("notified", "rectified", "due", "on_time", "late")},
    **{measure: {measure: 1} for measure in ("long_overdue", "red_overdue", "suspended", "extended")},
    "open": {"notified": 1, "rectified": -1},
    "overdue": {"due": 1, "on_time": -1, "late": -1},
}
WINDOWED = ("notified", "rectified", "due", "on_time", "late")  # lists of what came to be so in the window


def total_of(connection: Connection, catalog: Catalog, chosen: Filter) -> int:
    """How many issues the filter finds, as `count_issues` counts them one by one.

    A window is no tally: what is taken back in it (voids, reopenings) is taken off a flow, but not off a list of what
    came in it. Only where nothing had been handed over before the window are both the same.
    """
    signs = TALLIED.get(chosen.state or "")
    narrowed = (chosen.point, chosen.category, chosen.special, chosen.source, chosen.borders)
    if signs is None or any(each is not None for each in narrowed) or (chosen.area_id and chosen.unit_id):
        return count_issues(connection, chosen)
    whole = catalog.areas[catalog.versions[-1][0], catalog.levels[0]][0].id
    subject, at = chosen.area_id or chosen.unit_id or whole, int(chosen.at.timestamp())
    before = int(chosen.since.timestamp()) - 1 if chosen.since and chosen.state in WINDOWED else -(2**40)
    sums = sums_at(connection, catalog, [subject], [at, before], known=not chosen.looked)[0]
    if sums[1, M["notified"]]:
        return count_issues(connection, chosen)
    return sum(sign * int(sums[0, M[measure]]) for measure, sign in signs.items())
