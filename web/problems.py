"""One table from named errors to HTTP, and their form: application/problem+json (RFC 9457)."""

from __future__ import annotations

import json
import logging

from flask import Flask, Response
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException

from weathermap import errors

STATUS: tuple[tuple[type[Exception], int, str], ...] = (
    (errors.UnknownName, 404, "Not found"),
    (errors.NotPublished, 403, "Not published"),
    (errors.IllegalMove, 409, "Not possible now"),
    (errors.Stale, 409, "Changed meanwhile"),
    (errors.SignInNeeded, 401, "Sign in"),
    (errors.Refused, 403, "Not allowed"),
    (errors.SettingError, 400, "Not understood"),
    (errors.StoreError, 503, "The store cannot be used"),
    (errors.WeathermapError, 400, "Not possible"),
)

log = logging.getLogger(__name__)


class BadQuery(errors.WeathermapError):
    """A parameter of the request cannot be understood."""


def problem(status: int, title: str, detail: str, remedy: str = "") -> Response:
    """An error as problem+json."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, "remedy": remedy}
    return Response(json.dumps(body, ensure_ascii=False), status, mimetype="application/problem+json")


def register_problems(app: Flask) -> None:
    """Every error that a route raises becomes a problem."""

    @app.errorhandler(errors.WeathermapError)
    def named(error: errors.WeathermapError) -> Response:
        status, title = next((s, t) for kind, s, t in STATUS if isinstance(error, kind))
        return problem(status, title, error.what, error.remedy)

    @app.errorhandler(HTTPException)
    def plain(error: HTTPException) -> Response:
        return problem(error.code or 500, error.name, error.description or error.name)

    @app.errorhandler(DBAPIError)
    def store(error: DBAPIError) -> Response:
        log.error("the store failed", exc_info=error)
        return problem(
            503, "The store cannot be used", "The database did not answer as it should.", "Try again in a moment."
        )
