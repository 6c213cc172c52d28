"""/admin/channels: what goes where and what came of it; trial messages and retries; no secret on any page."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import Engine, func, select, update

from etl.notify.sending import send
from tests.store.random_life import life
from tests.store.sinks import http_sink
from tests.web.conftest import PACKS
from tests.web.hand import PASSWORD, Hand
from weathermap.city.reading import read_pack
from weathermap.issue.intake import take_in
from weathermap.notice.channels import set_channel
from weathermap.notice.outbox import Outbox
from weathermap.people.accounts import create_account
from weathermap.settings import Settings
from weathermap.store.cities import load_pack
from weathermap.store.db import open_store
from weathermap.store.notice_tables import channel, notice, outbox
from weathermap.store.people_tables import access_log
from weathermap.store.registry import open_city
from web.app import create_app

TOKEN, KEY = "t0ken-of-the-robot", "k3y-of-the-robot"
SECRETS = {"WEATHERMAP_CHANNEL_OFFICE_TOKEN": TOKEN, "WEATHERMAP_CHANNEL_OFFICE_SECRET": KEY}


@pytest.fixture
def settings(clone: Callable[..., Settings]) -> Settings:
    made = clone()
    engine = open_store(made)
    with engine.begin() as connection:
        for name in ("toy", "plain"):
            load_pack(connection, read_pack(PACKS / name))
        for login, role in (("sys", "system_admin"), ("sec", "security_admin")):
            create_account(connection, login, login, [role], password=PASSWORD)
    engine.dispose()
    return replace(made, channel_secrets=SECRETS)


def scalar(engine: Engine, asked: object) -> int:
    with engine.connect() as connection:
        return int(connection.execute(asked).scalar_one())  # type: ignore[call-overload]


def test_channels_are_tried_retried_and_switched_and_show_no_secret(settings: Settings) -> None:
    engine, app = open_store(settings), create_app(settings)
    pack = read_pack(PACKS / "toy")
    with http_sink() as sink:
        hand, path = Hand(app, "sys"), "/admin/channels?city=990101"
        assert "还没有渠道" in hand.get(path)
        with engine.begin() as connection:
            city = open_city(connection, "990101")
            plain = open_city(connection, "PLN").city_id
            set_channel(connection, city.city_id, "office", "wecom", f"{sink.url}/hook/s3cret-path")
            set_channel(connection, plain, "other", "webhook", sink.url)
            connection.execute(update(channel).values(since=func.now() - func.make_interval(1)))
            for batch in life(pack, 3, 20, time.time_ns() // 1_000):
                take_in(connection, city, batch, tell=True)
        out = Outbox(engine, send, SECRETS, "https://map")
        sink.answers = [(404, {}), (200, {"errcode": 0})]
        while out.once():
            pass
        page = hand.get(path)
        assert "HTTP 404" in page and "已放弃" in page and "最近送达的" in page and "重发放弃的 1 条" in page
        assert sink.url.rpartition("/")[2] in page and "WEATHERMAP_CHANNEL_OFFICE_TOKEN" in page
        for secret in (TOKEN, KEY, "s3cret-path"):
            assert secret not in page and secret not in hand.get(f"{path}&lang=en")
        assert "other" not in page and "other" in hand.get("/admin/channels?city=PLN")  # each city its own

        # what was given up goes out again
        assert "1 messages" in hand.get(
            hand.client.post(f"{path}&lang=en", data={"csrf": hand.csrf, "channel": "office", "do": "retry"}).location
        )
        while out.once():
            pass
        assert scalar(engine, select(func.count()).where(outbox.c.sent_at.is_(None))) == 0
        assert "没有送达的" not in hand.get(path)

        # a trial message, taken and not taken
        before = len(sink.got)
        answer = hand.client.post(path, data={"csrf": hand.csrf, "channel": "office", "do": "test"})
        assert answer.status_code == 303 and len(sink.got) == before + 1 and sink.got[-1].query["key"] == TOKEN
        assert "测试消息已送达" in hand.get(answer.location)
        sink.answers = [(200, {"errcode": 45009, "errmsg": "api freq out of limit"})]
        refused = hand.post(path, 502, channel="office", do="test")
        assert "45009" in refused and TOKEN not in refused
        assert hand.client.post(path, data={"csrf": hand.csrf, "channel": "none", "do": "test"}).status_code == 404
        assert hand.client.post(path, data={"csrf": hand.csrf, "channel": "office", "do": "x"}).status_code == 404

        # off, new notices pass it by; on again, it hears of what comes then
        hand.post(path, 303, channel="office", do="off")
        assert "已停用" in hand.get(path)
        known = scalar(engine, select(func.count()).select_from(outbox))
        with engine.begin() as connection:
            connection.execute(update(notice).values(spread=False))
        out.once()
        assert scalar(engine, select(func.count()).select_from(outbox)) == known
        hand.post(path, 303, channel="office", do="on")
        assert "已停用" not in hand.get(path)
        assert scalar(engine, select(func.count()).where(access_log.c.what.startswith("channel "))) >= 5
        assert Hand(app, "sec").client.get(path).status_code == 403
    engine.dispose()
