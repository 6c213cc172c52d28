"""Write the two made-up cities of the tests: python tests/packs/make.py. The same bytes every time.

`toy` has everything: city > town > community > cell, an overlay, units, people, duties, limits, points. `plain` has
as little as a pack may: districts and an overlay under a city that is their union, no cells, duties, limits or points.
Shapes are squares of about 300 m with shaken corners, so that borders are irregular and share their vertices.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import shapely

HERE = Path(__file__).parent
STEP = (0.0030, 0.0027)  # degrees of longitude and latitude: about 300 m
TOY = """
aaabbbcccddd
aaabbbcccddd
aaabbbbccddd
aaaabbbcccdd
aaaabbeeffgg
aaaabbeeffgg
aaabbbeeffgg
aaabbeeeffgg
"""
TOY_COMMUNITIES = {
    "a": ("990101001", "001", "东门社区", "East Gate"),
    "b": ("990101001", "002", "河滨社区", "Riverside"),
    "c": ("990101002", "001", "北山社区", "North Hill"),
    "d": ("990101002", "002", "湖心社区", "Mid Lake"),
    "e": ("990101101", "201", "石桥村", "Stone Bridge"),
    "f": ("990101101", "202", "竹林村", "Bamboo Grove"),
    "g": ("990101101", "203", "盐田村", "Salt Field"),
}
TOY_TOWNS = {
    "990101001": ("东街街道", "East Street"),
    "990101002": ("北湖街道", "North Lake"),
    "990101101": ("南岭镇", "South Ridge"),
}
TOY_ZONES = "\n".join(["1111112222 22".replace(" ", "")] * 5 + ["111133333333"] * 3)
PLAIN = """
11112222..
11112222.3
14412222.3
14412222..
11112222..
"""
PLAIN_BEATS = """
AAABBBBB..
AAABBBBB.B
AAABBBBB.B
CCCCCBBB..
CCCCCBBB..
"""
Square = tuple[int, int]


def squares(west: float, north: float, rows: int, columns: int, seed: int) -> dict[Square, Any]:
    """(row, column) → polygon, corners shaken, shared with the neighbours."""
    chance = random.Random(seed)
    corner = {
        (r, c): (
            round(west + (c + chance.uniform(-0.22, 0.22)) * STEP[0], 6),
            round(north - (r + chance.uniform(-0.22, 0.22)) * STEP[1], 6),
        )
        for r in range(rows + 1)
        for c in range(columns + 1)
    }
    ring = ((0, 0), (1, 0), (1, 1), (0, 1))
    return {
        (r, c): shapely.Polygon([corner[r + down, c + right] for down, right in ring])
        for r in range(rows)
        for c in range(columns)
    }


def labelled(drawing: str) -> dict[str, list[Square]]:
    """Letter → its squares, from north-west to south-east; dots are no land."""
    found: dict[str, list[Square]] = {}
    for r, row in enumerate(drawing.split()):
        for c, letter in enumerate(row):
            if letter != ".":
                found.setdefault(letter, []).append((r, c))
    return found


def joined(land: dict[Square, Any], places: list[Square]) -> Any:
    return shapely.orient_polygons(shapely.normalize(shapely.coverage_union_all([land[place] for place in places])))


def write_areas(path: Path, features: list[tuple[dict[str, Any], Any]]) -> None:
    """One feature a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [
        json.dumps(
            {"type": "Feature", "properties": properties, "geometry": shapely.geometry.mapping(geom)},
            ensure_ascii=False,
            separators=(",", ":"),
        )
        for properties, geom in features
    ]
    head = f'{{"type":"FeatureCollection","name":"{path.stem}","features":[\n'
    path.write_text(head + ",\n".join(lines) + "\n]}\n", encoding="utf-8")


def area(code: str, name: str, name_en: str, parent: str) -> dict[str, Any]:
    return {"code": code, "name": name, "name_en": name_en, "parent": parent}


def write_tables(folder: Path, tables: dict[str, str]) -> None:
    for name, text in tables.items():
        lines = [line.strip() for line in text.strip().splitlines()]
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def make_toy(folder: Path) -> None:
    land = squares(120.5, 25.0, 8, 12, seed=1)
    places = labelled(TOY)
    cells, communities = [], []
    for letter, (town, serial, name, name_en) in TOY_COMMUNITIES.items():
        code = town + serial
        communities.append((area(code, name, name_en, town), joined(land, places[letter])))
        for i, place in enumerate(places[letter], 1):
            cells.append((area(f"{code}{i:03d}", f"{name}{i:03d}", f"{name_en} {i:03d}", code), land[place]))
    towns = [
        (
            area(code, name, name_en, "990101"),
            joined(land, [p for k, c in TOY_COMMUNITIES.items() if c[0] == code for p in places[k]]),
        )
        for code, (name, name_en) in TOY_TOWNS.items()
    ]
    zones = [
        (area(f"Z{key}", f"{key}号片区", f"Zone {key}", ""), joined(land, squares_))
        for key, squares_ in sorted(labelled(TOY_ZONES).items())
    ]
    write_areas(folder / "areas/city.geojson", [(area("990101", "玩具市", "Toytown", ""), joined(land, list(land)))])
    write_areas(folder / "areas/town.geojson", towns)
    write_areas(folder / "areas/community.geojson", communities)
    write_areas(folder / "areas/cell.geojson", cells)
    write_areas(folder / "areas/zone.geojson", zones)
    sea = shapely.box(120.49, 24.96, 120.55, 25.01).difference(joined(land, list(land)))
    write_areas(
        folder / "neighbours.geojson", [({"name": "邻市", "name_en": "Next Door"}, shapely.set_precision(sea, 1e-6))]
    )
    write_tables(folder, TOY_TABLES)


def make_plain(folder: Path) -> None:
    land = squares(-75.0, 40.0, 5, 10, seed=2)
    districts = [
        ({"id": int(key), "label": f"District {key}"}, joined(land, places)) for key, places in labelled(PLAIN).items()
    ]
    beats = [
        ({"code": key, "name": f"Beat {key}"}, joined(land, places)) for key, places in labelled(PLAIN_BEATS).items()
    ]
    write_areas(folder / "areas/district.geojson", sorted(districts, key=lambda entry: entry[0]["id"]))
    write_areas(folder / "areas/beat.geojson", beats)
    write_tables(folder, PLAIN_TABLES)


TOY_TABLES = {
    "city.toml": """
        # A made-up city with everything: written by tests/packs/make.py.
        [city]
        code = "990101"
        name = "玩具市"
        name_en = "Toytown"
        timezone = "Asia/Shanghai"
        crs = "EPSG:4326"
        metric_crs = "EPSG:4549"
        levels = ["city", "town", "community", "cell"]
        overlays = ["zone"]
        schematic = true
        schematic_note = ["边界为虚构", "Made-up borders"]
        review_number = ""
        attribution = "测试数据 Test data"
        coverage = "on"
        period_start = 2026-01-01
        calendar = "CN"
        office_hours = [["08:00", "12:00"], ["14:00", "18:00"]]
        neighbours = "neighbours.geojson"
        snap_categories = ["E0102", "E0504", "E0505", "C0102", "E0599"]

        [level_names]
        city = ["市", "City"]
        town = ["镇（街道）", "Town"]
        community = ["社区（村）", "Community"]
        cell = ["单元网格", "Unit cell"]
        zone = ["片区", "Zone"]
    """,
    "units.csv": """
        code,name,name_en,kind,area,parent
        T001,东街街道办事处,East Street Office,town,990101001,
        T002,北湖街道办事处,North Lake Office,town,990101002,
        T101,南岭镇人民政府,South Ridge Government,town,990101101,
        B01,城市管理局,City Management Bureau,bureau,,
        B02,交警大队,Traffic Police,bureau,,
        B03,市场监督管理局,Market Supervision Bureau,bureau,,
        R01,供电公司,Power Company,resident,,
        K01,清风环卫公司,Clear Wind Sanitation,contractor,,B01
    """,
    "people.csv": """
        code,name,unit,role,title,patrol
        P001,陈一,T001,head,主任,
        P002,林二,T002,head,主任,
        P101,黄三,T101,head,镇长,
        P102,吴四,T101,handler,城建办干事,
        PB1,张五,B01,head,局长,
        PB2,李六,B02,head,大队长,
        PB3,王七,B03,head,局长,
        PR1,蔡八,R01,head,经理,
        PK1,许九,K01,head,经理,
        PI1,郑十,B01,inspector,巡查员,一组
        PI2,谢一,B01,inspector,巡查员,二组
        PS1,何二,B01,supervisor,核查员,
        PC1,邱三,B01,commander,指挥长,
    """,
    "categories.csv": """
        code,name,name_en,kind,special,red_line
        C0102,污水井盖,Sewage manhole cover,component,,1
        C0113,消防设施,Fire equipment,component,fire,1
        C0118,路灯,Street light,component,,0
        E0102,暴露垃圾,Exposed rubbish,event,,0
        E0104,道路保洁,Road cleaning,event,,0
        E0504,店外经营,Trading outside the shop,event,market,0
        E0505,机动车乱停放,Illegal parking,event,,0
        E0599,其它街面问题,Other street disorder,event,,0
    """,
    "specials.csv": """
        code,name,name_en,unit
        fire,消防设施专项,Fire equipment,B01
        market,农贸市场专项,Farmers' markets,B03
    """,
    "limits.csv": """
        category,amount,kind
        *,5,workdays
        E01*,4,work_hours
        E0104,2,work_hours
        E0505,2,work_hours
        C0113,24,clock_hours
        C0102,4,clock_hours
    """,
    "duties.csv": """
        code,category,area,point_kind,source,unit,person,task,standard,responsibility,clause,valid_from,valid_to
        D01,,,,,@town,,属地处置,,属地责任,城市管理条例第5条,,
        D02,C01*,,,,B01,,维护公共设施,,主体责任,城市管理条例第12条,,
        D03,C0118,,,,R01,,修复路灯,,主体责任,供用电合同第3条,,
        D04,E0505,,,,B02,,纠正违停,,监管责任,道路交通安全法第56条,,
        D05,E0504,,market,,B03,,规范经营,S02,监管责任,食品安全条例第8条,,
        D06,E01*,town:990101101,,,K01,PK1,清扫保洁,,合同责任,保洁合同第2条,2026-01-01,
        D07,E0102,community:990101101203,,,T101,P102,清理盐田垃圾,,属地责任,镇政府纪要2026-3,2026-01-01,2026-12-31
        D08,C0113,,,hotline,B01,PS1,当日核实,,监管责任,热线办法第4条,,
    """,
    "standards.csv": """
        code,point_kind,name,name_en,clause,edition,category
        S01,market,公益广告不少于5处,At least five public notices,测评体系2026版第1条,2026,
        S02,market,无占道经营,No trading in the way,测评体系2026版第2条,2026,E0504
        S03,street,车辆停放有序,Vehicles parked in order,测评体系2026版第3条,2026,E0505
        S04,estate,消防通道畅通,Fire lanes free,测评体系2026版第4条,2026,C0113
    """,
    "point_kinds.csv": """
        code,name,name_en
        market,农贸市场,Farmers' market
        street,主次干道,Main street
        estate,住宅小区,Housing estate
    """,
    "points.csv": """
        code,kind,name,name_en,lon,lat,unit,address,declared_on,person
        PT01,market,东街市场,East Street Market,120.5045,24.9960,T001,东街1号,2026-01-01,PI1
        PT02,street,河滨路,Riverside Road,120.5135,24.9960,T001,河滨路,2026-01-01,PI1
        PT03,market,北湖市场,North Lake Market,120.5225,24.9960,T002,北湖路8号,2026-01-01,PI1
        PT04,estate,湖心花园,Mid Lake Garden,120.5315,24.9960,T002,湖心路2号,2026-01-01,PI1
        PT05,street,石桥街,Stone Bridge Street,120.5195,24.9852,T101,石桥街,2026-01-01,PI2
        PT06,estate,竹林苑,Bamboo Court,120.5255,24.9852,T101,竹林路3号,2026-03-01,PI2
        PT07,estate,盐田新村,Salt Field Estate,120.5330,24.9852,T101,盐田路6号,,PI2
    """,
    "sources.csv": """
        code,name,name_en,kind,error_m
        patrol,巡查,Patrol,patrol,10
        snapshot,随手拍,Snapshot,snapshot,30
        round,巡访,Citizens' round,round,15
        hotline,12345热线,12345 hotline,hotline,100
    """,
    "holidays.csv": """
        day,workday,name
        2026-11-11,0,玩具节
        2026-11-14,1,玩具节调休
    """,
    "ladder.csv": """
        code,name,name_en,move,overdue_hours,red_line,reworked,pause_hours,decider,text,days,clause
        L1,到期前提醒,Due soon,urge,-2,0,,,,即将到期,,督办办法第1条
        L2,逾期催办,Overdue,urge,0,0,,,,已经逾期,,督办办法第1条
        L3,红线督办,Red line,order,4,1,,,commander,红线逾期，当日消除,1,督办办法第2条
        L4,返工督办,Rework,order,,0,2,,commander,两次返工，负责人到场,2,督办办法第2条
        L5,逾期督办,Overdue order,order,24,0,,12,commander,逾期一天，限期整改,3,督办办法第3条
        L6,通报,Circular,circulate,72,0,,24,supervisor,逾期三天，通报,,督办办法第4条
    """,
}
PLAIN_TABLES = {
    "city.toml": """
        # A made-up city with as little as a pack may have: written by tests/packs/make.py.
        [city]
        code = "PLN"
        name = "Plainville"
        name_en = "Plainville"
        timezone = "America/New_York"
        metric_crs = "EPSG:32618"
        levels = ["city", "district"]
        overlays = ["beat"]
        attribution = "Test data"
        coverage = "off"

        [level_names]
        city = ["全市", "City"]
        district = ["区", "District"]
        beat = ["警区", "Beat"]

        [area_fields.district]
        code = "id"
        code_format = "{:02d}"
        name = "label"
        parent = ""
    """,
    "categories.csv": """
        code,name,name_en,kind,special,red_line
        POTHOLE,坑洼,Pothole,service,,0
        RAT,鼠患,Rat Rubout,service,,0
        TRASH,垃圾,Trash,service,,0
    """,
    "sources.csv": """
        code,name,name_en,kind,error_m
        311,311热线,311 calls,ledger,25
    """,
}

if __name__ == "__main__":
    make_toy(HERE / "toy")
    make_plain(HERE / "plain")
