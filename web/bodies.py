"""A request's body on its way in: how long it may be, and where it waits until it is whole.

It waits on the disk (but for short ones), so that slow lines hold no thread and memory stays flat however many send.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import AsyncIterator, Mapping
from html import escape
from typing import IO

from weathermap.evidence.photos import LARGEST, MOST

SHORT = 1 << 20  # bytes; what is not longer stays in memory
DRAINED = 64 << 20  # bytes that are thrown away before the refusal: who still sends does not hear it
ROOM = 4 << 30  # bytes of all bodies that wait at once
BESIDE = 1_000_000  # bytes of a form beside its files
LONGER = (
    (r"/snap", 3 * LARGEST + BESIDE),
    (r"/task/[^/]+", 3 * LARGEST + BESIDE),
    (r"/api/v1/street/photos", LARGEST + BESIDE),
    (r"/desk/.*", MOST * LARGEST + BESIDE),
    (r"/import", 500_000_000 + BESIDE),
)
REFUSED = {
    413: "内容过长，未保存。 The request is too long; nothing was kept.\n",
    503: "现在发送的人太多，请稍后再试。 Too many send at once. Try again in a moment.\n",
    507: "服务器磁盘已满，未保存。 The server's disk is full; nothing was kept.\n",
}

PAGE = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{status}</title></head>
<body style="margin:12vh auto;max-width:34em;padding:0 24px;background:#f6f5f1;color:#14191c;font:17px/1.65 sans-serif">
<h1 style="font-size:26px">{said}</h1>
<p>用浏览器的后退键回到表单，写下的还在；照片请少选几张再发。</p>
<p lang="en">Go back: what you wrote is still in the form. Send fewer photos at once.</p></body></html>
"""


class Refusal(Exception):
    """Why a body is not taken: a key of REFUSED."""

    def __init__(self, status: int) -> None:
        super().__init__(REFUSED[status])
        self.status = status

    def told(self, path: str, accept: str = "") -> tuple[str, str]:
        """Content type and text of the answer: programs get a problem (RFC 9457), who sent a form a page."""
        if not path.startswith("/api/"):
            if "text/html" in accept:
                return "text/html; charset=utf-8", PAGE.format(status=self.status, said=escape(str(self).strip()))
            return "text/plain; charset=utf-8", str(self)
        body = {"type": "about:blank", "title": "Not taken", "status": self.status, "detail": str(self).strip()}
        return "application/problem+json", json.dumps({**body, "remedy": ""}, ensure_ascii=False)


def longest(path: str) -> int:
    """Bytes that a body to a path may have."""
    return next((most for shape, most in LONGER if re.fullmatch(shape, path)), SHORT)


class Reception:
    """Takes bodies in, no more of them at once than there is ROOM for."""

    def __init__(self, room: int = ROOM) -> None:
        self.room = room
        self.held = 0  # bytes

    async def take(self, pieces: AsyncIterator[bytes], path: str, headers: Mapping[str, str]) -> tuple[IO[bytes], int]:
        """The body from its start, and its length; whoever closes it says `leave` too. Raises Refusal."""
        most, told = longest(path), headers.get("content-length", "")
        body = tempfile.SpooledTemporaryFile(max_size=SHORT)  # noqa: SIM115
        length = counted = 0
        try:
            if told.isdigit() and int(told) > most:
                raise Refusal(413)
            async for piece in pieces:
                length += len(piece)
                if length > most:
                    raise Refusal(413)
                counted = length
                self.held += len(piece)
                if self.held > self.room:
                    raise Refusal(503)
                body.write(piece)
        except BaseException as error:
            self.held -= counted
            body.close()
            if isinstance(error, OSError):
                raise Refusal(507) from error
            if isinstance(error, Refusal):
                await _drain(pieces)
            raise
        body.seek(0)
        return body, length

    def leave(self, body: IO[bytes], length: int) -> None:
        """The body is not needed any more."""
        self.held -= length
        body.close()


async def _drain(pieces: AsyncIterator[bytes]) -> None:
    left = DRAINED
    async for piece in pieces:
        left -= len(piece)
        if left < 0:
            return
