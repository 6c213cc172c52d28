"""/loads: what was imported, that the sums reconcile, and the rows that were not stored; /reviews: near a border."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, request

from etl.loads import list_loads
from weathermap.issue.listing import Filter, list_issues
from weathermap.people.bounds import narrowed
from weathermap.weather.total import total_of
from web.api.receipts import candidates
from web.auth import signed_in
from web.context import context
from web.desk.asking import address
from web.desk.frame import bar_of, catalog_of
from web.desk.load_words import load_words, reason_in
from web.desk.time import Clock
from web.pages.account import language, page

loads_page = Blueprint("loads_page", __name__)
SHOWN, MOST = 100, 500


@loads_page.get("/loads")
def loads() -> Response:
    """Imports, the newest first."""
    account = signed_in().account
    with context().connect() as connection:
        catalog = catalog_of(connection, account)
        return page(
            "loads",
            **bar_of(account, catalog),
            v=load_words(language()),
            loads=list_loads(connection, catalog.city_id),
            clock=Clock(catalog.timezone, language(), datetime.now(UTC)),
            code=catalog.code,
            reason_in=reason_in,
            address=address,
        )


@loads_page.get("/reviews")
def reviews() -> Response:
    """Issues whose position's error could change the unit, with both candidates; they are settled on the desk."""
    account = signed_in().account
    with context().connect() as connection:
        catalog = catalog_of(connection, account)
        now, within = datetime.now(UTC).replace(microsecond=0), narrowed(catalog, account, None)
        chosen = Filter(catalog.city_id, "review", now, area_id=within)
        show = min(MOST, max(SHOWN, request.args.get("show", SHOWN, int)))
        rows = list_issues(connection, chosen, show, None)
        told = candidates(connection, [row.issue_id for row in rows])
        names = _names(catalog)
        return page(
            "reviews",
            **bar_of(account, catalog),
            v=load_words(language()),
            rows=[(row, told[row.issue_id]) for row in rows],
            total=total_of(connection, catalog, chosen),
            clock=Clock(catalog.timezone, language(), chosen.at),
            named=lambda kind, code: names.get((kind, code), code or "–"),
            address=address,
        )


def _names(catalog: Any) -> dict[tuple[str, str], str]:
    """(area | unit, code) → name in the page's language."""
    at = "name_en" if language() == "en" else "name"
    areas = catalog.areas[catalog.versions[-1][0], catalog.levels[-1]]
    named = {("area", place.code): getattr(place, at) or place.name or place.code for place in areas}
    return named | {("unit", unit.code): getattr(unit, at) or unit.name for unit in catalog.units}
