"""OpenID Connect: authorization code with PKCE, state and nonce; keys and addresses by discovery.

What one sign-in has to remember lies for ten minutes in a cookie of the browser that began it, so that only it
can end it. The token is judged here: issuer, audience, times, nonce and signature, by the provider's published keys.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from dataclasses import asdict, dataclass
from typing import Any

import requests
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from weathermap.errors import Refused, StoreError
from weathermap.oidc import Provider

ALGORITHMS = ["RS256", "PS256", "ES256", "ES384", "EdDSA"]  # with the provider's public keys: never `none`, no secret
SCOPE = "openid profile email"
PATIENCE_S, FRESH_S, SKEW_S = 10.0, 3600.0, 60
LIFE_S = 600  # of a sign-in under way


class NoProvider(StoreError):
    """The identity provider cannot be reached, or is not what the settings say."""


@dataclass(frozen=True)
class Begun:
    """What a sign-in under way remembers."""

    state: str
    nonce: str
    verifier: str
    wanted: str

    def text(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, text: str) -> Begun | None:
        """None for what is none."""
        try:
            return cls(**{name: str(value) for name, value in json.loads(text).items()})
        except (ValueError, TypeError, AttributeError):
            return None


class SingleSignOn:
    """One provider; what it publishes is kept for an hour."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self._lock = threading.Lock()
        self._found: dict[str, Any] = {}
        self._at = 0.0

    def begin(self, back: str, wanted: str) -> tuple[str, Begun]:
        """(where to send the browser, what to remember). Raises NoProvider."""
        begun = Begun(*(secrets.token_urlsafe(32) for _ in range(3)), wanted)
        url, _ = self._session(back).create_authorization_url(
            self._published()["authorization_endpoint"],
            state=begun.state,
            nonce=begun.nonce,
            code_verifier=begun.verifier,
        )
        return str(url), begun

    def claims(self, begun: Begun, back: str, answer: str, state: str) -> dict[str, Any]:
        """What the provider says of who came back with `answer`, the whole address. Raises Refused, NoProvider."""
        if not secrets.compare_digest(begun.state.encode(), state.encode()):
            raise Refused("This sign-in was begun elsewhere.", "Begin again from the sign-in page.")
        published = self._published()
        try:
            token = self._session(back).fetch_token(
                published["token_endpoint"],
                authorization_response=answer,
                code_verifier=begun.verifier,
                state=begun.state,
                timeout=PATIENCE_S,
            )
            return self._judged(str(token["id_token"]), begun.nonce)
        except (OAuthError, JoseError, KeyError, ValueError) as error:
            raise Refused(
                f"The provider's answer does not hold: {error}.", "Begin again from the sign-in page."
            ) from error
        except requests.RequestException as error:
            raise _unreachable(self.provider, error) from error

    def _judged(self, id_token: str, nonce: str) -> dict[str, Any]:
        rules = jwt.JWTClaimsRegistry(
            leeway=SKEW_S,
            iss={"essential": True, "value": self._published()["issuer"]},
            aud={"essential": True, "value": self.provider.client_id},
            exp={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        found = jwt.decode(id_token, KeySet.import_key_set(self._published()["keys"]), algorithms=ALGORITHMS)
        rules.validate(found.claims)
        return dict(found.claims)

    def _session(self, back: str) -> OAuth2Session:
        given = self.provider
        method = "client_secret_basic" if given.client_secret else "none"
        return OAuth2Session(
            given.client_id,
            given.client_secret or None,
            token_endpoint_auth_method=method,
            scope=SCOPE,
            redirect_uri=back,
            code_challenge_method="S256",
        )

    def _published(self) -> dict[str, Any]:
        """The provider's addresses and keys."""
        with self._lock:
            if not self._found or time.monotonic() - self._at > FRESH_S:
                self._found, self._at = self._discover(), time.monotonic()
            return self._found

    def _discover(self) -> dict[str, Any]:
        try:
            found = _get(f"{self.provider.issuer}/.well-known/openid-configuration")
            if str(found["issuer"]).rstrip("/") != self.provider.issuer:
                raise NoProvider(
                    f"The provider calls itself {found['issuer']!r}.", "Set WEATHERMAP_OIDC_ISSUER to exactly that."
                )
            names = ("issuer", "authorization_endpoint", "token_endpoint")
            return {name: str(found[name]) for name in names} | {"keys": _get(str(found["jwks_uri"]))}
        except (requests.RequestException, KeyError, ValueError) as error:
            raise _unreachable(self.provider, error) from error


def _get(url: str) -> Any:
    answer = requests.get(url, timeout=PATIENCE_S)
    answer.raise_for_status()
    return answer.json()


def _unreachable(provider: Provider, error: Exception) -> NoProvider:
    return NoProvider(
        f"The identity provider {provider.issuer} cannot be used: {type(error).__name__}.",
        "Try again; administrators may sign in with their password meanwhile.",
    )
