"""What all commands share: how an error is shown, and how files are named on the command line."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from weathermap.city.declared import split_declared
from weathermap.errors import WeathermapError

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
FILE = click.Path(dir_okay=False, path_type=Path)


def area_files(pairs: tuple[str, ...]) -> dict[str, Path]:
    """LEVEL=FILE or LEVEL=FILE@CRS pairs → {level: path}."""
    found = {}
    for pair in pairs:
        level, _, path = pair.partition("=")
        if not path or not split_declared(Path(path))[0].is_file():
            raise click.BadParameter(
                f"{pair!r}: write LEVEL=FILE with a file that exists, or LEVEL=FILE@EPSG:… to say its system.",
                param_hint="--areas",
            )
        found[level] = Path(path)
    return found


class Group(click.Group):
    """Shows a WeathermapError as one message with its remedy, exit code 1, without a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (click.exceptions.Exit, click.ClickException, click.Abort):
            raise
        except Exception as error:
            shown = error if isinstance(error, WeathermapError) else _as_store_error(error)
            if shown is None:
                raise
            click.echo(f"weathermap: {shown.what}", err=True)
            if shown.remedy:
                click.echo(f"  → {shown.remedy}", err=True)
            sys.exit(1)


def _as_store_error(error: Exception) -> WeathermapError | None:
    from weathermap.store.trouble import as_store_error

    return as_store_error(error)
