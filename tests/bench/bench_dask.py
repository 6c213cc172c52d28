"""make bench-dask: one ledger imported by this process alone, and with one and two workers of a Dask cluster.

All run on this machine, so that they share its processors with each other and with PostgreSQL: what is gained here is
less than with machines of their own. So beside the rates it says how many seconds of a processor the importing process
itself needs either way: that and the store bound how far more machines can bring it. The tallies of all ways must be
the same, byte for byte. BENCH_ROWS (default 300,000: some three minutes) changes the size. Prints
`ratio: X`: two workers to alone.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text

from tests.bench.bench_load import CHILD, PACK
from tests.bench.database import bench_cluster, new_database
from tests.bench.ledgers import MAPPING, write_ledger
from weathermap.city.reading import read_pack
from weathermap.store.cities import load_directory
from weathermap.store.cluster import Cluster
from weathermap.store.db import connect_engine

ROWS = int(os.environ.get("BENCH_ROWS", "300000"))
ROOT = PACK.parents[1]
SPREAD = CHILD.replace("= sys.argv[1:]", ", dask = sys.argv[1:]")
SPREAD = SPREAD.replace("mapping=Path(mapping)", "mapping=Path(mapping), dask=dask")
SPREAD += """
used = resource.getrusage(resource.RUSAGE_SELF)
print(f"USED {used.ru_utime + used.ru_stime}")
"""


@contextmanager
def dask(folder: Path, workers: int) -> Iterator[str]:
    """The address of a scheduler with so many workers; '' for none."""
    started: list[subprocess.Popen[bytes]] = []

    def start(name: str, *options: str) -> Path:
        log = folder / f"{name}.log"
        with log.open("wb") as file:
            command = [sys.executable, "-m", "dask", *options, "--no-dashboard"]
            started.append(subprocess.Popen(command, cwd=ROOT, stdout=file, stderr=file))
        return log

    def wait(log: Path, says: str) -> str:
        while not (found := re.search(says, log.read_text())):
            time.sleep(0.1)
        return found[0].split()[-1]

    try:
        address = ""
        if workers:
            address = wait(start("scheduler", "scheduler", "--host", "127.0.0.1", "--port", "0"), r"at:\s+tcp\S+")
        for k in range(workers):
            log = start(f"worker{k}", "worker", address, "--nthreads", "1", "--local-directory", str(folder / str(k)))
            wait(log, r"Registered to:\s+tcp")
        yield address
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait()


def imported(cluster: Cluster, folder: Path, ledger: Path, workers: int) -> tuple[float, str]:
    """Rows a second and a digest of all tallies."""
    url = new_database(cluster, f"with{workers}")
    engine = connect_engine(url, pool=1)
    load_directory(engine, PACK, {})
    with dask(folder, workers) as address:
        arguments = [url, folder / "data", ledger, PACK, folder / "mapping.toml", address]
        done = subprocess.run(
            [sys.executable, "-c", SPREAD, *map(str, arguments)], cwd=ROOT, capture_output=True, text=True
        )
    assert "USED" in done.stdout, done.stderr
    seconds, peak, stored = (float(word) for word in done.stdout.split("DONE ")[1].split()[:3])
    used = float(done.stdout.split("USED ")[1])
    assert stored == ROWS
    rate = f"{workers or 'no'} workers: {ROWS / seconds:,.0f} rows/s, {seconds:.1f} s"
    print(f"{rate}; the importing process {used:.1f} s of a processor, {peak:,.0f} MB")
    print("  " + next(line for line in done.stderr.splitlines() if "Seconds by stage" in line))
    digest = hashlib.sha256()
    with engine.connect() as connection:
        for row in connection.execute(
            text("SELECT CAST(t AS text) FROM tally_prefix AS t ORDER BY subject_id, bucket")
        ):
            digest.update(row[0].encode())
    engine.dispose()
    return ROWS / seconds, digest.hexdigest()


def main() -> None:
    with bench_cluster() as cluster, tempfile.TemporaryDirectory(dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        ledger = write_ledger(folder / "ledger.csv", read_pack(PACK), ROWS)
        (folder / "mapping.toml").write_text(MAPPING, encoding="utf-8")
        found = [imported(cluster, folder, ledger, workers) for workers in (0, 1, 2)]
    assert len({digest for _, digest in found}) == 1, "the tallies differ"
    print(f"ratio: {found[2][0] / found[0][0]:.2f}")


if __name__ == "__main__":
    main()
