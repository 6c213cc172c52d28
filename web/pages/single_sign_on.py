"""/sign-in/provider: out to the identity provider and back in, to an account that exists."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, redirect, request

from weathermap.errors import Refused, UnknownName, WeathermapError
from weathermap.people.access_log import note
from weathermap.people.provider import account_for
from weathermap.people.sessions import begin_session, end_session
from weathermap.settings import Settings
from web.auth import COOKIE, keep
from web.context import context
from web.pages.account import door, first_page, local
from web.single_sign_on import LIFE_S, Begun, SingleSignOn

sign_on_pages = Blueprint("sign_on_pages", __name__, url_prefix="/sign-in/provider")
BEGUN = "weathermap-provider"


@sign_on_pages.get("")
def out() -> Response:
    """On to the provider."""
    try:
        url, begun = _provider().begin(_back(), local(request.args.get("next", "")))
    except WeathermapError as error:
        return door("", "", f"{error.what} {error.remedy}", 503)
    response: Response = redirect(url, 303)  # type: ignore[assignment]
    response.set_cookie(BEGUN, begun.text(), max_age=LIFE_S, **_options())  # type: ignore[arg-type]
    return response


@sign_on_pages.get("/back")
def back() -> Response:
    """Who came back, if the provider's word holds, is signed in as the account that it names."""
    begun = Begun.read(request.cookies.get(BEGUN, ""))
    try:
        if begun is None:
            raise Refused("This sign-in was begun elsewhere, or too long ago.", "Begin again from the sign-in page.")
        if request.args.get("error"):
            raise Refused(f"The provider says: {request.args['error'][:100]}.", "Begin again from the sign-in page.")
        answer = f"{_back()}?{request.query_string.decode()}"
        claims = _provider().claims(begun, _back(), answer, request.args.get("state", ""))
        with context().begin() as connection:
            entered = account_for(connection, _provider().provider, claims)
            end_session(connection, request.cookies.get(COOKIE, ""))
            secret = begin_session(connection, entered)
            note(connection, entered, "sign in by provider", str(claims["sub"]), request.remote_addr or "")
    except WeathermapError as error:
        with context().begin() as connection:
            note(connection, None, "provider refused", error.what, request.remote_addr or "")
        response = door("", "", f"{error.what} {error.remedy}", 403)
        response.delete_cookie(BEGUN, **_options())  # type: ignore[arg-type]
        return response
    response = keep(redirect(local(begun.wanted) or first_page(entered), 303), secret)  # type: ignore[arg-type]
    response.delete_cookie(BEGUN, **_options())  # type: ignore[arg-type]
    return response


def _provider() -> SingleSignOn:
    found: SingleSignOn | None = current_app.extensions["weathermap_provider"]
    if found is None:
        raise UnknownName(
            "No identity provider is set.", "Sign in with a password; README, Sign-in, names the settings."
        )
    return found


def _back() -> str:
    settings: Settings = current_app.extensions["weathermap_settings"]
    scheme = "https" if settings.https or request.is_secure else "http"
    return f"{settings.url.rstrip('/') or f'{scheme}://{request.host}'}/sign-in/provider/back"


def _options() -> dict[str, object]:
    settings: Settings = current_app.extensions["weathermap_settings"]
    secure = settings.https or request.is_secure
    # Lax: the provider's redirect back is a navigation from another site, and must bring it along
    return {"httponly": True, "samesite": "Lax", "secure": secure, "path": "/sign-in/provider"}
