"""One list of issues into one file: what `weathermap report issues` and the job of the same name do."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from etl.export.issues.csv_copy import ENCODINGS, write_csv
from etl.export.issues.files import FORMATS, Written
from etl.export.issues.stream import open_stream, statement_of
from etl.export.tick import Tick
from weathermap.errors import UnknownName
from weathermap.issue.listing import Filter
from weathermap.store.catalog import Catalog

KINDS = ("xlsx", *ENCODINGS, *(name for name in FORMATS if name != "xlsx"))


def ending_of(kind: str) -> str:
    """Of the file's name. Raises UnknownName."""
    check_kind(kind)
    return "csv" if kind in ENCODINGS else FORMATS[kind][0]


def mimetype_of(kind: str) -> str:
    """Of the file."""
    return f"text/csv; charset={ENCODINGS[kind][0]}" if kind in ENCODINGS else FORMATS[kind][1]


def check_kind(kind: str) -> None:
    """Raises UnknownName for a format that is none."""
    if kind not in KINDS:
        raise UnknownName(f"{kind!r} is no format of a list of issues.", f"Use one of {', '.join(KINDS)}.")


def export_issues(
    connection: Connection,
    url: str,
    catalog: Catalog,
    chosen: Filter,
    kind: str,
    path: Path,
    lang: str,
    total: int,
    tick: Tick,
) -> None:
    """Write the issues that a filter finds; `url`: where Arrow's driver reads the same store. Raises StoreError."""
    check_kind(kind)
    about = Written(total, lang, title_of(catalog, lang), stamp_of(catalog, chosen, lang))
    if kind in ENCODINGS:
        write_csv(connection, chosen, catalog.timezone, path, about, tick, kind)
        return
    with open_stream(url, statement_of(connection, chosen), catalog.timezone) as batches:
        FORMATS[kind][2](batches, path, about, tick)


def title_of(catalog: Catalog, lang: str) -> str:
    """What the file is called."""
    return f"{catalog.name}问题清单" if lang == "zh" else f"{catalog.name_en}: issues"


def stamp_of(catalog: Catalog, chosen: Filter, lang: str) -> list[tuple[str, str]]:
    """The instant, the filter and the state of the data."""
    zone, zh = ZoneInfo(catalog.timezone), lang == "zh"

    def local(at: datetime) -> str:
        return at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")

    told = {
        "state": chosen.state,
        "category": chosen.category,
        "special": chosen.special,
        "source": chosen.source,
        "point": chosen.point,
    }
    demo = ("数据状态", "演示数据，非实际情况") if zh else ("Data", "demo data, not real events")
    some = "; ".join(f"{name}={value}" for name, value in told.items() if value)
    return [
        ("数据时刻" if zh else "As of", f"{local(chosen.at)}（{catalog.timezone}）"),
        *([("筛选" if zh else "Filter", some)] if some else []),
        *([demo] if catalog.demo else []),
    ]
