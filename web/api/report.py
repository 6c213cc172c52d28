"""GET /api/v1/report/grid: the grid report as a file, the same that `weathermap report grid` writes."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Mapping

from flask import Blueprint, Response, request, send_file

from etl.export.grid_report import LANGUAGES
from etl.export.output import format_of
from etl.export.preparing import prepare
from etl.export.question import Question
from etl.export.tick import silent
from weathermap.people.access_log import note
from weathermap.store.catalog import Catalog
from weathermap.weather.filtered import Narrowed
from web.api.query import windowed
from web.api.weather import asked_of
from web.auth import session
from web.context import context
from web.problems import BadQuery

report_api = Blueprint("report_api", __name__, url_prefix="/api/v1/report")
_one = threading.Lock()  # one report is made at a time: the walls that this process serves go first


NARROWING = ("category", "special", "source", "unit", "state")


def question_of(args: Mapping[str, str], catalog: Catalog) -> Question:
    """The question of a request's parameters."""
    args = windowed(args, catalog.timezone)
    narrowed = Narrowed(**{name: args.get(name) or None for name in NARROWING})
    return Question(asked_of(dict(args), catalog), narrowed, args.get("compare") in ("1", "true"))


@report_api.get("/grid")
def grid() -> Response:
    """Counts, rates and weather of each area of a level, as a file of one of many formats."""
    args = request.args.to_dict()
    lang = args.get("lang") or "zh"
    if lang not in LANGUAGES:
        raise BadQuery(f"lang={lang!r} is not known.", f"Use one of {', '.join(LANGUAGES)}.")
    chosen = format_of(args.get("format"))
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the answer closes it)
    with _one:
        with context().connect() as connection:
            catalog = context().catalog(connection, args.get("city") or None)
            report, shapes = prepare(connection, catalog, question_of(args, catalog), lang, chosen)
        chosen.write(report, shapes, file, silent)
    size = file.tell()
    file.seek(0)
    name = f"{report.file_stem}.{chosen.ending}"
    found = session()
    if found is not None:
        with context().begin() as connection:
            note(
                connection,
                found.account,
                "export",
                f"{name} {request.query_string.decode()}",
                request.remote_addr or "",
            )
    answer = send_file(file, chosen.mimetype, as_attachment=True, download_name=name, max_age=None)
    answer.headers["Content-Length"] = str(size)
    answer.headers["Cache-Control"] = "no-store"
    return answer
