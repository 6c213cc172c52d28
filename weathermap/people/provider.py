"""Whom an identity provider's word lets in: accounts that exist, by a claim that is their login."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, select

from weathermap.errors import Refused
from weathermap.oidc import Provider
from weathermap.people.accounts import Account, account_of
from weathermap.store import people_tables as t


def account_for(connection: Connection, provider: Provider, claims: Mapping[str, object]) -> Account:
    """The account whose login the provider's claim is. Raises Refused: nobody is made an account by signing in."""
    named = claims.get(provider.claim)
    if not isinstance(named, str) or not named.strip():
        raise Refused(
            f"The provider's token has no {provider.claim!r}.", "Set WEATHERMAP_OIDC_CLAIM to one that names the login."
        )
    if provider.claim == "email" and claims.get("email_verified") is not True:
        raise Refused("The provider has not verified this e-mail address.", "Verify it there, then sign in again.")
    row = connection.execute(select(t.account).where(t.account.c.login == named.strip().lower())).first()
    if row is None or row.disabled:
        raise Refused(f"{named.strip()!r} has no account here.", "Ask the security administrator for one.")
    return account_of(row)
