"""What citizens said of an issue, for its page on the desk: their words and answers, and never who they are."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from weathermap.snap.office import answers_of, told_by_citizens
from web.desk.snap_words import snap_words
from web.desk.time import Clock


@dataclass(frozen=True)
class Heard:
    """Something that a citizen said."""

    at: str
    what: str
    words: str


@dataclass(frozen=True)
class Citizens:
    """All that was said, newest first; `hidden`: events whose photos are spam."""

    heard: list[Heard]
    hidden: frozenset[int]


def citizens_of(connection: Connection, issue_id: int, clock: Clock, lang: str) -> Citizens:
    """Reports, follows and answers of one issue."""
    v, told = snap_words(lang), told_by_citizens(connection, issue_id)
    hidden = frozenset(row.seq for row in told if row.spam)
    found = [
        (
            row.sent_at,
            v.follows if row.follows else v.said,
            v.set_aside if row.spam else v.erased if row.erased_at else row.words or v.no_words,
        )
        for row in told
    ]
    found += [(row.at, v.fixed if row.fixed else v.not_fixed, row.words) for row in answers_of(connection, issue_id)]
    ordered = sorted(found, key=lambda entry: entry[0], reverse=True)
    return Citizens([Heard(clock.at(at), what, words) for at, what, words in ordered], hidden)
