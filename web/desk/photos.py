"""Photos that come with a move, and their copies on the desk."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, request

from weathermap.errors import PhotoRefused, UnknownName
from weathermap.evidence.develop import SIZES
from weathermap.evidence.photos import MOST, Developed, copy_of, develop_photo
from weathermap.settings import Settings

photo_files = Blueprint("photo_files", __name__, url_prefix="/desk")


def sent_photos(most: int = MOST) -> tuple[Developed, ...]:
    """The photos that came with a form. Raises PhotoRefused."""
    sent = [file for file in request.files.getlist("photo") if file.filename]
    if len(sent) > most:
        zh = f"一次最多 {most} 张照片，收到 {len(sent)} 张。"
        raise PhotoRefused(f"{len(sent)} photos were sent.", f"At most {most} go with one move.", zh=zh)
    return tuple(develop_photo(file.stream, file.filename or "") for file in sent)


@photo_files.get("/photo/<digest>/<which>")
def photo(digest: str, which: str) -> Response:
    """A copy of a photo to show. The original stays private."""
    if which not in SIZES or len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
        raise UnknownName(f"There is no photo {digest}/{which}.", f"Copies: {', '.join(SIZES)}.")
    return picture(digest, which)


def picture(digest: str, which: str) -> Response:
    """A copy of a photo; what it shows never changes. Raises UnknownName."""
    settings: Settings = current_app.extensions["weathermap_settings"]
    answer = Response(copy_of(settings, bytes.fromhex(digest), which), mimetype="image/webp")
    answer.headers["Cache-Control"] = "private, max-age=86400, immutable"
    answer.set_etag(f"{digest[:32]}-{which}")
    return answer.make_conditional(request)  # type: ignore[return-value]
