"""/reports/issues: the issues that a number of a report counts, at that report's instant, page by page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from etl.export.columns import state_column
from etl.export.grid_report import Report
from etl.export.question import Question
from weathermap.issue.listing import STATES as LISTED
from weathermap.issue.listing import list_issues
from weathermap.issue.workflow import STATES
from weathermap.store.catalog import Catalog
from weathermap.weather.total import total_of
from web.api.issues import after_key, filter_of
from web.api.query import iso
from web.auth import signed_in
from web.bounds import check_list
from web.context import context
from web.desk.report_words import report_words
from web.desk.time import Clock
from web.pages.account import language, page
from web.pages.desk import bar_of, catalog_of

report_lists = Blueprint("report_lists", __name__, url_prefix="/reports/issues")
PAGE = 50
KEPT = ("state", "area", "unit", "category", "special", "source", "at", "from", "window", "as")


class Lists:
    """The addresses of the lists behind a report's numbers."""

    def __init__(self, catalog: Catalog, question: Question, report: Report) -> None:
        asked, narrowed = question.asked, question.narrowed
        self._catalog, self._asked, self._report = catalog, asked, report
        named = {name: getattr(narrowed, name) for name in ("category", "special", "source", "unit")}
        self._base = {
            **{name: code for name, code in named.items() if code},
            "at": iso(asked.at) or "",
            **({"from": iso(asked.since) or ""} if asked.since else {}),
            **({"as": "known"} if asked.known else {}),
            **({"lang": "en"} if report.lang == "en" else {}),
        }

    def of(self, row: Mapping[str, Any], key: str) -> str:
        """Where the issues are listed that a cell counts; '' for what no list shows."""
        place = self._place(row)
        if key not in LISTED or place is None or not row.get(key):
            return ""
        return f"/reports/issues?{urlencode(self._base | place | {'state': key})}"

    def _place(self, row: Mapping[str, Any]) -> dict[str, str] | None:
        if row is self._report.rest:
            return None
        if row is self._report.totals:
            return self._whole()
        if self._asked.by == "place":
            return {"area": f"{self._asked.level}:{row['code']}"}
        unit = row["code"] if self._asked.level == "unit" else row.get("unit")
        return {"unit": unit} if unit and self._base.get("unit", unit) == unit else None

    def _whole(self) -> dict[str, str] | None:
        if not self._asked.parent:
            return {}
        coarser = self._catalog.levels[: self._catalog.levels.index(self._asked.level)]
        version = self._report.geometry[0]
        held = [level for level in coarser if (version, level, self._asked.parent) in self._catalog.by_code]
        return {"area": f"{held[-1]}:{self._asked.parent}"} if held else None


@report_lists.get("")
def listed() -> Response:
    """What the address asks for, as `GET /api/v1/issues` answers it."""
    account, lang = signed_in().account, language()
    args = {name: request.args[name] for name in KEPT if request.args.get(name)}
    with context().connect() as connection:
        catalog = catalog_of(connection, account)
        args |= {"area": account.area} if account.area and not args.get("area") else {}
        chosen = filter_of(args, catalog)
        check_list(catalog, catalog.by_id.get(chosen.area_id or 0))
        rows = [row._mapping for row in list_issues(connection, chosen, PAGE, after_key(request.args.get("after")))]
        total = total_of(connection, catalog, chosen)
    last = rows[-1] if len(rows) == PAGE else None
    frozen = args | {"at": iso(chosen.at) or ""} if "window" not in args else args
    return page(
        "report_list",
        **bar_of(account, catalog),
        v=report_words(lang),
        rows=rows,
        total=total,
        title=state_column(chosen.state).head(lang) if chosen.state else report_words(lang).all_issues,
        place=_named(catalog, args, lang),
        chosen=chosen,
        netted=bool(
            chosen.since and args.get("from") and not any(args.get(n) for n in ("category", "special", "source"))
        ),
        issue_states=STATES,
        more=_here(frozen | {"after": f"{last['key']}_{last['tie']}"}, lang) if last else "",
        first=_here(frozen, lang) if request.args.get("after") else "",
        other=_here(args, "zh" if lang == "en" else "en"),
        query=urlencode(frozen),
        clock=Clock(catalog.timezone, lang, chosen.at),
    )


def _here(args: Mapping[str, str], lang: str) -> str:
    return f"/reports/issues?{urlencode(dict(args) | ({'lang': 'en'} if lang == 'en' else {}))}"


def _named(catalog: Catalog, args: Mapping[str, str], lang: str) -> str:
    """The place or unit that the list is of."""
    version = catalog.versions[-1][0]
    places = [catalog.place(version, *args["area"].split(":", 1))] if args.get("area") else []
    places += [catalog.place(version, "unit", args["unit"])] if args.get("unit") else []
    return " · ".join((place.name_en if lang == "en" else "") or place.name for place in places)
