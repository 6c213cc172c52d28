"""/jobs: what is made in the background: how far it is, its file, what is made again and again."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any
from urllib.parse import parse_qsl

from flask import Blueprint, Response, current_app, redirect, request, send_file

from etl.export.issues.exporting import check_kind
from etl.export.output import format_of
from weathermap.errors import Refused, UnknownName
from weathermap.people.access_log import note
from weathermap.people.accounts import Account
from weathermap.settings import Settings
from weathermap.store.catalog import Catalog
from weathermap.work.jobs import Job, ask, cancel, find_job, list_jobs
from weathermap.work.schedules import add_schedule, list_schedules, remove_schedule
from web.api.issues import filter_of
from web.api.report import question_of
from web.auth import signed_in
from web.bounds import check_list
from web.context import context
from web.desk.report_words import FORMATS, JOB_STATES, report_words, rhythm_in
from web.desk.time import Clock
from web.pages.account import language, page
from web.pages.desk import bar_of, catalog_of
from web.problems import BadQuery

jobs_pages = Blueprint("jobs_pages", __name__)
KINDS = ("grid_report", "issues")
SEE_ALL = frozenset({"commander", "supervisor"})


@jobs_pages.get("/jobs")
def jobs() -> Response:
    """The jobs of whoever is signed in; leaders see everybody's."""
    return _page("jobs")


@jobs_pages.get("/jobs/rows")
def rows() -> Response:
    """The table alone: the page asks for it again while something is under way."""
    return _page("jobs_rows")


def _page(template: str) -> Response:
    account, lang = signed_in().account, language()
    now = datetime.now(UTC)
    with context().connect_primary() as connection:
        catalog = catalog_of(connection, account)
        whose = None if SEE_ALL & set(account.roles) and not account.area else account.account_id
        found = list_jobs(connection, catalog.city_id, whose)
        return page(
            template,
            **bar_of(account, catalog),
            v=report_words(lang),
            jobs=found,
            busy=any(job.state in ("waiting", "running") for job in found),
            states={name: words[lang == "en"] for name, words in JOB_STATES.items()},
            schedules=list_schedules(connection, catalog.city_id, whose),
            rhythm_in=rhythm_in,
            mine=account.account_id,
            clock=Clock(catalog.timezone, lang, now),
            done=request.args.get("done", ""),
        )


def _asked(catalog: Catalog) -> tuple[str, str, dict[str, Any]]:
    """(kind, title, parameters) of a form; checked, so that what cannot be made is said at once. Raises BadQuery."""
    kind, lang = request.form.get("kind", ""), language()
    if kind not in KINDS:
        raise BadQuery(f"kind={kind!r} is not known.", f"Use one of {', '.join(KINDS)}.")
    asked = dict(parse_qsl(request.form.get("query", "")))
    asked |= {"lang": lang, "format": request.form.get("format", "xlsx")}
    if (window := request.form.get("window")) is not None:  # a schedule's, in place of dates
        asked = {name: value for name, value in asked.items() if name not in ("at", "from", "to", "window")}
        asked |= {"window": window} if window else {}
    if kind == "grid_report":
        format_of(asked["format"])
        question_of(asked, catalog)
    else:
        check_kind(asked["format"])
        if asked.pop("parent", None):
            asked["area"] = f"{catalog.levels[1]}:{dict(parse_qsl(request.form['query']))['parent']}"
        asked = {key: value for key, value in asked.items() if key not in ("level", "by", "compare")}
        own = signed_in().account.area  # who is bound to an area gets what lies in it
        asked |= {"area": own} if own and not asked.get("area") else {}
        check_list(catalog, catalog.by_id.get(filter_of(asked, catalog).area_id or 0))
    title = report_words(lang).reports if kind == "grid_report" else report_words(lang).issues
    window = report_words(lang).windows.get(asked.get("window", ""), "")
    return kind, " · ".join(filter(None, (title, window, FORMATS[asked["format"]][lang == "en"]))), asked


@jobs_pages.post("/jobs")
def ask_job() -> Response:
    """Put a job into the queue."""
    account = signed_in().account
    with context().begin() as connection:
        catalog = catalog_of(connection, account)
        kind, title, asked = _asked(catalog)
        number = ask(connection, catalog.city_id, account.account_id, kind, title, asked)
        note(connection, account, "export asked", f"job {number} {kind}", request.remote_addr or "")
    return _to("asked")


@jobs_pages.post("/jobs/<int:number>/cancel")
def cancel_job(number: int) -> Response:
    """Ask that it stops."""
    account = signed_in().account
    with context().begin() as connection:
        _own(find_job(connection, number), account)
        cancel(connection, number)
    if (token := request.form.get("back", "")).isalnum():  # from the page of an import
        english = "&lang=en" if language() == "en" else ""
        return redirect(f"/import/{token}?job={number}{english}", 303)  # type: ignore[return-value]
    return _to("")


@jobs_pages.get("/jobs/<int:number>/file")
def job_file(number: int) -> Response:
    """What a job made."""
    account = signed_in().account
    settings: Settings = current_app.extensions["weathermap_settings"]
    with context().begin() as connection:
        job = find_job(connection, number)
        _own(job, account)
        path = settings.export_folder / job.file
        if not job.file or not path.is_file():
            raise UnknownName(f"The file of job {number} is not kept any more.", "Have it made again.")
        note(connection, account, "export fetched", f"job {number} {job.name}", request.remote_addr or "")
    answer = send_file(path, job.mimetype, as_attachment=True, download_name=job.name, max_age=None)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@jobs_pages.post("/schedules")
def add() -> Response:
    """Have a report made again and again, over the days before its instant."""
    account = signed_in().account
    with context().begin() as connection:
        catalog = catalog_of(connection, account)
        kind, title, asked = _asked(catalog)
        for name in ("at", "to", "from"):  # its instant is the schedule's, its window as seen from there
            asked.pop(name, None)
        try:
            clock = time.fromisoformat(request.form.get("clock", "08:00"))
        except ValueError as error:
            raise BadQuery("The time of day cannot be read.", "Write it as 08:00.") from error
        rhythm = request.form.get("rhythm", "mon")
        add_schedule(connection, catalog.city_id, account.account_id, kind, title, asked, rhythm, clock)
        note(connection, account, "schedule kept", f"{kind} {rhythm} {clock:%H:%M}", request.remote_addr or "")
    return _to("saved")


@jobs_pages.post("/schedules/<int:number>/delete")
def remove(number: int) -> Response:
    """Take a schedule of one's own away."""
    account = signed_in().account
    with context().begin() as connection:
        remove_schedule(connection, number, account.account_id)
    return _to("")


def _own(job: Job, account: Account) -> None:
    """Raises Refused for a job of somebody else, who is no leader's business."""
    leads = job.city_id == account.city_id and SEE_ALL & set(account.roles) and not account.area
    if job.account_id != account.account_id and not leads:
        raise Refused("This job is somebody else's.", "Ask who started it.")


def _to(done: str) -> Response:
    query = "&".join(part for part in (f"done={done}" if done else "", "lang=en" if language() == "en" else "") if part)
    return redirect(f"/jobs?{query}" if query else "/jobs", 303)  # type: ignore[return-value]
