"""Plain webhooks: a JSON object, sealed with HMAC-SHA256 where the channel has a secret."""

from __future__ import annotations

import hmac
import json
import time

from etl.notify.posting import check_code, post
from weathermap.notice.message import Channel, Message


def send_webhook(channel: Channel, message: Message) -> None:
    """POST URL, any 2xx is a yes unless the answer holds an `errcode` that is not 0. Raises NotDelivered.

    X-Signature is `sha256=` and the hex HMAC of "TIMESTAMP.BODY", X-Timestamp being seconds since 1970Z.
    """
    told = {
        "id": message.id,
        "kind": message.kind,
        "number": message.number,
        "at": message.at.isoformat(),
        "title": message.title,
        "text": message.text,
        "link": message.link,
    }
    body = json.dumps(told, ensure_ascii=False).encode()
    headers = {"X-Message-Id": message.id}
    if channel.token:
        headers["Authorization"] = f"Bearer {channel.token}"
    if channel.secret:
        stamp = str(int(time.time()))
        headers |= {"X-Timestamp": stamp, "X-Signature": f"sha256={signature(stamp, body, channel.secret)}"}
    check_code(post(channel.url, body, headers), "errcode", needed=False)


def signature(stamp: str, body: bytes, secret: str) -> str:
    """Hex HMAC-SHA256 of "STAMP.BODY"."""
    return hmac.digest(secret.encode(), stamp.encode() + b"." + body, "sha256").hex()
