"""/reports: the grid report on the screen as map, chart and table; its files; saved views. All of it in the address."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, Response, redirect, request
from markupsafe import Markup
from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.postgresql import insert

from etl.export.chart import chart
from etl.export.columns import state_column
from etl.export.grid_report import Report, make_report
from etl.export.numbers import shown
from etl.export.picture import picture
from etl.export.shapes import load_shapes
from weathermap.errors import WeathermapError
from weathermap.people.accounts import Account
from weathermap.store import tables as t
from weathermap.store.catalog import Catalog
from weathermap.store.job_tables import report_view
from weathermap.weather.filtered import CHOSEN
from weathermap.weather.words import WEATHER
from web.api.query import iso
from web.api.report import NARROWING, question_of
from web.auth import signed_in
from web.context import context
from web.desk.asking import options_of
from web.desk.report_words import FORMATS, WEEKDAYS, report_words
from web.desk.time import Clock
from web.pages.account import language, page
from web.pages.desk import bar_of, catalog_of
from web.pages.report_list import Lists

reports_page = Blueprint("reports_page", __name__, url_prefix="/reports")
ASKED = ("level", "parent", "by", "window", "from", "to", *NARROWING, "compare")
MOST = 500  # rows on the screen; files hold all
LONGEST = 60  # characters of a view's name


@reports_page.get("")
def reports() -> Response:
    """The report that the address asks for."""
    account = signed_in().account
    lang = language()
    asked = {name: request.args[name] for name in ASKED if request.args.get(name)}
    with context().connect() as connection:
        catalog = catalog_of(connection, account)
        at = datetime.now(UTC).replace(microsecond=0)
        if asked.get("window"):  # chosen last: the form sends dates that stand in it, too
            asked = {name: text for name, text in asked.items() if name not in ("from", "to")}
        stamped = asked if asked.get("to") else asked | {"at": iso(at) or ""}
        report, drawn, lists, problem = _made(connection, catalog, stamped, lang)
        return page(
            "reports",
            status=400 if problem else 200,
            **bar_of(account, catalog),
            v=report_words(lang),
            asked=asked,
            report=report,
            drawn=drawn,
            lists=lists,
            bars=Markup(chart(report)) if report else "",
            problem=problem,
            shown=shown,
            most=MOST,
            choices=choices_of(connection, catalog, account),
            files={name: _link(catalog, stamped, name) for name in FORMATS},
            weekdays={name: words[lang == "en"] for name, words in WEEKDAYS.items()},
            sky={name: words[lang] for name, words in WEATHER.items()},
            views=_views(connection, account.account_id),
            here=address,
            query=urlencode(stamped),
            clock=Clock(catalog.timezone, lang, at),
            done=request.args.get("done", ""),
        )


def _made(
    connection: Connection, catalog: Catalog, asked: dict[str, str], lang: str
) -> tuple[Report | None, Markup, Lists | None, WeathermapError | None]:
    """The report, its map, the lists behind its numbers; or what is wrong with the question."""
    try:
        question = question_of(asked, catalog)
        report = make_report(connection, catalog, question, lang)
    except WeathermapError as error:
        return None, Markup(""), None, error
    shapes = load_shapes(connection, catalog, *report.geometry, [row["code"] for row in report.rows])
    return report, Markup(picture(report, shapes)), Lists(catalog, question, report), None


def choices_of(connection: Connection, catalog: Catalog, account: Account) -> dict[str, list[tuple[str, str]]]:
    """What the selects of the page offer: (value, words)."""
    en = language() == "en"
    names = catalog.config["level_names"]
    version = catalog.versions[-1][0]
    levels = [(name, names.get(name, (name, name))[en]) for name in (*catalog.levels[1:], *catalog.overlays)]
    s = t.special.c
    works = connection.execute(
        select(s.code, s.name, s.name_en).where(s.city_id == catalog.city_id, ~s.retired).order_by(s.code)
    )
    towns = catalog.areas[version, catalog.levels[1]] if len(catalog.levels) > 2 else ()
    offered = options_of(catalog, context().choices(connection, catalog), account)
    return {
        "level": [*levels, ("unit", report_words(language()).unit_level)],
        "parent": [(place.code, (place.name_en if en else "") or place.name) for place in towns],
        "special": [(row.code, (row.name_en if en else "") or row.name) for row in works],
        "state": [(state, state_column(state).head(language())) for state in CHOSEN],
        **{name: offered[name] for name in ("category", "source", "unit")},
    }


def _link(catalog: Catalog, asked: dict[str, str], kind: str) -> str:
    query = {"city": catalog.code, **asked, "lang": language(), "format": kind}
    return f"/api/v1/report/grid?{urlencode(query)}"


def address(changes: dict[str, str] | None = None, base: str = "/reports") -> str:
    """This page's address with other parameters."""
    kept = {name: request.args[name] for name in (*ASKED, "lang") if request.args.get(name)}
    parts = {name: value for name, value in {**kept, **(changes or {})}.items() if value}
    return f"{base}?{urlencode(parts)}" if parts else base


def _views(connection: Connection, account_id: int) -> list[Any]:
    v = report_view.c
    return list(connection.execute(select(report_view).where(v.account_id == account_id).order_by(v.name)))


@reports_page.post("/views")
def save_view() -> Response:
    """Keep the address under a name; a name that is taken is given to the new one."""
    account = signed_in().account
    name = request.form.get("name", "").strip()[:LONGEST]
    asked = dict(parse_qsl(request.form.get("query", "")))
    query = urlencode({key: value for key, value in asked.items() if key in ASKED})
    if name:
        row = {"account_id": account.account_id, "name": name, "query": query, "saved_at": datetime.now(UTC)}
        statement = insert(report_view).values(row)
        again = {key: row[key] for key in ("query", "saved_at")}
        with context().begin() as connection:
            connection.execute(statement.on_conflict_do_update(index_elements=["account_id", "name"], set_=again))
    return _to(query, "saved" if name else "")


@reports_page.post("/views/<int:number>/delete")
def delete_view(number: int) -> Response:
    """Forget a view of one's own."""
    account = signed_in().account
    v = report_view.c
    with context().begin() as connection:
        connection.execute(delete(report_view).where(v.view_id == number, v.account_id == account.account_id))
    return _to(request.form.get("query", ""), "")


def _to(query: str, done: str) -> Response:
    asked = dict(parse_qsl(query))
    kept = {key: value for key, value in asked.items() if key in ASKED} | ({"done": done} if done else {})
    kept |= {"lang": "en"} if language() == "en" else {}
    return redirect(f"/reports?{urlencode(kept)}", 303)  # type: ignore[return-value]
