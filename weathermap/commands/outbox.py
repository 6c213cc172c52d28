"""`weathermap outbox …`: where notices go outside, what waits, what was given up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from weathermap.commands.group import Group

if TYPE_CHECKING:
    from sqlalchemy import Engine

CITY = click.option("--city", "code", default=None, help="City's code; may be left out while the store holds one city.")


@click.group(cls=Group)
def outbox() -> None:
    """Notices that leave the house: e-mail, WeCom, DingTalk, Feishu, webhooks."""


def _store() -> Engine:
    from weathermap.settings import read_settings
    from weathermap.store.db import open_store

    return open_store(read_settings())


@outbox.command("list")
@click.option("--most", default=20, show_default=True, help="How many failures are shown.")
def list_(most: int) -> None:
    """Each channel with what waits, was sent and was given up; then what failed."""
    from weathermap.notice.deliveries import failures, standings
    from weathermap.notice.message import message_id
    from weathermap.notice.outbox import secret_name

    with _store().connect() as connection:
        channels, failed = standings(connection), failures(connection, most)
    for row in channels:
        off = "" if row.enabled else " (off)"
        click.echo(
            f"{row.code:16} {row.service:9}{off} {row.waiting:,} waiting, {row.sent:,} sent, {row.dead:,} given up"
            f"   secrets: {secret_name(row.code)}_TOKEN, _SECRET"
        )
    if not channels:
        click.echo("No channel: `weathermap outbox add` makes one. Notices stay in the inboxes on the desk.")
    for row in failed:
        what = "given up" if row.dead_at else f"again at {row.next_at:%Y-%m-%d %H:%M:%S}Z"
        name = message_id(row.notice_id, row.channel_id, row.recipient)
        click.echo(f"  {name:24} {row.code:16} {row.kind:12} {row.attempts} attempts, {what}: {row.error}")


@outbox.command()
@click.argument("channel")
@click.argument("service", type=click.Choice(["email", "wecom", "dingtalk", "feishu", "webhook"]))
@click.argument("url")
@CITY
@click.option("--from", "sender", default="", help="E-mail: the address that it comes from.")
@click.option("--to", "recipients", multiple=True, help="E-mail: an address; may be given several times.")
@click.option("--kind", "kinds", multiple=True, help="Only such notices; may be given several times. Default: all.")
@click.option("--unit", default=None, help="Only what concerns this unit.")
def add(channel: str, service: str, url: str, code: str | None, **given: object) -> None:
    """Send notices to CHANNEL, a name of your choice, from now on; again changes it.

    URL is where the service listens, without its token; smtp://[USER@]HOST:PORT for e-mail. Token and signing key, or
    password, stand in the worker's environment: WEATHERMAP_CHANNEL_<CHANNEL>_TOKEN and …_SECRET.
    """
    from weathermap.notice.channels import set_channel
    from weathermap.store.catalog import find_city

    with _store().begin() as connection:
        city_id = find_city(connection, code).city_id
        new = set_channel(connection, city_id, channel, service, url, **given)  # type: ignore[arg-type]
    click.echo(f"{channel}: {'made' if new else 'changed'}. `weathermap outbox test {channel}` sends a trial message.")


@outbox.command()
@click.argument("channel")
@CITY
def remove(channel: str, code: str | None) -> None:
    """Send nothing to CHANNEL any more; what waits for it is dropped."""
    from weathermap.notice.channels import remove_channel
    from weathermap.store.catalog import find_city

    with _store().begin() as connection:
        remove_channel(connection, find_city(connection, code).city_id, channel)
    click.echo(f"{channel}: removed.")


@outbox.command()
@click.option("--channel", default=None, help="Of this channel alone.")
def retry(channel: str | None) -> None:
    """Send again what was given up."""
    from weathermap.notice.deliveries import retry as send_again

    with _store().begin() as connection:
        number = send_again(connection, channel)
    click.echo(f"{number:,} messages will be sent again.")
