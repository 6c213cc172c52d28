"""The identity provider that people may sign in with (OpenID Connect), as settings name it. It brings nobody new."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from weathermap.errors import SettingError

CLAIM = "preferred_username"


@dataclass(frozen=True)
class Provider:
    """`claim`: what of the provider's token is an account's login. `only`: passwords are for administrators alone."""

    issuer: str
    client_id: str
    client_secret: str
    claim: str = CLAIM
    only: bool = False


def read_provider(environ: Mapping[str, str], only: bool) -> Provider | None:
    """From WEATHERMAP_OIDC_ ISSUER, CLIENT, SECRET, CLAIM. None where there is no issuer. Raises SettingError."""
    issuer = environ.get("WEATHERMAP_OIDC_ISSUER", "").rstrip("/")
    if not issuer:
        return None
    parts = urlsplit(issuer)
    if not parts.hostname or (parts.scheme != "https" and not (parts.scheme == "http" and _own(parts.hostname))):
        raise SettingError(
            f"WEATHERMAP_OIDC_ISSUER is {issuer!r}.", "Write the provider's https:// address, as its tokens name it."
        )
    client = environ.get("WEATHERMAP_OIDC_CLIENT", "")
    if not client:
        raise SettingError("WEATHERMAP_OIDC_CLIENT is not set.", "Set the client's id that the provider gave you.")
    claim = environ.get("WEATHERMAP_OIDC_CLAIM") or CLAIM
    return Provider(issuer, client, environ.get("WEATHERMAP_OIDC_SECRET", ""), claim, only)


def _own(host: str) -> bool:
    """This machine: the only one that is asked without HTTPS."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
