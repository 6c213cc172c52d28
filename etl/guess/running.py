"""`weathermap import LEDGER --guess [FILE]`: propose a mapping, show it, write it where asked. Nothing is imported."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from etl.guess.proposal import propose, write_proposal
from etl.read import open_ledger
from weathermap.city.sound import sound_pack

SHOW = "-"  # show it, write nothing


def run_guess(ledger: Path, directory: Path, areas: Mapping[str, Path], sheet: str, target: str) -> None:
    """Raises LedgerError or PackError."""
    pack = sound_pack(directory, areas)
    table = open_ledger(ledger, sheet=sheet)
    for note in table.notes:
        click.echo(f"# {note}.")
    lines = list(propose(table, pack))
    for line in lines:
        click.echo(line)
    unsure = sum("# UNSURE" in line or "# NOT FOUND" in line for line in lines)
    said = f"{unsure} lines are unsure: look at them." if unsure else "No line is unsure."
    if target == SHOW:
        click.echo(f"\n{said} Nothing was written: --guess FILE writes it.", err=True)
        return
    write_proposal(lines, Path(target))
    click.echo(f"\n{said} Written to {target}. Next, to see what would happen:", err=True)
    given = "".join(f" --areas {level}={path}" for level, path in areas.items())
    click.echo(f"  weathermap import {ledger} --city {directory}{given} --mapping {target} --dry-run", err=True)
