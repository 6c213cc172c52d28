"""A city pack that may be loaded: checked, and without a fault."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from weathermap.city.check import examined
from weathermap.city.pack import Pack
from weathermap.errors import PackError
from weathermap.progress import step

SHOWN = 5  # faults that the error names


def sound_pack(directory: Path, areas: Mapping[str, Path]) -> Pack:
    """The pack in `directory`, the area files of some levels replaced. Raises PackError with its first faults."""
    with step(f"checking {directory}"):
        findings, draft = examined(directory, areas)
    faults = findings.faults
    if faults or draft is None:
        said = (f"{fault.file}:{fault.line}: {fault.what}\n    → {fault.remedy}" for fault in faults[:SHOWN])
        first = "\n  ".join(said)
        remedy = f"`weathermap city check {directory}` names all."
        raise PackError(f"The pack has {len(faults)} fault(s):\n  {first}", remedy)
    return draft.pack
