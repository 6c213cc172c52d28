"""make bench-bulletin: a monthly bulletin of at least 60, then 104 pages as PDF, from the store to the last byte.

The demo's month, of a town with two thousand open issues; each bulletin in a process of its own, which has set none
before: facts read at one instant, the map drawn, the document set. pypdf counts the pages and finds the number of the
last issue that it must list. Seconds of the median of three; `ratio`: five seconds ÷ what the sixty pages took.
"""

from __future__ import annotations

import io
import json
import statistics
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pypdf

from etl.bulletin.facts import gather
from etl.bulletin.kinds import kind_of, window_of
from etl.bulletin.picture import map_of
from etl.bulletin.rendering import render
from etl.bulletin.wording import worded
from etl.demo.figures import Figures
from etl.demo.run import run_demo
from tests.bench.database import bench_cluster, new_database
from weathermap.settings import read_settings
from weathermap.store.catalog import load_catalog
from weathermap.store.db import connect_engine

ROOT = Path(__file__).parents[2]
AIM_S, TIMES = 5.0, 3
FIGURES = Figures(notified=9_000, rectified=6_800)
LISTED = {60: 850, 104: 2_000}  # pages → open issues that fill them
HEAD = {
    "title": "月度通报",
    "number": "〔2026〕1号",
    "recipients": "各单位",
    "signer": "指挥部",
    "signed_on": "2026-11-25",
}


def one(url: str, listed: int) -> dict[str, float]:
    """Seconds of each stage, and the pages."""
    start, began = time.perf_counter(), time.process_time()
    with connect_engine(url, pool=1).connect() as connection:
        catalog, now = load_catalog(connection, None), datetime.now(UTC)
        since, at = window_of("monthly", now.date(), catalog.timezone, now)
        facts = gather(connection, catalog, kind_of("monthly"), since, at)
        facts["open"] = facts["open"][:listed]
        read = time.perf_counter()
        picture = map_of(connection, catalog, facts)
    drawn = time.perf_counter()
    pdf = render("pdf", worded(facts, HEAD, []), picture, None)
    done, busy = time.perf_counter(), time.process_time() - began
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    assert len(facts["open"]) == listed
    assert any(facts["open"][-1]["number"] in page.extract_text().replace("\n", "") for page in pages)
    told = {"cpu": busy, "facts": read - start, "map": drawn - read, "pdf": done - drawn, "all": done - start}
    return told | {"pages": len(pages), "kB": len(pdf) / 1000}


def main() -> None:
    with bench_cluster() as cluster:
        url = new_database(cluster, "bulletin")
        city = ROOT / "gis_data" / (ROOT / "gis_data" / "default.txt").read_text(encoding="utf-8").strip()
        run_demo(replace(read_settings({}), database_url=url), city, 1, None, False, 1, FIGURES)
        took = {}
        for pages, listed in LISTED.items():
            words = [sys.executable, "-m", "tests.bench.bench_bulletin", url, str(listed)]
            runs = [subprocess.run(words, capture_output=True, text=True, cwd=ROOT) for _ in range(TIMES)]
            assert not any(run.returncode for run in runs), runs[0].stderr[-2000:]
            found = [json.loads(run.stdout.splitlines()[-1]) for run in runs]
            median = {name: statistics.median(each[name] for each in found) for name in found[0]}
            assert median["pages"] >= pages, median
            print(f"{median['pages']:.0f} pages, {median['kB']:,.0f} kB: {median['all']:.2f} s", end="", flush=True)
            stages = ", ".join(f"{name} {median[name]:.2f} s" for name in ("facts", "map", "pdf"))
            print(f" ({stages}; processor {median['cpu']:.2f} s)", flush=True)
            took[pages] = median["all"]
    print(f"ratio: {AIM_S / took[60]:.2f}  ({AIM_S:g} s ÷ 60 pages)")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(one(sys.argv[1], int(sys.argv[2]))))
    else:
        main()
