"""Notices leave the house: written with the move, recorded once, signed, sent until a service says yes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from psycopg2.extensions import parse_dsn
from sqlalchemy import Engine, func, select, text

from etl.notify import email, posting
from etl.notify.sending import send
from tests.store.sinks import HttpSink, MailSink, http_sink, mail_sink
from tests.store.standing import PACK, WAYS, put
from weathermap.errors import NotDelivered, Refused
from weathermap.issue.given import Wish
from weathermap.issue.hands import make_moves
from weathermap.notice.channels import set_channel
from weathermap.notice.deliveries import failures, retry, standings
from weathermap.notice.outbox import MOST, Outbox, after_failure
from weathermap.people.accounts import create_account, find_account
from weathermap.settings import Settings, read_settings
from weathermap.store import tables as t
from weathermap.store.cities import load_pack
from weathermap.store.db import open_store
from weathermap.store.notice_tables import notice, outbox
from weathermap.store.registry import City, open_city

SECRETS = read_settings(
    {
        f"WEATHERMAP_CHANNEL_{code}_{what}": f"{what.lower()}/{code}+Qx9"
        for code in ("WECOM", "DINGTALK", "FEISHU", "WEBHOOK")
        for what in ("TOKEN", "SECRET")
    }
).channel_secrets


@pytest.fixture(scope="module")
def template(clone: Callable[..., Settings]) -> str:
    """A store with the toy city, a supervisor, and issues in the hands of a unit."""
    made = clone()
    engine = open_store(made)
    with engine.begin() as connection:
        load_pack(connection, PACK)
        city = open_city(connection)
        people = dict(connection.execute(select(t.person.c.code, t.person.c.person_id)).all())  # type: ignore[arg-type]
        create_account(connection, "office", "office", ["supervisor"], city.city_id, None, people["PS1"])
        for key in range(24):
            put(connection, city, f"issue-{key}", WAYS["handling"], time.time_ns() // 1_000)
    engine.dispose()
    return str(parse_dsn(made.database_url or "")["dbname"])


@pytest.fixture
def settings(clone: Callable[..., Settings], template: str) -> Settings:
    return clone(template=template)


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    opened = open_store(settings)
    yield opened
    opened.dispose()


@pytest.fixture
def sink(monkeypatch: pytest.MonkeyPatch) -> Iterator[HttpSink]:
    monkeypatch.setattr(posting, "TIMEOUT_S", 3.0)  # longer than a busy machine takes, shorter than the sink hangs
    with http_sink() as made:
        yield made


@pytest.fixture
def mail(monkeypatch: pytest.MonkeyPatch) -> Iterator[MailSink]:
    monkeypatch.setattr(email, "TIMEOUT_S", 5.0)
    with mail_sink() as made:
        yield made


def channel(engine: Engine, code: str, service: str, url: str, **more: object) -> None:
    with engine.begin() as connection:
        set_channel(connection, open_city(connection).city_id, code, service, url, **more)  # type: ignore[arg-type]


def urge(engine: Engine, settings: Settings, issues: int = 1, roll_back: bool = False) -> None:
    """The office urges some issues."""
    with engine.connect() as connection, connection.begin() as whole:
        city: City = open_city(connection)
        rows = connection.execute(select(t.issue.c.number, t.issue.c.seq).order_by("issue_id").limit(issues)).all()
        wishes = [Wish(row.number, row.seq, "urge", "请加快办理") for row in rows]
        answers = make_moves(connection, settings, city, find_account(connection, "office"), wishes)
        assert not [answer.error for answer in answers if answer.error]
        if roll_back:
            whole.rollback()


def told_by(engine: Engine, question: Callable[..., Any], *more: object) -> Any:
    with engine.begin() as connection:
        return question(connection, *more)


def due_now(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(outbox.update().values(next_at=datetime.now(UTC)))


def sender(engine: Engine) -> Outbox:
    return Outbox(engine, send, SECRETS, "https://map")


def emptied(out: Outbox) -> None:
    while out.once():
        pass


def test_a_notice_comes_with_its_move_or_not_at_all(engine: Engine, settings: Settings) -> None:
    def told() -> list[tuple[object, ...]]:
        with engine.connect() as connection:
            asked = select(notice.c.kind, notice.c.unit_id, notice.c.seq).order_by(notice.c.notice_id)
            return [tuple(row) for row in connection.execute(asked)]

    assert told() == []  # what was stored as history tells nobody
    urge(engine, settings, roll_back=True)
    assert told() == []
    urge(engine, settings)
    unit = scalar(engine, select(t.unit.c.unit_id).where(t.unit.c.code == "T001"))
    assert told() == [("urged", unit, 3)]


def scalar(engine: Engine, asked: object) -> object:
    with engine.connect() as connection:
        return connection.execute(asked).scalar_one()  # type: ignore[call-overload]


def test_each_service_gets_it_signed_as_it_wants_and_the_store_holds_no_secret(
    engine: Engine, settings: Settings, sink: HttpSink, mail: MailSink
) -> None:
    for service in ("wecom", "dingtalk", "feishu", "webhook"):
        channel(engine, service, service, f"{sink.url}/{service}")
    channel(
        engine, "post", "email", mail.url, sender="map@city.example", recipients=["a@unit.example", "b@unit.example"]
    )
    channel(engine, "other", "webhook", f"{sink.url}/other", kinds=["dispatched"])
    channel(engine, "foreign", "webhook", f"{sink.url}/foreign", unit="B02")
    urge(engine, settings)
    emptied(sender(engine))
    got = {entry.path.split("/")[1]: entry for entry in sink.got}
    assert got.keys() == {"wecom", "dingtalk", "feishu", "webhook"}
    assert len(sink.got) == 4
    assert got["wecom"].query == {"key": "token/WECOM+Qx9"}
    asked = got["dingtalk"].query
    secret = "secret/DINGTALK+Qx9"
    expected = hmac.new(secret.encode(), f"{asked['timestamp']}\n{secret}".encode(), hashlib.sha256).digest()
    assert base64.b64decode(asked["sign"]) == expected
    assert abs(int(asked["timestamp"]) - time.time() * 1000) < 60_000
    body = got["feishu"].json
    keyed = hmac.new(f"{body['timestamp']}\nsecret/FEISHU+Qx9".encode(), b"", hashlib.sha256).digest()
    assert base64.b64decode(body["sign"]) == keyed
    assert got["feishu"].path == "/feishu/token%2FFEISHU%2BQx9"
    hook = got["webhook"]
    stamp = hook.headers["X-Timestamp"].encode()
    sealed = hmac.new(b"secret/WEBHOOK+Qx9", stamp + b"." + hook.body, hashlib.sha256).hexdigest()
    assert hook.headers["X-Signature"] == f"sha256={sealed}"
    assert hook.headers["Authorization"] == "Bearer token/WEBHOOK+Qx9"
    assert hook.json["kind"] == "urged"
    assert hook.json["link"].startswith("https://map/desk/issue/990101-")
    assert "请加快办理" in got["wecom"].json["text"]["content"]
    assert {str(m["To"]) for m in mail.got} == {"a@unit.example", "b@unit.example"}
    assert len({str(m["Message-ID"]) for m in mail.got}) == 2
    assert "催办" in str(mail.got[0]["Subject"])
    with engine.connect() as connection:
        for table in ("channel", "outbox", "notice"):
            assert "Qx9" not in str(connection.execute(text(f"SELECT * FROM {table}")).all())
    assert [(row.code, row.sent, row.waiting) for row in told_by(engine, standings)] == [
        ("dingtalk", 1, 0), ("feishu", 1, 0), ("foreign", 0, 0), ("other", 0, 0), ("post", 2, 0), ("webhook", 1, 0),
        ("wecom", 1, 0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "error", "final"),
    [
        ((200, {"errcode": 45009, "errmsg": "api freq out of limit"}), "error code 45009: api freq", False),
        ((200, "fine"), "no error code", False),
        ((500, {}), "HTTP 500", False),
        ((429, {}), "HTTP 429", False),
        ((302, {}), "HTTP 302", True),
        ((404, {}), "HTTP 404", True),
        ((0, {}), "no answer", False),
    ],
)
def test_what_a_service_does_not_take_is_tried_again_or_given_up_visibly(
    engine: Engine, settings: Settings, sink: HttpSink, answer: tuple[int, object], error: str, final: bool
) -> None:
    channel(engine, "wecom", "wecom", sink.url)
    urge(engine, settings)
    sink.answers = [answer, (200, {"errcode": 0})]
    out = sender(engine)
    out.once()
    failed = told_by(engine, failures, 10)[0]
    assert error in failed.error
    assert (failed.dead_at is not None) == final
    if final:
        out.once()
        assert len(sink.got) == 1
        assert told_by(engine, retry, "other") == 0
        assert told_by(engine, retry, "wecom") == 1
    else:
        assert failed.next_at > datetime.now(UTC)
        due_now(engine)
    emptied(out)
    assert told_by(engine, failures, 10) == []
    assert len({entry.headers["X-Message-Id"] for entry in sink.got}) == 1
    assert len(sink.got) == 2


def test_pauses_grow_with_jitter_until_it_is_given_up() -> None:
    now = datetime(2026, 11, 25, tzinfo=UTC)
    error = NotDelivered("no answer")
    pauses = [
        {(after_failure(now, n, error)["next_at"] - now).total_seconds() for _ in range(40)} for n in range(1, MOST)
    ]
    assert all(len(each) > 1 for each in pauses)
    assert all(min(each) >= 0.5 * min(5 * 2**n, 3600) for n, each in enumerate(pauses))
    assert all(max(each) <= 1.5 * min(5 * 2**n, 3600) for n, each in enumerate(pauses))
    assert "dead_at" in after_failure(now, MOST, error)
    assert (after_failure(now, 1, NotDelivered("x", after_s=900))["next_at"] - now).total_seconds() == 900


def test_mail_that_is_put_off_comes_later_under_its_own_id(engine: Engine, settings: Settings, mail: MailSink) -> None:
    channel(engine, "post", "email", mail.url, sender="map@city.example", recipients=["a@unit.example"])
    urge(engine, settings)
    mail.refuse = ["451 greylisted", "554 no"]
    out = sender(engine)
    out.once()
    assert "SMTP 451" in told_by(engine, failures, 1)[0].error
    due_now(engine)
    out.once()
    assert told_by(engine, failures, 1)[0].dead_at is not None
    told_by(engine, retry, None)
    emptied(out)
    row = scalar(engine, select(func.max(outbox.c.notice_id)))
    assert str(mail.got[0]["Message-ID"]).startswith(f"<n{row}.c")
    assert str(mail.got[0]["Message-ID"]).endswith("@city.example>")


def test_who_dies_after_sending_sends_the_same_message_again(
    engine: Engine, settings: Settings, sink: HttpSink
) -> None:
    channel(engine, "hook", "webhook", sink.url)
    urge(engine, settings)

    def die(*letter: object) -> None:
        send(*letter)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Outbox(engine, die, SECRETS, "https://map").once()
    emptied(sender(engine))
    assert len(sink.got) == 1  # whoever has it has it for a while
    due_now(engine)
    emptied(sender(engine))
    assert [entry.json["id"] for entry in sink.got] == [sink.got[0].json["id"]] * 2
    assert len({entry.body for entry in sink.got}) == 1


def test_many_workers_send_each_once_and_one_that_hangs_holds_up_nobody(
    engine: Engine, settings: Settings, sink: HttpSink
) -> None:
    with http_sink() as hanging:
        hanging.answers = [(0, {})]
        channel(engine, "hook", "webhook", sink.url)
        channel(engine, "stuck", "webhook", hanging.url)
        urge(engine, settings, issues=24)
        engines = [open_store(settings) for _ in range(3)]
        out = [sender(each) for each in engines]
        threads = [threading.Thread(target=emptied, args=(each,)) for each in out]
        started = time.monotonic()
        for thread in threads:
            thread.start()
        while len(sink.got) < 24:
            assert time.monotonic() - started < 20
            time.sleep(0.02)
        for thread in threads:
            thread.join(60)
        for each in engines:
            each.dispose()
        assert sorted(entry.json["number"] for entry in sink.got) == sorted({e.json["number"] for e in sink.got})
        by_code = {row.code: row for row in told_by(engine, standings)}
        assert (by_code["hook"].sent, by_code["stuck"].sent) == (24, 0)
        assert len(hanging.got) <= 6  # asked a few times, not once for each notice


@pytest.mark.parametrize(
    ("service", "url", "more", "word"),
    [
        ("wecom", "https://robots/send?key=abc", {}, "token"),
        ("webhook", "https://a:b@robots/", {}, "password"),
        ("webhook", "ftp://robots/", {}, "no address"),
        ("webhook", "https://robots/", {"kinds": ["x"]}, "no kind"),
        ("email", "smtp://mail.example", {"sender": "map@a.example"}, "Nobody"),
        ("email", "smtp://mail.example", {"sender": "map", "recipients": ["a@b.example"]}, "'map'"),
    ],
)
def test_a_channel_that_cannot_work_or_would_store_a_secret_is_refused(
    service: str, url: str, more: dict[str, object], word: str
) -> None:
    with pytest.raises(Refused, match=word):
        set_channel(None, 1, "c", service, url, **more)  # type: ignore[arg-type]


def test_secrets_stay_out_of_what_is_printed() -> None:
    made = replace(read_settings({}), channel_secrets={"WEATHERMAP_CHANNEL_A_TOKEN": "Qx9"})
    assert "Qx9" not in repr(made)
