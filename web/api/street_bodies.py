"""What the POST routes of the street take in, as JSON Schema for the API's description."""

from __future__ import annotations

from typing import Any

from weathermap.visit.sightings import KINDS, NOTE, RESULTS

TEXT: dict[str, Any] = {"type": "string"}
KEY = {"type": "string", "format": "uuid", "description": "The sender's own id: the same again is stored once."}
INSTANT = {"type": "string", "format": "date-time", "description": "By the sender's clock."}
KEYS = {"type": "array", "items": KEY, "description": "Ids of photos that were sent before."}
WORDS = {"type": "string", "maxLength": NOTE}
NUMBER = {"type": "number"}

ISSUE: dict[str, Any] = {
    "type": "object",
    "required": ["key"],
    "properties": {
        "key": KEY,
        "category": {**TEXT, "description": "Code of a category; needed unless `known` is given."},
        "note": WORDS,
        "lon": NUMBER,
        "lat": NUMBER,
        "accuracy": {**NUMBER, "description": "Metres."},
        "photos": KEYS,
        "known": {**TEXT, "description": "Number of an issue that is open already: no new one is made."},
    },
}
OBSERVED = {
    "type": "object",
    "required": ["standard", "edition", "result"],
    "properties": {
        "standard": TEXT,
        "edition": TEXT,
        "result": {"type": "string", "enum": list(RESULTS)},
        "note": WORDS,
        "photos": KEYS,
        "issue": {**ISSUE, "description": "With a fail, and only then."},
    },
}
VISIT = {
    "type": "object",
    "required": ["key", "point"],
    "properties": {
        "key": KEY,
        "kind": {"type": "string", "enum": list(KINDS)},
        "point": {**TEXT, "description": "Code of a declared point."},
        "start": INSTANT,
        "end": INSTANT,
        "observed": {"type": "array", "items": OBSERVED},
        "note": WORDS,
        "photos": KEYS,
        "last": {**TEXT, "description": "Key of the point's newest visit that was known; a newer one answers 409."},
        "round": {"type": "integer"},
    },
}
PHOTO = {
    "type": "object",
    "required": ["key", "photo"],
    "properties": {
        "key": KEY,
        "photo": {"type": "string", "format": "binary"},
        "at": INSTANT,
        "lon": NUMBER,
        "lat": NUMBER,
    },
}
FOUND = {"type": "object", "required": ["issue"], "properties": {"issue": ISSUE, "point": TEXT}}
BODIES: dict[str, dict[str, Any]] = {
    "/api/v1/street/visits": {"application/json": {"schema": VISIT}},
    "/api/v1/street/issues": {"application/json": {"schema": FOUND}},
    "/api/v1/street/photos": {"multipart/form-data": {"schema": PHOTO}},
}
