"""GET /api/v1/report/grid: the grid report as a file, the same that `weathermap report grid` writes."""

from __future__ import annotations

import tempfile
import threading

from flask import Blueprint, Response, request, send_file

from etl.export.grid_report import LANGUAGES, make_report
from etl.export.output import format_of
from etl.export.shapes import Shapes, load_shapes
from etl.export.tick import silent
from web.api.weather import asked_of
from web.context import context
from web.problems import BadQuery

report_api = Blueprint("report_api", __name__, url_prefix="/api/v1/report")
_one = threading.Lock()  # one report is made at a time: the walls that this process serves go first


@report_api.get("/grid")
def grid() -> Response:
    """Counts, rates and weather of each area of a level as csv, xlsx, geojson or html."""
    args = request.args.to_dict()
    lang = args.get("lang") or "zh"
    if lang not in LANGUAGES:
        raise BadQuery(f"lang={lang!r} is not known.", f"Use one of {', '.join(LANGUAGES)}.")
    chosen = format_of(args.get("format"))
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the answer closes it)
    with _one:
        with context().connect() as connection:
            catalog = context().catalog(connection, args.get("city") or None)
            report = make_report(connection, catalog, asked_of(args, catalog), lang)
            shapes = Shapes.none()
            if chosen.drawn:
                codes = [row["code"] for row in report.rows]
                shapes = load_shapes(connection, catalog, *report.geometry, codes)
        chosen.write(report, shapes, file, silent)
    size = file.tell()
    file.seek(0)
    name = f"{report.file_stem}.{chosen.name}"
    answer = send_file(file, chosen.mimetype, as_attachment=True, download_name=name, max_age=None)
    answer.headers["Content-Length"] = str(size)
    answer.headers["Cache-Control"] = "no-store"
    return answer
