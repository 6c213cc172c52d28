"""The layer style that QGIS finds in a GeoPackage: each weather its colour, areas without weather by their count."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from etl.export.glyphs import SIGNS
from etl.export.grid_report import Report
from etl.export.picture import STEPS, counted_key
from weathermap.weather.words import WEATHER

STYLES_TABLE = """CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
    f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
    useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
    update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')))"""
_PAGE = """<!DOCTYPE qgis>
<qgis version="3.28" styleCategories="Symbology|Labeling" labelsEnabled="1">
<renderer-v2 {how} enableorderby="0" forceraster="0" symbollevels="0">
{classes}
<symbols>{symbols}</symbols>
</renderer-v2>
<labeling type="simple"><settings><text-style fieldName="name" fontFamily="Noto Sans SC" fontSize="9" isExpression="0">
<text-buffer bufferDraw="1" bufferSize="0.8" bufferColor="255,255,255,220"/></text-style>
<placement placement="1"/><rendering scaleVisibility="0"/></settings></labeling>
</qgis>"""


def style_of(report: Report) -> str:
    """The style as QML."""
    symbols = []
    if any(report.weathers):
        categories = []
        for at, (name, sign) in enumerate(SIGNS.items()):
            label = quoteattr(WEATHER[name][report.lang])
            categories.append(f'<category value="{name}" symbol="{at}" label={label} render="true"/>')
            symbols.append(_symbol(at, sign.fill, "#FFFFFF"))
        categories.append(f'<category value="" symbol="{len(SIGNS)}" label="–" render="true"/>')
        symbols.append(_symbol(len(SIGNS), STEPS[0], "#B5B3AA"))
        how = 'type="categorizedSymbol" attr="weather_code"'
        return _PAGE.format(
            how=how, classes=f"<categories>{''.join(categories)}</categories>", symbols="".join(symbols)
        )
    ranges = []
    for at, colour in enumerate(STEPS):
        upper, label = (at, str(at)) if at < len(STEPS) - 1 else (10**9, f"{at}+")
        ranges.append(f'<range lower="{at}" upper="{upper}" symbol="{at}" label="{label}" render="true"/>')
        symbols.append(_symbol(at, colour, "#B5B3AA"))
    how = f'type="graduatedSymbol" attr="{counted_key(report)}" graduatedMethod="GraduatedColor"'
    return _PAGE.format(how=how, classes=f"<ranges>{''.join(ranges)}</ranges>", symbols="".join(symbols))


def _symbol(name: int, fill: str, edge: str) -> str:
    def rgba(colour: str) -> str:
        return ",".join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5)) + ",255"

    options = {"color": rgba(fill), "outline_color": rgba(edge), "outline_width": "0.4", "style": "solid"}
    told = "".join(f'<Option name="{key}" type="QString" value="{value}"/>' for key, value in options.items())
    return (
        f'<symbol name="{name}" type="fill" alpha="1" clip_to_extent="1" force_rhr="0">'
        f'<layer class="SimpleFill" enabled="1" locked="0" pass="0"><Option type="Map">{told}</Option></layer></symbol>'
    )
