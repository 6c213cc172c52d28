"""`weathermap reassign`: open issues follow changed borders and duties, after a look at where they would go."""

from __future__ import annotations

import csv
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

import click

from weathermap.commands.group import FILE
from weathermap.errors import OutputError
from weathermap.settings import read_settings

if TYPE_CHECKING:
    from weathermap.issue.reassign import Moves

SHOWN = 30  # rows on the screen; a file holds all
HEAD = ("from area", "to area", "from unit", "to unit", "open", "issues", "example")


@click.command("reassign")
@click.option("--city", "code", default=None, help="City's code; may be left out while the store holds one city.")
@click.option("--level", default=None, help="Level of the areas in the table. Default: the finest with weather.")
@click.option("--dry-run", is_flag=True, help="Say how many issues would move and where, change nothing.")
@click.option("--output", type=FILE, default=None, help="Write the whole table as CSV.")
@click.option("--force", is_flag=True, help="Replace a file that exists.")
def reassign_command(code: str | None, level: str | None, dry_run: bool, output: Path | None, force: bool) -> None:
    """Hand open issues to the units that the newest pack names for them.

    Past judgements stay: who held an issue then is counted for it then. What waits for a check stays where it is.
    """
    from weathermap.issue.reassign import reassign
    from weathermap.store.db import open_store

    if output is not None and output.exists() and not force:
        raise OutputError(f"{output} exists.", "Name another file, or replace it with --force.")
    with open_store(read_settings()).connect() as connection:
        moves = reassign(connection, code, level, dry_run)
        if output is not None:
            write_moves(moves, output)  # a table that cannot be written changes nothing
        if dry_run:
            connection.rollback()
        else:
            connection.commit()
    print_moves(moves)
    name = moves.city.pack.config.name
    went = "would go" if dry_run else "went"
    click.echo(f"{name}: {moves.moved:,} open issues {went} to another unit.")
    if moves.unanswered:
        click.echo(f"No duty names a unit for {moves.unanswered:,} open issues: they stay where they are.")
    if output is not None:
        click.echo(f"{output}: {len(moves.rows):,} rows.")


def print_moves(moves: Moves) -> None:
    """The table of where issues go, most first."""
    if not moves.rows:
        return
    rows = [
        (
            row.from_area_name or "—",
            row.to_area_name or "—",
            row.from_unit_name or "—",
            "=" if row.to_unit == row.from_unit else row.to_unit_name,
            f"{row.open:,}",
            f"{row.issues:,}",
            row.example,
        )
        for row in moves.rows[:SHOWN]
    ]
    widths = [max(_width(row[k]) for row in [HEAD, *rows]) for k in range(len(HEAD))]
    for row in [HEAD, *rows]:
        padded = [
            " " * (w - _width(text)) + text if 3 < k < 6 else text + " " * (w - _width(text))
            for k, (text, w) in enumerate(zip(row, widths, strict=True))
        ]
        click.echo("  ".join(padded).rstrip())
    if len(moves.rows) > SHOWN:
        click.echo(f"… and {len(moves.rows) - SHOWN:,} more rows: --output FILE holds all.")


def write_moves(moves: Moves, output: Path) -> None:
    """All rows as CSV with codes and names (UTF-8 with BOM, which spreadsheets ask for). Raises OutputError."""
    names = [f"{which}_{what}{end}" for what in ("area", "unit") for which in ("from", "to") for end in ("", "_name")]
    try:
        with output.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([*names, "open", "issues", "example"])
            for row in moves.rows:
                writer.writerow([row._mapping[name] for name in [*names, "open", "issues", "example"]])
    except OSError as error:
        raise OutputError(
            f"{output} cannot be written: {error.strerror}.", "Name a file in a folder of yours."
        ) from error


def _width(text: str) -> int:
    """Columns on a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
