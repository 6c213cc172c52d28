"""`weathermap import`: a ledger through its mapping into the store, in one transaction. Twice changes nothing."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path

import click
import psycopg2
from sqlalchemy import Connection, Engine, select, text
from sqlalchemy.exc import OperationalError

from etl.categories import with_categories
from etl.codes import category_codes, limited
from etl.large.importing import Sizes, import_large
from etl.large.spread import Cluster, open_cluster
from etl.mapping import fitted, read_mapping
from etl.outcome import Outcome
from etl.quarantine import write_rejected
from etl.read import Ledger, open_ledger
from etl.rules import ColumnMapping
from etl.statements import Reading, read_statements
from etl.storing import store_reading
from etl.suspicion import suspect
from weathermap.city.pack import Pack
from weathermap.city.sound import sound_pack
from weathermap.errors import LedgerError, StoreError
from weathermap.progress import step
from weathermap.settings import Settings
from weathermap.store import tables as t
from weathermap.store.cities import load_pack
from weathermap.store.db import open_store
from weathermap.store.registry import City, open_city

IMPORT_LOCK = 0x1E06E  # one import at a time: two of the same ledger must not both store it
MOST_OUTSIDE = 0.5  # a larger share of positions outside the city speaks of a wrong coordinate system


def run_import(
    settings: Settings,
    ledger: Path,
    directory: Path,
    areas: Mapping[str, Path],
    mapping: Path | None = None,
    rejected: Path | None = None,
    dry_run: bool = False,
    sheet: str = "",
    sizes: Sizes = Sizes(),  # noqa: B008 (frozen)
    dask: str = "",
) -> Outcome:
    """Import `ledger` into the city of `directory`, which is loaded with `areas` if the store does not hold it yet.

    Raises LedgerError, PackError, StoreError or ClusterError; then nothing is stored, or of a large ledger nothing that
    anybody sees: run again, it goes on. `rejected`: file for the rows not stored; `dask`: address of a Dask scheduler
    whose workers work a large ledger out.
    """
    with open_cluster(dask) if dask else nullcontext() as cluster:
        return _run(settings, ledger, directory, areas, mapping, rejected, dry_run, sheet, sizes, cluster)


def _run(
    settings: Settings,
    ledger: Path,
    directory: Path,
    areas: Mapping[str, Path],
    mapping: Path | None,
    rejected: Path | None,
    dry_run: bool,
    sheet: str,
    sizes: Sizes,
    cluster: Cluster | None,
) -> Outcome:
    rules = read_mapping(mapping or directory / "mapping.toml")
    with step(f"reading {ledger.name}"):
        table = open_ledger(ledger, rules.encoding, rules.delimiter, sheet or rules.sheet)
        rules = fitted(rules, table)
    if dry_run:
        click.echo("Dry run: nothing will be stored. This is what would happen.")
    engine = open_store(settings)
    try:
        done = None
        if sizes.may_be_large(ledger):
            done = import_large(
                engine,
                IMPORT_LOCK,
                table,
                rules,
                lambda connection, sample: _checked(connection, directory, areas, sample, rules, dry_run),
                sizes,
                rejected,
                dry_run,
                cluster,
            )
        if done is None and cluster:
            click.echo(f"  Workers are not asked: fewer than {sizes.large:,} rows.", err=True)
        outcome, left = done or _import(engine, table, rules, directory, areas, rejected, dry_run)
    except (OperationalError, psycopg2.OperationalError) as error:
        said = str(getattr(error, "orig", error)).strip().splitlines()[0]
        remedy = "Nothing was stored. Is the server running, and is there room on its disk? Then run the command again."
        raise StoreError(f"The store broke off the import: {said}.", remedy) from error
    finally:
        engine.dispose()
    _say(outcome, table, rejected, left)
    return outcome


def _import(
    engine: Engine,
    table: Ledger,
    rules: ColumnMapping,
    directory: Path,
    areas: Mapping[str, Path],
    rejected: Path | None,
    dry_run: bool,
) -> tuple[Outcome, int]:
    """Everything in one transaction, one import at a time; `rejected` is written before the transaction is final."""
    with engine.connect() as connection, connection.begin() as transaction:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": IMPORT_LOCK})
        city = _checked(connection, directory, areas, table, rules, dry_run)
        city, reading = _read(connection, city, table, rules)
        with step(f"storing {table.file.name}"):
            outcome = store_reading(connection, city, table, rules, reading, dry_run)
        if rejected is not None:
            write_rejected(rejected, list(table.columns), [*reading.rejected, *reading.repeated])
        if dry_run:
            transaction.rollback()
    return outcome, len(reading.rejected) + len(reading.repeated)


def _checked(
    connection: Connection,
    directory: Path,
    areas: Mapping[str, Path],
    sample: Ledger,
    rules: ColumnMapping,
    dry_run: bool,
) -> City:
    """The city, after all that may speak against this import. `sample`: the ledger, or some rows of a large one."""
    city = _city(connection, directory, areas)
    _check(city.pack, rules)
    _check_system(sample, rules, city, dry_run)
    return city


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


def _check_system(table: Ledger, rules: ColumnMapping, city: City, dry_run: bool) -> None:
    """Raises LedgerError when the positions fit another coordinate system clearly better; a dry run only tells it."""
    if rules.position is None or rules.position.sure:
        return
    with step("trying coordinate systems"):
        doubt = suspect(table, rules, city.book)
    if doubt and dry_run:
        click.echo(f"  The coordinate system seems to be another: {doubt}.\n  → {doubt.remedy}")
    elif doubt:
        raise LedgerError(
            f"{table.file}: the coordinates seem to be in another system. {doubt}.",
            f"{doubt.remedy} If it is right as it is, write sure = true there. Nothing was stored.",
        )


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


def _say(outcome: Outcome, table: Ledger, rejected: Path | None, left: int) -> None:
    divided = f", columns divided by {table.delimiter!r}" if table.delimiter else ""
    click.echo(f"{table.file.name}: {table.encoding}{divided}.")
    for note in table.notes:
        click.echo(f"  {note}.")
    for line in outcome.lines():
        click.echo(line)
    outside = outcome.positions["outside"]
    if outside > MOST_OUTSIDE * (outside + outcome.positions["located"]):
        click.echo("  Most positions lie outside the city: is [position] crs in the mapping right?")
    if left and rejected is None:
        click.echo(
            "  --rejected FILE writes every row that was not stored, with line and reason; the store keeps them too."
        )
    elif rejected is not None:
        click.echo(f"  {left:,} rows with line and reason are in {rejected}.")
