"""The demo in a store: fill an empty city with the demo year, top it up, or go on live. The only module that stores."""

from __future__ import annotations

import time
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
from sqlalchemy import Connection, Engine, and_, func, or_, select, text, true

from etl.demo.figures import ARTICLE, Figures
from etl.demo.pace import Live
from etl.demo.recalling import recall
from etl.demo.rounds import draw_rounds
from etl.demo.topup import REOPEN_DAYS, Stored, top_up
from etl.demo.year import demo_year
from weathermap import progress
from weathermap.city.chain import ancestors
from weathermap.errors import IllegalMove, SettingError, StoreError
from weathermap.issue.batch import NONE, Batch
from weathermap.issue.intake import take_in
from weathermap.issue.workflow import ASKED
from weathermap.people.demo import make_demo_accounts
from weathermap.settings import Settings
from weathermap.store import tables as t
from weathermap.store.cities import load_directory
from weathermap.store.db import open_store
from weathermap.store.registry import City, open_city
from weathermap.visit.past_rounds import keep_held, loose_visits

DEMO_LOCK = 0xDE30
STEP_S = 2.0  # of a live demo
MARK_S = 60.0  # how often it says how far it has come
OPEN = ("reported", "handling", "to_check", "suspended")


def run_demo(
    settings: Settings, directory: Path, seed: int, end: str | None, live: bool, pace: float, figures: Figures = ARTICLE
) -> None:
    """Load the city where needed, fill it with the demo year or top it up to `end` (default: this hour); `live`: go on.

    Raises SettingError for an unreadable end, a pace that is not positive or another seed than the stored demo's;
    StoreError when the city holds a ledger of its own.
    """
    if not 0 < pace <= 100_000:
        raise SettingError(f"A pace of {pace:g} is not possible.", "Choose one above 0, up to 100000; 1 is real life.")
    engine = open_store(settings)
    city = _city(engine, directory)
    until = _end(end, city.pack.config.timezone)
    _bring_to(engine, city, seed, until, figures)
    if live:
        _go_live(engine, city, seed, pace, figures)
    engine.dispose()


def _city(engine: Engine, directory: Path) -> City:
    """The pack's city, loaded; an unchanged pack changes nothing."""
    code = _code(directory)
    with engine.connect() as connection:
        known = connection.execute(select(t.city.c.code).where(t.city.c.code == code)).first()
    if not known:
        click.echo(load_directory(engine, directory, {}), err=True)
    return _opened(engine, code)


def _opened(engine: Engine, code: str) -> City:
    with engine.connect() as connection:
        return open_city(connection, code)


def _code(directory: Path) -> str:
    """The code in a pack's city.toml; '' when it cannot be read, which loading it will explain."""
    try:
        return str(tomllib.loads((directory / "city.toml").read_text(encoding="utf-8"))["city"]["code"])
    except (OSError, ValueError, KeyError):
        return ""


def _end(text_: str | None, timezone: str) -> float:
    """The end as an instant: city time; a bare date is 08:00 of that day; None is this hour."""
    zone = ZoneInfo(timezone)
    if text_ is None:
        return datetime.now(UTC).timestamp() // 3600 * 3600
    try:
        found = datetime.fromisoformat(text_)
    except ValueError as error:
        raise SettingError(f"--end {text_!r} is no date or time.", "Write it like 2026-11-23T08:00.") from error
    if len(text_) <= len("2026-11-23"):
        found = found.replace(hour=8)
    return (found if found.tzinfo else found.replace(tzinfo=zone)).timestamp() // 1


def _bring_to(engine: Engine, city: City, seed: int, until: float, figures: Figures) -> None:
    """One transaction: the whole year into an empty city, or what the stored demo lacks."""
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": DEMO_LOCK})
        known = _known(connection, city, seed)
        if known is None:
            with progress.step(f"drawing the demo year of {city.pack.config.name}"):
                year = demo_year(city.book, seed, until, figures)
            _take(connection, city, year.batch)
            _mark(connection, city, seed, year.first, until)
            _hold_rounds(connection, city, seed)
            make_demo_accounts(connection, city.city_id)
            connection.execute(text("SELECT renew_statistics()"))  # of so many new rows, before anyone asks
            return
        make_demo_accounts(connection, city.city_id)  # a store from before there was a sign-in
        _hold_rounds(connection, city, seed)
        after = datetime.fromisoformat(known["to"]).timestamp()
        if until <= after:
            click.echo(f"  ✓ the demo of {city.pack.config.name} reaches {known['to']} already", err=True)
            return
        origin = datetime.fromisoformat(known["from"]).timestamp()
        stored = _stored(connection, city, after - REOPEN_DAYS * 86_400)
        _take(connection, city, top_up(city.book, seed, stored, _there(city, origin).date(), after, until, figures))
        _hold_rounds(connection, city, seed)
        _mark(connection, city, seed, origin, until)


def _known(connection: Connection, city: City, seed: int) -> dict[str, Any] | None:
    """The stored demo's {seed, from, to}, None for a city without issues. Raises StoreError, SettingError."""
    demo = _demo(connection, city)
    if demo is not None:
        if demo["seed"] != seed:
            what = f"The demo of {city.pack.config.name} was drawn with seed {demo['seed']}, not {seed}."
            raise SettingError(what, f"Go on with --seed {demo['seed']}, or use an empty store.")
        return demo
    held = select(t.issue_key.c.issue_id).where(t.issue_key.c.city_id == city.city_id).limit(1)
    if connection.execute(held).first():
        what = f"{city.pack.config.name} holds issues that are not a demo's; nothing was changed."
        raise StoreError(what, "Use a store of its own for the demo: set WEATHERMAP_DATA to another folder.")
    return None


def _demo(connection: Connection, city: City) -> dict[str, Any] | None:
    """What the city says of its demo."""
    asked = select(t.city.c.demo).where(t.city.c.city_id == city.city_id)
    found: dict[str, Any] | None = connection.execute(asked).scalar_one()
    return found


def _take(connection: Connection, city: City, batch: Batch) -> None:
    """Through the real intake, with a word on what it took."""
    with progress.step(f"taking in {len(batch.reports):,} reports and {len(batch.moves):,} moves"):
        take_in(connection, city, batch, NONE)  # a demo is known at its own times, however late it is drawn


def _hold_rounds(connection: Connection, city: City, seed: int) -> None:
    for held in draw_rounds(city.pack, seed, loose_visits(connection, city)):
        keep_held(connection, city, held)


def _mark(connection: Connection, city: City, seed: int, first: float, until: float) -> None:
    """Say on the city that its ledger is a demo's, and how far it reaches."""
    demo = {"seed": seed, "from": _there(city, first).isoformat(), "to": _there(city, until).isoformat()}
    connection.execute(t.city.update().where(t.city.c.city_id == city.city_id).values(demo=demo))


def _there(city: City, at: float) -> datetime:
    return datetime.fromtimestamp(at, ZoneInfo(city.pack.config.timezone))


def _stored(connection: Connection, city: City, since: float) -> Stored:
    """The demo's own issues that may still move: open, or rectified after `since` at the first try."""
    i, k, s, c, u, e = t.issue.c, t.issue_key.c, t.source.c, t.category.c, t.unit.c, t.issue_event.c
    own = (e.issue_id == i.issue_id, e.move.not_in(ASKED))  # what was asked for is no step of an issue's own life
    lived = select(func.count().label("seq"), func.max(e.at).label("last")).where(*own).lateral()
    back = datetime.fromtimestamp(since, UTC)
    rows = connection.execute(
        select(
            k.source_key,
            s.code,
            s.kind,
            c.code,
            u.code,
            i.area_id,
            i.state,
            lived.c.seq,
            lived.c.last,
            i.notified_at,
            i.deadline,
            i.suspended_at,
            i.extended,
            i.receipt["unit"].astext,
        )
        .join(t.issue_key, k.issue_id == i.issue_id)
        .join(t.source, s.source_id == i.source_id)
        .join(t.category, c.category_id == i.category_id)
        .join(t.unit, u.unit_id == i.unit_id, isouter=True)
        .join(lived, true())
        .where(
            i.city_id == city.city_id,
            or_(i.state.in_(OPEN), and_(i.state == "rectified", i.seq >= 4, i.rectified_at > back)),
        )
        .order_by(i.issue_id)
    ).all()
    levels = city.pack.config.levels
    above = ancestors(city.pack)[:, min(1, len(levels) - 1)].tolist()
    towns = dict(zip(city.area_ids[levels[-1]].tolist(), above, strict=True))
    return recall([tuple(row) for row in rows], city.book, towns)


def _go_live(engine: Engine, city: City, seed: int, pace: float, figures: Figures) -> None:
    """Until Ctrl-C: a step every STEP_S, each committed by itself."""
    with engine.connect() as connection:
        known = _demo(connection, city) or {}
    origin = datetime.fromisoformat(known["from"]).timestamp()
    after = marked = max(datetime.fromisoformat(known["to"]).timestamp(), time.time() // 1)
    living = Live(city.book, seed, _there(city, origin).date(), after, pace, figures)
    click.echo(f"  The demo goes on at {pace:g} times its pace; Ctrl-C stops it.", err=True)
    try:
        while True:
            time.sleep(STEP_S)
            now = time.time() // 1
            went = now > after and _step(engine, city, living, after, now)
            after = now if went else after
            if after - marked >= MARK_S:
                marked = _mark_alone(engine, city, seed, origin, after)
            if not went:
                city = _opened(engine, city.code)  # perhaps another pack was loaded
            if not went or living.over(after):
                living = Live(city.book, seed, _there(city, origin).date(), after, pace, figures)
    except KeyboardInterrupt:
        _mark_alone(engine, city, seed, origin, after)
        click.echo("  The demo stands still.", err=True)


def _step(engine: Engine, city: City, living: Live, after: float, now: float) -> bool:
    """One step in a transaction of its own; False where somebody else moved an issue meanwhile: the next one tries."""
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": DEMO_LOCK})
            stored = _stored(connection, city, now - timedelta(days=living.reopen_days).total_seconds())
            take_in(connection, city, living.step(stored, after, now), NONE)
    except (StoreError, IllegalMove) as error:
        click.echo(f"  This step is left out: {error}", err=True)
        return False
    return True


def _mark_alone(engine: Engine, city: City, seed: int, first: float, until: float) -> float:
    """Seldom: every mark makes the map servers look at the city anew. What is lost by a kill is only the mark."""
    with engine.begin() as connection:
        _mark(connection, city, seed, first, until)
    return until
