"""`weathermap report issues`: one list of issues into one file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from etl.export.issues.exporting import check_kind, export_issues
from etl.export.running import may_replace
from weathermap.errors import OutputError
from weathermap.issue.listing import Filter, count_issues
from weathermap.progress import bar
from weathermap.settings import Settings
from weathermap.store.catalog import Catalog, load_catalog
from weathermap.store.db import database_url, open_store

ENDINGS = {"parquet": "geoparquet"}


def run_issues(
    settings: Settings,
    asked: Mapping[str, str | None],
    read: Callable[[dict[str, str], Catalog], Filter],
    output: Path,
    kind: str | None,
    lang: str,
    force: bool,
) -> str:
    """Write the file and say what was written. `read` reads `asked` as the API reads a request's parameters.

    Raises OutputError, UnknownName, and what the reading of the parameters raises.
    """
    ending = output.suffix.lstrip(".").lower()
    chosen_kind = kind or ENDINGS.get(ending, ending)
    check_kind(chosen_kind)
    may_replace(output, force)
    if not output.absolute().parent.is_dir():
        raise OutputError(f"The folder {output.absolute().parent} does not exist.", "Make it, or name another file.")
    part = output.with_name(f".{output.name}.part")
    with open_store(settings).connect() as connection:
        catalog = load_catalog(connection, asked.get("city"))
        chosen = read({name: text for name, text in asked.items() if text}, catalog)
        total = count_issues(connection, chosen)
        try:
            with bar(output.name, total) as shown:
                url = database_url(settings)
                export_issues(connection, url, catalog, chosen, chosen_kind, part, lang, total, shown.update)
            part.replace(output)
        except OSError as error:
            raise OutputError(f"{output} cannot be written: {error.strerror or error}.", "Make room.") from error
        finally:
            part.unlink(missing_ok=True)
    return f"{output}: {total:,} issues, {output.stat().st_size / 1e6:.2f} MB"
