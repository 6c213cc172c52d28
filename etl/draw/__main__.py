"""Draw a schematic city pack: `python -m etl.draw --outline … --villages … --streets … --out gis_data/CITY`.

The outline, names and codes are real and come from open data; the borders inside are invented, and are the same for
the same seed. The folder OUT must hold city.toml, units.csv and drawing/{towns,communities,neighbours,points}.csv.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np
import shapely
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from etl.draw.areas import Drawn, draw_areas
from etl.draw.neighbours import cut_to
from etl.draw.points import Land, write_points
from etl.draw.sources import (
    Community,
    Town,
    read_communities,
    read_neighbours,
    read_outline,
    read_towns,
    rows,
)
from weathermap.city.grid import write_grid
from weathermap.city.vertices import write_features
from weathermap.progress import step

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
REACH = 0.15  # degrees around the city in which neighbours are kept: about 15 km
CELL_M2 = 10_000.0


@click.command(help=__doc__)
@click.option("--outline", type=FILE, required=True, help="GeoJSON, one feature: the city's outline (WGS84).")
@click.option("--villages", type=FILE, required=True, help="CSV without header: code, name of every community.")
@click.option("--streets", type=FILE, required=True, help="CSV without header: code, name of every town.")
@click.option("--seats", type=FILE, required=True, help="CSV: code, name, lon, lat of every town's seat.")
@click.option("--neighbours", type=FILE, required=True, help="GeoJSON of the counties around (WGS84).")
@click.option("--out", type=FOLDER, required=True, help="The pack's folder.")
@click.option("--seed", default=350581, show_default=True)
def main(outline: Path, villages: Path, streets: Path, seats: Path, neighbours: Path, out: Path, seed: int) -> None:
    city = tomllib.loads((out / "city.toml").read_text(encoding="utf-8"))["city"]
    named = read_towns(streets, seats, out / "drawing/towns.csv")
    towns, zones = [town for town in named if town.sites], [town for town in named if not town.sites]
    communities = read_communities(villages, out / "drawing/communities.csv")
    with step("borders of towns and communities"):
        drawn = draw_areas(read_outline(outline), towns, communities, city["metric_crs"], seed)
        _write_areas(out, city, towns, zones, communities, drawn)
    with step("points"):
        write_points(out, _land(city, towns, communities, drawn), seed)
    with step("unit grid"):
        click.echo(write_grid(out, CELL_M2))
    with step("neighbours' land"):
        _write_neighbours(neighbours, out, read_outline(out / f"areas/{city['levels'][0]}.geojson"))


def _write_areas(
    out: Path, city: dict[str, Any], towns: list[Town], zones: list[Town], communities: list[Community], drawn: Drawn
) -> None:
    top, middle, fine = city["levels"][:3]
    of_towns = [_named(town, city["code"]) for town in towns]
    of_communities = [_named(community, community.town) for community in communities]
    whole = {"code": city["code"], "name": city["name"], "name_en": city["name_en"], "parent": ""}
    _write(out, top, [whole], [drawn.city])
    _write(out, middle, of_towns, drawn.towns)
    _write(out, fine, of_communities, drawn.communities)
    for overlay in city["overlays"]:
        land = [_zone_land(zone, communities, drawn) for zone in zones]
        _write(out, overlay, [_named(zone, "") for zone in zones], land)


def _zone_land(zone: Town, communities: list[Community], drawn: Drawn) -> BaseGeometry:
    own = [shape for place, shape in zip(communities, drawn.communities, strict=True) if place.zone == zone.code]
    return shapely.orient_polygons(shapely.coverage_union_all(own))


def _named(place: Town | Community, parent: str) -> dict[str, str]:
    return {"code": place.code, "name": place.name, "name_en": place.name_en, "parent": parent}


def _write(out: Path, level: str, properties: Sequence[dict[str, str]], shapes: Sequence[BaseGeometry]) -> None:
    write_features(out / f"areas/{level}.geojson", level, zip(properties, shapes, strict=True))


def _land(city: dict[str, Any], towns: list[Town], communities: list[Community], drawn: Drawn) -> Land:
    project = Transformer.from_crs("EPSG:4326", city["metric_crs"], always_xy=True)
    shapes = shapely.transform(np.array(drawn.communities), project.transform, interleaved=False)
    return Land(communities, shapes, {town.code: town for town in towns}, project)


def _write_neighbours(source: Path, out: Path, city: BaseGeometry) -> None:
    english = {row["code"]: row["name_en"] for row in rows(out / "drawing/neighbours.csv")}
    around = [county for county in read_neighbours(source) if county[0] in english]
    west, south, east, north = city.bounds
    frame = shapely.box(west - REACH, south - REACH, east + REACH, north + REACH)
    land = cut_to(frame, [shape for *_, shape in around], city)
    properties = [{"name": name, "name_en": english[code]} for code, name, _ in around]
    shown = [(own, shape) for own, shape in zip(properties, land, strict=True) if not shape.is_empty]
    write_features(out / "neighbours.geojson", "neighbours", shown)


if __name__ == "__main__":
    main()
