"""A ledger's statements into the store: new issues, moves of known ones, published areas, load, quarantine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, any_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, TEXT

from etl.agreement import Agreement, agree
from etl.codes import area_codes
from etl.moves import join_moves, later_moves, new_lives, new_reports
from etl.outcome import Outcome
from etl.quarantine import reasons, store_rejected
from etl.read import Ledger
from etl.rules import ColumnMapping
from etl.said import Said
from etl.statements import Reading, Statements
from weathermap.city.pack import Pack
from weathermap.issue.batch import Batch, Text
from weathermap.issue.book import Book
from weathermap.issue.intake import stored_tracks, take_in
from weathermap.issue.lives import moves_of
from weathermap.store import copy
from weathermap.store import tables as t
from weathermap.store.registry import City


def store_reading(
    connection: Connection, city: City, table: Ledger, rules: ColumnMapping, reading: Reading, dry_run: bool
) -> Outcome:
    """Store what is new in a reading, and what has happened to stored issues since. The caller owns the transaction."""
    rows = reading.statements
    said = Said(
        read=len(table),
        rejected=len(reading.rejected),
        duplicates=reading.repeats,
        repeats=reading.repeats,
        reasons=reasons(reading.rejected),
        remarks=reading.remarks,
    )
    said.add(store_rows(connection, city, table, rules, rows))
    said.add(judge_rows(city.book, table, rules, rows))
    load_id = log_load(connection, city, table, said)
    if load_id is not None:
        store_rejected(connection, load_id, list(table.columns), [*reading.rejected, *reading.repeated])
    return said.outcome(table.file, load_id, dry_run)


def store_rows(
    connection: Connection,
    city: City,
    table: Ledger,
    rules: ColumnMapping,
    rows: Statements,
    recorded: int | None = None,
) -> Said:
    """Store new issues, and what happened to stored ones since. `recorded`: as `take_in` takes it."""
    tracks = stored_tracks(connection, city, {(rules.source, key) for key in rows.key.tolist()})
    stored = {key: track for (_, key), track in tracks.items()}
    known = np.array([key in stored for key in rows.key.tolist()], dtype=bool)
    fresh = rows.take(~known)
    later, moving, stuck = later_moves(rows.take(known), stored, rules.source)
    reports = new_reports(fresh, rules.source)
    moves = join_moves(moves_of(reports, new_lives(fresh)), later)
    take_in(connection, city, Batch(reports, moves), recorded)
    _store_published(connection, city, rules.source, fresh, published_of(table, rules, city.pack))
    unchanged = int(known.sum()) - len(moving)
    return Said(stored=len(fresh) + len(moving), updated=len(moving), duplicates=unchanged, remarks=stuck)


def judge_rows(book: Book, table: Ledger, rules: ColumnMapping, rows: Statements) -> Said:
    """Where the rows lie, and how well that agrees with what their source published."""
    published = published_of(table, rules, book.pack)
    return Said(positions=_positions(book, rows), agreements=_agreements(book, rows, published))


def published_of(table: Ledger, rules: ColumnMapping, pack: Pack) -> dict[str, Text]:
    """Level → published code of every row of the table."""
    return {
        level: area_codes(table.columns[rule.column], rule, pack.areas[level])
        for level, rule in rules.published.items()
    }


def _store_published(
    connection: Connection, city: City, source: str, fresh: Statements, published: Mapping[str, Text]
) -> None:
    """Keep the published areas of new issues beside the computed ones."""
    if not published or not len(fresh):
        return
    k = t.issue_key.c
    wanted = literal(fresh.key.tolist(), ARRAY(TEXT))
    source_id = int(city.source_ids[city.book.sources[source]])
    chosen = select(k.source_key, k.issue_id).where(
        k.city_id == city.city_id, k.source_id == source_id, k.source_key == any_(wanted)
    )
    ids: dict[str, int] = dict(connection.execute(chosen).all())  # type: ignore[arg-type]
    issue = np.array([ids[key] for key in fresh.key.tolist()], dtype=np.int64)
    for level, codes in published.items():
        named = codes[fresh.row] != ""
        columns = {
            "issue_id": copy.numbers(issue[named]),
            "level": copy.texts([level] * int(named.sum())),
            "code": copy.texts(codes[fresh.row][named]),
        }
        if named.any():
            copy.copy_columns(connection, "issue_published", columns)


def _located(rows: Statements) -> NDArray[np.bool_]:
    return np.asarray((rows.flag == "") & np.isfinite(rows.lon) & np.isfinite(rows.lat), dtype=bool)


def _positions(book: Book, rows: Statements) -> Counter[str]:
    usable = _located(rows)
    words = rows.flag.copy()
    words[usable] = np.where(book.locator.locate(rows.lon[usable], rows.lat[usable]) >= 0, "located", "outside")
    return Counter(words.tolist())


def _agreements(book: Book, rows: Statements, published: Mapping[str, Text]) -> tuple[Agreement, ...]:
    usable = _located(rows)
    return tuple(agree(book, level, rows.lon, rows.lat, usable, codes[rows.row]) for level, codes in published.items())


def log_load(connection: Connection, city: City, table: Ledger, said: Said) -> int | None:
    """Note the load; one that brought nothing new leaves no trace. Returns its id."""
    before = select(t.load.c.load_id).where(t.load.c.city_id == city.city_id, t.load.c.sha256 == table.sha256)
    if not said.stored and connection.execute(before.limit(1)).first() is not None:
        return None
    numbers = {name: getattr(said, name) for name in ("read", "stored", "rejected", "duplicates")}
    row = {"city_id": city.city_id, "name": table.file.name, "sha256": table.sha256, "loaded_at": datetime.now(UTC)}
    return int(connection.execute(t.load.insert().values(**row, **numbers).returning(t.load.c.load_id)).scalar_one())
