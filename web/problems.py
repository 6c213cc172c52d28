"""One table from named errors to HTTP, and their form: application/problem+json (RFC 9457)."""

from __future__ import annotations

import json
import logging
from urllib.parse import urlsplit

import psycopg2
from flask import Flask, Response, render_template, request
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException

from weathermap import errors

STATUS: tuple[tuple[type[Exception], int, str], ...] = (
    (errors.UnknownName, 404, "Not found"),
    (errors.TooOften, 429, "Too often"),
    (errors.NotPublished, 403, "Not published"),
    (errors.IllegalMove, 409, "Not possible now"),
    (errors.Stale, 409, "Changed meanwhile"),
    (errors.TaskOver, 409, "Over"),
    (errors.SignInNeeded, 401, "Sign in"),
    (errors.Refused, 403, "Not allowed"),
    (errors.SettingError, 400, "Not understood"),
    (errors.StoreError, 503, "The store cannot be used"),
    (errors.WeathermapError, 400, "Not possible"),
)

ZH = {
    400: "未能理解",
    401: "请先登录",
    403: "不允许",
    404: "没有找到",
    405: "不能这样打开",
    409: "现在不能办",
    413: "内容过长",
    429: "过于频繁",
    503: "数据库暂时不可用",
}

# What HTTP's own errors say in Chinese.
SAID = {
    404: "没有这个页面，或它已不在。",
    405: "这个地址不能这样打开，请从页面上的按钮进入。",
    413: "发送的内容过长，没有保存。用浏览器的后退键回到表单，写下的还在；照片请少选几张再发。",
    500: "程序出错了，没有保存。请稍后再试；若仍不行，告诉管理员现在的时间。",
}

log = logging.getLogger(__name__)


class BadQuery(errors.WeathermapError):
    """A parameter of the request cannot be understood."""


def problem(status: int, title: str, detail: str, remedy: str = "", zh: str = "") -> Response:
    """An error as problem+json; `zh`: detail and remedy in Chinese, where there are such."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, "remedy": remedy}
    body |= {"zh": zh} if zh else {}
    return Response(json.dumps(body, ensure_ascii=False), status, mimetype="application/problem+json")


def _for_people() -> bool:
    """Whether a browser shows the answer to somebody."""
    page = not request.path.startswith(("/api/", "/tiles/", "/static/"))
    return page and "text/html" in request.headers.get("Accept", "")


def _page(status: int, title: str, error: errors.WeathermapError) -> Response:
    shown = {"title": (title, ZH.get(status, "办不了")), "error": error, "status": status}
    return Response(render_template("problem.html", **shown, path=request.full_path, back=_came_from()), status)


def _came_from() -> str:
    """The page of ours that sent the request, to go on from after a sign-in; ''."""
    came = urlsplit(request.referrer or "")
    return came.path + (f"?{came.query}" if came.query else "") if came.netloc == request.host else ""


def register_problems(app: Flask) -> None:
    """Every error that a route raises becomes a problem."""

    @app.errorhandler(errors.WeathermapError)
    def named(error: errors.WeathermapError) -> Response:
        status, title = next((s, t) for kind, s, t in STATUS if isinstance(error, kind))
        if _for_people():
            return _page(status, title, error)
        return problem(status, title, error.what, error.remedy, error.zh)

    @app.errorhandler(HTTPException)
    def plain(error: HTTPException) -> Response:
        code = error.code or 500
        if _for_people() and code >= 400:
            told = errors.WeathermapError(error.description or error.name, zh=SAID.get(code, ""))
            return _page(code, error.name, told)
        return problem(error.code or 500, error.name, error.description or error.name)

    @app.errorhandler(psycopg2.Error)
    @app.errorhandler(DBAPIError)
    def store(error: Exception) -> Response:
        log.error("the store failed", exc_info=error)
        return problem(
            503, "The store cannot be used", "The database did not answer as it should.", "Try again in a moment."
        )
