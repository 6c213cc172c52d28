"""The workflow's picture is drawn from the table of moves, and whatever reads states off events knows every move."""

from __future__ import annotations

from pathlib import Path

from weathermap.issue.drawing import lines, mermaid, svg
from weathermap.issue.workflow import ENDED, MOVES, SAME, STATES

ROOT = Path(__file__).parents[2]


def test_the_picture_is_the_tables() -> None:
    drawn = (ROOT / "web" / "workflow.svg").read_text(encoding="utf-8")
    assert drawn == svg("en"), "weathermap workflow --format svg --lang en --output web/workflow.svg"


def test_every_move_is_drawn_in_both_languages() -> None:
    for lang in ("zh", "en"):
        names = [move.en if lang == "en" else move.zh for move in MOVES.values()]
        assert [line.name for line in lines(lang)] == names
        diagram, chart = mermaid(lang), svg(lang)
        for move, name in zip(MOVES.values(), names, strict=True):
            assert f">{name}</text>" in chart
            assert move.target == SAME or name in diagram


def test_an_issue_that_ended_moves_no_more() -> None:
    for name in ENDED:
        target = MOVES[name].target
        assert target in STATES
        assert not [move for move in MOVES.values() if target in move.sources and move.target != SAME]


def test_statements_know_every_move_that_changes_a_state() -> None:
    """The statements that read a state off events name each move that leads to one."""
    for name in ("issues_asof", "issues_moved", "verify_issue"):
        text = (ROOT / "weathermap" / "store" / "sql" / f"{name}.sql").read_text(encoding="utf-8")
        for move in MOVES.values():
            if move.target != SAME and move.target not in move.sources:
                assert f"'{move.name}'" in text, f"{name}.sql: {move.name}"
