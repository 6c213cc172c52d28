"""The Flask map server."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import Engine

from weathermap.settings import Settings, read_settings
from weathermap.store.db import connect_engine, database_url, open_store, reading_url
from web.api.evidence import evidence_api
from web.api.figures import figures_api
from web.api.health import health_api
from web.api.issues import issues_api
from web.api.loads import loads_api
from web.api.openapi import openapi_api
from web.api.orders import orders_api
from web.api.playback import playback_api
from web.api.points import points_api
from web.api.public import public_api
from web.api.receipts import receipts_api
from web.api.report import report_api
from web.api.street import street_api
from web.api.weather import weather_api
from web.auth import guard
from web.basemap import open_basemap
from web.context import Context
from web.desk.photos import photo_files
from web.hub import Hub
from web.limit import Limit
from web.pages.account import account_pages
from web.pages.admin import admin_pages
from web.pages.admin_calendar import calendar_pages
from web.pages.admin_channels import channel_pages
from web.pages.admin_log import log_pages
from web.pages.admin_people import people_pages
from web.pages.advice import advice_pages
from web.pages.brief import brief_page
from web.pages.bulletin_schedules import bulletin_schedules
from web.pages.bulletins import bulletin_pages
from web.pages.case_file import case_pages
from web.pages.check import check_pages
from web.pages.desk import desk_pages
from web.pages.importing import import_pages
from web.pages.inbox import inbox_pages, unread_now
from web.pages.jobs import jobs_pages
from web.pages.loads import loads_page
from web.pages.moves import move_pages
from web.pages.points import points_page
from web.pages.proposals import proposal_pages
from web.pages.public import public_page
from web.pages.report import report_pages
from web.pages.report_list import report_lists
from web.pages.reporter import reporter_pages
from web.pages.reports import reports_page
from web.pages.rounds import rounds_pages
from web.pages.single_sign_on import sign_on_pages
from web.pages.snap import snap_pages
from web.pages.snaps import snaps_page
from web.pages.street import street_pages
from web.pages.task import task_pages
from web.pages.ticket import ticket_pages
from web.pages.unit_orders import order_pages
from web.pages.unsorted import unsorted_pages
from web.pages.visits import visits_pages
from web.pages.wall import wall
from web.problems import register_problems
from web.request_log import log_requests
from web.single_sign_on import SingleSignOn
from web.snap.limits import Limits
from web.stream import stream_api
from web.tiles.areas import AreaTiles, area_tiles
from web.tiles.basemap import basemap_tiles
from web.tiles.issues import IssueTiles
from web.tiles.routes import issue_tiles

# Whole offices share an address, and people mistype: far more than they do, far fewer than a list of passwords is long.
WRONG_PASSWORDS, WRONG_WITHIN_S = 40, 900.0


def create_app(settings: Settings | None = None, engine: Engine | None = None, url: str | None = None) -> Flask:
    """The app on the store of `settings`; a test hands over its own `engine` and the store's `url`."""
    found = settings or read_settings()
    app = Flask("web", static_folder="static", template_folder="templates")
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    # not opened before someone signs in: walls go on without it
    primary = connect_engine(database_url(found), pool=5) if engine is None and found.read_url else None
    held = Context(engine or open_store(found, reading=True), primary)

    def connect() -> Engine:
        return connect_engine(url or reading_url(found), pool=1)

    app.extensions["weathermap"] = held
    app.extensions["weathermap_provider"] = SingleSignOn(found.provider) if found.provider else None
    app.extensions["weathermap_basemap"] = open_basemap(found)
    app.extensions["weathermap_hub"] = Hub(held, connect)
    app.extensions["weathermap_snap_limits"] = Limits()
    app.extensions["weathermap_wrong_passwords"] = Limit(WRONG_PASSWORDS, WRONG_WITHIN_S)  # by address
    app.extensions["weathermap_area_tiles"] = AreaTiles()
    app.extensions["weathermap_issue_tiles"] = IssueTiles(held)
    apis = (
        weather_api,
        figures_api,
        playback_api,
        issues_api,
        evidence_api,
        receipts_api,
        loads_api,
        points_api,
        orders_api,
        street_api,
        report_api,
        public_api,
        stream_api,
        area_tiles,
        issue_tiles,
        basemap_tiles,
        health_api,
        openapi_api,
    )
    for blueprint in (
        *apis,
        wall,
        points_page,
        street_pages,
        advice_pages,
        unsorted_pages,
        visits_pages,
        rounds_pages,
        brief_page,
        public_page,
        account_pages,
        sign_on_pages,
        admin_pages,
        calendar_pages,
        channel_pages,
        people_pages,
        log_pages,
        desk_pages,
        report_pages,
        reporter_pages,
        move_pages,
        check_pages,
        photo_files,
        inbox_pages,
        proposal_pages,
        order_pages,
        loads_page,
        task_pages,
        reports_page,
        report_lists,
        jobs_pages,
        snap_pages,
        ticket_pages,
        snaps_page,
        case_pages,
        bulletin_pages,
        bulletin_schedules,
        import_pages,
    ):
        app.register_blueprint(blueprint)
    app.jinja_env.globals["unread_now"] = unread_now
    register_problems(app)
    log_requests(app)
    guard(app, found)
    return app
