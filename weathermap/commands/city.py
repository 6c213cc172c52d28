"""`weathermap city …` and `weathermap grid`: packs, checked, loaded, given a grid."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from weathermap.commands.group import FOLDER, Group, area_files
from weathermap.settings import read_settings


@click.group(cls=Group)
def city() -> None:
    """City packs: check and load."""


@city.command("check")
@click.argument("directory", type=FOLDER)
@click.option("--areas", multiple=True, metavar="LEVEL=FILE[@CRS]", help="Take a level's areas from FILE.")
def city_check(directory: Path, areas: tuple[str, ...]) -> None:
    """Name every fault of the pack in DIRECTORY, with file, line and remedy."""
    from weathermap.city.check import examine

    found = examine(directory, area_files(areas))
    for fault in found.faults:
        click.echo(f"{fault.file}:{fault.line}: {fault.what}\n  → {fault.remedy}")
    for warning in found.warnings:
        click.echo(f"{warning.file}:{warning.line}: note: {warning.what}\n  → {warning.remedy}")
    count = f"{len(found.faults)} fault(s)" if found.faults else "no fault"
    click.echo(f"{directory}: {count}{f', {len(found.warnings)} note(s)' if found.warnings else ''}.")
    sys.exit(1 if found.faults else 0)


@city.command("load")
@click.argument("directory", type=FOLDER)
@click.option("--areas", multiple=True, metavar="LEVEL=FILE[@CRS]", help="Take a level's areas from FILE.")
@click.option("--dry-run", is_flag=True, help="Say what would change, load nothing.")
@click.option("--overwrite", is_flag=True, help="Undo what administrators changed on the pages and the pack lacks.")
def city_load(directory: Path, areas: tuple[str, ...], dry_run: bool, overwrite: bool) -> None:
    """Load the pack in DIRECTORY as a dated version; an unchanged pack changes nothing.

    Stored issues are counted in its borders; who holds them stays until `weathermap reassign`. Open deadlines follow
    another calendar. Changes made on the
    pages that the pack lacks are named, and undone only with --overwrite.
    """
    from weathermap.amend.export import check_overwritten
    from weathermap.city.sound import sound_pack
    from weathermap.commands.reassign import print_moves
    from weathermap.commands.redate import print_redated
    from weathermap.issue.reassign import reassign
    from weathermap.progress import step
    from weathermap.store.cities import load
    from weathermap.store.db import open_store

    pack = sound_pack(directory, area_files(areas))
    with open_store(read_settings()).connect() as connection:
        for line in check_overwritten(connection, pack, refuse=not (dry_run or overwrite)):
            click.echo(line)
        with step(f"loading {directory}"):
            loaded = load(connection, pack)
        moves = reassign(connection, pack.config.code, dry_run=True)
        if dry_run:
            connection.rollback()
            print_moves(moves)
            if loaded.redated:
                print_redated(loaded.redated, pack.config)
        else:
            connection.commit()
    click.echo(f"{loaded.said}{' Nothing was loaded.' if dry_run else ''}")
    if moves.moved and not dry_run:
        click.echo(
            f"{moves.moved:,} open issues answer to other units now: `weathermap reassign --dry-run` shows them."
        )


@city.command("export")
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option("--city", "code", default=None, help="City's code; may be left out while the store holds one city.")
@click.option("--force", is_flag=True, help="Replace files that are there and differ.")
def city_export(directory: Path, code: str | None, force: bool) -> None:
    """Write the newest pack of the store, changes made on the pages included, into DIRECTORY."""
    from weathermap.amend.export import export_pack
    from weathermap.store.db import open_store

    with open_store(read_settings()).connect() as connection:
        click.echo(export_pack(connection, code, directory, force))


@click.command()
@click.argument("directory", type=FOLDER)
@click.option("--size", default=10_000.0, show_default=True, help="Wanted area of a cell, square metres.")
def grid(directory: Path, size: float) -> None:
    """Draw the unit grid of the pack in DIRECTORY: cells inside the next coarser level, with their codes."""
    from weathermap.city.grid import write_grid

    click.echo(write_grid(directory, size))
