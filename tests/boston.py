"""Boston, first half of 2015, through the life of an issue: each row's moves at the ledger's own times."""

from __future__ import annotations

import csv
import gzip
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from sqlalchemy import Connection, select

from etl.categories import with_categories
from etl.codes import category_codes
from etl.mapping import fitted, read_mapping
from etl.moves import new_lives, new_reports
from etl.read import open_ledger
from etl.statements import Statements, read_statements
from weathermap.city.reading import read_pack
from weathermap.issue.batch import NONE, Batch, empty_moves, empty_reports
from weathermap.issue.intake import take_in
from weathermap.issue.listing import Filter, list_issues
from weathermap.issue.lives import moves_of
from weathermap.store import tables as t
from weathermap.store.cities import load_pack
from weathermap.store.registry import City, open_city

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "../shared/data/boston_2015h1"
LEDGER = FOLDER / "requests.csv.gz"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
STEPS = ("dispatch", "feed_back", "check_pass")
WORDS = {"on_time": "ONTIME", "late": "OVERDUE"}


def statements(connection: Connection, every: int = 1) -> tuple[City, Statements]:
    """The city, loaded with the ledger's own categories, and what every so many-th row states."""
    directory = ROOT / "gis_data/boston"
    pack = read_pack(directory, {"police": FOLDER / "police_districts.geojson"})
    ledger = open_ledger(LEDGER)
    rules = fitted(read_mapping(directory / "mapping.toml"), ledger)
    _, added = category_codes(ledger.columns[rules.category.column], rules.category, pack.categories)
    load_pack(connection, with_categories(pack, added))
    city = open_city(connection, pack.config.code)
    rows = read_statements(ledger, rules, city.pack, NOW).statements
    return city, rows.take(slice(None, None, every))


def replay(connection: Connection, city: City, rows: Statements) -> None:
    """Report, hand over, feed back, check: an intake each, as the desk sends them, at the ledger's times."""
    reports, lives = new_reports(rows, "311"), new_lives(rows)
    moves = moves_of(reports, lives)
    take_in(connection, city, Batch(reports, empty_moves()), recorded=NONE)
    for step in STEPS:
        take_in(connection, city, Batch(empty_reports(), moves.take(moves.move == step)), recorded=NONE)


def judged(connection: Connection, city: City) -> dict[str, str]:
    """ONTIME or OVERDUE of each key, as the lists behind the numbers have it."""
    i, k = t.issue.c, t.issue_key.c
    asked = select(i.number, k.source_key).join(t.issue_key, k.issue_id == i.issue_id).where(i.city_id == city.city_id)
    keys = dict(connection.execute(asked).all())  # type: ignore[arg-type]
    found: dict[str, str] = {}
    for state, word in WORDS.items():
        after: tuple[int, int] | None = None
        while page := list_issues(connection, Filter(city.city_id, state, NOW), 500, after):
            found |= {keys[row.number]: word for row in page}
            after = page[-1].key, page[-1].tie
    return found


def said(rows: Statements) -> dict[str, str]:
    """What the city itself says of its closed rows with a target; nothing where its own field is empty."""
    with gzip.open(LEDGER, "rt", encoding="utf-8") as file:
        own = {row["CASE_ENQUIRY_ID"]: row["OnTime_Status"] for row in csv.DictReader(file)}
    closed = np.flatnonzero((rows.state == "closed") & (rows.closed_at != NONE) & (rows.deadline != NONE))
    return {key: own[key] for key in rows.key[closed].tolist() if own[key]}
