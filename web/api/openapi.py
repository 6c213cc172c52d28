"""GET /api/v1/openapi.json: the API's description, from the routes, their docstrings and the table of parameters."""

from __future__ import annotations

import inspect
from importlib.metadata import version
from typing import Any

from flask import Blueprint, Flask, Response, current_app, jsonify
from werkzeug.routing import Rule

from weathermap.issue.listing import STATES
from weathermap.issue.orders import KINDS as ORDER_KINDS
from weathermap.issue.orders import OUTCOME_NAMES
from weathermap.tally.breakdown import KINDS as KINDS_OF_PART
from web.api.query import WINDOWS
from web.api.street_bodies import BODIES

openapi_api = Blueprint("openapi_api", __name__)

TEXT: dict[str, Any] = {"type": "string"}
PARAMETERS: dict[str, tuple[dict[str, Any], str]] = {
    "city": (TEXT, "City's code; may be left out while the store holds one city."),
    "level": (TEXT, "A level that the city's pack declares, or `unit` with by=responsibility."),
    "parent": (TEXT, "Code of an area of a coarser level: only the areas inside it."),
    "by": ({"type": "string", "enum": ["place", "responsibility"]}, "Where it lies, or who answers for it."),
    "at": (TEXT, "An instant (ISO 8601; naive times are the city's). Default: now."),
    "on": ({"type": "string", "format": "date"}, "A day: as it stood at 08:00."),
    "from": (TEXT, "Start of the window. Default: start of the reporting period."),
    "to": (TEXT, "End of the window; a bare date means the whole day."),
    "window": ({"type": "string", "enum": list(WINDOWS)}, "In place of from and to: days as seen at `at`, or now."),
    "version": ({"type": "integer"}, "Boundary version. Default: the newest."),
    "code": (TEXT, "Code of an area or unit."),
    "area": (TEXT, "LEVEL:CODE."),
    "unit": (TEXT, "Code of a unit."),
    "state": ({"type": "string", "enum": list(STATES)}, "Which number the list stands behind."),
    "point": (TEXT, "Code of a declared point."),
    "kind": (TEXT, "Code of a kind of points."),
    "visited": ({"type": "string", "enum": ["yes", "no"]}, "Whether visited within 30 days."),
    "category": (TEXT, "Code of a category."),
    "special": (TEXT, "Code of a special work."),
    "source": (TEXT, "Code of a source."),
    "as": (
        {"type": "string", "enum": ["looked", "known"]},
        "As it looked then (as judged: what was recorded by then, borders and thresholds of that day), or as known"
        " today (restated: borders and thresholds of today over the past).",
    ),
    "until": (TEXT, "Of state=ahead: the last deadline."),
    "step": ({"type": "string", "enum": ["day", "hour"]}, "A frame at 08:00 of each day, or at each full hour."),
    "events": ({"type": "integer", "minimum": 0, "maximum": 10}, "Tell of so many events with each change."),
    "after": (TEXT, "`next` of the page before."),
    "days": ({"type": "integer", "minimum": 1, "maximum": 366}, "So many days back, today included. Default: 30."),
    "of": ({"type": "string", "enum": list(KINDS_OF_PART)}, "What the parts are. Default: source."),
    "format": ({"type": "string", "enum": ["csv", "xlsx", "geojson", "html"]}, "Kind of file."),
    "lang": ({"type": "string", "enum": ["zh", "en"]}, "Language of the words. Default: zh."),
    "lon": ({"type": "number"}, "Longitude of where one is, degrees."),
    "lat": ({"type": "number"}, "Latitude of where one is, degrees."),
    "limit": ({"type": "integer", "minimum": 1, "maximum": 500}, "Rows a page."),
}
WINDOW = ("city", "level", "parent", "by", "at", "on", "from", "to", "as")
QUERIES: dict[str, tuple[str, ...]] = {
    "/api/v1/street/walk": ("lon", "lat"),
    "/api/v1/weather": WINDOW,
    "/api/v1/why": ("city", "level", "code", "by", "at", "on", "as"),
    "/api/v1/areas": ("city", "level", "parent", "version"),
    "/api/v1/neighbours": ("city",),
    "/api/v1/issues": (
        "city",
        "state",
        "area",
        "unit",
        "point",
        "category",
        "special",
        "source",
        "at",
        "on",
        "from",
        "to",
        "window",
        "until",
        "as",
        "after",
        "limit",
    ),
    "/api/v1/issues/{issue_number}/receipt": ("city",),
    "/api/v1/reviews": ("city", "area", "unit", "category", "source", "after", "limit"),
    "/api/v1/loads": ("city",),
    "/api/v1/loads/{load}/rejected.csv": ("city",),
    "/api/v1/points": ("city", "kind", "area", "unit", "visited", "state", "at", "on"),
    "/api/v1/points/{code}": ("city", "at", "on"),
    "/api/v1/orders": ("city", "kind", "state", "area", "unit", "at", "on", "from", "to", "after", "limit"),
    "/api/v1/report/grid": (*WINDOW, "window", "format", "lang"),
    "/api/v1/public/weather": ("city",),
    "/api/v1/public/neighbours": ("city",),
    "/api/v1/stream": ("city",),
    "/api/v1/trend": ("city", "area", "unit", "by", "at", "on", "to", "days"),
    "/api/v1/breakdown": ("city", "of", "area", "unit", "by", "at", "on", "from", "to"),
    "/api/v1/ranking": ("city", "at", "on", "to"),
    "/api/v1/playback": ("city", "level", "parent", "by", "from", "to", "step", "as"),
    "/api/v1/ahead": ("city", "area", "unit", "by", "days"),
    "/api/v1/changes": ("city", "level", "parent", "by", "at", "on", "from", "to", "as", "events"),
}
OWN: dict[tuple[str, str], tuple[dict[str, Any], str]] = {  # parameters that mean something else on one path
    ("/api/v1/orders", "state"): ({"type": "string", "enum": list(OUTCOME_NAMES)}, "What came of it."),
    ("/api/v1/orders", "kind"): ({"type": "string", "enum": list(ORDER_KINDS)}, "Default: orders and listings."),
}
KINDS = {
    "/tiles/{city}/{version}/{level}/{z}/{x}/{y}.mvt": "application/vnd.mapbox-vector-tile",
    "/tiles/{city}/{version}/{level}.json": "application/geo+json",
    "/tiles/{city}/{namespace}/{which}/{version}/{z}/{x}/{y}.mvt": "application/vnd.mapbox-vector-tile",
    "/api/v1/stream": "text/event-stream",
    "/api/v1/neighbours": "application/geo+json",
    "/api/v1/public/neighbours": "application/geo+json",
    "/tiles/{city}/public/areas/{version}/{level}/{z}/{x}/{y}.mvt": "application/vnd.mapbox-vector-tile",
    "/api/v1/report/grid": "application/octet-stream",
    "/api/v1/loads/{load}/rejected.csv": "text/csv",
}


@openapi_api.get("/api/v1/openapi.json")
def openapi() -> Response:
    """This description."""
    return jsonify(describe(current_app))


def describe(app: Flask) -> dict[str, Any]:
    """The OpenAPI 3.1 document of an app."""
    rules = sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule)
    shown = [rule for rule in rules if rule.rule.startswith(("/api/", "/tiles/", "/healthz", "/readyz"))]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Civilization Weather Map",
            "version": version("weathermap"),
            "description": "Counts, rates and weather of a city's areas and units, and the issues behind each number.",
        },
        "paths": _paths(app, shown),
        "components": {"schemas": {"Problem": PROBLEM}},
    }


def _paths(app: Flask, rules: list[Rule]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for rule in rules:
        for method in sorted({"GET", "POST"} & (rule.methods or set())):
            operation = _operation(app, rule)
            if method == "POST" and _path(rule) in BODIES:
                operation["requestBody"] = {"required": True, "content": BODIES[_path(rule)]}
            found.setdefault(_path(rule), {})[method.lower()] = operation
    return found


PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": dict.fromkeys(("type", "title", "detail", "remedy", "zh"), TEXT) | {"status": {"type": "integer"}},
}


def _path(rule: Rule) -> str:
    text = rule.rule
    for converter in ("int:", "string:", "path:"):
        text = text.replace(f"<{converter}", "<")
    return text.replace("<", "{").replace(">", "}")


def _operation(app: Flask, rule: Rule) -> dict[str, Any]:
    path = _path(rule)
    said = inspect.getdoc(app.view_functions[rule.endpoint]) or ""
    inside = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "integer"} if f"<int:{name}>" in rule.rule else TEXT,
        }
        for name in sorted(rule.arguments)
    ]
    asked = [
        {
            "name": name,
            "in": "query",
            "required": False,
            "schema": OWN.get((path, name), PARAMETERS[name])[0],
            "description": OWN.get((path, name), PARAMETERS[name])[1],
        }
        for name in QUERIES.get(path, ())
    ]
    kind = KINDS.get(path, "application/json")
    wrong = {
        "description": "What, where and how to mend it.",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    return {
        "operationId": rule.endpoint.split(".")[-1],
        "summary": said.splitlines()[0] if said else path,
        "parameters": inside + asked,
        "responses": {"200": {"description": said or "OK", "content": {kind: {}}}, "default": wrong},
    }
