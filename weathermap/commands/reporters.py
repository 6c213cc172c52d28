"""`weathermap reporters …`: the keys that reporters' identity is sealed with."""

from __future__ import annotations

import click

from weathermap.commands.group import Group
from weathermap.settings import read_settings


@click.group(cls=Group)
def reporters() -> None:
    """Reporters' identity, which stands apart and sealed."""


@reporters.command()
def rotate() -> None:
    """Seal all reporters with a new key; older keys stay in the file for older backups."""
    from weathermap.people import reporters as kept
    from weathermap.people.secret_keys import key_file
    from weathermap.progress import step
    from weathermap.store.db import open_store

    settings = read_settings()
    with open_store(settings).begin() as connection, step("sealing with a new key"):
        done = kept.rotate(connection, settings)
    click.echo(f"{done:,} reporters are sealed with a new key. Copy {key_file(settings)} to where the last copy lies.")
