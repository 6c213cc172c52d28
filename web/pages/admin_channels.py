"""/admin/channels: where a city's notices go outside and what came of it; a trial message; what was given up, again."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, redirect, request
from sqlalchemy import select

from etl.notify.sending import send
from weathermap.errors import NotDelivered, UnknownName
from weathermap.notice.channels import switch_channel
from weathermap.notice.deliveries import delivered, failures, retry, standings
from weathermap.notice.kinds import KINDS
from weathermap.notice.outbox import secret_name
from weathermap.notice.trial import send_trial
from weathermap.people.access_log import note
from weathermap.settings import Settings
from weathermap.store import tables as t
from web.auth import signed_in
from web.context import context
from web.desk.admin_bar import admin_bar, city_asked, link, plain_clock
from web.desk.admin_words import admin_words
from web.pages.account import language, page

channel_pages = Blueprint("channel_pages", __name__, url_prefix="/admin/channels")
HERE = "/admin/channels"
SHOWN = 50
ACTS = ("test", "retry", "on", "off")


@channel_pages.get("")
def show() -> Response:
    """Each channel, what was delivered last and what failed."""
    return _page("", "", 200)


@channel_pages.post("")
def act() -> Response:
    """Send a trial message by a channel, send again what was given up, or switch a channel on or off."""
    account, v = signed_in().account, admin_words(language())
    settings: Settings = current_app.extensions["weathermap_settings"]
    code, do = request.form.get("channel", ""), request.form.get("do", "")
    if do not in ACTS:
        raise UnknownName(f"There is nothing called {do!r} to do.", f"Use one of {', '.join(ACTS)}.")
    with context().begin() as connection:
        catalog = city_asked(connection)
        assert catalog is not None
        note(connection, account, f"channel {do}", code, request.remote_addr or "")
        told = ""
        if do == "retry":
            told = v.channel_again(retry(connection, code or None, catalog.city_id))
        elif do in ("on", "off"):
            switch_channel(connection, catalog.city_id, code, do == "on")
            told = v.channel_switched(code, do == "on")
    if do != "test":
        return redirect(link(HERE, told=told), 303)  # type: ignore[return-value]
    try:
        with context().connect_primary() as connection:
            send_trial(connection, settings, code, catalog.code, send)
    except NotDelivered as error:
        return _page(v.channel_failed(code, error.what), "bad", 502)
    return redirect(link(HERE, told=v.channel_works(code)), 303)  # type: ignore[return-value]


def _page(told: str, kind: str, status: int) -> Response:
    settings: Settings = current_app.extensions["weathermap_settings"]
    at = language() == "en"
    with context().connect_primary() as connection:
        catalog = city_asked(connection)
        assert catalog is not None
        rows = standings(connection, catalog.city_id)
        failed = failures(connection, SHOWN, catalog.city_id)
        sent = delivered(connection, SHOWN, catalog.city_id)
        u = t.unit.c
        units = {row[0]: row[2 if at else 1] or row[1] for row in connection.execute(
            select(u.unit_id, u.name, u.name_en).where(u.city_id == catalog.city_id)
        )}  # fmt: skip
    return page(
        "admin_channels",
        status,
        **admin_bar(signed_in().account, catalog, HERE),
        rows=[(row, _host(row.url), _secrets(settings, row.code)) for row in rows],
        units=units,
        failed=failed,
        delivered=sent,
        kinds={code: (kind.en if at else kind.zh) for code, kind in KINDS.items()},
        clock=plain_clock(catalog),
        told=told or request.args.get("told", "")[:300],
        bad=kind == "bad",
    )


def _host(url: str) -> str:
    """Where it goes, without what may be secret of it: the path of a robot's address is one."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname}{port}"


def _secrets(settings: Settings, code: str) -> list[tuple[str, bool]]:
    """The names of the variables that hold what is secret of a channel, and whether this server has them."""
    names: list[Any] = [f"{secret_name(code)}_{what}" for what in ("TOKEN", "SECRET")]
    return [(name, bool(settings.channel_secrets.get(name))) for name in names]
