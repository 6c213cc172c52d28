"""A small city with two districts and one overlay, and ledgers for it: made by the tests that import."""

from __future__ import annotations

import json
from pathlib import Path

WEST, EAST = (118.60, 24.70, 118.65, 24.75), (118.65, 24.70, 118.70, 24.75)  # degrees: west, south, east, north
HEADER = ["编号", "类别", "上报时间", "办结时间", "状态", "经度", "纬度", "地址", "片区", "期限"]
CITY = """
[city]
code = "smallton"
name = "小城"
name_en = "Smallton"
timezone = "Asia/Shanghai"
metric_crs = "EPSG:4549"
levels = ["city", "district"]
overlays = ["police"]
coverage = "off"

[level_names]
city = ["全市", "City"]
district = ["片区", "District"]
police = ["警区", "Police district"]
"""
CATEGORIES = (
    "code,name,name_en,kind,special,red_line\nlitter,暴露垃圾,Litter,event,,0\nlamp,路灯,Street lamp,component,,0\n"
)
MAPPING = """
source = "hotline"
key = "编号"
address = "地址"

[category]
column = "类别"
new = "reject"

[position]
lon = "经度"
lat = "纬度"
default_points = [[118.60, 24.70]]

[times]
formats = ["%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M"]
reported_at = "上报时间"
closed_at = "办结时间"
deadline = "期限"

[status]
column = "状态"
states = { "办理中" = "open", "已办结" = "closed", "作废" = "void", "待派遣" = "reported" }

[published.district]
column = "片区"
code_format = "{:02d}"
"""


def feature(code: str, name: str, box: tuple[float, float, float, float], parent: str = "") -> dict[str, object]:
    """A rectangle as a GeoJSON feature, the corner of both districts a vertex of all."""
    west, south, east, north = box
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    properties = {"code": code, "name": name, "name_en": name, "parent": parent}
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def write_area(path: Path, features: list[dict[str, object]]) -> None:
    """One feature a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in features)
    path.write_text(f'{{"type": "FeatureCollection", "features": [\n{lines}\n]}}\n', encoding="utf-8")


def make_city(directory: Path, mapping: str = MAPPING, **tables: str) -> Path:
    """A pack in `directory`; `tables` are CSV texts by name. The city's borders come from its two districts."""
    directory.mkdir(parents=True, exist_ok=True)
    files = {
        "sources": "code,name,name_en,kind,error_m\nhotline,热线,Hotline,hotline,10\n",
        "categories": CATEGORIES,
        "units": "code,name,name_en,kind,area,parent\nclean,环卫,Cleaning,bureau,,\n",
        "duties": "code,unit\nall,clean\n",
        **tables,
    }
    for name, content in files.items():
        (directory / f"{name}.csv").write_text(content, encoding="utf-8")
    (directory / "city.toml").write_text(CITY, encoding="utf-8")
    (directory / "mapping.toml").write_text(mapping, encoding="utf-8")
    districts = [feature("01", "西区", WEST, "smallton"), feature("02", "东区", EAST, "smallton")]
    write_area(directory / "areas/district.geojson", districts)
    write_area(directory / "areas/police.geojson", [feature("P", "警区", (WEST[0], WEST[1], EAST[2], EAST[3]))])
    return directory


def row(key: str, **changes: str) -> list[str]:
    """One ordinary row, some of its values changed (by column name)."""
    plain = {
        "编号": key,
        "类别": "暴露垃圾",
        "上报时间": "2026-05-01 08:00",
        "办结时间": "",
        "状态": "办理中",
        "经度": "118.62",
        "纬度": "24.72",
        "地址": "一号路",
        "片区": "1",
        "期限": "2026-05-03 08:00",
    }
    assert changes.keys() <= plain.keys()
    return list({**plain, **changes}.values())


def write_ledger(path: Path, rows: list[list[str]], encoding: str = "utf-8", header: list[str] | None = None) -> Path:
    """A CSV file of plain values."""
    lines = [",".join(values) for values in [header or HEADER, *rows]]
    path.write_text("\n".join(lines) + "\n", encoding=encoding)
    return path
