"""Which column of a ledger plays which role: by its name, and by what stands in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from etl.codes import area_codes, category_codes, unit_codes
from etl.guess.names import ROLES, likeness
from etl.guess.times import formats_of
from etl.numerals import numbers
from etl.read.ledger import X, Y
from etl.rules import CategoryRule, CodeRule
from weathermap.city.pack import Pack
from weathermap.issue.batch import Text

SURE, LIKELY = 0.85, 0.5
TIMES = ("reported_at", "closed_at", "deadline", "status_at")
MATCH = 0.6  # share of the values of a column that must be areas of a level


@dataclass(frozen=True)
class Choice:
    """A column for a role. `score`: 0 to 1; `why` in words."""

    column: str
    score: float
    why: str
    formats: tuple[str, ...] = ()
    rivals: tuple[str, ...] = ()

    @property
    def word(self) -> str:
        return "sure" if self.score >= SURE else "likely" if self.score >= LIKELY else "UNSURE"


@dataclass
class Sample:
    """Some rows of a ledger."""

    columns: dict[str, Text]
    pack: Pack
    times: dict[str, tuple[tuple[str, ...], float, tuple[str, ...]]] = field(default_factory=dict)

    def filled(self, name: str) -> Text:
        column = self.columns[name]
        return column[column != ""]

    def formats(self, name: str) -> tuple[tuple[str, ...], float, tuple[str, ...]]:
        """The formats of a column's times, looked for once."""
        if name not in self.times:
            self.times[name] = formats_of(self.filled(name)[:500])
        return self.times[name]


def choose(sample: Sample) -> dict[str, Choice]:
    """role → column; a column plays one role, the best fit first; roles that nothing fits are left out."""
    scored = [(*_judge(sample, role, name), role, name) for role in ROLES for name in sample.columns]
    found: dict[str, Choice] = {}
    for score, why, role, name in sorted(scored, key=lambda entry: -entry[0]):
        if score > 0.3 and role not in found and name not in {choice.column for choice in found.values()}:
            formats, _, rivals = sample.formats(name) if role in TIMES else ((), 0.0, ())
            found[role] = Choice(name, score, why, formats, rivals)
    if X in sample.columns:
        why = "the file's geometries"
        found["lon"], found["lat"] = Choice(X, 1.0, why), Choice(Y, 1.0, why)
    if ("lon" in found) != ("lat" in found):
        found.pop("lon", None), found.pop("lat", None)
    return found


def _judge(sample: Sample, role: str, name: str) -> tuple[float, str]:
    """(score, why): the name counts for half, what stands in the column for the rest, and may forbid it."""
    called = likeness(name, role)
    if called == 0 and role not in ("category", "unit"):
        return 0.0, ""
    values = sample.filled(name)
    if not len(values):
        return 0.0, ""
    fit, why = (_times if role in TIMES else CONTENT[role])(sample, name, values)
    said = "the usual name" if called >= 0.7 else "the name" if called else "its values"
    return (0.5 * called + 0.5 * fit if fit > 0 else 0.0), f"{said}; {why}"


def _times(sample: Sample, name: str, values: Text) -> tuple[float, str]:
    formats, share, _ = sample.formats(name)
    return (share, f"{share:.0%} are times") if share > 0.8 and formats else (0.0, "")


def _key(sample: Sample, name: str, values: Text) -> tuple[float, str]:
    distinct = len(set(values.tolist())) / len(sample.columns[name])
    return (distinct, f"{distinct:.1%} of the rows have a value of their own") if distinct > 0.9 else (0.0, "")


def _category(sample: Sample, name: str, values: Text) -> tuple[float, str]:
    codes, _ = category_codes(values, CategoryRule(name, {}, "reject"), sample.pack.categories)
    known = float((codes != "").mean())
    distinct = len(set(values.tolist()))
    if distinct > max(20, 0.5 * len(values)):
        return 0.0, ""
    called = max(likeness(name, "category"), 0.0)
    if not called and known < MATCH:
        return 0.0, ""
    return max(known, 0.5 if called else 0.0), f"{distinct} different values, {known:.0%} of the rows in categories.csv"


def _unit(sample: Sample, name: str, values: Text) -> tuple[float, str]:
    known = float((unit_codes(values, CodeRule(name, {}), sample.pack.units) != "").mean())
    return (known, f"{known:.0%} are units of the pack") if known > 0.3 else (0.0, "")


def _number(sample: Sample, name: str, values: Text) -> tuple[float, str]:
    share = float(np.isfinite(numbers(values)).mean())
    return (share, f"{share:.0%} are numbers") if share > 0.8 else (0.0, "")


def _status(sample: Sample, name: str, values: Text) -> tuple[float, str]:
    distinct = len(set(values.tolist()))
    return (1.0, f"{distinct} different values") if distinct <= 30 else (0.0, "")


def _address(sample: Sample, name: str, values: Text) -> tuple[float, str]:
    text = float(np.mean([not v.replace(".", "").isdigit() for v in values[:500].tolist()]))
    return (text, "texts") if text > 0.8 else (0.0, "")


CONTENT: dict[str, Callable[[Sample, str, Text], tuple[float, str]]] = {
    "key": _key,
    "category": _category,
    "unit": _unit,
    "lon": _number,
    "lat": _number,
    "status": _status,
    "address": _address,
}


def published(sample: Sample, taken: set[str]) -> Iterator[tuple[str, CodeRule, Choice]]:
    """(level, rule, choice) of columns that name areas of the pack; the best column of each level."""
    for level in (*sample.pack.config.levels[1:], *sample.pack.config.overlays):
        areas = sample.pack.areas.get(level)
        if areas is None:
            continue
        codes = set(areas.codes.tolist())
        widths = sorted({len(code) for code in codes if code.isascii() and code.isdigit()})
        best: tuple[float, CodeRule] | None = None
        for name in sample.columns:
            values = sample.filled(name)
            if name in taken or not len(values):
                continue
            for form in ("", *(f"{{:0{width}d}}" for width in widths if width > 1)):
                rule = CodeRule(name, {}, form)
                share = float(np.mean([code in codes for code in area_codes(values, rule, areas).tolist()]))
                if share > MATCH and len(set(values.tolist())) > 1 and (best is None or share > best[0]):
                    best = share, rule
        if best is not None:
            why = f"{best[0]:.1%} of its values are areas of this level"
            yield level, best[1], Choice(best[1].column, min(best[0], 1.0), why)
