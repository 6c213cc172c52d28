"""Whoever owns the tables and edits behind the program's back: `verify` names which issue, which event."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy import Connection, Engine, select, text
from sqlalchemy.exc import ProgrammingError

from tests.store.random_life import life
from weathermap.city.reading import read_pack
from weathermap.errors import OutputError
from weathermap.issue.intake import take_in
from weathermap.issue.ledger import START, seal
from weathermap.issue.root_file import export_roots, file_at, read_roots
from weathermap.issue.root_proof import holds, proof_of
from weathermap.issue.roots import leaf_hash, levels_of, roots_of, seal_day, tree_hash
from weathermap.issue.sealing import seal_nightly
from weathermap.settings import Settings
from weathermap.store import tables as t
from weathermap.store.cities import load_pack
from weathermap.store.db import connect_engine, open_store, owner_url
from weathermap.store.registry import open_city
from weathermap.store.roles import may_rewrite
from weathermap.store.root_tables import event_leaf, event_root
from weathermap.tally.fold import fold_once
from weathermap.tally.verify import verify_city

PACK = read_pack(Path(__file__).parents[1] / "packs" / "toy")
NOW_US = time.time_ns() // 1_000


@pytest.fixture(scope="module")
def lived(clone: Callable[..., Settings]) -> Iterator[tuple[Settings, Engine]]:
    """A store in which 60 issues lived, with two roots; and its owner's engine."""
    settings = clone()
    with open_store(settings).begin() as connection:  # as the program does it
        load_pack(connection, PACK)
        city = open_city(connection, PACK.config.code)
        *most, last = life(city.pack, 21, 60, NOW_US, handed_on=True)
        for batch in most:
            take_in(connection, city, batch)
        assert seal_day(connection, city.code) is not None
        assert seal_day(connection, city.code) is None  # once a day
        take_in(connection, city, last)
        assert seal_day(connection, city.code, early=True) is not None
        fold_once(connection)
    owner = connect_engine(owner_url(settings))
    yield settings, owner
    owner.dispose()


@pytest.fixture
def connection(lived: tuple[Settings, Engine]) -> Iterator[Connection]:
    """The owner's; rolled back."""
    with lived[1].connect() as opened:
        transaction = opened.begin()
        yield opened
        transaction.rollback()


def found(connection: Connection) -> dict[str, str]:
    """Check → what it says."""
    lines = verify_city(connection, PACK.config.code)
    return {line.split(":")[0].split()[1]: line.partition(": ")[2] for line in lines}


def chosen(connection: Connection) -> tuple[int, str]:
    """An issue with four events, a deadline and a unit."""
    asked = """
        SELECT issue_id, number FROM issue
        WHERE seq > 3 AND state = 'handling' AND deadline IS NOT NULL AND unit_id IS NOT NULL LIMIT 1"""
    row = connection.execute(text(asked)).one()
    return row.issue_id, row.number


EDITS = {
    "data": (
        "UPDATE issue_event SET data = replace(data, '{', '{\"x\":1,') WHERE seq = 2",
        "chain",
        "event 2 is not what",
    ),
    "time": ("UPDATE issue_event SET at = at + interval '1 microsecond' WHERE seq = 1", "chain", "event 1 is not what"),
    "actor": ("UPDATE issue_event SET actor = actor + 1 WHERE seq = 3", "chain", "event 3 is not what"),
    "move": ("UPDATE issue_event SET move = 'urge' WHERE seq = 4", "chain", "event 4 is not what"),
    "hash": ("UPDATE issue_event SET hash = sha256(hash) WHERE seq = 2", "chain", "event 2 is not what"),
    "city": ("UPDATE issue_event SET city_id = 99 WHERE seq = 3", "chain", "event 3 is missing"),
    "first event": ("DELETE FROM issue_event WHERE seq = 1", "chain", "event 1 is missing"),
    "event between": ("DELETE FROM issue_event WHERE seq = 2", "chain", "event 2 is missing"),
    "last event": (
        "DELETE FROM issue_event WHERE seq = (SELECT seq FROM issue WHERE {i})",
        "chain",
        "event {n} is missing",
    ),
    "all events": ("DELETE FROM issue_event WHERE true", "chain", "event 1 is missing, and all after it"),
    "row": ("DELETE FROM issue WHERE true", "chain", "event [0-9]+ has no issue"),
    "swapped": (
        "UPDATE issue_event AS e SET at = o.at, move = o.move, actor = o.actor, data = o.data, hash = o.hash"
        " FROM issue_event AS o WHERE o.issue_id = e.issue_id AND e.seq IN (2, 3) AND o.seq = 5 - e.seq AND e.{i}",
        "chain",
        "event 2 is not what",
    ),
    "added": (
        "INSERT INTO issue_event SELECT issue_id, seq + 1, city_id, at, 'urge', 0, '{}', hash FROM issue_event"
        " WHERE seq = (SELECT seq FROM issue WHERE {i})",
        "chain",
        "event {m} is not what",
    ),
    "state": ("UPDATE issue SET state = 'void' WHERE true", "issue", "state is void, its events say handling"),
    "version": ("UPDATE issue SET seq = seq + 1 WHERE true", "chain", "event {m} is missing"),
    "deadline": ("UPDATE issue SET deadline = deadline + interval '1 day' WHERE true", "issue", "deadline is"),
    "unit": (
        "UPDATE issue SET unit_id = (SELECT max(unit_id) FROM unit WHERE unit_id <> issue.unit_id) WHERE true",
        "issue",
        "unit is",
    ),
    "extension": ("UPDATE issue SET extended = NOT extended WHERE true", "row", "extended is"),
    "suspension": ("UPDATE issue SET suspended_at = now() WHERE true", "row", "suspended at"),
    "report": ("UPDATE issue SET reported_at = reported_at - interval '1 s' WHERE true", "row", "reported at"),
    "point": ("UPDATE issue SET geom = 'SRID=4326;POINT(1 1)' WHERE true", "row", "its point is not where"),
    "key": ("DELETE FROM issue_key WHERE true", "row", "its key .* is gone"),
}


def test_nothing_is_named_where_nothing_was_edited(connection: Connection) -> None:
    assert found(connection) == {}


@pytest.mark.parametrize("edit", EDITS)
def test_the_edited_event_or_issue_is_named(connection: Connection, edit: str) -> None:
    statement, check, named = EDITS[edit]
    issue_id, number = chosen(connection)
    seq = connection.execute(select(t.issue.c.seq).where(t.issue.c.issue_id == issue_id)).scalar_one()
    mine = f"issue_id = {issue_id}"
    statement = statement.replace("WHERE {i}", f"WHERE {mine}").replace("e.{i}", f"e.{mine}")
    if edit != "swapped":
        statement += f" AND {mine}"
    assert connection.exec_driver_sql(statement.replace("%", "%%")).rowcount > 0
    if edit in ("row", "city"):
        number = number if edit == "city" else "?"
    wanted = named.replace("{n}", str(seq)).replace("{m}", str(seq + 1))
    said = found(connection)
    assert re.match(rf"issue {re.escape(number)} \({issue_id}\): .*{wanted}", said.get(check, "")), said


def forge(connection: Connection, issue_id: int) -> None:
    """Rewrite an issue's second event and seal its chain anew, row and all, as a forger would who knows the program."""
    e = t.issue_event
    connection.execute(e.update().where(e.c.issue_id == issue_id, e.c.seq == 2).values(actor=e.c.actor + 7))
    rows = connection.execute(
        select(e, text("micros(at) AS us")).where(e.c.issue_id == issue_id).order_by(e.c.seq)
    ).all()
    previous = START
    for row in rows:
        previous = seal(previous, issue_id, row.seq, row.us, row.move, row.actor, row.data)
        connection.execute(e.update().where(e.c.issue_id == issue_id, e.c.seq == row.seq).values(hash=previous))
    connection.execute(t.issue.update().where(t.issue.c.issue_id == issue_id).values(hash=previous))


def test_a_forged_chain_is_whole_and_the_root_names_it(connection: Connection) -> None:
    issue_id, number = chosen(connection)
    forge(connection, issue_id)
    said = found(connection)
    assert set(said) == {"leaf"}
    assert re.match(
        rf"issue {number} \({issue_id}\): (event|one of its events) .* was rewritten after the root of", said["leaf"]
    )


def test_an_issue_that_vanished_whole_is_named(connection: Connection) -> None:
    issue_id, _ = chosen(connection)
    for table in ("issue", "issue_event", "issue_key"):
        connection.exec_driver_sql(f"DELETE FROM {table} WHERE issue_id = {issue_id}")
    said = found(connection)
    assert "chain" not in said and re.match(
        rf"issue \? \({issue_id}\): event \d+ is missing, which the root", said["leaf"]
    )


def test_a_forger_who_writes_the_roots_anew_is_caught_by_the_file(connection: Connection, tmp_path: Path) -> None:
    code, file = PACK.config.code, tmp_path / "roots.jsonl"
    assert export_roots(connection, code, tmp_path) == 2 and export_roots(connection, code, file) == 0
    assert file_at(tmp_path) == file
    issue_id, _ = chosen(connection)
    forge(connection, issue_id)
    connection.execute(
        text(
            "UPDATE event_leaf AS l SET hash = e.hash FROM issue_event AS e"
            " WHERE e.issue_id = l.issue_id AND e.seq = l.seq"
        )
    )
    assert re.match(r"root \d of .*: it is not the root of what it sealed", found(connection)["root"])
    connection.execute(event_leaf.delete())
    connection.execute(event_root.delete())
    assert seal_day(connection, code) is not None
    assert found(connection) == {}  # nothing inside the store tells any more
    lines = verify_city(connection, code, [json.loads(line) for line in file.read_text().splitlines()])
    assert lines and any("roots: root 1 of" in line and "is another in the file" in line for line in lines)
    with pytest.raises(OutputError, match="another root 1"):
        export_roots(connection, code, file)


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE event_root SET day = day - 1 WHERE root_no = 1",
        "UPDATE event_root SET tree = sha256(tree), hash = hash WHERE root_no = 2",
        "DELETE FROM event_leaf WHERE root_no = 2 AND issue_id ="
        " (SELECT max(issue_id) FROM event_leaf WHERE root_no = 2)",
    ],
)
def test_an_edited_root_is_named(connection: Connection, edit: str) -> None:
    assert connection.exec_driver_sql(edit).rowcount == 1
    number = re.search(r"root_no = (\d)", edit)
    assert number and found(connection)["root"].startswith(f"root {number[1]} of ")


def test_the_tree_is_that_of_rfc_6962() -> None:
    """Against the RFC's own recursive definition, for each size up to 70; and each leaf's way up."""

    def merkle(leaves: list[bytes]) -> bytes:
        if len(leaves) == 1:
            return leaves[0]
        split = 1 << (len(leaves) - 1).bit_length() - 1
        from hashlib import sha256

        return sha256(b"\1" + merkle(leaves[:split]) + merkle(leaves[split:])).digest()

    leaves = [leaf_hash(k, 1, bytes(32)) for k in range(70)]
    for n in range(1, 71):
        assert tree_hash(leaves[:n]) == merkle(leaves[:n]) == levels_of(leaves[:n])[-1][0]


def test_each_issue_is_proved_and_no_other(connection: Connection) -> None:
    numbers = connection.execute(select(t.issue.c.number)).scalars().all()
    assert len(numbers) == 60
    roots = {root.root_no: root for root in roots_of(connection, PACK.config.code)}
    for number in numbers:
        proof = json.loads(json.dumps(proof_of(connection, number)))
        assert holds(proof) and bytes.fromhex(proof["root_hash"]) == roots[proof["root"]].hash
        assert not holds(proof | {"seq": proof["seq"] + 1})
        assert not proof["path"] or not holds(proof | {"path": proof["path"][:-1]})


def test_the_programs_role_rewrites_nothing(lived: tuple[Settings, Engine]) -> None:
    settings, owner = lived
    parts = "SELECT relname FROM pg_class WHERE relispartition AND relname LIKE 'issue_event%' AND relkind = 'r'"
    with owner.connect() as connection:
        assert may_rewrite(connection)
        events = ["issue_event", *connection.execute(text(parts)).scalars()]
    statements = [
        f"{verb} {table}{rest}"
        for table in (*events, "event_root", "event_leaf", "access_log")
        for verb, rest in (
            ("DELETE FROM", ""),
            ("TRUNCATE", ""),
            ("UPDATE", " SET city_id = city_id" if table != "access_log" else " SET login = ''"),
            ("DROP TABLE", ""),
            ("ALTER TABLE", " DISABLE TRIGGER ALL"),
        )
    ]
    statements += [
        "ALTER TABLE issue_event DETACH PARTITION issue_event_live",
        "SET ROLE weathermap",
        "UPDATE alembic_version SET version_num = ''",
    ]
    app = open_store(settings)
    with app.connect() as connection:
        assert not may_rewrite(connection)
    for statement in statements:
        with app.connect() as connection, pytest.raises(ProgrammingError) as caught:
            connection.exec_driver_sql(statement)
        assert isinstance(caught.value.orig, psycopg2.errors.InsufficientPrivilege), statement
    app.dispose()


def test_the_worker_seals_once_and_writes_elsewhere_until_it_could(
    clone: Callable[..., Settings], tmp_path: Path
) -> None:
    settings = clone()
    engine = open_store(settings)
    with engine.begin() as connection:
        load_pack(connection, PACK)
    away = replace(settings, roots=tmp_path / "not there" / "roots.jsonl")
    with pytest.raises(OutputError):
        seal_nightly(engine, away)  # sealed all the same, and written when the place is back
    for _ in range(3):
        assert seal_nightly(engine, replace(settings, roots=tmp_path)) == 0
    lines = read_roots(file_at(tmp_path))
    with engine.connect() as connection:
        (root,) = roots_of(connection, PACK.config.code)
    assert [(line["root"], line["leaves"], line["hash"]) for line in lines] == [(1, 0, root.hash.hex())]
    engine.dispose()
