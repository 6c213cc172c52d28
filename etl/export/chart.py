"""Open and overdue issues of each area as bars (SVG), the most first."""

from __future__ import annotations

import html

from etl.export.grid_report import Report
from etl.export.picture import FONT, counted_key

MOST = 15  # bars; the rest stands in the table
BAR, GAP = 16.0, 8.0


def chart(report: Report, width: float = 760.0) -> str:
    """One bar an area: what is open (or counted), its overdue part dark. Empty where nothing is counted."""
    key = counted_key(report)
    overdue = "overdue" if key == "open" and "overdue" in report.totals else None
    rows = sorted((row for row in report.rows if row[key]), key=lambda row: -row[key])[:MOST]
    if not rows:
        return ""
    longest = rows[0][key]
    name_width = 12.5 * max(_width(row["name"]) for row in rows) + 8
    room = width - name_width - 70
    high = len(rows) * (BAR + GAP) + GAP
    head = next(column.head(report.lang) for column in report.columns if column.key == key)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {high:.0f}" width="{width:.0f}pt" '
        f'height="{high:.0f}pt" role="img" aria-label="{html.escape(head)}" font-family="{FONT}" font-size="12">'
    ]
    for at, row in enumerate(rows):
        y = GAP + at * (BAR + GAP)
        long = max(row[key] / longest * room, 1)
        late = row[overdue] / longest * room if overdue else 0
        said = f"{row[key]:,}" + (f" / {row[overdue]:,}" if overdue else "")
        name = html.escape(row["name"])
        parts.append(
            f'<text x="{name_width - 8}" y="{y + 12.5:.1f}" text-anchor="end" fill="#14191C">{name}</text>'
            f'<rect x="{name_width}" y="{y:.1f}" width="{long:.1f}" height="{BAR}" fill="#B5B3AA"/>'
            f'<rect x="{name_width}" y="{y:.1f}" width="{late:.1f}" height="{BAR}" fill="#B8341B"/>'
            f'<text x="{name_width + long + 6:.1f}" y="{y + 12.5:.1f}" fill="#4A5459">{said}</text>'
        )
    return "".join(parts) + "</svg>"


def _width(text: str) -> float:
    """In ems, about: a Chinese character one, a Latin one less."""
    return sum(1.0 if letter > "\u2e80" else 0.62 for letter in text)
