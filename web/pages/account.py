"""The way in and out: sign in, set a password through a link, sign out."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, redirect, render_template, request
from sqlalchemy import select

from weathermap.errors import Refused
from weathermap.people.access_log import note
from weathermap.people.accounts import Account, accept, invited, sign_in
from weathermap.people.demo import DEMO_PASSWORD, DEMO_ROLES, demo_login
from weathermap.people.permissions import may
from weathermap.people.roles import ROLES
from weathermap.people.sessions import begin_session, end_session
from weathermap.settings import Settings
from weathermap.store.people_tables import account
from web.auth import COOKIE, keep, signed_in
from web.context import context
from web.desk.words import words
from web.pages.built import LANGUAGES, assets, policy
from web.snap.limits import client_address

account_pages = Blueprint("account_pages", __name__)
ENTRY = "src/desk/main.ts"


def language() -> str:
    """The language asked for: ?lang= or the form's; anything else is Chinese."""
    lang = request.form.get("lang") or request.args.get("lang", "zh")
    return lang if lang in LANGUAGES else "zh"


def page(template: str, status: int = 200, **given: object) -> Response:
    """A page of the desk; forms go to this server alone."""
    lang = language()
    html = render_template(
        f"desk/{template}.html",
        lang=lang,
        html_lang=LANGUAGES[lang],
        w=words(lang),
        assets=assets(ENTRY),
        **given,
    )
    content = policy("").replace("form-action 'none'", "form-action 'self'")
    return Response(html, status, headers={"Cache-Control": "no-store", "Content-Security-Policy": content})


@account_pages.get("/sign-in")
def sign_in_page() -> Response:
    """The form; in a demo store with one button a role."""
    return door(request.args.get("next", ""), "", "", 200)


@account_pages.post("/sign-in")
def enter() -> Response:
    """Check the password; on to the page that was wanted.

    Five wrong passwords lock an account; many from one address, whichever the accounts, hold up that address.
    """
    login, wanted = request.form.get("login", ""), local(request.form.get("next", ""))
    refused: Refused | None = None
    came_from, wrong = client_address(), current_app.extensions["weathermap_wrong_passwords"]
    if wrong.full(came_from):
        with context().begin() as connection:
            note(connection, None, "sign in held up", login, came_from)
        return door(wanted, login, words(language()).too_many_wrong, 429)
    with context().begin() as connection:
        try:
            entered = sign_in(connection, login, request.form.get("password", ""))
            _check_way(entered)
            note(connection, entered, "sign in", address=came_from)
            end_session(connection, request.cookies.get(COOKIE, ""))
            secret = begin_session(connection, entered)
        except Refused as error:  # not raised on: the count of wrong passwords is to stay
            refused = error
            wrong.mark(came_from)
            note(connection, None, "sign in refused", login, came_from)
    if refused is not None:
        return door(wanted, login, refused.said(language()), 403)
    lang = language()
    target = wanted or first_page(entered)
    separator = "&" if "?" in target else "?"
    return keep(_to(f"{target}{separator}lang=en" if lang == "en" and "lang=" not in target else target), secret)


@account_pages.post("/sign-out")
def leave() -> Response:
    """End the session."""
    found = signed_in()
    with context().begin() as connection:
        end_session(connection, request.cookies.get(COOKIE, ""))
        note(connection, found.account, "sign out", address=request.remote_addr or "")
    return keep(_to("/sign-in"), None)


@account_pages.get("/begin/<secret>")
def begin(secret: str) -> Response:
    """The form to set a password through a link that is good once."""
    with context().connect_primary() as connection:
        return page("begin", account=invited(connection, secret), error="", remedy="")


@account_pages.post("/begin/<secret>")
def set_password(secret: str) -> Response:
    """Set it; then the way in."""
    password = request.form.get("password", "")
    with context().begin() as connection:
        owner = invited(connection, secret)
        try:
            if password != request.form.get("again", ""):
                raise Refused(words(language()).not_same)
            accept(connection, secret, password)
        except Refused as error:
            return page("begin", 400, account=owner, error=error.said(language()), remedy="")
        note(connection, owner, "password set", address=request.remote_addr or "")
    return _to(f"/sign-in?lang={language()}")


def _check_way(entered: Account) -> None:
    """Raises Refused for a password where the provider is the only way in: administrators keep theirs, if it fails."""
    settings: Settings = current_app.extensions["weathermap_settings"]
    if settings.provider is not None and settings.provider.only and not may(entered.roles, "admin"):
        raise Refused(words(language()).provider_only)


def first_page(entered: Account) -> str:
    """Where somebody begins who asked for no page."""
    if may(entered.roles, "admin"):
        return "/admin"
    return "/desk" if may(entered.roles, "desk") else "/"


def door(wanted: str, login: str, error: str, status: int) -> Response:
    """The sign-in page, with what went wrong."""
    lang = language()
    with context().connect_primary() as connection:
        kept = set(connection.execute(select(account.c.login).where(account.c.login.in_(DEMO_ROLES))).scalars())
    which = 1 if lang == "en" else 0
    demo = [
        {"login": entry, "role": ROLES[role][which], "name": demo_login(entry)[which]}
        for entry, role in DEMO_ROLES.items()
        if entry in kept
    ]
    return page(
        "sign_in",
        status,
        next=local(wanted),
        login=login,
        error=error,
        demo=demo,
        demo_password=DEMO_PASSWORD,
        provider=_has_provider(),
    )


def _has_provider() -> bool:
    settings: Settings = current_app.extensions["weathermap_settings"]
    return settings.provider is not None


def local(target: str) -> str:
    """A path of this server, or nothing: a link must not lead elsewhere after the sign-in."""
    parts = urlsplit(target)
    fine = target.startswith("/") and not target.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    return target if fine and "\\" not in target and target.isprintable() else ""


def _to(target: str) -> Response:
    return redirect(target, 303)  # type: ignore[return-value]
