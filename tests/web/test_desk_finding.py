"""Finding on the desk: words of every kind, filters with them, pages of a queue, the neighbours of an issue in it."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from tests.store.random_life import columns
from tests.store.standing import PACK
from tests.web.hand import PASSWORD, Hand
from weathermap.issue.batch import NONE, Batch, Moves, Reports, empty_moves, empty_reports
from weathermap.issue.intake import take_in
from weathermap.issue.searching import find_words
from weathermap.issue.waiting import Waiting, count_of, counts_of, near_of, page_of
from weathermap.people.accounts import create_account
from weathermap.settings import Settings
from weathermap.store.cities import load_pack
from weathermap.store.db import open_store
from weathermap.store.registry import open_city

NOW = 1_790_000_000_000_000
HOUR, ISSUES = 3_600_000_000, 120


@pytest.fixture(scope="module")
def settings(clone: Callable[..., Settings]) -> Settings:
    """A store with issues in every state, at addresses of their own; the last stands at a declared point."""
    made = clone()
    engine = open_store(made)
    source, category = PACK.sources[0].code, PACK.categories[0].code
    with engine.begin() as connection:
        load_pack(connection, PACK)
        city = open_city(connection)
        spot = PACK.finest.geoms[0].representative_point()
        reports, moves = [], []
        for k in range(ISSUES):
            at = NOW - (ISSUES - k) * HOUR
            key, point = f"Q{k:03d}", PACK.points[0].code if k == ISSUES - 1 else ""
            kind = PACK.categories[-1].code if k % 10 == 3 else category
            place = f"后街 {k} 号 Ring Road 50%_{k % 7}"
            reports.append((source, key, kind, spot.x, spot.y, at, place, point, "T001", NONE, float("nan"), "", False))
            way = [(), ("dispatch",), ("dispatch", "feed_back"), ("dispatch", "feed_back", "check_pass")][min(k % 6, 3)]
            moves += [(source, key, move, at + n, "", NONE, "") for n, move in enumerate(way, 1)]
        take_in(connection, city, Batch(columns(Reports, reports), empty_moves()), recorded=NONE)  # type: ignore[arg-type]
        take_in(connection, city, Batch(empty_reports(), columns(Moves, moves)), recorded=NONE)  # type: ignore[arg-type]
        unit, person = (
            connection.execute(text(f"SELECT {name}_id FROM {name} WHERE code = :code"), {"code": code}).scalar_one()
            for name, code in (("unit", "T001"), ("person", "P001"))
        )
        create_account(connection, "head", "head", ["head"], city.city_id, unit, person, PASSWORD)
        create_account(connection, "chief", "chief", ["commander"], city.city_id, password=PASSWORD)
    engine.dispose()
    return made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return Hand(app, "chief").client


def found(client: FlaskClient, words: str, more: str = "") -> set[str]:
    page = client.get(f"/desk?q={quote(words)}&show=500{more}")
    assert page.status_code == 200
    return set(re.findall(r'href="/desk/issue/([\w-]+)', page.text))


def test_words_of_every_kind_find_what_holds_them_all(client: FlaskClient, engine: Engine) -> None:
    with engine.connect() as connection:
        told = dict(connection.execute(text("SELECT number, address FROM issue")).all())
        named = connection.execute(text("SELECT c.name, count(*) FROM issue JOIN category AS c USING (category_id)"
                                        " GROUP BY 1 ORDER BY 2")).all()  # fmt: skip
        point = connection.execute(
            text("SELECT i.number, p.name FROM issue AS i JOIN point AS p USING (point_id)")
        ).one()
    for words in ("后街", "街 11", "后街 7", "11 号", "ring", "RING ROAD", "0%_3", "后街 号 50%_2", "查无此处"):
        every = {number for number, address in told.items() if all(w in address.lower() for w in words.lower().split())}
        assert found(client, words) == every, words
    few, many = named[0], named[-1]
    assert len(found(client, few.name)) == few[1] < many[1] == len(found(client, many.name))
    assert found(client, f"{few.name} 后街 50%_2") < found(client, "50%_2")
    assert found(client, point.name) >= {point.number}
    unit = next(u for u in PACK.units if u.code == "T001").name
    assert len(found(client, unit)) >= ISSUES * 5 // 6  # who was never handed over has no unit


def test_numbers_and_keys_lead_to_the_issue(client: FlaskClient, engine: Engine) -> None:
    with engine.connect() as connection:
        number, key = connection.execute(
            text("SELECT number, source_key FROM issue JOIN issue_key USING (issue_id) LIMIT 1")
        ).one()
    for words in (number, number.split("-", 1)[1], key):
        assert client.get(f"/desk?q={words}").location.startswith(f"/desk/issue/{number}")


def test_what_is_too_short_or_nowhere_is_said(client: FlaskClient) -> None:
    assert "请至少输入两个字" in client.get(f"/desk?q={quote('街')}").text
    nowhere = client.get(f"/desk?q={quote('<b>无')}").text
    assert "没有找到“&lt;b&gt;无”" in nowhere and "几个词用空格隔开" in nowhere


def test_search_stays_within_filters_and_burning_comes_first(client: FlaskClient) -> None:
    page = client.get(f"/desk?q={quote('后街')}&category={PACK.categories[-1].code}").text
    rows = re.findall(r'class="id">([\d-]+)<', page)
    assert 0 < len(rows) == len(found(client, "后街", f"&category={PACK.categories[-1].code}")) < ISSUES
    groups = re.findall(r'<tr class="group"><td colspan="7"><span[^>]*>([^<]+)', page)
    assert len(groups) > 1 and groups[-1] == "已结，最新在前"
    assert 'name="q" value="后街"' in page  # choosing a filter keeps the words


def test_pages_of_a_queue_go_through_all_of_it(client: FlaskClient, engine: Engine) -> None:
    seen: list[str] = []
    path = "/desk?queue=open"
    with engine.connect() as connection:
        chosen = Waiting(1, "open", NOW)
        n = count_of(connection, chosen)
        places, _ = page_of(connection, chosen, 500)
        every = [at for _, at in places]
        half, _ = page_of(connection, chosen, 500, places[10])
        assert [at for _, at in half] == every[11:]
        for row, place in enumerate(places):
            near = every[row - 1] if row else None, every[row + 1] if row + 1 < len(every) else None
            assert near_of(connection, chosen, place) == near
        counts = counts_of(connection, 1, NOW, None)
        for state in counts:
            assert counts[state][0] == count_of(connection, Waiting(1, state, NOW)), state
    while path:
        page = client.get(path).text
        assert f"<h1>全部未整改 {n}" in page
        seen += re.findall(r'class="id">([\d-]+)<', page)
        further = re.search(r'href="([^"]*after=[^"]*)" rel="next"', page)
        path = html.unescape(further[1]) if further else ""
    assert len(seen) == len(set(seen)) == n


def test_an_issue_knows_its_neighbours_in_the_queue(client: FlaskClient) -> None:
    rows = re.findall(r'class="id">([\d-]+)<', client.get("/desk?queue=handling&show=500").text)
    for at in (0, 1, len(rows) - 1):
        page = client.get(f"/desk/issue/{PACK.config.code}-{rows[at]}?queue=handling").text
        before, after = (
            re.search(rf'href="[^"]*{PACK.config.code}-([\d-]+)[^"]*" data-{way}', page) for way in ("before", "next")
        )
        assert (before and before[1], after and after[1]) == (
            rows[at - 1] if at else None,
            rows[at + 1] if at + 1 < len(rows) else None,
        )


def test_words_are_found_by_the_index_as_by_looking(engine: Engine) -> None:
    """Closed issues beyond those looked through are found by pairs of characters: the same ones."""
    from weathermap.issue import searching
    from weathermap.issue.searching import Word

    chosen = Waiting(1, "open", NOW)
    with engine.connect() as connection:
        for words in ([Word("后街")], [Word("ring road 50%_1"[:4]), Word("_4")], [Word("街 11")]):
            whole = find_words(connection, chosen, words, 500)
            kept = searching.NEWEST
            try:
                searching.NEWEST = 1
                assert find_words(connection, chosen, words, 500) == whole
            finally:
                searching.NEWEST = kept
