"""A proposed mapping.toml: each line with how sure it is, why, and some values."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from etl.codes import area_codes, category_codes
from etl.guess.choosing import TIMES, Choice, Sample, choose, published
from etl.guess.names import state_of
from etl.numerals import numbers, paired
from etl.read import Ledger
from etl.read.ledger import X
from etl.rules import CategoryRule, CodeRule
from etl.suspicion import candidates, clearly, read_as
from weathermap.city.crs import WGS84
from weathermap.city.pack import Pack
from weathermap.errors import LedgerError
from weathermap.issue.book import Book

ROWS = 20_000  # that are looked at
POSITIONS = 2_000
VALUES, SHORT = 3, 24
MOST_STATES = 40


def propose(ledger: Ledger, pack: Pack) -> Iterator[str]:
    """The lines of a mapping for `ledger` in the city of `pack`, from its first rows. Raises LedgerError: no rows."""
    piece = next(ledger.batches(ROWS), None)
    if piece is None:
        raise LedgerError(f"{ledger.file} has no rows.", "A mapping can only be proposed from a ledger with rows.")
    if piece.faults:  # titles of further pages, totals
        records = [row for row in range(len(piece)) if all(fault.column for fault in piece.faults.get(row, ()))]
        piece = piece.take(np.array(records, dtype=np.int64))
    columns = {name: piece.table[name].to_numpy().astype(object) for name in ledger.names}
    sample = Sample(columns, pack)
    found = choose(sample)
    areas = list(published(sample, {choice.column for choice in found.values()}))
    yield f"# Proposed from {ledger.file.name} ({len(piece):,} rows looked at). Lines marked UNSURE want your eye."
    yield from _top(sample, found)
    yield from _category(sample, found.get("category"))
    yield from _position(sample, ledger, found, {level: rule for level, rule, _ in areas})
    yield from _times(sample, found)
    if "unit" in found:
        yield from ("", "[unit]", _line("column", found["unit"], sample))
    if "status" in found:
        yield from _status(sample, found["status"])
    for level, rule, choice in areas:
        yield from ("", f"[published.{level}]", _line("column", choice, sample))
        if rule.code_format:
            yield f"code_format = {_text(rule.code_format)}"
    used = {choice.column for choice in found.values()} | {choice.column for *_, choice in areas}
    yield ""
    yield f"# Columns that are not used: {', '.join(name for name in ledger.names if name not in used) or 'none'}."


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _line(name: str, choice: Choice, sample: Sample) -> str:
    values = list(dict.fromkeys(sample.filled(choice.column)[:200].tolist()))[:VALUES]
    shown = ", ".join(" ".join(v.split())[:SHORT] for v in values)
    return f"{name} = {_text(choice.column)}  # {choice.word}: {choice.why}; e.g. {shown}"


def _missing(name: str, what: str) -> str:
    return f'{name} = ""  # NOT FOUND: {what}'


def _top(sample: Sample, found: Mapping[str, Choice]) -> Iterator[str]:
    sources = sample.pack.sources
    only = len(sources) == 1
    listed = ", ".join(source.code for source in sources)
    chosen = next(
        (s for s in sources if s.kind == "ledger"), next((s for s in sources if s.kind == "hotline"), sources[0])
    )
    yield f"source = {_text(chosen.code)}  # {'sure: the only one' if only else f'UNSURE: one of {listed}'}"
    yield (
        _line("key", found["key"], sample)
        if "key" in found
        else _missing("key", "a column with a value of its own in each row")
    )
    if "address" in found:
        yield _line("address", found["address"], sample)


def _category(sample: Sample, choice: Choice | None) -> Iterator[str]:
    yield from ("", "[category]")
    if choice is None:
        yield _missing("column", "a column with the kinds of problem")
        return
    yield _line("column", choice, sample)
    values = sample.filled(choice.column)
    codes, _ = category_codes(values, CategoryRule(choice.column, {}, "reject"), sample.pack.categories)
    unknown = Counter(values[codes == ""].tolist())
    if not unknown:
        yield 'new = "reject"  # sure: all values are known'
        return
    most = ", ".join(f"{value[:SHORT]} ({n:,})" for value, n in unknown.most_common(5))
    if sample.pack.limits:
        yield f'new = "reject"  # UNSURE: not in categories.csv, and without a limit: {most}; give their codes below'
        yield from ("[category.codes]", *(f'# {_text(value)} = ""' for value, _ in unknown.most_common(20)))
    else:
        yield f'new = "add"  # likely: {len(unknown)} values become new categories: {most}'


def _position(
    sample: Sample, ledger: Ledger, found: Mapping[str, Choice], rules: Mapping[str, CodeRule]
) -> Iterator[str]:
    if "lon" not in found:
        yield from ("", "# No columns with coordinates were found: every issue will be 未定位 (not located).")
        return
    lon, lat = found["lon"], found["lat"]
    x, y = (numbers(sample.columns[choice.column]) for choice in (lon, lat))
    spot = paired(x, y)
    _, which, counts = np.unique(spot, return_inverse=True, return_counts=True)
    rows = np.flatnonzero(np.isfinite(x) & np.isfinite(y) & (counts[which] <= max(20, 0.01 * len(x))))[:POSITIONS]
    pack, book = sample.pack, Book.from_pack(sample.pack)
    wanted = {
        level: area_codes(sample.columns[rule.column][rows], rule, pack.areas[level]) for level, rule in rules.items()
    }
    said = (ledger.crs if lon.column == X else "") or WGS84
    tried = [(said, False), *candidates(x[rows], y[rows], book, said)]
    readings = [read_as(crs, swapped, x[rows], y[rows], book, wanted) for crs, swapped in tried]
    best = max(readings, key=lambda reading: (int(reading.fits().sum()), reading.crs == said, not reading.swapped))
    doubtful = best is not readings[0] and not clearly(best, readings[0])
    best = readings[0] if doubtful else best
    if best.swapped:
        lon, lat = lat, lon
    yield from ("", "[position]", _line("lon", lon, sample), _line("lat", lat, sample))
    share = best.inside.mean() if len(rows) else 0.0
    word = "UNSURE" if doubtful or share <= 0.5 else "sure" if share > 0.9 else "likely"
    rivals = sorted((r for r in readings if r is not best), key=lambda r: -int(r.fits().sum()))[:2]
    others = "; ".join(f"as {r.name} {r.figures()}" for r in rivals)
    yield f"crs = {_text(best.crs)}  # {word}: {best.figures()}" + (f"; {others}" if others else "")


def _times(sample: Sample, found: Mapping[str, Choice]) -> Iterator[str]:
    yield from ("", "[times]")
    chosen = [found[role] for role in TIMES if role in found]
    formats = list(dict.fromkeys(form for choice in chosen for form in choice.formats)) or ["%Y-%m-%d %H:%M:%S"]
    rivals = list(dict.fromkeys(form for choice in chosen for form in choice.rivals))
    doubt = f"UNSURE: {', '.join(rivals)} would fit as well" if rivals else "sure: no other fits as many"
    yield f"formats = {json.dumps(formats, ensure_ascii=False)}  # {doubt}"
    if "reported_at" not in found:
        yield _missing("reported_at", "a column with the time of the report")
    yield from (_line(role, found[role], sample) for role in TIMES if role in found)


def _status(sample: Sample, choice: Choice) -> Iterator[str]:
    yield from ("", "[status]", _line("column", choice, sample), "[status.states]")
    for value, n in Counter(sample.filled(choice.column).tolist()).most_common(MOST_STATES):
        state = state_of(value)
        word = "likely" if state else "UNSURE: a word that is not known"
        yield f"{_text(value)} = {_text(state or 'open')}  # {word}; {n:,} rows"


def write_proposal(lines: list[str], target: Path) -> None:
    """Raises LedgerError for a file that is there: a mapping that someone wrote is never replaced."""
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
    except FileExistsError as error:
        raise LedgerError(f"{target} is there already.", "Name another file, or move it away first.") from error
    except OSError as error:
        raise LedgerError(f"{target} cannot be written: {error.strerror}.", "Name another place.") from error
