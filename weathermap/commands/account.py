"""`weathermap account …`: accounts from the command line, by whoever runs the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from weathermap.commands.group import Group

if TYPE_CHECKING:
    from sqlalchemy import Engine


@click.group(cls=Group)
def account() -> None:
    """Accounts: who may sign in."""


def _link(secret: str) -> str:
    from weathermap.settings import read_settings

    settings = read_settings()
    return f"http://{settings.host}:{settings.port}/begin/{secret}"


def _store() -> Engine:
    from weathermap.settings import read_settings
    from weathermap.store.db import open_store

    return open_store(read_settings())


@account.command()
@click.argument("login")
def first(login: str) -> None:
    """Make the first security administrator, who makes all other accounts on /admin; refused once there is one."""
    from weathermap.errors import Refused
    from weathermap.people.accounts import create_account, invite, list_accounts

    with _store().begin() as connection:
        if any("security_admin" in entry.roles for entry in list_accounts(connection)):
            raise Refused(
                "There is a security administrator already.", "`weathermap account reset LOGIN` gives a new link."
            )
        secret = invite(connection, create_account(connection, login, login, ["security_admin"]))
    click.echo(f"{login} is the security administrator. Set the password within a day, once, at\n  {_link(secret)}")


@account.command()
@click.argument("login")
@click.option("--role", "roles", multiple=True, required=True, help="May be given several times.")
@click.option("--name", default="", help="As others see it.")
@click.option("--city", "code", help="City's code; may be left out while the store holds one city.")
@click.option("--unit", help="Code of the unit that it acts for.")
@click.option("--person", help="Code of the person in the pack who makes the moves.")
@click.option("--area", help="LEVEL:CODE; its queues, lists, moves and exports hold what lies there alone.")
def add(
    login: str,
    roles: tuple[str, ...],
    name: str,
    code: str | None,
    unit: str | None,
    person: str | None,
    area: str | None,
) -> None:
    """Make an account and print the link through which its owner sets the password."""
    from weathermap.people.accounts import create_account, invite
    from weathermap.people.binding import bind

    with _store().begin() as connection:
        bound = bind(connection, roles, code, unit, person, area)
        ids = (bound.city_id, bound.unit_id, bound.person_id)
        made = create_account(connection, login, name or bound.name, roles, *ids, area=bound.area)
        secret = invite(connection, made)
    click.echo(f"{login}: {', '.join(roles)}. Set the password within a day, once, at\n  {_link(secret)}")


@account.command("list")
def list_() -> None:
    """All accounts."""
    from weathermap.people.accounts import list_accounts

    with _store().connect() as connection:
        for entry in list_accounts(connection):
            state = " (disabled)" if entry.disabled else " (locked)" if entry.locked else ""
            click.echo(f"{entry.login:24} {', '.join(entry.roles):28} {entry.name}{state}")


@account.command()
@click.argument("login")
def reset(login: str) -> None:
    """End an account's sessions and print a new link to set its password."""
    from weathermap.people.accounts import find_account, invite
    from weathermap.people.sessions import end_sessions

    with _store().begin() as connection:
        found = find_account(connection, login)
        end_sessions(connection, found.account_id)
        secret = invite(connection, found.account_id)
    click.echo(f"Set the password of {login} within a day, once, at\n  {_link(secret)}")


@account.command()
@click.argument("login")
@click.option("--on", "enable", is_flag=True, help="Let it sign in again.")
def disable(login: str, enable: bool) -> None:
    """Keep an account from signing in, and end its sessions."""
    from weathermap.people.accounts import find_account, set_disabled
    from weathermap.people.sessions import end_sessions

    with _store().begin() as connection:
        found = find_account(connection, login)
        set_disabled(connection, found.account_id, not enable)
        ended = end_sessions(connection, found.account_id)
    click.echo(f"{login} may sign in again." if enable else f"{login} is disabled; {ended} session(s) ended.")
