"""Chunks of a large ledger worked out by the workers of a Dask cluster. They need no file and no store: this process
reads, sends, takes what comes back in the order of the ledger, and stores it.

A worker that dies takes nothing with it: the scheduler keeps what was sent and gives it to another. Both ends must run
the same program, which is checked, so that who works changes nothing in what is stored.
"""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from etl.large.chunks import Raw
from etl.large.remote import built_of, keep, pack, unpack, work_out_there
from etl.large.work import Ready, Work
from weathermap.errors import ClusterError, WeathermapError
from weathermap.progress import Spent, step

if TYPE_CHECKING:
    from distributed import Client, Future

ADDRESS = re.compile(r"(tcp|tls)://[^/\s]+:\d{1,5}")
ANSWER_S = 10  # the scheduler must answer within
WORKERS_S = 60  # and have a worker
AHEAD = 2  # chunks sent for each of the workers' threads, so that none waits for the next
MOST_BYTES = 256 << 20  # of chunks that are sent and not back
GOES_ON = "What was stored is kept unseen: run the command again, with or without --dask, and it goes on."


class Cluster:
    """The workers behind a scheduler."""

    def __init__(self, client: Client, address: str) -> None:
        self._client, self.address = client, address
        self.words = ""  # for the progress bar: how many work

    def work_out(self, work: Work, chunks: Iterator[Raw | int], spent: Spent) -> Iterator[Ready | int]:
        """Chunks worked out by whoever is free, given back in their order. Raises ClusterError."""
        name = f"weathermap-{uuid4().hex}"
        with spent("sending"):
            city = replace(work.terms.city, index_folder=None)  # without what this process has built of it
            terms = replace(work.terms, city=city, ledger=replace(work.terms.ledger, pieces=tuple))
            kept = self._send(name, keep, built_of(), pack(replace(work, terms=terms)))
        waiting: deque[tuple[Future | int, int]] = deque()
        sent = 0
        for chunk in chunks:
            if isinstance(chunk, int):
                waiting.append((chunk, 0))
            else:
                with spent("sending"):
                    raw = pack(chunk)
                    waiting.append((self._send(f"{name}-{chunk.number}", work_out_there, kept, raw), len(raw)))
                sent += len(raw)
            while waiting and (len(waiting) > self._most() or sent > MOST_BYTES):
                future, size = waiting.popleft()
                yield self._result(future, spent)
                sent -= size
                del future  # the cluster forgets it
        while waiting:
            yield self._result(waiting.popleft()[0], spent)

    def _send(self, key: str, task: Callable[..., object], *arguments: object) -> Future:
        with self._reached():
            return self._client.submit(task, *arguments, key=key)

    def _most(self) -> int:
        """How many chunks may be away."""
        with self._reached():
            working = self._client.processing()
            threads = sum(self._client.nthreads().values())
        self.words = f"{sum(map(bool, working.values()))} of {len(working)} workers"
        return AHEAD * max(threads, 1)

    def _result(self, future: Future | int, spent: Spent) -> Ready | int:
        if isinstance(future, int):
            return future
        with spent("waiting for workers"), self._reached():
            found = self._wait(future)
        ready, there = unpack(found)
        spent.add(there)
        return ready

    def _wait(self, future: Future) -> Any:
        """What came back. Waits as long as there are workers."""
        seen = time.monotonic()
        while True:
            try:
                return future.result(timeout=1)
            except TimeoutError:
                if self._client.nthreads():
                    seen = time.monotonic()
                elif time.monotonic() - seen > WORKERS_S:
                    raise ClusterError(f"All workers of {self.address} are gone.", GOES_ON) from None

    @contextmanager
    def _reached(self) -> Iterator[None]:
        try:
            yield
        except WeathermapError:
            raise
        except Exception as error:  # whatever a worker, the scheduler or the way to them comes up with
            said = f"{type(error).__name__}: {error}".splitlines()[0]
            raise ClusterError(
                f"The Dask cluster at {self.address} broke off: {said}.",
                f"Scheduler and workers must run this program's own environment. {GOES_ON}",
            ) from error


@contextmanager
def open_cluster(address: str) -> Iterator[Cluster]:
    """The cluster at a scheduler's address, with at least one worker. Raises ClusterError."""
    try:
        import dask
        from distributed import Client
    except ImportError as error:
        raise ClusterError(
            "--dask needs the packages dask and distributed, which are not installed.",
            "pip install 'weathermap[dask]', here and on every machine of the cluster; or leave --dask out.",
        ) from error
    if not ADDRESS.fullmatch(address):
        raise ClusterError(
            f"--dask {address!r} is no scheduler's address.",
            "Write tcp://HOST:8786, or tls://HOST:8786 with Dask's TLS.",
        )
    dask.config.set({"distributed.admin.large-graph-warning-threshold": f"{MOST_BYTES} B"})  # a chunk is what is sent
    with step(f"reaching the scheduler at {address}"):
        try:
            client = Client(address, timeout=ANSWER_S, set_as_default=False)
        except (OSError, ValueError) as error:
            raise ClusterError(
                f"No Dask scheduler answers at {address}: {str(error).splitlines()[0]}.",
                "Nothing was stored. Start one (`dask scheduler`), mend the address (tcp://HOST:8786), or leave --dask"
                " out.",
            ) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=WORKERS_S)
        except TimeoutError as error:
            raise ClusterError(
                f"The Dask scheduler at {address} has no worker.",
                f"Nothing was stored. Start some: `dask worker {address}` on each machine.",
            ) from error
        yield Cluster(client, address)
