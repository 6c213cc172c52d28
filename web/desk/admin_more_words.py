"""Words of the administrators' pages beside the tables: the calendar's, and what accounts are bound to."""

from __future__ import annotations

from typing import Any

MORE: dict[str, tuple[Any, Any]] = {
    "redated": (
        lambda n, a, b: f"在办 {n:,} 件的期限会变：{a:,} 件提前，{b:,} 件推后",
        lambda n, a, b: f"{n:,} open deadlines would move: {a:,} earlier, {b:,} later",
    ),
    "redated_span": (
        lambda first, last: f"这些期限现在在 {first} 至 {last} 之间；变动最大的：",
        lambda first, last: f"They lie between {first} and {last} now; those that move most:",
    ),
    "redated_none": (
        lambda n: f"在办 {n:,} 件按规则定的期限都不变",
        lambda n: f"None of {n:,} open deadlines given by rule would move",
    ),
    "redated_how": (
        "确认后逐件记入“按日历重算期限”并当即生效；人工指定的、来源给定的、已结案的不变。",
        "Done, each gets an event and the new deadline at once. "
        "What a person or the source named stays; so does what is closed.",
    ),
    "unknown_year": (
        lambda year, n: f"{year} 年法定节假日尚不知道，按周一至周五计；有 {n:,} 件未结问题的期限落在该年。",
        lambda year, n: (
            f"The statutory days of {year} are not known yet: Monday to Friday count. {n:,} open deadlines lie in it."
        ),
    ),
    "unknown_remedy": (
        "公布后在此逐日登记放假日与调休上班日（或升级日历库），未结期限随之重算。",
        "Once they are published, enter the days off and the days worked instead here "
        "(or update the calendar library): "
        "open deadlines follow.",
    ),
    "bound_area": ("辖区", "Bound to an area"),
    "bound_hint": (
        "层级:编码，如 town:350581001；只看、只办、只导出该区域内的问题。留空为全市。",
        "LEVEL:CODE, e.g. town:350581001: it sees, moves and exports the issues in it alone. Empty: the whole city.",
    ),
    "recount": ("按现行日历核对未结期限", "Check open deadlines against the calendar"),
    "recount_title": ("未结期限与现行日历", "Open deadlines and the calendar"),
    "recount_text": (
        "日历库更新后，在这里把未结期限按现行日历重算一遍；先看，再确认。",
        "After the calendar library was updated: count open deadlines anew by the calendar that holds now. Look first.",
    ),
    "recounted": (lambda n: f"已重算 {n:,} 件期限。", lambda n: f"{n:,} deadlines moved."),
    "cities": ("城市", "Cities"),
    "channels": ("通知渠道", "Channels"),
    "channels_text": (
        "令牌与密钥只在运行环境中，页面和数据库都不保存。",
        "Tokens and keys stand in the environment alone; neither store nor page holds them.",
    ),
    "no_channel": ("还没有渠道", "No channel yet"),
    "no_channel_text": (
        "通知只进收件箱。在服务器上用命令添加邮件、企业微信、钉钉、飞书或 webhook：",
        "Notices go to the inboxes alone. Add e-mail, WeCom, DingTalk, Feishu or a webhook on the server:",
    ),
    "services": (
        {"email": "邮件", "wecom": "企业微信", "dingtalk": "钉钉", "feishu": "飞书", "webhook": "Webhook"},
        {"email": "E-mail", "wecom": "WeCom", "dingtalk": "DingTalk", "feishu": "Feishu", "webhook": "Webhook"},
    ),
    "channel": ("渠道", "Channel"),
    "channel_off": ("已停用", "off"),
    "channel_test": ("发测试消息", "Send a test message"),
    "channel_retry": (lambda n: f"重发放弃的 {n:,} 条", lambda n: f"Send {n:,} given up again"),
    "channel_turn_off": ("停用", "Switch off"),
    "channel_turn_on": ("启用", "Switch on"),
    "channel_to": ("发往", "Goes to"),
    "channel_what": ("通知", "Notices"),
    "channel_all": ("全部", "all"),
    "channel_secrets": ("令牌与密钥", "Token and key"),
    "secret_there": ("已设置", "set"),
    "secret_missing": ("未设置", "not set"),
    "channel_counts": ("送达情况", "Came of it"),
    "channel_sums": (
        lambda waiting, sent, dead: f"待发 {waiting:,} · 已送达 {sent:,} · 放弃 {dead:,}",
        lambda waiting, sent, dead: f"{waiting:,} waiting · {sent:,} delivered · {dead:,} given up",
    ),
    "channel_last": (lambda at: f"最近 {at}", lambda at: f"last {at}"),
    "channel_works": (
        lambda code: f"{code}：测试消息已送达。",
        lambda code: f"{code}: the test message was delivered.",
    ),
    "channel_failed": (
        lambda code, why: f"{code}：测试消息没有送达。对方答复：{why}",
        lambda code, why: f"{code}: the test message was not delivered. The service said: {why}",
    ),
    "channel_again": (lambda n: f"{n:,} 条将重新发送。", lambda n: f"{n:,} messages will be sent again."),
    "channel_switched": (
        lambda code, on: f"{code} 已{'启用，从现在起的通知会发出' if on else '停用，新通知不再经此发出'}。",
        lambda code, on: (
            f"{code} is {'on: it is told of what happens from now on' if on else 'off: new notices pass it by'}."
        ),
    ),
    "failed": ("没有送达的", "Not delivered"),
    "delivered": ("最近送达的", "Delivered last"),
    "none_delivered": ("还没有送达过。", "Nothing was delivered yet."),
    "answered": ("对方答复", "The service said"),
    "given_up": (lambda n: f"试了 {n} 次，已放弃", lambda n: f"given up after {n} attempts"),
    "again_at": (lambda n, at: f"试了 {n} 次，{at} 再试", lambda n, at: f"{n} attempts, again at {at}"),
    "sent_at": ("送达时间", "Delivered at"),
    "attempts": ("次数", "Attempts"),
}
