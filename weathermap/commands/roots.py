"""`weathermap verify | roots | proof`: the chain of events, its daily roots, and that nobody wrote them anew."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from weathermap.commands.group import FILE
from weathermap.settings import read_settings

PRESENT = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option("--city", "code", default=None, help="City's code; default: all.")
@click.option("--roots", "file", type=PRESENT, default=None, help="Roots kept elsewhere. Default: WEATHERMAP_ROOTS.")
def verify(code: str | None, file: Path | None) -> None:
    """Recount everything from the events by independent SQL, check chains and roots, name the first broken event."""
    from weathermap.issue.root_file import file_at, read_roots
    from weathermap.store.db import open_store
    from weathermap.store.roles import may_rewrite
    from weathermap.tally.verify import verify_store

    settings = read_settings()
    place = file or (file_at(settings.roots) if settings.roots else None)
    engine = open_store(settings)
    with engine.connect() as connection:
        if may_rewrite(connection):
            click.echo(
                "note: this database role may rewrite events; README, Commands, names a role that may not.", err=True
            )
    differences = verify_store(engine, code, read_roots(place) if place else ())
    for line in differences:
        click.echo(line)
    sys.exit(1 if differences else 0)


@click.command()
@click.option("--output", type=FILE, default=None, help="Append what this file lacks, a line of JSON for each root.")
@click.option("--early", is_flag=True, help="Seal what changed today up to now; the rest of today follows tomorrow.")
def roots(output: Path | None, early: bool) -> None:
    """Seal the days that wait for their root (the worker does it each night), and write the roots elsewhere."""
    from weathermap.issue.root_file import export_roots
    from weathermap.issue.sealing import city_codes, seal_all
    from weathermap.store.db import open_store

    settings = read_settings()
    engine = open_store(settings)
    for root in seal_all(engine, early):
        click.echo(f"{root.city} root {root.root_no} of {root.day}: {root.leaves:,} issues, {root.hash.hex()}")
    place = output or settings.roots
    if place is not None:
        with engine.connect() as connection:
            new = sum(export_roots(connection, code, place) for code in city_codes(connection))
        click.echo(f"{place}: {new:,} roots appended.")


@click.command()
@click.argument("issue", required=False)
@click.option("--output", type=FILE, default=None, help="Write the proof there.")
@click.option("--check", type=PRESENT, default=None, help="Recount a proof from a file instead; needs no store.")
@click.option("--roots", "file", type=PRESENT, default=None, help="With --check: the file that must hold its root.")
def proof(issue: str | None, output: Path | None, check: Path | None, file: Path | None) -> None:
    """Prove that ISSUE, by its public number, lies under a day's root; or check a proof that somebody gives."""
    from weathermap.issue.root_file import read_proof, read_roots
    from weathermap.issue.root_proof import holds, proof_of
    from weathermap.store.db import open_store

    if check is not None:
        given = read_proof(check)
        good = holds(given)
        kept = file is None or any(
            (r["city"], r["hash"]) == (given["city"], given["root_hash"]) for r in read_roots(file)
        )
        said = "holds" if good and kept else "does not hold" if not good else f"names a root that {file} does not hold"
        click.echo(
            f"{given['issue']}, event {given['seq']}: the proof {said} (root {given['root']} of {given['day']})."
        )
        sys.exit(0 if good and kept else 1)
    if issue is None:
        raise click.UsageError("Name an issue by its public number, or a proof with --check FILE.")
    with open_store(read_settings()).connect() as connection:
        made = json.dumps(proof_of(connection, issue), ensure_ascii=False, indent=2)
    if output is None:
        click.echo(made)
        return
    output.write_text(made + "\n", encoding="utf-8")
    click.echo(f"{output}: written.")
