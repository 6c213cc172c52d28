"""GET /healthz: the process answers. GET /readyz: the store answers, and a city is loaded."""

from __future__ import annotations

from math import isfinite

from flask import Blueprint, Response, jsonify
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from weathermap.store import tables as t
from weathermap.store.replica import behind_s
from web.context import context
from web.problems import problem

health_api = Blueprint("health_api", __name__)


@health_api.get("/healthz")
def healthz() -> Response:
    """The process answers."""
    return jsonify({"status": "ok"})


@health_api.get("/readyz")
def readyz() -> Response:
    """The store answers and holds a city; 503 otherwise."""
    try:
        with context().connect() as connection:
            cities = connection.execute(select(func.count()).select_from(t.city)).scalar_one()
            behind = behind_s(connection)
            fold = connection.execute(select(func.max(t.fold_log.c.fold_id))).scalar_one()
    except SQLAlchemyError as error:
        return problem(
            503, "Not ready", f"The store does not answer: {type(error).__name__}.", "Is PostgreSQL running?"
        )
    if not cities:
        return problem(503, "Not ready", "The store holds no city.", "Run `weathermap city load DIR`.")
    ready = {"status": "ready", "cities": cities, "fold": fold or 0}
    if behind is not None:  # a replica says how old its numbers are; null: it cannot know
        ready["behind_s"] = round(behind, 1) if isfinite(behind) else None
    return jsonify(ready)
