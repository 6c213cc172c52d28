"""Values of a ledger → codes of the pack: categories, units, published areas. Each distinct value is looked up once."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd

from etl.rules import CategoryRule, CodeRule
from weathermap.city.pack import Areas, Category, Pack, Unit
from weathermap.issue.batch import Text


def each(values: Text, find: Callable[[str], str]) -> Text:
    """`find` of every value, called once for each distinct one."""
    rows, distinct = pd.factorize(values)
    found = np.array([find(value) for value in distinct.tolist()], dtype=object)
    return found[rows] if len(found) else np.array([], dtype=object)


def folded(text: str) -> str:
    """For comparing names: case and runs of blanks do not count."""
    return " ".join(text.split()).casefold()


def slug(text: str) -> str:
    """A code made of a name: letters (of any script) and digits, everything between them one hyphen."""
    return re.sub(r"[\W_]+", "-", text).strip("-")


def category_codes(
    values: Text, rule: CategoryRule, categories: Iterable[Category]
) -> tuple[Text, tuple[Category, ...]]:
    """Code of each value, '' for one that is unknown, and the categories to add when the rule says so."""
    known = _names(categories)
    added: dict[str, Category] = {}

    def find(value: str) -> str:
        if value in rule.codes:
            return rule.codes[value]
        code = known.get(value) or known.get(folded(value)) or known.get(slug(value), "")
        if code or rule.new == "reject" or not value:
            return code
        if rule.new != "add":
            return rule.new
        name = " ".join(value.split())
        added.setdefault(slug(value), Category(slug(value), name, name, "service", "", False))
        return slug(value)

    return each(values, find), tuple(category for code, category in sorted(added.items()) if code)


def unit_codes(values: Text, rule: CodeRule, units: Iterable[Unit]) -> Text:
    """Code of each value's unit, '' for one that is unknown."""
    known = _names(units)
    return each(values, lambda value: rule.codes.get(value) or known.get(value) or known.get(folded(value), ""))


def area_codes(values: Text, rule: CodeRule, areas: Areas) -> Text:
    """Code of the area that each value names; the value itself for one that is unknown, '' for none."""
    codes = set(areas.codes.tolist())
    names = {folded(name): code for code, name in zip(areas.codes, areas.names, strict=True)}

    def find(value: str) -> str:
        code = rule.codes.get(value, value)
        if rule.code_format and not code.isascii():
            code = unicodedata.normalize("NFKC", code)  # full-width digits
        if rule.code_format and code.isascii() and code.isdigit():
            code = rule.code_format.format(int(code))
        return code if code in codes else names.get(folded(code), code)

    return each(values, find)


def limited(pack: Pack, code: str) -> bool:
    """Whether a category of this code would have a time limit; a pack without limits needs none."""
    patterns = [limit.category for limit in pack.limits]
    return not patterns or any(code == p or (p.endswith("*") and code.startswith(p[:-1])) for p in patterns)


def nearest(value: str, categories: Iterable[Category]) -> str:
    """The names most like an unknown one, in words."""
    names = {folded(category.name): category.name for category in categories}
    near = [names[found] for found in difflib.get_close_matches(folded(value), names, n=2)]
    return f"; nearest: {', '.join(near)}" if near else ""


def _names(entries: Iterable[Category] | Iterable[Unit]) -> dict[str, str]:
    """code, name and English name → code; where two share a name the first keeps it."""
    found: dict[str, str] = {}
    listed = list(entries)
    for entry in listed:
        found.setdefault(entry.code, entry.code)
    for entry in listed:
        for name in filter(None, (entry.name, entry.name_en)):
            found.setdefault(folded(name), entry.code)
    return found
