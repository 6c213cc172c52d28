"""Draw a schematic city pack: `python -m etl.draw --outline … --villages … --streets … --out gis_data/CITY`.

The outline, names and codes are real and come from open data; the borders inside are invented, and are the same for
the same seed. The folder OUT must hold city.toml and drawing/{towns,communities,neighbours}.csv.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import click
import numpy as np
import shapely
from pyproj import Transformer

from etl.draw.areas import draw_areas
from etl.draw.neighbours import cut_to
from etl.draw.points import Land, write_points
from etl.draw.sources import read_communities, read_neighbours, read_outline, read_towns, rows
from weathermap.city.grid import write_features, write_grid
from weathermap.progress import step

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
REACH = 0.15  # degrees around the city in which neighbours are kept: about 15 km


@click.command(help=__doc__)
@click.option("--outline", type=FILE, required=True, help="GeoJSON, one feature: the city's outline (WGS84).")
@click.option("--villages", type=FILE, required=True, help="CSV without header: code, name of every community.")
@click.option("--streets", type=FILE, required=True, help="CSV without header: code, name of every town.")
@click.option("--seats", type=FILE, required=True, help="CSV: code, name, lon, lat of every town's seat.")
@click.option("--neighbours", type=FILE, required=True, help="GeoJSON of the counties around (WGS84).")
@click.option("--out", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option("--seed", default=350581, show_default=True)
def main(outline: Path, villages: Path, streets: Path, seats: Path, neighbours: Path, out: Path, seed: int) -> None:
    city = tomllib.loads((out / "city.toml").read_text(encoding="utf-8"))["city"]
    towns = read_towns(streets, seats, out / "drawing/towns.csv")
    communities = read_communities(villages, out / "drawing/communities.csv")
    zones = [town for town in towns if not town.sites]
    towns = [town for town in towns if town.sites]
    with step("borders of towns and communities"):
        drawn = draw_areas(read_outline(outline), towns, communities, city["metric_crs"], seed)
    top, middle, fine = city["levels"][:3]
    with step("area files"):
        write_features(
            out / f"areas/{top}.geojson", top, [(_named(city["code"], city["name"], city["name_en"], ""), drawn.city)]
        )
        write_features(
            out / f"areas/{middle}.geojson",
            middle,
            [
                (_named(town.code, town.name, town.name_en, city["code"]), shape)
                for town, shape in zip(towns, drawn.towns, strict=True)
            ],
        )
        write_features(
            out / f"areas/{fine}.geojson",
            fine,
            [
                (_named(c.code, c.name, c.name_en, c.town), shape)
                for c, shape in zip(communities, drawn.communities, strict=True)
            ],
        )
        for overlay in city["overlays"]:
            write_features(
                out / f"areas/{overlay}.geojson",
                overlay,
                [
                    (
                        _named(z.code, z.name, z.name_en, ""),
                        shapely.orient_polygons(
                            shapely.coverage_union_all(
                                [s for c, s in zip(communities, drawn.communities, strict=True) if c.zone == z.code]
                            )
                        ),
                    )
                    for z in zones
                ],
            )
    with step("points"):
        project = Transformer.from_crs("EPSG:4326", city["metric_crs"], always_xy=True)
        shapes = shapely.transform(np.array(drawn.communities), project.transform, interleaved=False)
        write_points(out, Land(communities, shapes, {town.code: town for town in towns}, project), seed)
    with step("unit grid"):
        click.echo(write_grid(out, 10_000.0))
    with step("neighbours' land"):
        _write_neighbours(neighbours, out, read_outline(out / f"areas/{top}.geojson"))


def _named(code: str, name: str, name_en: str, parent: str) -> dict[str, str]:
    return {"code": code, "name": name, "name_en": name_en, "parent": parent}


def _write_neighbours(source: Path, out: Path, city: shapely.Geometry) -> None:
    english = {row["code"]: row["name_en"] for row in rows(out / "drawing/neighbours.csv")}
    around = [county for county in read_neighbours(source) if county[0] in english]
    west, south, east, north = city.bounds
    frame = shapely.box(west - REACH, south - REACH, east + REACH, north + REACH)
    land = cut_to(frame, [shape for *_, shape in around], city)
    write_features(
        out / "neighbours.geojson",
        "neighbours",
        [
            ({"name": name, "name_en": english[code]}, shape)
            for (code, name, _), shape in zip(around, land, strict=True)
            if not shape.is_empty
        ],
    )


main()
