"""`weathermap photos`: what is missing of what is known of photos."""

from __future__ import annotations

from collections import Counter

import click

from weathermap.settings import read_settings

WHYS = {"plain": "too plain for a print", "gone": "no longer in the photos' folder", "failed": "cannot be read"}


@click.command("photos")
@click.option("--again", is_flag=True, help="Try what failed before once more.")
def photos(again: bool) -> None:
    """Take the prints and compare the pairs (before, after) that photos lack: those stored before there were any.

    May be stopped and started again: what is done stays done. The worker does the same, of issues that wait to be
    checked, by itself.
    """
    from weathermap.evidence.catch_up import forget_broken, take_prints, waiting
    from weathermap.evidence.pairs import compare_waiting
    from weathermap.progress import bar
    from weathermap.store.db import open_store

    settings = read_settings()
    engine = open_store(settings)
    with engine.begin() as connection:
        if again:
            forget_broken(connection)
        prints, pairs = waiting(connection)
    printed: Counter[str] = Counter()
    with bar("prints", prints) as shown:
        for ended in take_prints(engine, settings):
            printed += ended
            shown.update(ended.total())
    compared: Counter[str] = Counter()
    with bar("pairs before and after", pairs) as shown:
        for ended in compare_waiting(engine, settings, every=True):
            compared += ended
            shown.update(ended.total())
    click.echo(_line("photos without a print", printed, "printed"))
    click.echo(_line("pairs not compared", compared, "compared"))


def _line(what: str, ended: Counter[str], done: str) -> str:
    """All that there were = done + not done, by reason."""
    failed = "".join(f", {many:,} {WHYS[why]}" for why, many in sorted(ended.items()) if why)
    return f"{ended.total():,} {what}: {ended['']:,} {done}{failed}."
