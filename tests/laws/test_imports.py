"""Dependencies run one way: weathermap ← etl ← web, and nothing lies about unused."""

from __future__ import annotations

import ast

import pytest

from tests.laws.source import ROOT, dotted, imports, modules, top_level_imports, tree

# What makes the demo knows no store; its runner alone opens one, to hand the ledger to the intake that all use.
RUNNER = "etl.demo.run"


def reaches(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def breaches(part: str, forbidden: tuple[str, ...]) -> list[str]:
    found = []
    for path in modules(part):
        if part == "etl/demo" and dotted(path) == RUNNER:
            continue
        names = top_level_imports(tree(path)) if path == ROOT / "weathermap" / "cli.py" else imports(tree(path))
        found += [f"{dotted(path)} imports {name}" for name in names for each in forbidden if reaches(name, each)]
    return found


@pytest.mark.parametrize(
    ("part", "forbidden"),
    [
        ("weathermap", ("etl", "web", "tests", "flask")),
        ("etl", ("web", "tests", "flask")),
        ("etl/demo", ("weathermap.store",)),
        ("web", ("tests",)),
    ],
)
def test_dependencies_run_one_way(part: str, forbidden: tuple[str, ...]) -> None:
    assert breaches(part, forbidden) == []


def test_the_law_on_imports_sees_both_ways_of_writing_them() -> None:
    code = "import etl.demo\nfrom weathermap import store\ndef f():\n    from web import app\n"
    assert {"etl.demo", "weathermap.store", "web.app"} <= set(imports(ast.parse(code)))
    assert "web.app" not in set(top_level_imports(ast.parse(code)))


def test_every_module_of_the_core_is_imported_by_the_program() -> None:
    used = {name for path in modules() for name in imports(tree(path)) if dotted(path) != name}
    used |= {
        dotted(path) for path in modules("weathermap") if '__name__ == "__main__"' in path.read_text(encoding="utf-8")
    }
    # Alembic finds the revisions by itself; the command line is what starts.
    mine = {
        dotted(path) for path in modules("weathermap") if "migrations" not in path.parts and path.stem != "__init__"
    }
    assert sorted(mine - used - {"weathermap.cli"}) == []
