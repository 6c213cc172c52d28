"""Who asks, and whether they may: before every request, from one cookie and one table.

The cookie holds a random secret and nothing else; it is for this host alone, closed to scripts, and not sent along
from other sites. What changes something must repeat the session's own word (CSRF) in the form or in X-CSRF-Token.
"""

from __future__ import annotations

import secrets
from urllib.parse import quote

from flask import Flask, Response, current_app, g, redirect, request

from weathermap.errors import Refused, SignInNeeded
from weathermap.people.permissions import ANYONE, LOOK, may
from weathermap.people.sessions import Session, find_session
from weathermap.settings import Settings
from web.context import context
from web.permissions import ROUTES
from web.problems import BadQuery

COOKIE = "weathermap"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
PAGES = ("text/html", "application/json")


def guard(app: Flask, settings: Settings) -> None:
    """Install on `app`."""
    app.extensions["weathermap_settings"] = settings
    app.before_request(_check)
    app.before_request(_check_texts)


def session() -> Session | None:
    """The session of this request, looked up once; None when nobody is signed in."""
    if "session" not in g:
        secret = request.cookies.get(COOKIE, "")
        g.session = None
        if secret:
            with context().connect_primary() as connection:
                g.session = find_session(connection, secret)
    found: Session | None = g.session
    return found


def signed_in() -> Session:
    """The session. Raises SignInNeeded."""
    found = session()
    if found is None:
        raise SignInNeeded("Nobody is signed in, or the session has ended.", "Sign in at /sign-in.")
    return found


def keep(response: Response, secret: str | None) -> Response:
    """Set the cookie on an answer; None takes it away."""
    settings: Settings = current_app.extensions["weathermap_settings"]
    options = {"httponly": True, "samesite": "Lax", "secure": request.is_secure or settings.https, "path": "/"}
    if secret is None:
        response.delete_cookie(COOKIE, **options)  # type: ignore[arg-type]
    else:
        response.set_cookie(COOKIE, secret, **options)  # type: ignore[arg-type]
    return response


def _check_texts() -> None:
    """Whoever may ask: no text holds a NUL, which the store knows no way to keep."""
    given = [*request.args.values(), *map(str, (request.view_args or {}).values())]
    if request.endpoint is not None and request.method not in SAFE:
        given += [value for name in request.form for value in request.form.getlist(name)]
    if any("\0" in text for text in given):
        raise BadQuery("What was sent holds a NUL character.", "Take it out and send it again.")


def _check() -> Response | None:
    """Before the request. Returns the way to the sign-in for pages; raises SignInNeeded or Refused else."""
    if request.endpoint is None:
        return None  # there is no such page: 404 for everyone
    settings: Settings = current_app.extensions["weathermap_settings"]
    permission = ROUTES.get(request.endpoint)
    if permission is None:
        raise Refused(f"{request.endpoint} declares no permission.", "Add it to web/permissions.py.")
    if permission == ANYONE or (permission == LOOK and not settings.sign_in):
        return None
    found = session()
    if found is None:
        if request.method in SAFE and request.accept_mimetypes.best_match(PAGES) == "text/html":
            lang = "&lang=en" if request.args.get("lang") == "en" else ""
            return redirect(f"/sign-in?next={quote(request.full_path.rstrip('?'))}{lang}")  # type: ignore[return-value]
        raise SignInNeeded("Nobody is signed in, or the session has ended.", "Sign in at /sign-in, then send it again.")
    if not may(found.account.roles, permission):
        raise Refused(f"{found.account.name} may not do this ({permission}).", "Ask whoever administers the accounts.")
    if request.method not in SAFE:
        said = request.headers.get("X-CSRF-Token") or request.form.get("csrf", "")
        if not secrets.compare_digest(said.encode(), found.csrf.encode()):
            raise Refused("This form was not made for the session that sends it.", "Load the page anew and try again.")
    return None
