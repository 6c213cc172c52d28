"""Sends a message by the service that its channel names."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from etl.notify.email import send_email
from etl.notify.robots import send_dingtalk, send_feishu, send_wecom
from etl.notify.webhook import send_webhook
from weathermap.notice.message import Channel, Message

SERVICES: Mapping[str, Callable[[Channel, Message], None]] = {
    "email": send_email,
    "wecom": send_wecom,
    "dingtalk": send_dingtalk,
    "feishu": send_feishu,
    "webhook": send_webhook,
}


def send(channel: Channel, message: Message) -> None:
    """Raises NotDelivered when the service did not say that it took the message."""
    SERVICES[channel.service](channel, message)
