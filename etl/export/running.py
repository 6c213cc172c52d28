"""`weathermap report grid`: one report into one file."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import click

from etl.export.output import format_of, whole_file
from etl.export.preparing import prepare
from etl.export.question import Question
from weathermap.errors import OutputError
from weathermap.progress import bar, step
from weathermap.settings import Settings
from weathermap.store.catalog import Catalog, load_catalog
from weathermap.store.db import open_store


def run_report(
    settings: Settings,
    asked: Mapping[str, str | None],
    ask: Callable[[dict[str, str], Catalog], Question],
    output: Path,
    format_name: str | None,
    lang: str,
    force: bool,
) -> str:
    """Write the report and say what was written. `ask` reads `asked` as the API reads a request's parameters.

    Raises OutputError, UnknownName, and what the reading of the parameters raises.
    """
    chosen = format_of(format_name, output)
    may_replace(output, force)
    with open_store(settings).connect() as connection:
        catalog = load_catalog(connection, asked.get("city"))
        question = ask({name: text for name, text in asked.items() if text}, catalog)
        with step("numbers" if lang == "en" else "取数"):
            report, shapes = prepare(connection, catalog, question, lang, chosen)
    with whole_file(output) as file, bar(output.name, len(report.rows) + len(report.foot)) as shown:
        chosen.write(report, shapes, file, shown.update)
    size = output.stat().st_size
    return f"{output}: {report.title}, {len(report.rows):,} rows, {size / 1e6:.2f} MB"


def may_replace(output: Path, force: bool) -> None:
    """Raises OutputError where a file stands that is not to be replaced."""
    if force or not output.is_file():
        return
    if sys.stdin.isatty() and click.confirm(f"{output} exists. Replace it?", err=True):
        return
    raise OutputError(f"{output} exists.", "Add --force to replace it, or name another file.")
