"""The packs that the project brings have no fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from weathermap.city.check import check_pack

PACKS = sorted(path.parent for path in (Path(__file__).parents[2] / "gis_data").glob("*/city.toml"))


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.name)
def test_pack_has_no_fault(pack: Path) -> None:
    # A pack without borders gets them on the command line; nothing but them may be missing in it.
    borderless = not (pack / "areas").is_dir()
    faults = check_pack(pack)
    assert [fault for fault in faults if not (borderless and fault.what.endswith("has no area file."))] == []
