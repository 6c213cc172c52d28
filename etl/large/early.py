"""Reading ahead: the next piece of a ledger is read while the one before is worked on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")


def early(items: Iterable[Item]) -> Iterator[Item]:
    """The same items, each made by another thread while the one before is in use. One is held at a time."""
    source = iter(items)
    with ThreadPoolExecutor(1) as reader:
        waiting = reader.submit(_some, source)
        while found := waiting.result():
            waiting = reader.submit(_some, source)
            yield found[0]


def _some(source: Iterator[Item]) -> list[Item]:
    """The next one; empty at the end."""
    return list(islice(source, 1))
