"""`weathermap migrate | db | backup | restore`: the store itself. Imports what a command needs when it runs."""

from __future__ import annotations

from pathlib import Path

import click

from weathermap.commands.group import FILE, Group
from weathermap.settings import read_settings


@click.command()
def migrate() -> None:
    """Bring the store's schema to this program's."""
    from weathermap.store.db import migrate_store

    click.echo(migrate_store(read_settings()))


@click.group(cls=Group)
def db() -> None:
    """The store's database."""


@db.command("url")
def db_url() -> None:
    """Print where psql or QGIS reach the store."""
    from weathermap.store.db import database_url

    click.echo(database_url(read_settings()))


@click.command()
@click.argument("file", type=FILE)
def backup(file: Path) -> None:
    """Write the whole store into FILE."""
    from weathermap.store.backup import backup_store

    click.echo(backup_store(read_settings(), file))


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Replace a store that already holds a city.")
def restore(file: Path, replace: bool) -> None:
    """Bring the store back from FILE."""
    from weathermap.store.backup import restore_store
    from weathermap.work.guard import ask_to_begin_anew

    settings = read_settings()
    click.echo(restore_store(settings, file, replace))
    if ask_to_begin_anew(settings):
        click.echo("Worker and server of the running map start anew.")
