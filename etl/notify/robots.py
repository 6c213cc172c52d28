"""Group robots of WeCom, DingTalk and Feishu: signed where the service signs, the answer's error code read.

As their own documents say: WeCom 群机器人; DingTalk 自定义机器人安全设置 (timestamp in ms, sign); Feishu 自定义机器人
(timestamp in s; the text to sign is the key, the message is empty).
"""

from __future__ import annotations

import base64
import hmac
import json
import time
from typing import Any
from urllib.parse import quote

from etl.notify.posting import check_code, post
from weathermap.errors import NotDelivered
from weathermap.notice.message import Channel, Message


def send_wecom(channel: Channel, message: Message) -> None:
    """POST URL?key=TOKEN. Raises NotDelivered."""
    url = f"{channel.url}?key={quote(_token(channel), safe='')}"
    check_code(_post(url, {"msgtype": "text", "text": {"content": content(message)}}, message), "errcode")


def send_dingtalk(channel: Channel, message: Message) -> None:
    """POST URL?access_token=TOKEN&timestamp=MS&sign=…. Raises NotDelivered."""
    url = f"{channel.url}?access_token={quote(_token(channel), safe='')}"
    if channel.secret:
        ms = time.time_ns() // 1_000_000
        url += f"&timestamp={ms}&sign={quote(dingtalk_sign(ms, channel.secret), safe='')}"
    check_code(_post(url, {"msgtype": "text", "text": {"content": content(message)}}, message), "errcode")


def send_feishu(channel: Channel, message: Message) -> None:
    """POST URL/TOKEN. Raises NotDelivered."""
    body: dict[str, Any] = {"msg_type": "text", "content": {"text": content(message)}}
    if channel.secret:
        s = int(time.time())
        body |= {"timestamp": str(s), "sign": feishu_sign(s, channel.secret)}
    check_code(
        _post(f"{channel.url.rstrip('/')}/{quote(_token(channel), safe='')}", body, message), "code", "StatusCode"
    )


def dingtalk_sign(ms: int, secret: str) -> str:
    """Base64 of HMAC-SHA256, keyed with the secret, of "MS\\nSECRET"."""
    return base64.b64encode(hmac.digest(secret.encode(), f"{ms}\n{secret}".encode(), "sha256")).decode()


def feishu_sign(s: int, secret: str) -> str:
    """Base64 of HMAC-SHA256, keyed with "S\\nSECRET", of nothing."""
    return base64.b64encode(hmac.digest(f"{s}\n{secret}".encode(), b"", "sha256")).decode()


def content(message: Message) -> str:
    """A robot's text; its last line is the id, by which a repetition is known."""
    return "\n".join(line for line in (message.title, message.text, message.link, f"消息编号 {message.id}") if line)


def _post(url: str, body: dict[str, Any], message: Message) -> dict[str, Any]:
    return post(url, json.dumps(body, ensure_ascii=False).encode(), {"X-Message-Id": message.id})


def _token(channel: Channel) -> str:
    if not channel.token:
        raise NotDelivered(f"the environment of the worker has no token for channel {channel.code}")
    return channel.token
