"""`weathermap verify`: recounts everything by independent SQL over the events and names the first difference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import click
import numpy as np
from sqlalchemy import Connection, Engine, TextClause, select, text

from weathermap.progress import step
from weathermap.store import tables as t
from weathermap.store.catalog import Catalog, load_catalog
from weathermap.store.registry import EPOCH
from weathermap.store.root_tables import event_root
from weathermap.store.sql import query, source_of
from weathermap.tally.measures import MEASURES
from weathermap.tally.prints import held_prints, subjects_of

Asked = dict[str, object]


def verify_store(engine: Engine, code: str | None = None, kept: Sequence[Mapping[str, Any]] = ()) -> list[str]:
    """The first difference of each check, in words; empty when all agree. Reads one snapshot.

    `kept`: roots as they were written to a file elsewhere.

    Raises UnknownName for a city that the store does not hold.
    """
    found: list[str] = []
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        chosen = select(t.city.c.code).order_by(t.city.c.city_id)
        for each in [code] if code else connection.execute(chosen).scalars().all():
            found += verify_city(connection, each, kept)
    return found


def verify_city(connection: Connection, code: str, kept: Sequence[Mapping[str, Any]] = ()) -> list[str]:
    """As `verify_store`, for one city in the caller's transaction."""
    catalog = load_catalog(connection, code)
    # Every step joins whole sets whose sizes the planner cannot know: hash joins are right, nested loops never end, and
    # merge joins sort millions of rows for a few.
    connection.execute(text(f"SET LOCAL work_mem = '256MB'; {'; '.join(HASHED)}"))
    *earlier, newest = _versions(catalog)
    found: list[str] = []
    for name, sentence in CHECKS:
        with step(f"{catalog.name} {name}"):
            row = connection.execute(query(f"verify_{name}"), _only(newest, query(f"verify_{name}"))).one_or_none()
        if row is not None:
            found.append(f"{catalog.code} {name}: {sentence.format(**row._mapping)}")
    with step(f"{catalog.name} tally"):
        found += [f"{catalog.code} {line}" for line in _tallies(connection, [*earlier, newest])]
    with step(f"{catalog.name} late"):
        late = next((line for asked in [newest, *earlier] for line in _late(connection, asked)), None)
    if late is not None:
        found.append(f"{catalog.code} late: {late}")
    other = _other_root(connection, catalog, kept)
    if other is not None:
        found.append(f"{catalog.code} roots: {other}")
    counts = connection.execute(query("verify_counts"), {"city_id": catalog.city_id}).one()
    verdict = "no difference" if not found else f"{len(found)} difference(s)"
    went = f"{counts.issues:,} issues, {counts.events:,} events, {counts.visits:,} visits"
    click.echo(f"{catalog.name}: {went} recounted: {verdict}.", err=True)
    return found


def _versions(catalog: Catalog) -> list[Asked]:
    """What to ask of each boundary version, oldest first: an earlier one counts until the next is valid, and stays."""
    begins = [int((since - EPOCH) / timedelta(microseconds=1)) for _, since in catalog.versions]
    return [
        {
            "city_id": catalog.city_id,
            "measures": list(MEASURES),
            "coarsest": catalog.levels[0],
            "finest": catalog.levels[-1],
            "version": version,
            "since_us": since_us,
            "until_us": until_us,
            "known_us": until_us,
            "view_us": None,
        }
        for (version, _), since_us, until_us in zip(catalog.versions, begins, [*begins[1:], None], strict=True)
    ]


HASHED = ("SET LOCAL enable_nestloop = off", "SET LOCAL enable_mergejoin = off")
CHECKS = (
    ("chain", "issue {number} ({issue_id}): {what}."),
    ("leaf", "issue {number} ({issue_id}): {what}."),
    ("root", "root {root_no} of {day}: {what}."),
    ("issue", "issue {number} ({issue_id}): {what}."),
    ("row", "issue {number} ({issue_id}): {what}."),
)
TALLY = "{subject} at {at}: {measure} is {held} in the tallies, {counted} by the events."
SUMS = "subject {subject_id}, bucket {bucket}, measure {measure}: the sum is {total}, its details give {expected}."


def _tallies(connection: Connection, versions: list[Asked]) -> Iterator[str]:
    """The first difference of each boundary version, `versions` oldest first, and of the running sums."""
    subjects, place = subjects_of(connection, versions)
    held = held_prints(connection, subjects)
    statement, exact = _recount("verify_points", "verify_prints"), _recount("verify_points", "verify_tally")
    for k, asked in reversed(list(enumerate(versions))):
        which = f"tally of boundary version {asked['version']}" if asked is not versions[-1] else "tally"
        told = {row[0]: row[1:] for row in connection.execute(statement, _only(asked, statement))}
        prints = np.array([told.get(subject, (0, 0, 0)) for subject in subjects.ids.tolist()])
        suspects = subjects.ids[(place == k) & (prints != held.prints).any(axis=1)].tolist()
        if suspects:
            row = connection.execute(exact, _only(asked | {"suspects": suspects}, exact)).one()
            yield f"{which}: {TALLY.format(**row._mapping)}"
    if held.wrong is not None:
        yield f"sums: {SUMS.format(**held.wrong)}"


def _recount(*tail: str) -> TextClause:
    return text("\n".join(source_of(part) for part in ("verify_flows", *tail)))


def _other_root(connection: Connection, catalog: Catalog, kept: Sequence[Mapping[str, Any]]) -> str | None:
    """The first root that is another, or none, in the store than in the file."""
    r = event_root.c
    stored = select(r.root_no, r.day, r.hash).where(r.city_id == catalog.city_id)
    held = {row.root_no: (row.day.isoformat(), bytes(row.hash).hex()) for row in connection.execute(stored)}
    for line in sorted((line for line in kept if line["city"] == catalog.code), key=lambda line: line["root"]):
        if held.get(line["root"]) != (line["day"], line["hash"]):
            where = "is another in the file than in the store" if line["root"] in held else "is missing in the store"
            return (
                f"root {line['root']} of {line['day']} {where}: what it sealed, or a root before it, was changed since."
            )
    return None


def _late(connection: Connection, version: Asked) -> Iterator[str]:
    """Differences of what was late: known now, less what was known at an instant, is what came after it."""
    statement, views = _recount("verify_late"), query("verify_late_views")
    for view_us in connection.execute(views, _only(version, views)).scalars().all():
        asked = version | {"view_us": view_us}
        then = _sums(connection, statement, asked | {"known_us": view_us + 1})
        expected = _sums(connection, statement, asked)
        for key, n in then.items():
            expected[key] = expected.get(key, 0) - n
        held = _sums(connection, query("verify_late_held"), asked)
        for key in sorted(expected.keys() | held.keys()):
            if expected.get(key, 0) != held.get(key, 0):
                at = (EPOCH + timedelta(microseconds=view_us)).isoformat()
                yield (
                    f"subject {key[0]} at {at}: {held.get(key, 0)} of {key[1]} are kept as not known then,"
                    f" the events give {expected.get(key, 0)}."
                )


def _sums(connection: Connection, statement: TextClause, asked: Asked) -> dict[tuple[int, str], int]:
    return {(row.subject_id, row.measure): row.n for row in connection.execute(statement, _only(asked, statement))}


def _only(asked: Asked, statement: TextClause) -> Asked:
    known = statement.compile().params
    return {key: value for key, value in asked.items() if key in known}
