"""Settings, read once from the environment into a frozen object and passed in."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

from weathermap.errors import SettingError
from weathermap.oidc import Provider, read_provider

PACKS = Path(__file__).parent.parent / "gis_data"
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
NO = ("0", "off", "no", "false")
TIANDITU = "t0.tianditu.gov.cn"
PMTILES = b"PMTiles\x03"  # how a PMTiles archive of version 3 begins


@dataclass(frozen=True)
class Settings:
    """What the environment decides. `database_url` is None when the program keeps its own private cluster."""

    data_dir: Path
    database_url: str | None
    host: str
    port: int
    log_level: str
    city_dir: Path | None = None  # the pack that an empty store is given; None: none
    demo: bool = True  # whether that city is given the demo year
    log_file: Path | None = None  # where the JSON log goes; None: standard error
    basemap: Path | None = None  # a PMTiles file to draw streets from
    tianditu_key: str | None = None  # or the office's key for Tianditu, which browsers then ask
    tianditu_host: str = TIANDITU
    owner_url: str | None = None  # the role that owns the store's tables; None: that of `database_url`
    roots: Path | None = None  # where each day's root is written too: a file, or a folder, on another machine
    read_url: str | None = None  # a streaming replica that the map server reads from; None: the store itself
    sign_in: bool = False  # whether the wall, too, wants a sign-in; the desk always does
    https: bool = False  # browsers reach the server through a proxy that speaks HTTPS
    provider: Provider | None = None  # of identity, beside the passwords kept here; None: passwords alone
    reporter_keys: Path | None = None  # the key file of reporters' identity; None: reporter.keys in the data folder
    photos: str | None = None  # where photos lie, as fsspec writes it; None: `photos` in the data folder
    url: str = ""  # where people reach the map: what messages link to
    channel_secrets: Mapping[str, str] = field(default_factory=dict, repr=False)  # WEATHERMAP_CHANNEL_…: tokens, keys
    in_compose: bool = False  # a container's ports are published by compose, to the host's loopback only

    @property
    def cluster_dir(self) -> Path:
        """The private PostgreSQL cluster's folder."""
        return self.data_dir / "postgres"

    @property
    def index_folder(self) -> Path:
        """Where what is computed of borders is kept; may be emptied at any time."""
        return self.data_dir / "indexes"

    @property
    def export_folder(self) -> Path:
        """Where files that were made in the background wait to be fetched."""
        return self.data_dir / "exports"

    @property
    def upload_folder(self) -> Path:
        """Where ledgers that were uploaded wait to be imported."""
        return self.data_dir / "uploads"

    @property
    def body_folder(self) -> Path:
        """Where what is being sent waits until it is whole; nothing in it has a name."""
        return self.data_dir / "arriving"


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings from the environment: HOST, PORT and WEATHERMAP_ DATA, DATABASE_URL, OWNER_URL, READ_URL, CITY, DEMO,
    BASEMAP, TIANDITU_KEY, TIANDITU_HOST, LOG_LEVEL, LOG_FILE, SIGN_IN, HTTPS,
    REPORTER_KEYS, ROOTS, URL, CHANNEL_…, OIDC_…, IN_COMPOSE.

    Raises SettingError naming the variable, its value and the values that would do.
    """
    default = Path("/var/lib/weathermap") if os.geteuid() == 0 else Path.home() / ".local/share/weathermap"
    log_file = environ.get("WEATHERMAP_LOG_FILE")
    reporter_keys, roots = environ.get("WEATHERMAP_REPORTER_KEYS"), environ.get("WEATHERMAP_ROOTS")
    return Settings(
        data_dir=Path(environ.get("WEATHERMAP_DATA") or default).absolute(),
        database_url=_database_url(environ, "WEATHERMAP_DATABASE_URL"),
        host=environ.get("HOST") or "127.0.0.1",
        port=_port(environ.get("PORT") or "8000"),
        log_level=_log_level(environ.get("WEATHERMAP_LOG_LEVEL") or "INFO"),
        city_dir=_city_dir(environ.get("WEATHERMAP_CITY")),
        demo=(environ.get("WEATHERMAP_DEMO") or "1").lower() not in NO,
        log_file=Path(log_file) if log_file else None,
        basemap=_basemap(environ.get("WEATHERMAP_BASEMAP"), environ.get("WEATHERMAP_TIANDITU_KEY")),
        tianditu_key=_tianditu_key(environ.get("WEATHERMAP_TIANDITU_KEY")),
        tianditu_host=_tianditu_host(environ.get("WEATHERMAP_TIANDITU_HOST") or TIANDITU),
        owner_url=_database_url(environ, "WEATHERMAP_OWNER_URL"),
        roots=Path(roots).absolute() if roots else None,
        read_url=_database_url(environ, "WEATHERMAP_READ_URL"),
        sign_in=_switch(environ, "WEATHERMAP_SIGN_IN"),
        https=_switch(environ, "WEATHERMAP_HTTPS"),
        provider=read_provider(environ, _switch(environ, "WEATHERMAP_OIDC_ONLY")),
        reporter_keys=Path(reporter_keys).absolute() if reporter_keys else None,
        photos=_photos(environ.get("WEATHERMAP_PHOTOS")),
        url=_url(environ.get("WEATHERMAP_URL") or ""),
        channel_secrets={name: text for name, text in environ.items() if name.startswith("WEATHERMAP_CHANNEL_")},
        in_compose=_switch(environ, "WEATHERMAP_IN_COMPOSE"),
    )


def _switch(environ: Mapping[str, str], name: str) -> bool:
    return (environ.get(name) or "0").lower() not in NO


def _url(text: str) -> str:
    if text and not re.fullmatch(r"https?://[^\s?#]+", text):
        raise SettingError(f"WEATHERMAP_URL is {text!r}.", "Write it as browsers do, e.g. https://HOST")
    return text.rstrip("/")


def check_host(settings: Settings) -> None:
    """Raises SettingError when HOST would open the map to other machines without a sign-in."""
    if settings.in_compose or settings.sign_in or settings.host == "localhost":
        return
    try:
        own = ip_address(settings.host).is_loopback
    except ValueError:
        own = False
    if not own:
        raise SettingError(
            f"HOST is {settings.host!r}: others could reach the map there, and it asks for no sign-in.",
            "Set WEATHERMAP_SIGN_IN=1 (`weathermap account first` makes the first account), or leave HOST unset.",
        )


def _photos(text: str | None) -> str | None:
    """A folder, or an address such as s3://BUCKET/FOLDER."""
    if not text:
        return None
    return text if "://" in text else f"file://{Path(text).absolute()}"


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise SettingError(
            f"PORT is {text!r}, which is not a port.", "Set a whole number from 1 to 65535, e.g. PORT=8000."
        )
    return int(text)


def _log_level(text: str) -> str:
    if text.upper() not in LEVELS:
        raise SettingError(f"WEATHERMAP_LOG_LEVEL is {text!r}.", f"Set one of {', '.join(LEVELS)}.")
    return text.upper()


def _database_url(environ: Mapping[str, str], name: str) -> str | None:
    """libpq's own form; a SQLAlchemy URL (`postgresql+psycopg2://`) is understood too."""
    text = environ.get(name)
    if not text:
        return None
    scheme, separator, rest = text.partition("://")
    if not separator or scheme.partition("+")[0] not in ("postgresql", "postgres"):
        raise SettingError(
            f"{name} is not a PostgreSQL URL.",  # not repeated: it may hold a password
            "Write postgresql://USER@HOST/DATABASE.",
        )
    return f"postgresql://{rest}"


def _city_dir(text: str | None) -> Path | None:
    """A pack's folder; "none" for none; unset: the one that gis_data/default.txt names."""
    if text == "none":
        return None
    if text:
        if not (Path(text) / "city.toml").is_file():
            raise SettingError(
                f"WEATHERMAP_CITY is {text!r}, where there is no city.toml.", "Name a city pack's folder, or `none`."
            )
        return Path(text).absolute()
    named = PACKS / "default.txt"
    return PACKS / named.read_text(encoding="utf-8").strip() if named.is_file() else None


def _basemap(text: str | None, key: str | None) -> Path | None:
    """A PMTiles file (version 3). Its tiles are looked at when the server starts."""
    if not text:
        return None
    if key:
        raise SettingError(
            "WEATHERMAP_BASEMAP and WEATHERMAP_TIANDITU_KEY are both set.", "Unset one: there is one basemap."
        )
    path = Path(text).absolute()
    try:
        with path.open("rb") as file:
            start = file.read(len(PMTILES))
    except OSError as error:
        raise SettingError(
            f"WEATHERMAP_BASEMAP is {text!r}, which cannot be read: {error.strerror}.", "Name a .pmtiles file."
        ) from error
    if start != PMTILES:
        raise SettingError(
            f"WEATHERMAP_BASEMAP is {text!r}, which is no PMTiles archive of version 3.",
            "Make one (`pmtiles convert OLD NEW` turns MBTiles and older archives into one), or unset it.",
        )
    return path


def _tianditu_key(text: str | None) -> str | None:
    if text and not text.isalnum():
        raise SettingError("WEATHERMAP_TIANDITU_KEY is no key of Tianditu.", "Set the letters and digits it gave you.")
    return text or None


def _tianditu_host(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.-]+(:\d+)?", text):
        raise SettingError(f"WEATHERMAP_TIANDITU_HOST is {text!r}.", f"Set a host's name alone, e.g. {TIANDITU}.")
    return text
