"""The file of one case as PDF: five fixes, place, receipt, photos, how its term ran, what happened, its seal."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from PIL import Image

from etl.export.typeset import TEMPLATES, typeset

# The page's little map without the page's style sheet.
STYLE = """<style>.own{fill:#fff}.cell{fill:#f2c14e;fill-opacity:.55;stroke:#14191c;stroke-width:2}
.cells{fill:none;stroke:#b5b3aa;stroke-width:1}.border{fill:none;stroke:#4a5459;stroke-width:2.5}
text{font:500 15px 'Noto Sans SC';fill:#4a5459;paint-order:stroke;stroke:#fff;stroke-width:4px}</style>"""


def case_file(data: Mapping[str, Any], place: str, photos: Sequence[bytes]) -> bytes:
    """The PDF. `place`: the map as SVG, '' for none; `photos`: pictures in the order of `data["photos"]`."""
    pictures = {f"photo{at}.jpg": _jpeg(photo) for at, photo in enumerate(photos)}
    named = [[f"photo{at}.jpg", *entry] for at, entry in enumerate(data["photos"])]
    if place:
        head, _, rest = place.partition(">")
        ground = '<rect width="100%" height="100%" fill="#f1f0eb"/>'
        spaced = head if "xmlns" in head else head.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
        pictures["map.svg"] = f"{spaced}>{STYLE}{ground}{rest}".encode()
    given = {**data, "photos": named, "map": bool(place)}
    return typeset(TEMPLATES / "case_file.typ", given, pictures)


def _jpeg(photo: bytes) -> bytes:
    """Copies are WebP, which is set as JPEG: smaller in a PDF than what a decoded WebP would be."""
    made = io.BytesIO()
    Image.open(io.BytesIO(photo)).convert("RGB").save(made, "JPEG", quality=85)
    return made.getvalue()
