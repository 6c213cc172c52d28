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
def bar(label: str, total: int) -> Iterator[click._termui_impl.ProgressBar[int]]:
    """A progress bar over `total` items; call `.update(n)` on it. Not a terminal: first and last line only."""
    started = time.monotonic()
    with click.progressbar(length=total, label=f"  {label}", file=sys.stderr) as shown:
        yield shown
    click.echo(f"  ✓ {label}: {total:,}  {time.monotonic() - started:.1f} s", err=True)
