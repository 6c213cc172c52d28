"""How a feedback is checked (核查): by its photos, or on the spot.

On the spot is what its category wants (`check_by` of the pack), what came without a photo, and a share of the rest
(`visit_share`), drawn by the first two bytes of the seal of the feedback's event: nobody can know it before,
and whoever audits can draw again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection

from weathermap.errors import Refused
from weathermap.issue.given import Wish
from weathermap.store.sql import execute_often

PHOTO, VISIT = "photo", "visit"
REASONS: Mapping[str, tuple[str, str]] = {
    "category": ("此类须到现场核查", "this category is checked on the spot"),
    "no_photo": ("反馈没有照片", "it was fed back without a photo"),
    "drawn": ("抽中现场核查", "drawn for a visit"),
}


def visit_reasons(connection: Connection, ids: Iterable[int]) -> dict[int, str]:
    """Why each issue's last feedback wants a visit: of REASONS; '' where its photos do."""
    rows = execute_often(connection, "check_reasons", {"ids": list(ids)})
    return {row.issue_id: row.reason for row in rows}


def way_of(wish: Wish, reason: str) -> dict[str, object]:
    """What a check's event says of how it was made. Raises Refused for photos where a visit is wanted."""
    if reason and wish.by == PHOTO and wish.move == "check_pass":
        zh, en = REASONS[reason]
        what = f"{wish.number} wants a visit: {en}."
        raise Refused(
            what, "Open it, and pass it once it was seen.", f"{wish.number} 须现场核查：{zh}。请看过后逐件办理。"
        )
    by = wish.by or (VISIT if reason else PHOTO)
    return {"by": by, **({"visit": reason} if reason else {})}
