"""Photos of an issue for whoever may look at it: copies to show, without what was set aside as spam."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response
from sqlalchemy import Connection, select
from werkzeug.exceptions import NotFound

from weathermap.evidence.develop import SIZES
from weathermap.evidence.photos import photos_of
from weathermap.snap.office import told_by_citizens
from weathermap.store import tables as t
from web.bounds import check_issue
from web.context import context
from web.desk.photos import picture

evidence_api = Blueprint("evidence_api", __name__, url_prefix="/api/v1")


def photos_shown(connection: Connection, issue_id: int) -> list[Any]:
    """Rows of `photo`, in the order of the issue's events."""
    spam = {row.seq for row in told_by_citizens(connection, issue_id) if row.spam}
    return [row for row in photos_of(connection, issue_id) if row.seq not in spam]


def photo_links(connection: Connection, issue_id: int, number: str) -> list[dict[str, Any]]:
    """Where the photos of an issue are, with the event that each belongs to."""
    base = f"/api/v1/issues/{number}/photos"
    return [
        {"seq": row.seq, **{which: f"{base}/{row.sha256.hex()}/{which}" for which in SIZES}}
        for row in photos_shown(connection, issue_id)
    ]


@evidence_api.get("/issues/<number>/photos/<digest>/<which>")
def issue_photo(number: str, digest: str, which: str) -> Response:
    """A copy (shown | thumb) of a photo of this issue, as WebP without EXIF."""
    with context().connect() as connection:
        i, c = t.issue.c, t.city.c
        asked = select(i.issue_id, i.places, c.code).join(t.city, c.city_id == i.city_id).where(i.number == number)
        row = connection.execute(asked).first()
        if row is not None:
            check_issue(context().catalog(connection, row.code), row.places, number)
        known = [] if row is None else [photo.sha256.hex() for photo in photos_shown(connection, row.issue_id)]
    if which not in SIZES or digest not in known:
        raise NotFound("There is no such photo.")
    return picture(digest, which)
