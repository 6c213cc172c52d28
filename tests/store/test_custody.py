"""One bundled deadline: handing an issue on, back and forth never begins it anew; custody shares the term out."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import numpy as np
from sqlalchemy import Connection, select

from tests.store.random_life import columns
from tests.store.standing import DAY_US, PACK, put
from weathermap.duty.custody import ARBITER, UNIT, summed
from weathermap.issue.batch import NONE, Batch, Moves, empty_reports
from weathermap.issue.holding import custody_of
from weathermap.issue.intake import take_in
from weathermap.store import tables as t
from weathermap.store.cities import load_pack
from weathermap.store.registry import open_city
from weathermap.tally.verify import verify_city


def test_re_routing_never_resets_the_deadline(connection: Connection) -> None:
    load_pack(connection, PACK)
    city = open_city(connection, PACK.config.code)
    now = time.time_ns() // 1_000
    begun = now - 20 * DAY_US
    number = put(connection, city, "K", ("dispatch",), begun)
    i, e = t.issue.c, t.issue_event.c
    asked = select(i.issue_id, i.deadline, i.notified_at).where(i.number == number)
    issue_id, deadline, notified = connection.execute(asked).one()
    units = [unit.code for unit in PACK.units if unit.code != "T001"][:3]
    handed = [(units[0], 1), (units[1], 4), (units[2], 5), ("T001", 9)]  # unit, days after
    source = PACK.sources[0].code
    rows = [(source, "K", "hand_back", begun + DAY_US // 2, "", NONE, "不归我管", "")]
    rows += [(source, "K", "reassign", begun + days * DAY_US, "", NONE, "改派", unit) for unit, days in handed]
    take_in(connection, city, Batch(empty_reports(), columns(Moves, rows)))  # type: ignore[arg-type]
    assert connection.execute(select(i.deadline).where(i.number == number)).scalar_one() == deadline
    events = connection.execute(select(e.at, e.move, e.data).where(e.issue_id == issue_id).order_by(e.seq)).all()
    until = datetime.fromtimestamp(now // 1_000_000, UTC)
    shares = custody_of(city, PACK.categories[0].code, events, until)
    ends = np.array([int(notified.timestamp() * 1_000_000), now // 1_000_000 * 1_000_000])
    whole = (
        ends[1:] - ends[:1]
        if city.book.limits.always(PACK.categories[0].code)
        else city.book.calendar.work_between(ends[:1], ends[1:])
    )
    assert sum(share.worked for share in shares) == int(whole[0])
    assert [(s.holder, s.unit) for s in shares] == [(UNIT, "T001"), (ARBITER, ""), *((UNIT, u) for u, _ in handed)]
    assert len(summed(shares)) == 5  # T001 held it twice
    assert verify_city(connection, city.code) == []
