"""Progress of long work: a bar on a terminal, one line a step elsewhere. Everything goes to standard error.

Who waits for work done in their name may follow it (`followed`): they are told as a bar is, and may raise to stop it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

import click


class Follower(Protocol):
    """Told how far work is; what it raises ends the work, as any error would."""

    def of(self, total: int) -> None:
        """Work of so many items begins."""

    def __call__(self, done: int) -> None:
        """So many more items are done; 0: another step begins."""


_follower: ContextVar[Follower | None] = ContextVar("follower", default=None)


@contextmanager
def followed(by: Follower) -> Iterator[None]:
    """Tell `by` of each step and bar within."""
    token = _follower.set(by)
    try:
        yield
    finally:
        _follower.reset(token)


@contextmanager
def step(label: str) -> Iterator[None]:
    """Announce one step of unknown length and, when it ends, the seconds it took."""
    started = time.monotonic()
    if follower := _follower.get():
        follower(0)
    if sys.stderr.isatty():
        click.echo(f"  … {label}\r", err=True, nl=False)
    yield
    click.echo(f"  ✓ {label}  {time.monotonic() - started:.1f} s", err=True)


class Bar:
    """A progress bar, and who follows the work."""

    def __init__(self, shown: click._termui_impl.ProgressBar[str | None], follower: Follower | None) -> None:
        self._shown, self._follower = shown, follower

    def update(self, done: int, words: str | None = None) -> None:
        """So many more items are done; from any thread, one at a time."""
        self._shown.update(done, words)
        if self._follower is not None:
            self._follower(done)


@contextmanager
def bar(label: str, total: int) -> Iterator[Bar]:
    """A progress bar over `total` items; call `.update(n, words)` on it. Not a terminal: first and last line only."""
    started, follower = time.monotonic(), _follower.get()
    if follower is not None:
        follower.of(total)
    with click.progressbar(
        length=total, label=f"  {label}", file=sys.stderr, item_show_func=lambda words: words
    ) as shown:
        yield Bar(shown, follower)
    click.echo(f"  ✓ {label}: {total:,}  {time.monotonic() - started:.1f} s", err=True)


class Spent:
    """Where the seconds of a long work go, by stage; stages of several threads overlap."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Count what happens within to `stage`."""
        started = time.monotonic()
        try:
            yield
        finally:
            self.seconds[stage] = self.seconds.get(stage, 0.0) + time.monotonic() - started

    def add(self, other: Spent) -> None:
        """Count what another process spent."""
        for stage, seconds in other.seconds.items():
            self.seconds[stage] = self.seconds.get(stage, 0.0) + seconds

    def __str__(self) -> str:
        return ", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in self.seconds.items())
