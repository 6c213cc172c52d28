"""Photos that come with a move, and their copies on the desk."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, request, send_file

from weathermap.errors import PhotoRefused, UnknownName
from weathermap.evidence.develop import SIZES
from weathermap.evidence.photos import MOST, Developed, develop_photo, file_of
from weathermap.settings import Settings

photo_files = Blueprint("photo_files", __name__, url_prefix="/desk")


def sent_photos() -> tuple[Developed, ...]:
    """The photos that came with a form. Raises PhotoRefused."""
    sent = [file for file in request.files.getlist("photo") if file.filename]
    if len(sent) > MOST:
        raise PhotoRefused(f"{len(sent)} photos were sent.", f"At most {MOST} go with one move.")
    return tuple(develop_photo(file.read(), file.filename or "") for file in sent)


@photo_files.get("/photo/<digest>/<which>")
def photo(digest: str, which: str) -> Response:
    """A copy of a photo to show. The original stays private."""
    settings: Settings = current_app.extensions["weathermap_settings"]
    if which not in SIZES or len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
        raise UnknownName(f"There is no photo {digest}/{which}.", f"Copies: {', '.join(SIZES)}.")
    path = file_of(settings, bytes.fromhex(digest), which)
    if not path.is_file():
        raise UnknownName(f"The photo {digest} is not here.", "It may lie in a backup of the data folder.")
    answer = send_file(path, "image/webp", conditional=True)
    answer.headers["Cache-Control"] = "private, max-age=86400, immutable"
    return answer
