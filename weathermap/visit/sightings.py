"""What somebody saw at a point, as it comes in from a phone or the desk, and the errors that it may meet."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from weathermap.errors import WeathermapError

RESULTS = ("pass", "fail", "na")
KINDS = {"patrol": ("日常督查", "Patrol"), "full": ("全项检查", "Full check"), "round": ("巡访", "Round")}
NOTE = 500  # characters
MOST = 60  # photos of one visit


@dataclass(frozen=True)
class Found:
    """A problem. `key`: the sender's own id of it; `known`: number of one that is open already: then no new one."""

    key: str
    category: str = ""
    note: str = ""
    lon: float | None = None  # degrees, EPSG:4326; None: the point's own
    lat: float | None = None
    error_m: float | None = None  # as the phone says, metres
    photos: tuple[str, ...] = ()  # keys of shots
    known: str = ""


@dataclass(frozen=True)
class Observed:
    """One item of the checklist; a fail brings its problem."""

    standard: str
    edition: str
    result: str
    note: str = ""
    photos: tuple[str, ...] = ()
    found: Found | None = None


@dataclass(frozen=True)
class Visited:
    """A visit. `last`: the newest visit of this point that the visitor knew of, by its key; None: not asked about."""

    key: str
    kind: str
    point: str
    start: datetime | None  # as told
    end: datetime | None
    observed: tuple[Observed, ...] = ()
    note: str = ""
    photos: tuple[str, ...] = ()
    last: str | None = None
    round_id: int | None = None

    @property
    def digest(self) -> bytes:
        """Equal for equal visits, whatever they knew of others."""
        kept = {name: value for name, value in asdict(self).items() if name != "last"}
        return hashlib.sha256(json.dumps(kept, sort_keys=True, default=str).encode()).digest()

    @property
    def shots(self) -> list[str]:
        """Keys of all its photos."""
        own = [*self.photos]
        for one in self.observed:
            own += [*one.photos, *(one.found.photos if one.found else ())]
        return list(dict.fromkeys(own))


class Missing(WeathermapError):
    """Photos that a visit or an issue names have not come yet."""

    def __init__(self, keys: Sequence[str]) -> None:
        super().__init__(
            f"{len(keys)} photos have not come yet.",
            "Send them first, then this again.",
            f"还有 {len(keys)} 张照片没有送到，请先发照片，再发这一条。",
        )
        self.keys = list(keys)


class Elsewhere(WeathermapError):
    """Sent under the id of another one that is stored with other content."""


class Meanwhile(WeathermapError):
    """Somebody else visited the point since the visitor last looked."""

    def __init__(self, what: str, seen: Sequence[dict[str, object]], last: str) -> None:
        super().__init__(
            what,
            "Look at what was found, then decide whether to send yours.",
            "此点今天已有人巡查：先看结果，再决定是否发送。",
        )
        self.seen, self.last = list(seen), last
