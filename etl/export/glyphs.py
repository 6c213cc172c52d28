"""The weather's signs for files that stand alone: glyph, fill, ink and pattern of the light theme (design system).

The page's own are in web/ui/src/glyphs.ts; both draw the same silhouettes on a grid of 48 × 48.
"""

from __future__ import annotations

from dataclasses import dataclass

CLOUD = "M13.5 33.5A7.6 7.6 0 0 1 13 18.4 10.4 10.4 0 0 1 32.6 16.4 8.7 8.7 0 0 1 34.6 33.5Z"
LINE = 'fill="none" stroke="currentColor" stroke-linecap="round" stroke-width'


@dataclass(frozen=True)
class Sign:
    """One weather: colours, the drawing of its glyph, and one tile of its pattern (width, height, drawing)."""

    fill: str
    ink: str
    drawing: str
    tile: tuple[int, int, str] | None

    @property
    def glyph(self) -> str:
        """The glyph as SVG in the ink around it; its word stands beside it."""
        return f'<svg viewBox="0 0 48 48" class="glyph" aria-hidden="true">{self.drawing}</svg>'


SIGNS: dict[str, Sign] = {
    "sunny": Sign(
        "#F2C14E",
        "#14191C",
        f'<circle cx="24" cy="24" r="9.2" fill="currentColor"/><path {LINE}="3.4" d="M24 4.5v5M24 38.5v5M4.5 24h5M38.5 '
        '24h5M10.2 10.2l3.6 3.6M34.2 34.2l3.6 3.6M10.2 37.8l3.6-3.6M34.2 13.8l3.6-3.6"/>',
        None,
    ),
    "cloudy": Sign(
        "#DCE4E7",
        "#14191C",
        f'<path {LINE}="3.2" d="M25.6 14.6A6.6 6.6 0 1 1 37.8 19.4M31.8 1.9v2.8M45.2 15.9h-2.8M41.3 6.4l-2 2M22.3 6.4l2'
        f' 2"/><path transform="translate(-2.2 7)" d="{CLOUD}" fill="currentColor"/>',
        (7, 7, '<g fill="#14191C" fill-opacity=".17"><circle cx="1.75" cy="1.75" r="1.25"/>'
         '<circle cx="5.25" cy="5.25" r="1.25"/></g>'),
    ),
    "overcast": Sign(
        "#94A1A9",
        "#14191C",
        f'<path {LINE}="3.2" d="M23 12.6A8.6 8.6 0 0 1 39.2 14.4 7.4 7.4 0 0 1 41.6 28.6"/>'
        f'<path transform="translate(-3 6.5)" d="{CLOUD}" fill="currentColor"/>',
        (7, 7, '<path d="M0 3.5h7" stroke="#0B0F11" stroke-opacity=".2" stroke-width="1.1"/>'),
    ),
    "rain": Sign(
        "#2A78C8",
        "#FFFFFF",
        f'<path transform="translate(0 -5)" d="{CLOUD}" fill="currentColor"/>'
        f'<path {LINE}="3.6" d="M15.5 34l-3.2 8.5M25 34l-3.2 8.5M34.5 34l-3.2 8.5"/>',
        (11, 16, '<path d="M3.9 1.2L2 6.8M9.4 9.2L7.5 14.8" stroke="#fff" stroke-opacity=".3" stroke-width="1.4" '
         'stroke-linecap="round"/>'),
    ),
    "unvisited": Sign(
        "#FAFAF7",
        "#14191C",
        '<circle cx="24" cy="24" r="15.5" fill="none" stroke="currentColor" stroke-width="3.2" '
        f'stroke-dasharray="6.1 3.64"/><path {LINE}="3.6" d="M17.5 24h13"/>',
        (13, 13, '<path d="M-1 14L14 -1M-1 1L1 -1M12 14L14 12" stroke="#667177" stroke-opacity=".75" '
         'stroke-width="1.3"/>'),
    ),
}  # fmt: skip


def tiles() -> str:
    """SVG definitions: `url(#sky-NAME)` paints a shape in a weather."""
    made = []
    for name, sign in SIGNS.items():
        width, height, drawing = sign.tile or (8, 8, "")
        made.append(
            f'<pattern id="sky-{name}" width="{width}" height="{height}" patternUnits="userSpaceOnUse">'
            f'<rect width="{width}" height="{height}" fill="{sign.fill}"/>{drawing}</pattern>'
        )
    return "".join(made)


def patterns() -> str:
    """The definitions as an element of a page, whatever its zoom in screen pixels."""
    return f'<svg width="0" height="0" aria-hidden="true" style="position:absolute"><defs>{tiles()}</defs></svg>'
