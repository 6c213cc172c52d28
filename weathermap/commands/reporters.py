"""`weathermap reporters …`: the keys that reporters' identity is sealed with, and its end."""

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


@reporters.command()
@click.option("--days", type=click.IntRange(min=0), default=None, help="Days after the end; else the pack's.")
@click.option("--trial", is_flag=True, help="Only say how much would be erased.")
@click.option("--city", "code", default=None, help="City's code; may be left out while the store holds one city.")
def erase(days: int | None, trial: bool, code: str | None) -> None:
    """Erase citizens' words, numbers and names some time after their issues ended, as the worker does by itself."""
    from datetime import UTC, datetime

    from weathermap.snap.erasing import MOST, Erased, days_of, erase_city
    from weathermap.store.catalog import find_city
    from weathermap.store.db import open_store

    engine = open_store(read_settings())
    now, total = datetime.now(UTC), Erased(0, 0)
    while True:
        with engine.begin() as connection:
            city = find_city(connection, code).city_id
            kept = days_of(connection, city) if days is None else days
            done = erase_city(connection, city, kept, now, trial)
        total = Erased(total.reports + done.reports, total.reporters + done.reporters)
        if trial or max(done.reports, done.reporters) < MOST:
            break
    said = "would be erased" if trial else "are erased"
    click.echo(
        f"{total.reports:,} reports' words and {total.reporters:,} reporters {said}: ended {kept} days ago or more."
    )
