"""How often an address may ask: counted in this process's memory, forgotten when it ends; no address is stored."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass, field

from flask import current_app, request

from weathermap.settings import Settings

CROWD = 20_000  # addresses held; more are an attack, and then the global limit alone holds


@dataclass
class Limit:
    """At most `most` in `seconds` for a key."""

    most: int
    seconds: float
    _times: dict[str, deque[float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self, key: str) -> float:
        """Seconds until the key may ask again; 0: it may now, which is counted."""
        now = time.monotonic()
        with self._lock:
            if len(self._times) > CROWD:
                self._times = {k: held for k, held in self._times.items() if held and held[-1] > now - self.seconds}
                if len(self._times) > CROWD:
                    self._times.clear()
            held = self._times.setdefault(key, deque())
            while held and held[0] <= now - self.seconds:
                held.popleft()
            if len(held) >= self.most:
                return held[0] + self.seconds - now
            held.append(now)
            return 0.0


@dataclass
class Limits:
    """What citizens may do how often. Whole quarters share an address behind a carrier, so it is not tight."""

    send: Limit = field(default_factory=lambda: Limit(20, 600))
    send_all: Limit = field(default_factory=lambda: Limit(600, 3_600))
    look: Limit = field(default_factory=lambda: Limit(300, 60))
    find: Limit = field(default_factory=lambda: Limit(10, 600))
    find_phone: Limit = field(default_factory=lambda: Limit(5, 3_600))


def limits() -> Limits:
    """The running app's."""
    found: Limits = current_app.extensions["weathermap_snap_limits"]
    return found


def client_address() -> str:
    """Who asks: behind a proxy that speaks HTTPS for us, the address that this proxy added last."""
    settings: Settings = current_app.extensions["weathermap_settings"]
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.https else ""
    return forwarded.rpartition(",")[2].strip() or request.remote_addr or ""
