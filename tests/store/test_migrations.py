"""A store that an earlier revision filled counts the same after the next one."""

from __future__ import annotations

from collections.abc import Callable

from alembic import command
from sqlalchemy import text

from weathermap.settings import Settings
from weathermap.store.db import _config, connect_engine, migrate
from weathermap.tally.fold import fold_once
from weathermap.tally.measures import M
from weathermap.tally.post import append_deltas
from weathermap.tally.prefix import DAY_S
from weathermap.tally.read import read_sums
from weathermap.visit.visits import cover

PAST, AHEAD = 1_760_000_000, 4_000_000_000


def test_deltas_of_an_earlier_revision_count_on(clone: Callable[..., Settings]) -> None:
    url = clone(template="template0").owner_url
    assert url is not None
    engine = connect_engine(url, pool=1)
    with engine.begin() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO city (code, name, name_en, timezone) VALUES ('t', 'T', 'T', 'UTC')"))
        connection.execute(text("INSERT INTO tally_subject VALUES (7, 1, 3600), (8, 1, 86400)"))
        rows = [(PAST, M["notified"], 2), (PAST + 9, M["notified"], -1), (AHEAD, M["due"], 3), (AHEAD, M["due"], -1)]
        for at, measure, n in rows:
            connection.execute(
                text("INSERT INTO tally_delta VALUES (1, to_timestamp(:at), '{7,8}', :measure, :n)"),
                {"at": at, "measure": measure, "n": n},
            )
    migrate(engine)
    with engine.begin() as connection:
        for _ in range(2):  # as they wait, and folded
            sums = read_sums(connection, 1, [7, 8], [PAST - 1, PAST, PAST + 9, AHEAD - 1, AHEAD])
            for subject in (0, 1):
                assert sums[subject, :, M["notified"]].tolist() == [0, 2, 1, 1, 1]
                assert sums[subject, :, M["due"]].tolist() == [0, 0, 0, 0, 2]
            fold_once(connection)
        assert connection.execute(text("SELECT count(*) FROM tally_delta")).scalar_one() == 2
    engine.dispose()


def test_what_visits_covered_before_the_declaration_is_moved_to_it(clone: Callable[..., Settings]) -> None:
    url = clone(template="template0").owner_url
    assert url is not None
    engine = connect_engine(url, pool=1)
    declared, starts = PAST // DAY_S * DAY_S, [-70, -40, -31, -20, 5, 50]  # days to the declaration, at noon
    seconds = [declared + day * DAY_S + DAY_S // 2 for day in starts]
    with engine.begin() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0006")
    with engine.begin() as connection:
        for statement in (
            "INSERT INTO city (code, name, name_en, timezone) VALUES ('t', 'T', 'T', 'UTC')",
            "INSERT INTO tally_subject VALUES (7, 1, 3600)",
            "INSERT INTO point (city_id, code, kind, name, name_en, places, geom, address, declared_on) VALUES"
            f" (1, 'p', 'k', '', '', '{{7}}', 'SRID=4326;POINT(0 0)', '', CAST(to_timestamp({declared}) AS date))",
            *(
                "INSERT INTO visit (city_id, key, kind, point_id, started_at, ended_at) VALUES"
                f" (1, '{second}', 'patrol', 1, to_timestamp({second}), to_timestamp({second}))"
                for second in seconds
            ),
        ):
            connection.execute(text(statement))
        deltas = cover(seconds, [], 0)
        append_deltas(connection, 1, deltas, [0] * len(deltas), [[7]])
        fold_once(connection)
    migrate(engine)
    with engine.begin() as connection:
        days = [declared + day * DAY_S // 2 for day in range(-160, 200)]
        expected = [sum(n for at, m, n in cover(seconds, [], declared) if m == M["covered"] and at <= s) for s in days]
        for _ in range(2):
            assert read_sums(connection, 1, [7], days)[0, :, M["covered"]].tolist() == expected
            fold_once(connection)
    assert sum(expected) > 0 and not any(expected[:160])
    engine.dispose()
