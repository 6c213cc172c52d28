"""The workflow drawn from its table: a chart (SVG), a state diagram (Mermaid), or rows of words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from weathermap.issue.workflow import ANY, HOLDER, MOVES, NEW, OUTSIDE, SAME, STATES, Move
from weathermap.people.roles import ROLES

# The way of most issues first, then where some wait, then the ends beside it.
ORDER = (NEW, "reported", "handling", "to_check", "rectified", "suspended", "rejected", "void", "merged", "split")
NEEDS = {
    "note": ("说明", "note"),
    "until": ("日期", "date"),
    "unit": ("单位", "unit"),
    "into": ("另一件", "other issue"),
    "parts": ("各部分", "parts"),
    "to": ("交给谁", "to whom"),
    "task": ("任务", "task"),
    "category": ("类别", "category"),
}
WHOSE = {HOLDER: ("本单位", "own unit"), OUTSIDE: ("非办理单位", "not the unit that handled it")}
BY_ITSELF = ("程序", "the program")
ROW, COLUMN, LEFT, TOP, WHO = 30, 88, 190, 70, 500  # pixels


@dataclass(frozen=True)
class Line:
    """One move in words of a language."""

    name: str
    sources: str
    target: str
    who: str
    needs: str


def lines(lang: str) -> list[Line]:
    """All moves in the order of the table."""
    at = 1 if lang == "en" else 0
    return [_line(move, at) for move in MOVES.values()]


def _line(move: Move, at: int) -> Line:
    comma = ("、", ", ")[at]
    target = ("不变", "stays")[at] if move.target == SAME else STATES[move.target][at]
    sources = comma.join(STATES[state][at] for state in ORDER if state in move.sources and state != NEW)
    needs = comma.join(NEEDS[need][at] for need in move.needs)
    return Line((move.zh, move.en)[at], sources or "–", target, _who(move, at), needs or "–")


def _who(move: Move, at: int) -> str:
    if not move.roles:
        return BY_ITSELF[at]
    names = ("、", ", ")[at].join(ROLES[role][at] for role in ROLES if role in move.roles)
    return names if move.unit == ANY else f"{names}{('（', ' (')[at]}{WHOSE[move.unit][at]}{('）', ')')[at]}"


def mermaid(lang: str = "en") -> str:
    """A state diagram; moves that leave an issue where it is stand in the chart alone."""
    at = 1 if lang == "en" else 0
    arrows: dict[tuple[str, str], list[str]] = {}
    for move in MOVES.values():
        for state in ORDER if move.target != SAME else ():
            if state in move.sources:
                arrows.setdefault((state, move.target), []).append((move.zh, move.en)[at])
    said = [f"    {state} : {names[at]}" for state, names in STATES.items()]
    drawn = [f"    {source or '[*]'} --> {target} : {' / '.join(names)}" for (source, target), names in arrows.items()]
    ends = [f"    {state} --> [*]" for state in ORDER if state and not any(source == state for source, _ in arrows)]
    return "\n".join(["stateDiagram-v2", *said, *drawn, *ends]) + "\n"


def svg(lang: str = "en") -> str:
    """A chart: a column for each state, a row for each move, an arrow from where it starts to where it leads; a ring
    where the issue stays in its state."""
    at = 1 if lang == "en" else 0
    wide, high = LEFT + len(ORDER) * COLUMN + WHO, TOP + len(MOVES) * ROW + 10
    title = ("问题的流程：状态与操作", "The life of an issue: states and moves")[at]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" role="img" aria-label="{title}"'
        ' font-family="Plex, Noto Sans SC, Microsoft YaHei, PingFang SC, sans-serif" font-size="13" fill="#14191c">',
        f'<rect width="{wide}" height="{high}" fill="#fff"/>',
        f'<text x="12" y="{TOP - 20}" fill="#4a5459" font-size="12">{("○ 状态不变", "○ stays as it is")[at]}</text>',
        *_columns(at, high),
    ]
    for row, move in enumerate(MOVES.values()):
        parts += _row(move, TOP + row * ROW + ROW / 2, row, wide, at)
    return "\n".join([*parts, "</svg>", ""])


def _columns(at: int, high: int) -> Iterator[str]:
    for state in ORDER:
        x = _x(state)
        yield f'<path d="M{x} {TOP - 12}V{high - 10}" stroke="#dddbd3"/>'
        if state == NEW:
            yield f'<circle cx="{x}" cy="{TOP - 24}" r="6"/>'
            continue
        for k, word in enumerate(_broken(STATES[state][at])):
            yield f'<text x="{x}" y="{TOP - 38 + 16 * k}" text-anchor="middle" font-weight="600">{escape(word)}</text>'


def _broken(name: str) -> list[str]:
    """A name on two lines at most."""
    first, _, rest = name.rpartition(" ")
    return [first, rest] if first else [name]


def _x(state: str) -> int:
    return LEFT + ORDER.index(state) * COLUMN + COLUMN // 2


def _row(move: Move, y: float, row: int, wide: int, at: int) -> Iterator[str]:
    if row % 2 == 0:
        yield f'<rect x="0" y="{y - ROW / 2}" width="{wide}" height="{ROW}" fill="#14191c" fill-opacity="0.035"/>'
    yield f'<text x="12" y="{y + 4.5}" font-weight="600">{escape((move.zh, move.en)[at])}</text>'
    xs = [_x(state) for state in ORDER if state in move.sources]
    if move.target == SAME:
        yield from (f'<circle cx="{x}" cy="{y}" r="5" fill="#fff" stroke="#14191c" stroke-width="1.5"/>' for x in xs)
    else:
        end = _x(move.target)
        for far in {min(xs), max(xs)}:
            if far == end:  # back into its own state
                yield f'<circle cx="{end}" cy="{y}" r="5" fill="#fff" stroke="#14191c" stroke-width="1.5"/>'
                continue
            back = -1 if far > end else 1
            yield f'<path d="M{far} {y}H{end - back * 9}" stroke="#14191c" stroke-width="1.5"/>'
            yield f'<path d="M{end} {y}l{-back * 10} -5v10z"/>'
        yield from (f'<circle cx="{x}" cy="{y}" r="4"/>' for x in xs if x != end)
    words = _who(move, at)
    if move.needs:
        words += ("；须 ", "; needs ")[at] + ("、", ", ")[at].join(NEEDS[need][at] for need in move.needs)
    x = LEFT + len(ORDER) * COLUMN + 12
    yield f'<text x="{x}" y="{y + 4.5}" fill="#4a5459" font-size="12">{escape(words)}</text>'


assert set(ORDER) == {NEW, *STATES}
