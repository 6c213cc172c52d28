"""Sign-in through a real OpenID Connect provider on this machine: whom its word lets in, and whom not."""

from __future__ import annotations

import io
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from oidc_provider_mock import User, run_server_in_thread
from sqlalchemy import select
from werkzeug.wrappers import Request
from werkzeug.wrappers import Response as Answer

from tests.web.conftest import PACKS
from tests.web.hand import PASSWORD
from weathermap.city.reading import read_pack
from weathermap.errors import SettingError
from weathermap.oidc import Provider
from weathermap.people.accounts import create_account
from weathermap.settings import Settings, read_settings
from weathermap.store.cities import load_pack
from weathermap.store.db import open_store
from weathermap.store.people_tables import access_log, account
from weathermap.store.registry import open_city
from web.app import create_app

BACK = "/sign-in/provider/back"
USERS = [
    User(sub="1", claims={"preferred_username": "Office", "email": "office@example.org", "email_verified": False}),
    User(sub="2", claims={"preferred_username": "nobody"}),
    User(sub="3", claims={"preferred_username": "gone"}),
    User(sub="4", claims={}),
]


class ProofOfKey:
    """What the provider lacks of RFC 7636: a code is worth nothing to who does not know what its challenge hides."""

    def __init__(self, app: Any) -> None:
        self.app, self.challenges, self.asked = app, dict[str, str](), 0

    def __call__(self, environ: Any, start: Any) -> Any:
        asked = Request(environ)
        if asked.path == "/oauth2/token":
            form, self.asked = asked.form, self.asked + 1
            digest = sha256(form.get("code_verifier", "").encode()).digest()
            if urlsafe_b64encode(digest).rstrip(b"=").decode() != self.challenges.get(form.get("code", "")):
                answer = {"error": "invalid_grant", "error_description": "PKCE verification failed"}
                return Answer(json.dumps(answer), 400, content_type="application/json")(environ, start)
            environ["wsgi.input"] = io.BytesIO(urlencode(list(form.items(multi=True))).encode())
            environ["CONTENT_LENGTH"] = str(environ["wsgi.input"].getbuffer().nbytes)

        def told(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            if code := parse_qs(urlsplit(dict(headers).get("Location", "")).query).get("code"):
                assert asked.args["code_challenge_method"] == "S256"
                self.challenges[code[0]] = asked.args["code_challenge"]
            return start(status, headers, *more)

        return self.app(environ, told)


@pytest.fixture(scope="module")
def settings(clone: Callable[..., Settings]) -> Settings:
    made = clone()
    with open_store(made).begin() as connection:
        load_pack(connection, read_pack(PACKS / "toy"))
        city_id = open_city(connection).city_id
        create_account(connection, "office", "office", ["supervisor"], city_id, password=PASSWORD)
        create_account(connection, "office@example.org", "mail", ["checker"], city_id)
        create_account(connection, "sec", "sec", ["security_admin"], password=PASSWORD)
        gone = create_account(connection, "gone", "gone", ["checker"], city_id)
        connection.execute(account.update().where(account.c.account_id == gone).values(disabled=True))
    return made


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with run_server_in_thread(require_nonce=True, user_claims=USERS) as server:
        server.app = ProofOfKey(server.app)
        yield f"http://localhost:{server.server_port}"


@pytest.fixture(scope="module")
def app(settings: Settings, issuer: str) -> Flask:
    return create_app(replace(settings, provider=Provider(issuer, "map", "secret")))


def out(client: FlaskClient, wanted: str = "") -> str:
    """To the provider's page."""
    answer = client.get(f"/sign-in/provider?next={wanted}")
    assert answer.status_code == 303
    return str(answer.location)


def consent(address: str, sub: str) -> str:
    """Where the provider sends the browser after this user signed in there."""
    answer = requests.post(address, data={"sub": sub}, allow_redirects=False, timeout=10)
    assert answer.status_code == 302, answer.text
    parts = urlsplit(answer.headers["Location"])
    assert parts.path == BACK
    return f"{parts.path}?{parts.query}"


def test_an_account_that_exists_is_signed_in(app: Flask, settings: Settings) -> None:
    client = app.test_client()
    assert "/sign-in/provider?" in client.get("/sign-in").get_data(as_text=True)
    address = out(client, "/desk?queue=check")
    asked = parse_qs(urlsplit(address).query)
    assert asked["code_challenge_method"] == ["S256"] and len(asked["code_challenge"][0]) == 43
    assert asked["scope"] == ["openid profile email"] and len(asked["state"][0]) >= 32 and len(asked["nonce"][0]) >= 32
    held = client.get_cookie("weathermap-provider", path="/sign-in/provider")
    assert held is not None and held.http_only
    verifier = json.loads(held.decoded_value)["verifier"].encode()
    assert urlsafe_b64encode(sha256(verifier).digest()).rstrip(b"=").decode() == asked["code_challenge"][0]  # RFC 7636
    back = consent(address, "1")
    answer = client.get(back)
    assert (answer.status_code, answer.location) == (303, "/desk?queue=check")
    assert client.get("/desk").status_code == 200
    # once: neither the code nor the cookie is good again
    assert client.get(back).status_code == 403
    with open_store(settings).connect() as connection:
        noted = connection.execute(select(access_log.c.login, access_log.c.what)).all()
    assert ("office", "sign in by provider") in [tuple(row) for row in noted]


@pytest.mark.parametrize(
    ("sub", "said"), [("2", "has no account"), ("3", "has no account"), ("4", "preferred_username")]
)
def test_nobody_becomes_an_account_by_signing_in(app: Flask, settings: Settings, sub: str, said: str) -> None:
    client = app.test_client()
    answer = client.get(consent(out(client), sub))
    assert answer.status_code == 403 and said in answer.get_data(as_text=True)
    assert client.get("/desk", headers={"Accept": "text/html"}).status_code == 302
    with open_store(settings).connect() as connection:
        assert len(connection.execute(select(account)).all()) == 4


def test_an_address_that_nobody_verified_is_no_login(settings: Settings, issuer: str) -> None:
    client = create_app(replace(settings, provider=Provider(issuer, "map", "secret", "email"))).test_client()
    answer = client.get(consent(out(client), "1"))
    assert answer.status_code == 403 and "not verified" in answer.get_data(as_text=True)


def test_a_code_is_worth_nothing_without_the_verifier(app: Flask) -> None:
    """Who stole the code, and even the state and nonce, cannot redeem it: the provider compares with its challenge."""
    client, path = app.test_client(), "/sign-in/provider"
    back = consent(out(client), "1")
    held = client.get_cookie("weathermap-provider", path=path)
    assert held is not None
    begun = json.loads(held.decoded_value)
    client.set_cookie("weathermap-provider", json.dumps(begun | {"verifier": "x" * 43}), path=path)
    answer = client.get(back)
    assert answer.status_code == 403 and "PKCE" in answer.text
    client.set_cookie("weathermap-provider", json.dumps(begun), path=path)
    assert client.get(back).status_code == 303


def test_another_browser_cannot_end_what_one_began(app: Flask) -> None:
    mine, other = app.test_client(), app.test_client()
    back = consent(out(mine), "1")
    assert other.get(back).status_code == 403  # no cookie
    out(other)
    assert other.get(back).status_code == 403  # its own cookie, of another state
    assert other.get("/desk", headers={"Accept": "text/html"}).status_code == 302


@pytest.mark.parametrize("part", ["nonce", "state"])
def test_what_was_changed_on_the_way_is_refused(app: Flask, part: str) -> None:
    client = app.test_client()
    back = consent(out(client), "1")
    held = client.get_cookie("weathermap-provider", path="/sign-in/provider")
    assert held is not None
    begun = json.loads(held.decoded_value) | {part: "x" * 43}
    client.set_cookie("weathermap-provider", json.dumps(begun), path="/sign-in/provider")
    assert client.get(back).status_code == 403
    assert app.test_client().get(f"{BACK}?error=access_denied&state=x").status_code == 403


def test_a_token_that_others_signed_or_made_for_others_is_refused(settings: Settings, issuer: str) -> None:
    with run_server_in_thread(user_claims=USERS) as server:
        keys = requests.get(f"http://localhost:{server.server_port}/jwks", timeout=10).json()
    strange = create_app(replace(settings, provider=Provider(issuer, "map", "secret")))
    client = strange.test_client()
    back = consent(out(client), "1")
    strange.extensions["weathermap_provider"]._found["keys"] = keys
    answer = client.get(back)
    assert answer.status_code == 403 and "does not hold" in answer.get_data(as_text=True)
    for_others = create_app(replace(settings, provider=Provider(issuer, "map", "secret")))
    client = for_others.test_client()
    back = consent(out(client), "1")
    held = for_others.extensions["weathermap_provider"]
    judged = held._judged
    held._judged = lambda token, nonce: _as("other", held, judged, token, nonce)
    assert client.get(back).status_code == 403


def _as(client_id: str, held: object, judged: Callable[[str, str], object], token: str, nonce: str) -> object:
    """Judge a token as another client would."""
    held.provider = replace(held.provider, client_id=client_id)  # type: ignore[attr-defined]
    return judged(token, nonce)


def test_a_provider_that_is_away_leaves_the_password(settings: Settings) -> None:
    away = Provider("http://localhost:9", "map", "secret", only=True)
    app = create_app(replace(settings, provider=away))
    client = app.test_client()
    answer = client.get("/sign-in/provider")
    assert answer.status_code == 503 and "administrators may sign in" in answer.get_data(as_text=True)
    assert client.post("/sign-in", data={"login": "office", "password": PASSWORD}).status_code == 403
    assert client.post("/sign-in", data={"login": "sec", "password": PASSWORD}).status_code == 303


def test_settings_name_what_is_wrong() -> None:
    good = {"WEATHERMAP_OIDC_ISSUER": "https://www.example.org/", "WEATHERMAP_OIDC_CLIENT": "map"}
    assert read_settings(good).provider == Provider("https://www.example.org", "map", "")
    assert read_settings({}).provider is None
    for wrong in ({"WEATHERMAP_OIDC_ISSUER": "http://www.example.org"}, {"WEATHERMAP_OIDC_CLIENT": ""}):
        with pytest.raises(SettingError, match="WEATHERMAP_OIDC"):
            read_settings(good | wrong)
