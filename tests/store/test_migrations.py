"""A store that an earlier revision filled counts the same after the next one."""

from __future__ import annotations

from collections.abc import Callable

from alembic import command
from sqlalchemy import text

from weathermap.settings import Settings
from weathermap.store.db import _config, connect_engine, migrate
from weathermap.tally.fold import fold_once
from weathermap.tally.measures import M
from weathermap.tally.read import read_sums

PAST, AHEAD = 1_760_000_000, 4_000_000_000


def test_deltas_of_an_earlier_revision_count_on(clone: Callable[..., Settings]) -> None:
    url = clone(template="template0").database_url
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
