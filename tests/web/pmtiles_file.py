"""Tiny PMTiles archives, made on the spot."""

from __future__ import annotations

import gzip
import struct
import zlib
from pathlib import Path

import mapbox_vector_tile
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import write

from tests.web.test_tiles import tile_of

ZOOM = 12


def vector_tile() -> bytes:
    """A tile with great roads, lanes and a building, laid across all of it."""
    features = [
        {"geometry": f"LINESTRING ({ends})", "properties": {"kind": kind}}
        for at in range(128, 4096, 256)
        for kind, ends in (("major_road", f"0 {at}, 4096 {at}"), ("minor_road", f"{at} 0, {at} 4096"))
    ]
    house = {"geometry": "POLYGON ((100 100, 4000 100, 4000 4000, 100 4000, 100 100))", "properties": {}}
    layers = [{"name": "roads", "features": features}, {"name": "buildings", "features": [house]}]
    return gzip.compress(mapbox_vector_tile.encode(layers, default_options={"y_coord_down": True}), mtime=0)


def picture() -> bytes:
    """A grey PNG of 256 × 256."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 256, 256, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\x80" * 256) * 256)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def archive(path: Path, bbox: list[float], kind: str) -> Path:
    """An archive of one zoom that covers `bbox` (degrees), vector or raster."""
    west, south, east, north = bbox
    (left, top), (right, bottom) = tile_of(west, north, ZOOM), tile_of(east, south, ZOOM)
    vector = kind == "vector"
    body = vector_tile() if vector else picture()
    with write(str(path)) as file:
        for tile_id in sorted(
            zxy_to_tileid(ZOOM, x, y) for x in range(left, right + 1) for y in range(top, bottom + 1)
        ):
            file.write_tile(tile_id, body)
        file.finalize(
            {
                "tile_type": TileType.MVT if vector else TileType.PNG,
                "tile_compression": Compression.GZIP if vector else Compression.NONE,
                "min_zoom": ZOOM,
                "max_zoom": ZOOM,
                "min_lon_e7": int(west * 1e7),
                "min_lat_e7": int(south * 1e7),
                "max_lon_e7": int(east * 1e7),
                "max_lat_e7": int(north * 1e7),
                "center_zoom": ZOOM,
                "center_lon_e7": int((west + east) * 5e6),
                "center_lat_e7": int((south + north) * 5e6),
            },
            {
                "attribution": "<a href='#'>Test streets</a>",
                "vector_layers": [{"id": "roads", "fields": {}}, {"id": "buildings", "fields": {}}] if vector else [],
            },
        )
    return path
