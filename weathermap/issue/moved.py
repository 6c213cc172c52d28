"""Which events moved a gate between two instants: the issues that turned, gate by gate, for worse and for better."""

from __future__ import annotations

from collections.abc import Mapping

# (gate, for the better): what turned; each is a state of `/api/v1/issues` over the window from `since` to `at`
TURNED: Mapping[tuple[str, bool], tuple[str, ...]] = {
    ("stock", False): ("turned_overdue",),
    ("stock", True): ("left_overdue",),
    ("flow", False): ("turned_missed",),
    ("flow", True): ("turned_kept",),
    ("long_overdue", False): ("turned_long",),
    ("long_overdue", True): ("left_long",),
    ("suspended", False): ("turned_apart",),
    ("suspended", True): ("left_apart",),
}
MOVED = tuple(state for states in TURNED.values() for state in states)
