"""How a writer says that it is getting on: called with the number of areas done since the last call."""

from __future__ import annotations

from collections.abc import Callable

Tick = Callable[[int], object]


def silent(_done: int) -> None:
    """For nobody's eyes."""
