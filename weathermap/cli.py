"""The command line: the composition root. Imports what a command needs when it runs, so that each starts fast."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from weathermap.commands.account import account
from weathermap.commands.city import city, grid
from weathermap.commands.explain import explain
from weathermap.commands.group import FILE, FOLDER, Group, area_files
from weathermap.commands.outbox import outbox
from weathermap.commands.photos import photos
from weathermap.commands.reassign import reassign_command
from weathermap.commands.redate import redate_command
from weathermap.commands.reporters import reporters
from weathermap.commands.roots import proof, roots, verify
from weathermap.commands.store import backup, db, migrate, restore
from weathermap.commands.workflow import workflow
from weathermap.errors import SettingError
from weathermap.settings import read_settings


@click.group(cls=Group)
@click.version_option(package_name="weathermap")
def main() -> None:
    """The Civilization Weather Map: a city's issues, located, followed until verified, shown as weather."""


COMMANDS = (
    city,
    grid,
    reassign_command,
    redate_command,
    account,
    migrate,
    db,
    backup,
    restore,
    explain,
    workflow,
    reporters,
    outbox,
    photos,
    verify,
    roots,
    proof,
)
for command in COMMANDS:
    main.add_command(command)


@main.command()
@click.option(
    "--city", "directory", type=FOLDER, default=None, help="City pack. Default: WEATHERMAP_CITY, else the project's."
)
@click.option("--seed", default=2026, show_default=True)
@click.option("--end", default=None, help="Last instant, e.g. 2026-11-23T08:00 (city time). Default: this hour.")
@click.option("--live", is_flag=True, help="Go on reporting and rectifying until stopped.")
@click.option("--pace", default=60.0, show_default=True, help="With --live: how many times faster than real intake.")
def demo(directory: Path | None, seed: int, end: str | None, live: bool, pace: float) -> None:
    """Fill the store with the demo year, or top it up to now."""
    from etl.demo.run import run_demo

    settings = read_settings()
    pack = directory or settings.city_dir
    if pack is None:
        raise SettingError("WEATHERMAP_CITY is `none`: there is no city to fill.", "Name its pack: --city DIR.")
    run_demo(settings, pack, seed, end, live, pace)


@main.command("import")
@click.argument("ledger", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--city", "directory", type=FOLDER, required=True, help="The city pack with its mapping.toml.")
@click.option("--areas", multiple=True, metavar="LEVEL=FILE[@CRS]", help="Take a level's areas from FILE.")
@click.option("--mapping", type=click.Path(exists=True, dir_okay=False, path_type=Path), default=None)
@click.option("--sheet", "--layer", "sheet", default="", help="Of a workbook or geographic file. Default: the fullest.")
@click.option("--rejected", type=FILE, default=None, help="Where to write the rejected rows (.csv or .xlsx).")
@click.option("--dry-run", is_flag=True, help="Say what would happen, store nothing.")
@click.option("--dask", default="", metavar="tcp://HOST:8786", help="Let a Dask cluster's workers work it out.")
@click.option("--guess", is_flag=False, flag_value="-", help="Propose a mapping, show it, write it to GUESS if named.")
def import_(ledger: Path, directory: Path, areas: tuple[str, ...], guess: str | None, **asked: Any) -> None:
    """Read LEDGER, a city's own records, through its mapping into the store."""
    from etl.guess.running import run_guess
    from etl.importing import run_import

    if guess:
        run_guess(ledger, directory, area_files(areas), asked["sheet"], guess)
        return
    run_import(read_settings(), ledger, directory, area_files(areas), **asked)


@main.group(cls=Group)
def report() -> None:
    """Reports as files."""


@report.command("grid")
@click.option("--level", required=True, help="A level of the city's pack, or `unit` with --by responsibility.")
@click.option("--parent", help="Code of a coarser area: only the areas inside it.")
@click.option("--by", default="place", type=click.Choice(["place", "responsibility"]), show_default=True)
@click.option("--from", help="Start of the window. Default: start of the reporting period.")
@click.option("--to", help="End of the window; a bare date means the whole day. Default: now.")
@click.option("--window", help="In place of both: today, yesterday, this_week, last_week, this_month or last_month.")
@click.option("--at", help="The instant, when no window is wanted (ISO 8601; naive times are the city's).")
@click.option("--category", help="Only issues of this category (code).")
@click.option("--special", help="Only issues of this special work (code).")
@click.option("--source", help="Only issues of this source (code).")
@click.option("--unit", help="Only issues that this unit holds (code).")
@click.option("--state", help="Count the issues in this state alone, e.g. overdue, to_check.")
@click.option("--compare", is_flag=True, flag_value="1", default=None, help="Beside it the period before --from.")
@click.option("--city", help="City's code; may be left out while the store holds one city.")
@click.option("--lang", default="zh", type=click.Choice(["zh", "en"]), show_default=True)
@click.option(
    "--format",
    "format_name",
    help="csv, csv-gb18030, xlsx, geojson, gpkg, geoparquet, fgb, pdf, docx, html. Default: by the ending.",
)
@click.option("--output", type=click.Path(path_type=Path), required=True)
@click.option("--force", is_flag=True, help="Replace a file that exists.")
def report_grid(output: Path, format_name: str | None, lang: str, force: bool, **asked: str | None) -> None:
    """Counts, rates and weather of each area of a level, in a file."""
    from etl.export.running import run_report
    from web.api.report import question_of

    click.echo(run_report(read_settings(), asked, question_of, output, format_name, lang, force))


@report.command("issues")
@click.option("--state", help="Which list: notified, open, overdue, to_check … Default: all issues.")
@click.option("--area", help="LEVEL:CODE of an area.")
@click.option("--unit", help="Only issues that this unit holds (code).")
@click.option("--category", help="Only issues of this category (code).")
@click.option("--special", help="Only issues of this special work (code).")
@click.option("--source", help="Only issues of this source (code).")
@click.option("--from", help="Start of the window. Default: start of the reporting period.")
@click.option("--to", help="End of the window; a bare date means the whole day. Default: now.")
@click.option("--window", help="In place of both: today, yesterday, this_week, last_week, this_month or last_month.")
@click.option("--city", help="City's code; may be left out while the store holds one city.")
@click.option("--lang", default="zh", type=click.Choice(["zh", "en"]), show_default=True)
@click.option("--format", "kind", help="xlsx, csv, csv-gb18030, geoparquet, gpkg or fgb. Default: by the ending.")
@click.option("--output", type=click.Path(path_type=Path), required=True)
@click.option("--force", is_flag=True, help="Replace a file that exists.")
def report_issues(output: Path, kind: str | None, lang: str, force: bool, **asked: str | None) -> None:
    """A list of issues in a file, however long: streamed."""
    from etl.export.issues.running import run_issues
    from web.api.issues import filter_of

    click.echo(run_issues(read_settings(), asked, filter_of, output, kind, lang, force))


@main.command()
def work() -> None:
    """The worker: folds tallies, tells the walls, reminds, proposes, sends what waits in the outbox, until stopped."""
    from etl.notify.sending import send
    from weathermap.evidence import catch_up
    from weathermap.issue.sealing import PAUSE_S as SEAL_PAUSE_S
    from weathermap.issue.sealing import seal_nightly
    from weathermap.notice.outbox import PACE_S as OUTBOX_PACE_S
    from weathermap.notice.outbox import Outbox
    from weathermap.snap.erasing import PAUSE_S as ERASE_PAUSE_S
    from weathermap.snap.erasing import erase_due
    from weathermap.store.db import open_store
    from weathermap.work import clerk
    from weathermap.work.backlog import PACE_S as BACKLOG_PACE_S
    from weathermap.work.backlog import resume_due
    from weathermap.work.logs import configure_logs
    from weathermap.work.tasks import Task
    from weathermap.work.timers import PACE_S, Timers
    from weathermap.work.worker import run_worker

    settings = read_settings()
    configure_logs("worker", settings)
    engine = open_store(settings)
    letters = Outbox(engine, send, settings.channel_secrets, settings.url)
    backlog = Task("backlog", lambda: resume_due(engine), BACKLOG_PACE_S)
    roots = Task("roots", lambda: seal_nightly(engine, settings), SEAL_PAUSE_S)
    run_worker(
        engine,
        [
            Task("timers", Timers(engine).once, PACE_S),
            Task("outbox", letters.once, OUTBOX_PACE_S),
            roots,
            Task("jobs", clerk.Clerk(engine, settings).once, clerk.PACE_S),
            backlog,
            Task("erasing", lambda: erase_due(engine), ERASE_PAUSE_S),
            Task("photos", catch_up.CatchUp(engine, settings).once, catch_up.PAUSE_S),
        ],
    )


@outbox.command("test")
@click.argument("channel")
@click.option("--city", "code", default=None, help="City's code; may be left out while the store holds one city.")
def outbox_test(channel: str, code: str | None) -> None:
    """Send a trial message to CHANNEL now, with the secrets of this environment."""
    from etl.notify.sending import send
    from weathermap.notice.trial import send_trial
    from weathermap.store.db import open_store

    settings = read_settings()
    with open_store(settings).connect() as connection:
        send_trial(connection, settings, channel, code, send)
    click.echo(f"{channel}: delivered.")


@main.group(cls=Group)
def jobs() -> None:
    """What is made in the background."""


@jobs.command("make")
def jobs_make() -> None:
    """Make what waits, one job after the other, then end: what the worker starts when something waits."""
    from etl.jobs.making import make_waiting
    from etl.jobs.room import Readers
    from weathermap.work.logs import configure_logs
    from web.api.issues import filter_of
    from web.api.report import question_of

    settings = read_settings()
    configure_logs("jobs", settings)
    make_waiting(settings, Readers(question_of, filter_of))


@main.command()
def serve() -> None:
    """The map server on HOST and PORT, until stopped."""
    from web.serve import run_server

    run_server(read_settings())


@main.command()
def run() -> None:
    """Everything: PostgreSQL, schema, city and demo year into an empty store, worker and server; Ctrl-C stops all."""
    from weathermap.work.supervisor import run_all
    from web.basemap import open_basemap

    open_basemap(read_settings())  # a broken file is said before anything starts
    run_all(read_settings())
