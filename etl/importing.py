"""`weathermap import`: a ledger through its mapping into the store, in one transaction. Twice changes nothing."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, any_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, TEXT

from etl.agreement import Agreement, agree
from etl.categories import with_categories
from etl.codes import area_codes, category_codes, limited
from etl.mapping import ColumnMapping, read_mapping
from etl.moves import first_moves, join_moves, later_moves, new_reports
from etl.outcome import Outcome
from etl.quarantine import reasons, store_rejected, write_rejected
from etl.read import Ledger, read_ledger
from etl.statements import Reading, Statements, read_statements
from weathermap.city.pack import Pack
from weathermap.errors import LedgerError
from weathermap.issue.batch import Batch, Text
from weathermap.issue.book import Book
from weathermap.issue.intake import stored_tracks, take_in
from weathermap.progress import step
from weathermap.settings import Settings
from weathermap.store import copy
from weathermap.store import tables as t
from weathermap.store.cities import load_pack, sound_pack
from weathermap.store.db import open_store
from weathermap.store.registry import City, open_city

MOST_OUTSIDE = 0.5  # a larger share of positions outside the city speaks of a wrong coordinate system


def run_import(
    settings: Settings,
    ledger: Path,
    directory: Path,
    areas: Mapping[str, Path],
    mapping: Path | None = None,
    rejected: Path | None = None,
    dry_run: bool = False,
) -> Outcome:
    """Import `ledger` into the city of `directory`, which is loaded with `areas` if the store does not hold it yet.

    Raises LedgerError or PackError; then nothing is stored. `rejected`: where to write the rows that were not stored.
    """
    rules = read_mapping(mapping or directory / "mapping.toml")
    with step(f"reading {ledger.name}"):
        table = read_ledger(ledger, rules.encoding, rules.delimiter)
        table.need(rules.columns())
    with open_store(settings).connect() as connection, connection.begin() as transaction:
        city = _city(connection, directory, areas)
        city, reading = _read(connection, city, table, rules)
        with step(f"storing {table.file.name}"):
            outcome = _store(connection, city, table, rules, reading, dry_run)
        if rejected is not None:
            write_rejected(rejected, list(table.columns), [*reading.rejected, *reading.repeated])
        if dry_run:
            transaction.rollback()
    _say(outcome, table, rejected, reading)
    return outcome


def _city(connection: Connection, directory: Path, areas: Mapping[str, Path]) -> City:
    """The city of `directory` as stored; loaded now, in this transaction, if it is not."""
    config = directory / "city.toml"
    try:
        code = tomllib.loads(config.read_text(encoding="utf-8-sig"))["city"]["code"]
    except (OSError, KeyError, tomllib.TOMLDecodeError):
        code = None  # the pack's own reader says what is wrong
    known = dict(connection.execute(select(t.city.c.code, t.city.c.city_id)).all())  # type: ignore[arg-type]
    if code in known:
        if areas:
            click.echo(
                f"{code} is in the store with its borders: --areas is not read. `weathermap city load` changes borders."
            )
        return open_city(connection, code)
    pack = sound_pack(directory, areas)
    with step(f"loading {directory}"):
        click.echo(load_pack(connection, pack))
    return open_city(connection, pack.config.code)


def _read(connection: Connection, city: City, table: Ledger, rules: ColumnMapping) -> tuple[City, Reading]:
    """The ledger's statements, and the city with the categories that the ledger added to it."""
    pack = city.pack
    _check(pack, rules)
    _, added = category_codes(table.columns[rules.category.column], rules.category, pack.categories)
    added = tuple(category for category in added if limited(pack, category.code))
    if added:
        load_pack(connection, with_categories(pack, added))
        city = open_city(connection, city.code)
    with step(f"understanding {len(table):,} rows"):
        reading = read_statements(table, rules, city.pack, datetime.now(UTC))
    if added:
        reading.remarks[f"categories were added to the pack: {', '.join(c.name for c in added[:5])}"] = len(added)
    return city, reading


def _check(pack: Pack, rules: ColumnMapping) -> None:
    """What the mapping names must be in the pack. Raises LedgerError."""
    sources = [source.code for source in pack.sources]
    if rules.source not in sources:
        raise LedgerError(f"{rules.file}: the pack has no source {rules.source!r}.", f"Sources: {', '.join(sources)}.")
    for level in rules.published:
        if level not in pack.areas:
            raise LedgerError(
                f"{rules.file}: [published.{level}]: the pack has no such level.", f"Levels: {', '.join(pack.areas)}."
            )
    codes = {category.code for category in pack.categories}
    for code in {*rules.category.codes.values(), rules.category.new} - {"add", "reject"} - codes:
        raise LedgerError(
            f"{rules.file}: [category] names {code!r}, no category of the pack.", "Take a code of categories.csv."
        )


def _store(
    connection: Connection, city: City, table: Ledger, rules: ColumnMapping, reading: Reading, dry_run: bool
) -> Outcome:
    rows = reading.statements
    tracks = stored_tracks(connection, city, {(rules.source, key) for key in rows.key.tolist()})
    stored = {key: track for (_, key), track in tracks.items()}
    known = np.array([key in stored for key in rows.key.tolist()], dtype=bool)
    fresh = rows.take(~known)
    later, moving, stuck = later_moves(rows.take(known), stored, rules.source)
    moves = join_moves(first_moves(fresh, rules.source), later)
    take_in(connection, city, Batch(new_reports(fresh, rules.source), moves))
    published = _published(table, rules, city.pack)
    _store_published(connection, city, rules.source, fresh, published)
    outcome = Outcome(
        ledger=table.file,
        read=len(table),
        stored=len(fresh) + len(moving),
        updated=len(moving),
        rejected=len(reading.rejected),
        duplicates=int(known.sum()) - len(moving) + reading.repeats,
        repeats=reading.repeats,
        reasons=reasons(reading.rejected),
        positions=_positions(city.book, rows),
        remarks=reading.remarks + stuck,
        agreements=_agreements(city.book, rows, published),
        load_id=None,
        dry_run=dry_run,
    )
    return replace(outcome, load_id=_log(connection, city, table, reading, outcome))


def _published(table: Ledger, rules: ColumnMapping, pack: Pack) -> dict[str, Text]:
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


def _log(connection: Connection, city: City, table: Ledger, reading: Reading, outcome: Outcome) -> int | None:
    """Note the load and quarantine what it rejected; a load that brought nothing new leaves no trace."""
    before = select(t.load.c.load_id).where(t.load.c.city_id == city.city_id, t.load.c.sha256 == table.sha256)
    if not outcome.stored and connection.execute(before.limit(1)).first() is not None:
        return None
    numbers = {name: getattr(outcome, name) for name in ("read", "stored", "rejected", "duplicates")}
    row = {"city_id": city.city_id, "name": table.file.name, "sha256": table.sha256, "loaded_at": datetime.now(UTC)}
    load_id = connection.execute(t.load.insert().values(**row, **numbers).returning(t.load.c.load_id)).scalar_one()
    store_rejected(connection, load_id, list(table.columns), [*reading.rejected, *reading.repeated])
    return int(load_id)


def _say(outcome: Outcome, table: Ledger, rejected: Path | None, reading: Reading) -> None:
    click.echo(f"{table.file.name}: {table.encoding}, columns divided by {table.delimiter!r}.")
    for line in outcome.lines():
        click.echo(line)
    outside = outcome.positions["outside"]
    if outside > MOST_OUTSIDE * (outside + outcome.positions["located"]):
        click.echo("  Most positions lie outside the city: is [position] crs in the mapping right?")
    left = len(reading.rejected) + len(reading.repeated)
    if left and rejected is None:
        click.echo(
            "  --rejected FILE writes every row that was not stored, with line and reason; the store keeps them too."
        )
    elif rejected is not None:
        click.echo(f"  {left:,} rows with line and reason are in {rejected}.")
