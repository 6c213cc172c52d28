"""What is being sent waits on the disk, is cut off at its limit, and no more of it at once than there is room for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from web.bodies import DRAINED, LONGER, SHORT, Reception, Refusal, longest

PIECE = b"x" * 65_536


class Line:
    """A sender of so many pieces; `sent`: how many were read."""

    def __init__(self, pieces: int) -> None:
        self.pieces, self.sent = pieces, 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while self.sent < self.pieces:
            self.sent += 1
            yield PIECE


def take(desk: Reception, line: Line, path: str = "/snap", **headers: str) -> int:
    with ThreadPoolExecutor(1) as apart:  # a browser test of this process may keep a loop in its thread
        body, length = apart.submit(asyncio.run, desk.take(aiter(line), path, headers)).result()  # type: ignore[arg-type]
    assert body.read() == PIECE * line.pieces
    desk.leave(body, length)
    return length


def test_a_body_comes_whole_and_leaves_its_room() -> None:
    desk = Reception(room=len(PIECE) * 50)
    for pieces in (0, 1, 40, 50):  # in memory, and on the disk
        assert take(desk, Line(pieces)) == pieces * len(PIECE)
    assert desk.held == 0


def test_limits_hold_while_it_is_read() -> None:
    desk, line = Reception(), Line(2 * DRAINED // len(PIECE))
    with pytest.raises(Refusal) as refused:
        take(desk, line, "/sign-in")  # takes no files
    assert refused.value.status == 413 and "过长" in str(refused.value)
    assert line.sent * len(PIECE) <= SHORT + DRAINED + 2 * len(PIECE)  # no more was read than that it hears the refusal
    with pytest.raises(Refusal):
        take(desk, Line(1), "/sign-in", **{"content-length": str(SHORT + 1)})
    desk.room = 3 * len(PIECE)
    with pytest.raises(Refusal) as refused:
        take(desk, Line(9))
    assert refused.value.status == 503
    assert desk.held == 0


def test_what_takes_photos_may_be_long() -> None:
    assert min(longest(path) for path in ("/snap", "/task/abc", "/api/v1/street/photos", "/desk/visits/new")) > 25e6
    assert longest("/import") > 500e6 > max(most for shape, most in LONGER if shape != r"/import")
    assert longest("/snap/find") == longest("/") == SHORT
