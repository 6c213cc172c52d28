"""Borders and duties change: what a dry run shows is what is done, the past stays as judged, all sums stay whole."""

from __future__ import annotations

import csv
import json
import re
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from sqlalchemy import Connection, text

from tests.store.random_life import life
from tests.store.test_cities import moved
from weathermap.city.pack import Pack
from weathermap.city.reading import read_pack, read_pack_files
from weathermap.cli import main
from weathermap.commands.reassign import write_moves
from weathermap.errors import StoreError
from weathermap.issue.batch import Batch, Moves, empty_reports
from weathermap.issue.intake import take_in
from weathermap.issue.ledger import START, seal
from weathermap.issue.listing import Filter, count_issues
from weathermap.issue.reassign import reassign
from weathermap.issue.receipt import find_receipt
from weathermap.issue.receipt_words import sentences
from weathermap.settings import Settings
from weathermap.store.catalog import load_catalog
from weathermap.store.cities import load_pack
from weathermap.store.db import open_store
from weathermap.store.registry import open_city
from weathermap.tally.fold import fold_once
from weathermap.tally.read import read_sums
from weathermap.tally.rebuild import rebuild_tallies
from weathermap.tally.verify import verify_city
from weathermap.weather.board import Asked, board

CODE = "990101"
COUNTED = ("open", "overdue", "long_overdue", "red_overdue", "suspended", "due", "on_time", "rectified", "notified")


@pytest.fixture(scope="module")
def toy() -> Pack:
    return read_pack(Path(__file__).parents[1] / "packs" / "toy")


def changed(pack: Pack, borders: bool = True) -> Pack:
    """Rubbish and parking answer to others; a bureau is no more; with `borders` all lies further east."""
    duties = pack.files["duties.csv"].decode()
    duties = duties.replace("D04,E0505,,,,B02", "D04,E0505,,,,B01").replace("D02,C01*,,,,B01", "D02,C01*,,,,B03")
    duties = duties.replace("D05,E0504,,market,,B03", "D05,E0504,,market,,T002")
    files = {**(moved(pack, 0.004) if borders else pack).files, "duties.csv": duties.encode()}
    return read_pack_files(files)


def at(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


def shown(connection: Connection, second: int, known: bool = False) -> list[Any]:
    catalog = load_catalog(connection, CODE)
    asked = [Asked(level, None, "place", at(second), None, known) for level in ("town", "community", "zone", "cell")]
    asked.append(Asked("unit", None, "responsibility", at(second), None, known))
    return [(found["totals"], found["areas"]) for found in (board(connection, catalog, each) for each in asked)]


def lists(connection: Connection, second: int, looked: bool) -> dict[tuple[str, str], int]:
    """How long the list of each unit is."""
    catalog = load_catalog(connection, CODE)
    return {
        (unit.code, state): count_issues(
            connection, Filter(catalog.city_id, state, at(second), unit_id=unit.id, looked=looked)
        )
        for unit in catalog.units
        for state in COUNTED
    }


def numbers(connection: Connection, second: int) -> dict[tuple[str, str], int]:
    """The same from the tallies."""
    catalog = load_catalog(connection, CODE)
    found = board(connection, catalog, Asked("unit", None, "responsibility", at(second), None))
    return {(row["code"], state): row[state] for row in found["areas"] for state in COUNTED}


def holders(connection: Connection) -> dict[int, tuple[str, str | None, str | None]]:
    rows = connection.execute(
        text(
            "SELECT i.issue_id, i.state, u.code, a.code FROM issue AS i LEFT JOIN unit AS u USING (unit_id)"
            " LEFT JOIN area AS a USING (area_id)"
        )
    )
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


def count(connection: Connection, move: str) -> int:
    return int(connection.execute(text("SELECT count(*) FROM issue_event WHERE move = :m"), {"m": move}).scalar_one())


def live(connection: Connection, pack: Pack, seed: int, issues: int = 120) -> Moves:
    """Lives up to now, taken in on two days; returns what comes after."""
    load_pack(connection, pack)
    city = open_city(connection, CODE)
    now = time.time_ns() // 1_000
    batches = life(pack, seed, issues, now - 3 * 86_400_000_000)
    left = []
    for k, batch in enumerate(batches[:2]):
        come = batch.moves.at < now - 10_000_000
        left.append(batch.moves.take(~come))
        some = Batch(batch.reports, batch.moves.take(come), batch.visits)
        take_in(connection, city, some, now - (2 - k) * 86_400_000_000)
    fold_once(connection)
    left.append(batches[2].moves)
    names = [name for name, column in vars(left[0]).items() if column is not None]
    return Moves(**{name: np.concatenate([getattr(each, name) for each in left]) for name in names})


def check_seals(connection: Connection) -> None:
    """What was appended by SQL is sealed as the program seals."""
    rows = connection.execute(
        text("SELECT issue_id, seq, micros(at), move, actor, data, hash FROM issue_event ORDER BY issue_id, seq")
    )
    before = START
    for issue_id, seq, us, move, actor, data, stored in rows:
        before = seal(START if seq == 1 else before, issue_id, seq, us, move, actor, data)
        assert before == bytes(stored), (issue_id, seq, move)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_dry_run_says_what_is_done_and_the_past_stays(connection: Connection, toy: Pack, seed: int) -> None:
    moves = live(connection, toy, seed)
    now = int(time.time())
    past = [now - 1, now - 86_400, now - 9 * 86_400]
    before = {second: (shown(connection, second), lists(connection, second, True)) for second in past}
    was = holders(connection)

    load_pack(connection, changed(toy))
    assert verify_city(connection, CODE) == []
    now_in = holders(connection)
    elsewhere = {i for i in was if was[i][2] != now_in[i][2]}
    assert 0 < len(elsewhere) < len(was)
    assert len(elsewhere) <= count(connection, "relocate") < len(was)  # where nothing changed, nothing is appended
    assert {i: held[:2] for i, held in was.items()} == {i: held[:2] for i, held in now_in.items()}

    said = reassign(connection, CODE, dry_run=True)
    assert said.moved > 5 and count(connection, "reassign") == 0
    done = reassign(connection, CODE)
    assert [tuple(row) for row in done.rows] == [tuple(row) for row in said.rows]
    after = holders(connection)
    went = {i for i in after if after[i][1] != was[i][1]}
    routed = {i for i, held in was.items() if held[0] == "reported"}
    assert went and all(was[i][0] in ("handling", "suspended") for i in went)
    assert len(went) <= said.moved <= len(went | routed)
    told: dict[tuple[str | None, str | None], int] = {}
    for row in said.rows:
        told[row.from_unit, row.to_unit] = told.get((row.from_unit, row.to_unit), 0) + row.issues
    for pair in {(was[i][1], after[i][1]) for i in went}:
        really = sum((was[i][1], after[i][1]) == pair for i in went)
        assert really <= told[pair] <= really + len(routed), pair
    check_seals(connection)
    assert verify_city(connection, CODE) == []

    again = reassign(connection, CODE)
    assert again.moved == 0 and again.rows == [] and holders(connection) == after

    for second, (looked, listed) in before.items():  # as judged then
        assert shown(connection, second) == looked, at(second)
        assert lists(connection, second, True) == listed, at(second)
    present = int(time.time()) + 2  # a moment on: an event takes a second of its own
    assert numbers(connection, present) == lists(connection, present, False)

    city = open_city(connection, CODE)
    subjects = [int(i) for ids in (*city.area_ids.values(), city.unit_ids) for i in ids]
    seconds = [now - 9 * 86_400, now, present, now + 40 * 86_400]
    sums = read_sums(connection, city.city_id, subjects, seconds)
    rebuild_tallies(connection, city)
    assert (read_sums(connection, city.city_id, subjects, seconds) == sums).all()

    take_in(connection, city, Batch(empty_reports(), moves))  # life goes on with whoever holds them now
    assert verify_city(connection, CODE) == []
    check_seals(connection)
    later = int(max(moves.at.max() // 1_000_000, present)) + 86_400
    ours, listed = numbers(connection, later), lists(connection, later, False)
    # what was due when another held it and gets a new deadline from the next is taken off the next: stock is exact
    assert {key: n for key, n in ours.items() if key[1] != "due"} == {k: n for k, n in listed.items() if k[1] != "due"}


def test_restated_is_todays_borders_over_the_past(connection: Connection, toy: Pack) -> None:
    live(connection, toy, 5)
    past = int(time.time()) - 5 * 86_400
    looked = shown(connection, past)
    load_pack(connection, changed(toy))
    reassign(connection, CODE)
    restated = shown(connection, past, known=True)
    assert (
        restated[1] != looked[1] and restated[0][0]["notified"] == shown(connection, past, known=True)[1][0]["notified"]
    )
    rows = connection.execute(
        text(
            """
            SELECT left(cell.code, 12) AS community, count(*) AS notified
            FROM issue AS i
            CROSS JOIN LATERAL (
                SELECT min(a.code) AS code FROM area AS a
                WHERE a.version = 2 AND a.level = 'cell' AND ST_Covers(a.geom, i.geom)) AS cell
            WHERE cell.code IS NOT NULL
              AND EXISTS (SELECT FROM issue_event AS e
                          WHERE e.issue_id = i.issue_id AND e.move = 'dispatch' AND e.at < to_timestamp(:s + 1))
              AND NOT EXISTS (SELECT FROM issue_event AS e
                              WHERE e.issue_id = i.issue_id
                                AND e.move IN ('void', 'merge', 'split') AND e.at < to_timestamp(:s + 1))
            GROUP BY 1
            """
        ),
        {"s": past},
    )
    independent = {row.community: row.notified for row in rows}
    assert {row["code"]: row["notified"] for row in restated[1][1] if row["notified"]} == independent


def test_changed_duties_alone_move_open_issues(connection: Connection, toy: Pack, tmp_path: Path) -> None:
    live(connection, toy, 3)
    load_pack(connection, changed(toy, borders=False))
    assert count(connection, "relocate") == 0
    moves = reassign(connection, CODE, "town", dry_run=True)
    write_moves(moves, tmp_path / "moves.csv")
    with (tmp_path / "moves.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert sum(int(row["issues"]) for row in rows) == moves.moved == sum(int(row["open"]) for row in rows)
    assert all(row["from_area"] == row["to_area"] and row["from_unit"] != row["to_unit"] for row in rows)
    assert [int(row["issues"]) for row in rows] == sorted((int(row["issues"]) for row in rows), reverse=True)
    deadlines = text("SELECT issue_id, deadline, long_at, red_at FROM issue ORDER BY issue_id")
    kept = connection.execute(deadlines).all()
    reassign(connection, CODE)
    assert connection.execute(deadlines).all() == kept  # one bundled deadline: handing on never sets it anew
    assert verify_city(connection, CODE) == []
    number = connection.execute(
        text(
            "SELECT number FROM issue JOIN issue_event USING (issue_id) WHERE move = 'reassign' AND unit_id > 0 LIMIT 1"
        )
    ).scalar_one()
    assert "its deadline stayed" in sentences(find_receipt(connection, number), "en")[-1]
    data = connection.execute(text("SELECT data FROM issue_event WHERE move = 'reassign'")).scalars().all()
    assert {json.loads(each)["duty"] for each in data} <= {"D01", "D02", "D03", "D04", "D05", "D06", "D07", "D08"}
    assert len(data) == moves.moved


def test_nobody_writes_by_a_pack_that_is_no_longer_the_newest(connection: Connection, toy: Pack) -> None:
    load_pack(connection, toy)
    before = open_city(connection, CODE)
    load_pack(connection, changed(toy))
    batch = life(toy, 1, 3, time.time_ns() // 1_000)[0]
    with pytest.raises(StoreError, match="Another pack"):
        take_in(connection, before, batch)
    take_in(connection, open_city(connection, CODE), batch)


def test_a_recount_finds_what_is_wrong_in_earlier_borders(connection: Connection, toy: Pack) -> None:
    live(connection, toy, 4)
    load_pack(connection, changed(toy))
    assert verify_city(connection, CODE) == []
    connection.execute(
        text(
            "UPDATE tally_prefix SET detail = substr(detail, 5) WHERE (subject_id, bucket) IN ("
            " SELECT subject_id, bucket FROM tally_prefix JOIN area ON area_id = subject_id"
            " WHERE version = 1 AND level = 'community' AND notified > 0 ORDER BY 1, 2 LIMIT 1)"
        )
    )
    assert any("boundary version 1" in line for line in verify_city(connection, CODE))


def test_at_the_command_line_a_look_comes_before_the_change(
    fresh: Settings, toy: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEATHERMAP_DATABASE_URL", fresh.database_url or "")
    engine = open_store(fresh)
    with engine.begin() as connection:
        live(connection, toy, 2, 40)
    for name, content in changed(toy).files.items():
        (tmp_path / "new" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "new" / name).write_bytes(content)

    def run(*words: str) -> str:
        done = CliRunner().invoke(main, list(words))
        assert done.exit_code == 0, done.output
        return done.output

    def stored() -> tuple[int, int, int]:
        with engine.connect() as connection:
            return count(connection, "relocate"), count(connection, "reassign"), verify_city(connection, CODE) != []

    looked = run("city", "load", str(tmp_path / "new"), "--dry-run")
    assert "Nothing was loaded" in looked and stored() == (0, 0, 0)
    loaded = run("city", "load", str(tmp_path / "new"))
    assert "boundary version 2" in loaded and "weathermap reassign --dry-run" in loaded
    relocated = stored()[0]
    file = tmp_path / "moves.csv"
    asked = run("reassign", "--dry-run", "--output", str(file))
    assert "would go to another unit" in asked and stored() == (relocated, 0, 0) and relocated > 0
    refused = CliRunner().invoke(main, ["reassign", "--output", str(file)])
    assert refused.exit_code == 1 and "exists" in refused.output and stored()[1] == 0
    said = run("reassign", "--output", str(file), "--force")
    moved_ = int(re.search(r"([\d,]+) open issues went", said)[1].replace(",", ""))  # type: ignore[index]
    assert stored() == (relocated, moved_, 0) and moved_ > 0
    assert "0 open issues went" in run("reassign")
    engine.dispose()


def test_handing_over_waits_for_who_writes_and_then_sees_all(fresh: Settings, toy: Pack) -> None:
    engine = open_store(fresh)
    with engine.begin() as connection:
        live(connection, toy, 1, 60)
        load_pack(connection, changed(toy, borders=False))
    done: list[int] = []

    def hand_over() -> None:
        with engine.begin() as connection:
            done.append(reassign(connection, CODE).moved)

    with engine.begin() as connection:
        city = open_city(connection, CODE)
        take_in(connection, city, life(toy, 9, 40, time.time_ns() // 1_000)[0])
        other = threading.Thread(target=hand_over)
        other.start()
        time.sleep(1)
        assert not done  # it waits
    other.join(30)
    with engine.connect() as connection:
        assert done == [count(connection, "reassign")] and reassign(connection, CODE, dry_run=True).moved == 0
        assert verify_city(connection, CODE) == []
    engine.dispose()
