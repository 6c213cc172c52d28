"""`weathermap redate`: open deadlines follow a calendar that has changed, after a look at which would move."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from weathermap.settings import read_settings

if TYPE_CHECKING:
    from weathermap.city.pack import Config
    from weathermap.issue.redate import Redated


@click.command("redate")
@click.option("--city", "code", default=None, help="City's code; may be left out while the store holds one city.")
@click.option("--dry-run", is_flag=True, help="Say how many deadlines would move and which most, change nothing.")
def redate_command(code: str | None, dry_run: bool) -> None:
    """Count open deadlines anew by the calendar that holds now.

    `weathermap city load` does it with a calendar of its pack; this is for a newer calendar library, which has learnt
    the statutory days of a year. What a person or a source named stays, and so does what is closed.
    """
    from weathermap.issue.redate import redate
    from weathermap.store.db import open_store
    from weathermap.store.registry import open_city

    with open_store(read_settings()).connect() as connection:
        found = redate(connection, code, dry_run)
        config = open_city(connection, code).pack.config
        if dry_run:
            connection.rollback()
        else:
            connection.commit()
    print_redated(found, config)
    would = "would end otherwise" if dry_run else "end otherwise now"
    click.echo(f"{config.name}: {found.moved:,} of {found.looked:,} open deadlines that a rule gave {would}.")


def print_redated(found: Redated, config: Config) -> None:
    """From when to when the deadlines lie that move, and those that move most, in the city's time."""
    if found.first is None or found.last is None:
        return

    def local(at: datetime) -> str:
        return f"{at.astimezone(ZoneInfo(config.timezone)):%Y-%m-%d %H:%M}"

    click.echo(
        f"{found.moved:,} open deadlines from {local(found.first)} to {local(found.last)}: "
        f"{found.earlier:,} earlier, {found.later:,} later. Most:"
    )
    for term in found.examples:
        click.echo(f"  {term.number}  {local(term.now)} → {local(term.then)}")
