"""Who reported is found by telephone, shown to few with a reason, and in no column as it is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Connection, insert, select

from weathermap.errors import KeyTrouble, Refused, UnknownName
from weathermap.people import reporters
from weathermap.people.accounts import Account
from weathermap.people.roles import ROLES
from weathermap.people.secret_keys import key_file
from weathermap.settings import Settings
from weathermap.store import people_tables as p
from weathermap.store import tables as t

PHONE = "13800138000"


@pytest.fixture
def city_id(connection: Connection) -> int:
    row = {"code": "t", "name": "T", "name_en": "T", "timezone": "UTC"}
    return int(connection.execute(insert(t.city).values(row).returning(t.city.c.city_id)).scalar_one())


def someone(role: str, city_id: int) -> Account:
    return Account(1, role, role, city_id, (role,), None, None)


def test_a_number_is_found_however_it_is_written_and_stands_nowhere(
    connection: Connection, fresh: Settings, city_id: int
) -> None:
    made = reporters.keep(connection, fresh, city_id, PHONE, "陈小明")
    for written in ("+86 138-0013-8000", "0086 13800138000", "１３８００１３８０００", "(138) 0013 8000"):
        assert reporters.keep(connection, fresh, city_id, written, "other") == made
    assert reporters.find(connection, fresh, city_id, "13800138001") is None
    assert reporters.find(connection, fresh, city_id + 1, PHONE) is None
    for wrong in ("", "138", "1380013800x", "1" * 16):
        with pytest.raises(Refused):
            reporters.keep(connection, fresh, city_id, wrong)
    stored = connection.execute(select(p.reporter)).one()
    assert PHONE.encode() not in bytes(stored.mark) + bytes(stored.sealed)
    assert key_file(fresh).stat().st_mode & 0o077 == 0
    reporters.link(connection, 77, made)
    assert reporters.issues_of(connection, made) == [77] and reporters.reporter_of(connection, 77) == made


def test_a_view_wants_a_role_and_a_reason_and_is_logged(connection: Connection, fresh: Settings, city_id: int) -> None:
    made = reporters.keep(connection, fresh, city_id, PHONE, "陈小明")
    seen = set()
    for role in ROLES:
        try:
            shown = reporters.reveal(connection, fresh, made, someone(role, city_id), "回访核实地点")
        except Refused:
            continue
        seen.add(role)
        assert shown == reporters.Reporter(made, PHONE, "陈小明")
    assert seen == {"dispatcher", "supervisor"}
    with pytest.raises(Refused):
        reporters.reveal(connection, fresh, made, someone("dispatcher", city_id), "  a ")
    with pytest.raises(UnknownName):
        reporters.reveal(connection, fresh, made, someone("dispatcher", city_id + 1), "回访核实地点")
    logged = connection.execute(select(p.access_log.c.login, p.access_log.c.what, p.access_log.c.target)).all()
    assert [tuple(row) for row in logged] == [
        (role, "see reporter", f"{made}: 回访核实地点") for role in ROLES if role in seen
    ]
    reporters.forget(connection, made, someone("supervisor", city_id), "本人要求删除")
    assert reporters.find(connection, fresh, city_id, PHONE) is None


def test_a_new_key_seals_all_and_older_seals_still_open(
    connection: Connection, fresh: Settings, city_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporters, "BATCH", 2)  # several batches
    made = {f"1380013800{k}": reporters.keep(connection, fresh, city_id, f"1380013800{k}") for k in range(5)}
    before = [tuple(row) for row in connection.execute(select(p.reporter.c.mark, p.reporter.c.sealed))]
    first = key_file(fresh).read_bytes()
    assert reporters.rotate(connection, fresh) == 5
    after = [tuple(row) for row in connection.execute(select(p.reporter.c.mark, p.reporter.c.sealed))]
    assert not {bytes(x) for row in before for x in row} & {bytes(x) for row in after for x in row}
    both = key_file(fresh).read_bytes()
    assert both.endswith(first) and len(both.split()) == 2
    # What an older backup brings back is found and opened with the older key.
    connection.execute(
        p.reporter.update()
        .where(p.reporter.c.reporter_id == made["13800138000"])
        .values(mark=before[0][0], sealed=before[0][1])
    )
    for phone, reporter_id in made.items():
        assert reporters.keep(connection, fresh, city_id, phone) == reporter_id
        assert (
            reporters.reveal(connection, fresh, reporter_id, someone("supervisor", city_id), "回访核实").phone == phone
        )
    # With the first key alone, what was sealed anew is neither found nor opened; without any, nothing is stored anew.
    key_file(fresh).write_bytes(first)
    with pytest.raises(KeyTrouble):
        reporters.reveal(connection, fresh, made["13800138004"], someone("supervisor", city_id), "回访核实")
    moved = replace(fresh, reporter_keys=fresh.data_dir / "elsewhere")
    with pytest.raises(KeyTrouble, match="missing"):
        reporters.keep(connection, moved, city_id, "13900000000")
    assert not key_file(moved).exists()
