"""`weathermap verify`: recounts everything by independent SQL over the events and names the first difference."""

from __future__ import annotations

from datetime import timedelta

import click
from sqlalchemy import Connection, Engine, select, text

from weathermap.progress import step
from weathermap.store import tables as t
from weathermap.store.catalog import load_catalog
from weathermap.store.registry import EPOCH
from weathermap.store.sql import query
from weathermap.tally.measures import MEASURES


def verify_store(engine: Engine, code: str | None = None) -> list[str]:
    """The first difference of each check, in words; empty when all agree. Reads one snapshot.

    Raises UnknownName for a city that the store does not hold.
    """
    found: list[str] = []
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        chosen = select(t.city.c.code).order_by(t.city.c.city_id)
        for each in [code] if code else connection.execute(chosen).scalars().all():
            found += verify_city(connection, each)
    return found


def verify_city(connection: Connection, code: str) -> list[str]:
    """As `verify_store`, for one city in the caller's transaction."""
    catalog = load_catalog(connection, code)
    # every step joins whole sets whose sizes the planner cannot know: hash joins are right, nested loops never end
    connection.execute(text("SET LOCAL work_mem = '256MB'; SET LOCAL enable_nestloop = off"))
    asked = {
        "city_id": catalog.city_id,
        "measures": list(MEASURES),
        "coarsest": catalog.levels[0],
        "finest": catalog.levels[-1],
    }
    found: list[str] = []
    versions = [version for version, _ in catalog.versions]
    # an earlier boundary version counts until the next is valid; then it stays as it is
    ends = [int((since - EPOCH) / timedelta(microseconds=1)) for _, since in catalog.versions[1:]]
    newest = [(version, None) for version in versions[-1:]]
    for name, sentence in CHECKS:
        for version, until_us in [*newest, *zip(versions, ends, strict=False)] if name == "tally" else newest:
            asked |= {"version": version, "until_us": until_us}
            which = f" of boundary version {version}" if until_us is not None else ""
            with step(f"{catalog.name} {name}{which}"):
                row = connection.execute(query(f"verify_{name}"), _only(asked, name)).one_or_none()
            if row is not None:
                found.append(f"{catalog.code} {name}{which}: {sentence.format(**row._mapping)}")
    counts = connection.execute(query("verify_counts"), {"city_id": catalog.city_id}).one()
    verdict = "no difference" if not found else f"{len(found)} difference(s)"
    went = f"{counts.issues:,} issues, {counts.events:,} events, {counts.visits:,} visits"
    click.echo(f"{catalog.name}: {went} recounted: {verdict}.", err=True)
    return found


CHECKS = (
    ("chain", "issue {number} ({issue_id}), event {seq}: {what}."),
    ("issue", "issue {number} ({issue_id}): {what}."),
    ("tally", "{subject} at {at}: {measure} is {held} in the tallies, {counted} by the events."),
    (
        "sums",
        "subject {subject_id}, bucket {bucket}, measure {measure}: the sum is {total}, its details give {expected}.",
    ),
)


def _only(asked: dict[str, object], name: str) -> dict[str, object]:
    known = query(f"verify_{name}").compile().params
    return {key: value for key, value in asked.items() if key in known}
