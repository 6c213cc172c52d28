"""Progress of long work: a bar on a terminal, one line a step elsewhere. Everything goes to standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import click


@contextmanager
def step(label: str) -> Iterator[None]:
    """Announce one step of unknown length and, when it ends, the seconds it took."""
    started = time.monotonic()
    if sys.stderr.isatty():
        click.echo(f"  … {label}\r", err=True, nl=False)
    yield
    click.echo(f"  ✓ {label}  {time.monotonic() - started:.1f} s", err=True)


@contextmanager
def bar(label: str, total: int) -> Iterator[click._termui_impl.ProgressBar[str | None]]:
    """A progress bar over `total` items; call `.update(n, words)` on it. Not a terminal: first and last line only."""
    started = time.monotonic()
    with click.progressbar(
        length=total, label=f"  {label}", file=sys.stderr, item_show_func=lambda words: words
    ) as shown:
        yield shown
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
