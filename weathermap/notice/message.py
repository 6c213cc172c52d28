"""What goes out about a notice: the same words for all services, with an id that stays however often it is sent."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from weathermap.notice.kinds import KINDS

NOTE_LENGTH = 200


@dataclass(frozen=True)
class Channel:
    """Where a message goes. `token` and `secret` come from the environment, '' where there is none."""

    code: str
    service: str  # email | wecom | dingtalk | feishu | webhook
    url: str
    sender: str
    recipient: str  # an e-mail address; '' for all else
    token: str
    secret: str


@dataclass(frozen=True)
class Message:
    """`id`: of this notice to this recipient, for ever. `kind`, `number`, `at`: for programs that read it."""

    id: str
    kind: str
    title: str
    text: str
    link: str
    number: str
    at: datetime


def message_of(told: Any, channel_id: int, recipient: str, base: str) -> Message:
    """From a row of notice_told.sql; `base`: where people reach the map."""
    kind, zone = KINDS[told.kind], ZoneInfo(told.timezone)
    where = told.address or told.area_name or ""
    what = told.bulletin_title or told.category_name or told.unit_name or ""
    lines = [f"{what}　{where}".strip("　"), f"责任单位：{told.unit_name}" if told.unit_name else ""]
    if told.deadline is not None:
        lines.append(f"办理时限：{told.deadline.astimezone(zone):%Y-%m-%d %H:%M}")
    if told.until is not None:
        lines.append(f"期限：{told.until.astimezone(zone):%Y-%m-%d %H:%M}")
    if told.note:
        lines.append(f"说明：{told.note[:NOTE_LENGTH]}")
    path = f"/desk/issue/{told.number}" if told.number else f"/desk/orders/{told.order_id}"
    if told.bulletin_id:
        path = f"/bulletins/{told.bulletin_id}"
    return Message(
        id=message_id(told.notice_id, channel_id, recipient),
        kind=told.kind,
        title=f"【{told.city_name}】{kind.zh}" + (f" {told.number}" if told.number else ""),
        text="\n".join(line for line in lines if line),
        link=f"{base}{path}" if base else "",
        number=told.number or "",
        at=told.at,
    )


def message_id(notice_id: int, channel_id: int, recipient: str) -> str:
    """E.g. n512.c3, n512.c4.9f86d081 for an e-mail address."""
    tail = f".{hashlib.sha256(recipient.encode()).hexdigest()[:8]}" if recipient else ""
    return f"n{notice_id}.c{channel_id}{tail}"
