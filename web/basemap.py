"""Streets beneath the weather, if a setting names them: a local PMTiles file, or Tianditu with the office's key.

Tianditu is in CGCS2000, which at a map's scale is WGS 84: nothing is shifted. (GCJ-02 basemaps are not used.)
"""

from __future__ import annotations

import gzip
import re
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from flask import current_app
from pmtiles.reader import MmapSource, Reader
from pmtiles.tile import Compression, TileType

from weathermap.errors import SettingError
from weathermap.settings import Settings

KINDS = {
    TileType.MVT: ("vector", "application/vnd.mapbox-vector-tile"),
    TileType.PNG: ("raster", "image/png"),
    TileType.JPEG: ("raster", "image/jpeg"),
    TileType.WEBP: ("raster", "image/webp"),
    TileType.AVIF: ("raster", "image/avif"),
}
UNPACKED = (Compression.NONE, Compression.UNKNOWN)
# One clear pixel, for where a raster file has no picture: a browser calls an empty answer a broken image.
CLEAR = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000b494441"
    "5478da636000020000050001e9fadcd80000000049454e44ae426082"
)


class Basemap(Protocol):
    """What a wall is told, and from which host its pictures come ('' = from here)."""

    images: str

    def describe(self) -> dict[str, Any] | None: ...


class NoBasemap:
    """None is set: the land is plain, and nobody outside is asked."""

    images = ""

    def describe(self) -> None:
        return None


class Tianditu:
    """Tianditu's map (vec) and its names (cva) as WMTS, matrix set w (EPSG:3857). Browsers ask its host themselves."""

    def __init__(self, host: str, key: str) -> None:
        self.images = f"https://{host}"
        self._key = key

    def describe(self) -> dict[str, Any]:
        return {
            "kind": "raster",
            "tiles": self._layer("vec"),
            "names": self._layer("cva"),
            "minzoom": 1,
            "maxzoom": 18,
            "bounds": None,
            "layers": [],
            "attribution": "底图：天地图 Basemap: Tianditu",
        }

    def _layer(self, name: str) -> str:
        return (
            f"{self.images}/{name}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={name}&STYLE=default"
            f"&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={self._key}"
        )


class Archive:
    """A PMTiles file, open for reading; raises SettingError when it is broken."""

    images = ""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with path.open("rb") as file:
                self._reader = Reader(MmapSource(file))
            self._header = self._reader.header()
            self._metadata = self._reader.metadata()
            self._root = self._reader.get(self._header["min_zoom"], *_middle(self._header))
            whole = path.stat().st_size >= self._header["tile_data_offset"] + self._header["tile_data_length"]
        except (OSError, ValueError, KeyError, IndexError, EOFError, gzip.BadGzipFile) as error:
            raise broken(path, f"it cannot be read ({error})") from error
        if not whole:
            raise broken(path, "it is cut off: its tiles reach beyond its end")
        if self._header["tile_type"] not in KINDS:
            raise broken(path, "its tiles are neither vector tiles nor pictures")
        if self._header["tile_compression"] not in (*UNPACKED, Compression.GZIP):
            raise broken(path, f"its tiles are packed with {self._header['tile_compression'].name.lower()}")
        self.kind, self.mimetype = KINDS[self._header["tile_type"]]
        stamp = f"{path.stat().st_size} {path.stat().st_mtime_ns}"
        self.stamp = sha256(stamp.encode()).hexdigest()[:12]

    def describe(self) -> dict[str, Any]:
        header = self._header
        layers = [layer["id"] for layer in self._metadata.get("vector_layers", ()) if "id" in layer]
        said = re.sub(r"<[^>]*>", "", str(self._metadata.get("attribution", ""))).strip()
        return {
            "kind": self.kind,
            "tiles": f"/tiles/basemap/{self.stamp}/{{z}}/{{x}}/{{y}}",
            "names": None,
            "minzoom": header["min_zoom"],
            "maxzoom": header["max_zoom"],
            "bounds": [header[name] / 1e7 for name in ("min_lon_e7", "min_lat_e7", "max_lon_e7", "max_lat_e7")],
            "layers": layers or ["roads", "buildings", "water"],
            "attribution": f"底图 Basemap: {said}" if said else "",
        }

    def tile(self, z: int, x: int, y: int) -> tuple[bytes, bool]:
        """A tile and whether it is gzipped; where there is none an empty one."""
        found = self._reader.get(z, x, y)
        if found is None:
            return (b"" if self.kind == "vector" else CLEAR), False
        return found, self._header["tile_compression"] == Compression.GZIP


def broken(path: Path, why: str) -> SettingError:
    """The error of a file that cannot be a basemap."""
    return SettingError(
        f"The basemap {path} cannot be used: {why}.", "Put a whole PMTiles file there, or unset WEATHERMAP_BASEMAP."
    )


def _middle(header: dict[str, Any]) -> tuple[int, int]:
    """Some tile of the lowest zoom: reading it walks the directories."""
    last = 2 ** header["min_zoom"] - 1
    return last // 2, last // 2


def open_basemap(settings: Settings) -> Basemap:
    """The basemap that the settings name. Raises SettingError when its file is broken."""
    if settings.basemap:
        return Archive(settings.basemap)
    if settings.tianditu_key:
        return Tianditu(settings.tianditu_host, settings.tianditu_key)
    return NoBasemap()


def basemap() -> Basemap:
    """The running app's."""
    found: Basemap = current_app.extensions["weathermap_basemap"]
    return found
