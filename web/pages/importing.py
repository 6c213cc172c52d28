"""/import: upload a ledger, see how it was understood, mend that, try it, import it, fetch what was not stored."""

from __future__ import annotations

import secrets
import shutil
import time
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, redirect, request

from etl.guess.proposal import propose
from etl.jobs.imports import uploaded
from etl.read import open_ledger
from weathermap.errors import WeathermapError
from weathermap.people.access_log import note
from weathermap.settings import Settings
from weathermap.work.jobs import ask, find_job
from web.auth import signed_in
from web.context import context
from web.desk.import_words import import_words
from web.desk.ledger_problems import problem_in
from web.desk.outcome_words import line_in
from web.desk.report_words import JOB_STATES
from web.pages.account import language, page
from web.pages.desk import bar_of, catalog_of
from web.problems import BadQuery

import_pages = Blueprint("import_pages", __name__, url_prefix="/import")
ENDINGS = (".csv", ".tsv", ".txt", ".xlsx", ".xls", ".ods", ".gpkg", ".geojson", ".json", ".parquet", ".zip")
MOST_BYTES = 500_000_000
KEPT_S = 7 * 86_400
MAPPING = "mapping.toml"


@import_pages.get("")
def start() -> Response:
    """The form for a ledger."""
    return _page("import_start", problem=None)


@import_pages.post("")
def upload() -> Response:
    """Keep the ledger, guess its mapping, on to where that is looked at."""
    account, settings = signed_in().account, _settings()
    sent = request.files.get("ledger")
    name = Path((sent.filename if sent else "") or "").name
    if sent is None or Path(name).suffix.lower() not in ENDINGS or not name.isprintable():
        raise BadQuery(f"{name!r} is no ledger.", f"Choose a file ending in {', '.join(ENDINGS)}.")
    if (request.content_length or 0) > MOST_BYTES:
        raise BadQuery("The file is too large for an upload.", "Import it on the server: weathermap import.")
    _tidy(settings.upload_folder)
    token = secrets.token_hex(12)
    folder = settings.upload_folder / token
    folder.mkdir(parents=True)
    sent.save(folder / name)
    try:
        with context().connect_primary() as connection:
            catalog = catalog_of(connection, account)
            city = context().city(connection, catalog)
        mapping = "\n".join(propose(open_ledger(folder / name), city.pack))
    except WeathermapError as error:
        shutil.rmtree(folder, ignore_errors=True)
        return _page("import_start", problem=error)
    (folder / MAPPING).write_text(mapping + "\n", encoding="utf-8")
    with context().begin() as connection:
        note(connection, account, "ledger uploaded", name, request.remote_addr or "")
    return _to(f"/import/{token}")


@import_pages.get("/<token>")
def look(token: str) -> Response:
    """The mapping as guessed or mended, the ledger's first rows, what the last try said."""
    settings = _settings()
    ledger = uploaded(settings, token)
    mapping = (ledger.parent / MAPPING).read_text(encoding="utf-8")
    table = open_ledger(ledger)
    piece = next(table.pieces(), None)  # not the whole of it: it may be larger than memory
    first = {name: piece.table[name][:3].to_pylist() if piece else [] for name in table.names[:40]}
    unsure = sum("# UNSURE" in line or "# NOT FOUND" in line for line in mapping.splitlines())
    return _page("import_look", token=token, ledger=ledger, mapping=mapping, first=first, unsure=unsure, **_job())


@import_pages.get("/<token>/state")
def state(token: str) -> Response:
    """How far the job is: asked for again and again by the page while it runs."""
    return _page("import_state", token=token, **_job())


def _job() -> dict[str, Any]:
    number = request.args.get("job", 0, int)
    found = None
    if number:
        with context().connect_primary() as connection:
            found = find_job(connection, number)
        if found.account_id != signed_in().account.account_id or found.kind != "import":
            found = None
    states = {name: words[language() == "en"] for name, words in JOB_STATES.items()}
    return {"job": found, "states": states}


@import_pages.post("/<token>")
def go_on(token: str) -> Response:
    """Keep the mapping; try it, or import, as a job."""
    account, settings = signed_in().account, _settings()
    ledger = uploaded(settings, token)
    mapping = request.form.get("mapping", "").replace("\r\n", "\n")
    (ledger.parent / MAPPING).write_text(mapping, encoding="utf-8")
    dry_run = request.form.get("do") != "import"
    with context().begin() as connection:
        catalog = catalog_of(connection, account)
        asked = {"upload": token, "mapping": mapping, "dry_run": dry_run}
        title = f"{'试运行' if dry_run else '导入'} · {ledger.name}" if language() == "zh" else f"{ledger.name}"
        number = ask(connection, catalog.city_id, account.account_id, "import", title, asked)
        what = "import tried" if dry_run else "import asked"
        note(connection, account, what, f"job {number} {ledger.name}", request.remote_addr or "")
    return _to(f"/import/{token}?job={number}")


def _page(template: str, **given: Any) -> Response:
    account = signed_in().account
    with context().connect_primary() as connection:
        catalog = catalog_of(connection, account)
    given |= {"v": import_words(language()), "endings": ENDINGS, "line_in": line_in, "problem_in": problem_in}
    return page(template, **bar_of(account, catalog), **given)


def _settings() -> Settings:
    found: Settings = current_app.extensions["weathermap_settings"]
    return found


def _tidy(folder: Path) -> None:
    """Uploads of long ago are taken away."""
    if folder.is_dir():
        for old in folder.iterdir():
            if time.time() - old.stat().st_mtime > KEPT_S:
                shutil.rmtree(old, ignore_errors=True)


def _to(target: str) -> Response:
    separator = "&" if "?" in target else "?"
    return redirect(f"{target}{separator}lang=en" if language() == "en" else target, 303)  # type: ignore[return-value]
