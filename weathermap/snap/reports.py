"""A citizen's report on its way in: a batch of one, or one more citizen at a problem that is known already."""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import Connection, select, text

from weathermap.city.pack import Pack, Source
from weathermap.errors import Refused, UnknownName
from weathermap.evidence.photos import Developed, keep_photos
from weathermap.issue.batch import NONE, Batch, Moves, Reports, empty_moves, empty_reports
from weathermap.issue.held import Hands, hold_issues
from weathermap.issue.intake import take_in
from weathermap.issue.tasks import salted
from weathermap.issue.workflow import MOVES
from weathermap.people import reporters
from weathermap.people.accounts import digest, hasher
from weathermap.settings import Settings
from weathermap.store import tables as t
from weathermap.store.registry import City
from weathermap.store.snap_tables import snap, snap_link

WORDS = 500  # characters
CODE = (4, 20)  # characters of the word that finds a ticket again
PLACES = ("photo", "phone", "pin", "none")  # where a position comes from


@dataclass(frozen=True)
class Sent:
    """What a citizen sent. Degrees in EPSG:4326, or None; `error_m`: metres, NaN unknown.

    `follow`: number of the issue that it is, '' for a new one. `refused`: (name, reason) of photos not kept.
    `suspect`: '' or why the office should look at it first (snap.suspect).
    """

    client: UUID
    lon: float | None = None
    lat: float | None = None
    error_m: float = float("nan")
    place_from: str = "none"
    words: str = ""
    category: str = ""
    follow: str = ""
    photos: tuple[Developed, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()
    phone: str = ""
    code: str = ""
    suspect: str = ""


def snap_source(pack: Pack) -> Source | None:
    """The source that citizens' reports come in by; None: this city takes none."""
    open_to_citizens = bool(pack.config.snap_categories)
    return next((s for s in pack.sources if s.kind == "snapshot"), None) if open_to_citizens else None


def check_sent(sent: Sent) -> None:
    """Whether it can be taken. Raises Refused, before anything is stored."""
    if not sent.photos and not sent.words.strip() and not sent.follow:
        raise Refused("There is neither a photo nor a word.", "Take a photo, or write what is wrong.")
    if len(sent.words) > WORDS:
        raise Refused(f"The text has {len(sent.words)} characters.", f"At most {WORDS} are kept.")
    if sent.phone.strip():
        reporters.plain_phone(sent.phone)
    if sent.code and not CODE[0] <= len(sent.code) <= CODE[1]:
        raise Refused("The word to find it again by is too short or too long.", f"{CODE[0]} to {CODE[1]} characters.")


def take_snap(connection: Connection, settings: Settings, city: City, sent: Sent) -> str:
    """Take it in; the secret of its private link. Sent again, it is not taken again: another link to the same ticket.

    The caller owns the transaction. Raises Refused, UnknownName, StoreError.
    """
    check_sent(sent)
    lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:client, 0))")  # the second of two waits for the first
    connection.execute(lock, {"client": str(sent.client)})
    known = select(snap.c.snap_id).where(snap.c.city_id == city.city_id, snap.c.client == sent.client)
    found = connection.execute(known).scalar()
    if found is not None:
        return make_link(connection, found)
    salt, now = secrets.token_bytes(16), time.time_ns() // 1_000
    followed = _followed(connection, city, sent.follow)
    if followed is not None:
        make_own_move(connection, city, followed, "follow", now, sent.photos, sealed(salt, sent.words))
        issue_id, seq = followed.issue_id, followed.seq + 1
    else:
        issue_id, seq = _report(connection, city, sent, now, sealed(salt, sent.words)), 1
    keep_photos(connection, settings, issue_id, seq, sent.photos)
    row = {
        "city_id": city.city_id,
        "client": sent.client,
        "issue_id": issue_id,
        "seq": seq,
        "follows": followed is not None,
        "words": sent.words.strip(),
        "salt": salt,
        "place_from": sent.place_from,
        "suspect": sent.suspect,
        "refused": [list(one) for one in sent.refused],
        "reporter_id": _reporter(connection, settings, city, sent, issue_id, followed is None),
        "code": hasher.hash(sent.code) if sent.code and sent.phone.strip() else None,
        "sent_at": datetime.fromtimestamp(now / 1e6, UTC),
    }
    made = connection.execute(snap.insert().values(row).returning(snap.c.snap_id)).scalar_one()
    return make_link(connection, int(made))


def make_link(connection: Connection, snap_id: int) -> str:
    """The secret of one more private link to a ticket: 128 random bits, of which the store keeps the SHA-256."""
    secret = secrets.token_urlsafe(16)
    row = {"token": digest(secret), "snap_id": snap_id, "made_at": datetime.now(UTC)}
    connection.execute(snap_link.insert().values(row))
    return secret


def source_key(client: UUID) -> str:
    """What its issue is called by as the source's. The page's own id leads to the ticket: nobody is shown it."""
    return hashlib.sha256(client.bytes).hexdigest()[:32]


def sealed(salt: bytes, words: str) -> str:
    """What the event holds of words: with the salt gone, nothing can be told from it. '' for no words."""
    return salted(salt, words.strip()) if words.strip() else ""


def hands_of(connection: Connection, city: City, number: str) -> Hands | None:
    """An issue as those who move it see it, locked."""
    return hold_issues(connection, city, [number]).get(number)


def make_own_move(
    connection: Connection,
    city: City,
    hands: Hands,
    move: str,
    now: int,
    photos: tuple[Developed, ...] = (),
    words: str = "",
) -> None:
    """A move of the program's own on an issue that is locked. Raises IllegalMove."""
    moves = Moves(
        source=_one(hands.source),
        source_key=_one(hands.source_key),
        move=_one(move),
        at=np.array([now], dtype=np.int64),
        actor=_one(""),
        until=np.array([NONE], dtype=np.int64),
        note=_one(""),
        photos=_one(" ".join(photo.sha256.hex() for photo in photos)),
        facts=_one({"words": words} if words else None),
    )
    take_in(connection, city, Batch(empty_reports(), moves), now, tell=True)


def _followed(connection: Connection, city: City, number: str) -> Hands | None:
    """The issue that it is; None where it is a new one, or the other is over meanwhile."""
    if not number:
        return None
    hands = hands_of(connection, city, number)
    return hands if hands is not None and hands.state in MOVES["follow"].sources else None


def _report(connection: Connection, city: City, sent: Sent, now: int, words: str) -> int:
    """One new issue; its id. Raises UnknownName."""
    source, usual = snap_source(city.pack), city.pack.config.snap_categories
    if source is None:
        raise UnknownName(f"{city.pack.config.name} takes no reports from citizens.", "Use the city's other channels.")
    known = sent.lon is not None and sent.lat is not None
    reports = Reports(
        source=_one(source.code),
        source_key=_one(source_key(sent.client)),
        category=_one(sent.category if sent.category in usual else usual[-1]),
        lon=np.array([sent.lon if known else np.nan], dtype=np.float64),
        lat=np.array([sent.lat if known else np.nan], dtype=np.float64),
        reported_at=np.array([now], dtype=np.int64),
        address=_one(""),
        point=_one(""),
        unit=_one(""),
        deadline=np.array([NONE], dtype=np.int64),
        error_m=np.array([sent.error_m], dtype=np.float64),
        flag=_one("" if known else "missing"),
        closed_early=np.array([False]),
        beside=_one(_beside(sent, words)),
    )
    take_in(connection, city, Batch(reports, empty_moves()), now, tell=True)
    k = t.issue_key.c
    source_id = int(city.source_ids[city.book.sources[source.code]])
    key = (k.city_id == city.city_id, k.source_id == source_id, k.source_key == source_key(sent.client))
    return int(connection.execute(select(k.issue_id).where(*key)).scalar_one())


def _beside(sent: Sent, words: str) -> dict[str, object]:
    photos = [photo.sha256.hex() for photo in sent.photos]
    return {**({"photos": photos} if photos else {}), **({"words": words} if words else {})}


def _reporter(
    connection: Connection, settings: Settings, city: City, sent: Sent, issue_id: int, first: bool
) -> int | None:
    """Who it is, kept apart and sealed; None for who stays unknown."""
    if not sent.phone.strip():
        return None
    found = reporters.keep(connection, settings, city.city_id, sent.phone)
    if first:
        reporters.link(connection, issue_id, found)
    return found


def _one(value: object) -> Any:
    return np.array([value, None], dtype=object)[:1]
