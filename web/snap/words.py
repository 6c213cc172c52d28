"""The citizens' words, Chinese first. Plain: no office's term where a common one will do."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

Pair = tuple[Any, Any]
WORDS: dict[str, Pair] = {
    "snap": ("随手拍", "Snap"),
    "demo": ("演示数据", "Demo data"),
    "other": ("English", "中文"),
    "other_code": ("en", "zh"),
    "skip": ("跳到内容", "Skip to content"),
    "ask": ("哪里不文明，拍给我们", "See something wrong? Show us"),
    "ask_text": ("不用注册，十秒就好。", "No account, ten seconds."),
    "shoot": ("拍照", "Take a photo"),
    "shoot_text": ("或从相册里选，最多 3 张", "or choose up to 3"),
    "no_photo": ("没有照片，只用文字说", "No photo: tell us in words"),
    "photos": ("照片", "Photos"),
    "add": ("再加一张", "Add a photo"),
    "remove": ("删去这张", "Remove this photo"),
    "where": ("是在这里吗？", "Is it here?"),
    "where_ask": ("在哪里？", "Where is it?"),
    "where_text": ("拖动地图可以改。", "Drag the map to change it."),
    "where_plain": (
        "位置会从照片里读；读不到时，请在下面写明在哪里。",
        "The place is read from the photo; if it has none, say below where it is.",
    ),
    "map": (
        "选位置的地图：拖动，或用方向键移动，＋－ 缩放",
        "Map to choose the place: drag it, or use the arrow keys, + and − to zoom",
    ),
    "nearer": ("放大", "Zoom in"),
    "farther": ("缩小", "Zoom out"),
    "here": ("定位", "My place"),
    "from_photo": ("照片里的位置", "Place from the photo"),
    "from_phone": ("手机定位，误差约 {m} 米", "Place from the phone, within {m} m"),
    "from_pin": ("您选的位置", "The place you chose"),
    "finding": ("正在定位…", "Finding your place…"),
    "no_geo": (
        "这里不能自动定位：请拖动地图，或在文字里写明在哪里。",
        "No automatic place here: drag the map, or say in words where it is.",
    ),
    "geo_denied": (
        "没有拿到位置：请拖动地图，或在文字里写明在哪里。",
        "Your place was not given: drag the map, or say in words where it is.",
    ),
    "no_place": (
        "还不知道在哪里。拖动地图，或写明在哪里；也可以就这样提交。",
        "We do not know where it is yet. Drag the map or say it in words; or send it as it is.",
    ),
    "outside": (
        "这个位置不在本市，收下后按“未定位”办理；请拖动地图或写明在哪里。",
        "This place is not in the city; it would be kept without a place. Drag the map, or say where it is.",
    ),
    "near": ("附近 {m} 米有人报过", "Reported {m} m from here"),
    "near_here": ("就在这里有人报过", "Reported right here"),
    "this_is_it": ("就是它，关注", "This is it, follow"),
    "not_it": ("不是", "No"),
    "following": ("关注这一件：有结果会写在回执里", "You follow this one: the result will be on your ticket"),
    "undo": ("改回来", "Undo"),
    "words": ("想补充什么？", "Anything to add?"),
    "words_text": ("不写也可以提交。", "You may leave it empty."),
    "words_hint": ("例如：垃圾桶满了两天，溢到路边", "e.g. the bin has been overflowing for two days"),
    "kind": ("是哪一类？可不选", "What kind? Optional"),
    "else": ("别的", "Something else"),
    "phone": ("手机号", "Phone"),
    "optional": ("可不填", "optional"),
    "phone_hint": ("默认匿名", "Anonymous by default"),
    "phone_text": (
        "填了也只用来告诉您结果：加密另存，处理单位看不到。照片里的位置、时间信息不会公开。",
        "Used only to tell you the result: kept apart and encrypted, never shown to who handles it. "
        "Place and time in the photo are not published.",
    ),
    "code": ("查询口令", "Word to find it again"),
    "code_text": (
        "自己定，4 到 20 个字。回执丢了，凭手机号和它找回。",
        "Your choice, 4 to 20 characters. Should you lose the ticket, your phone number and this word find it.",
    ),
    "trap": ("请不要填写这一栏", "Leave this empty"),
    "send": ("提交", "Send"),
    "send_follow": ("关注这一件", "Follow this one"),
    "send_anyway": ("就这样提交", "Send it as it is"),
    "sending": ("正在发送", "Sending"),
    "failed": (
        "没有发出去：网络断了或太慢。照片和文字都还在，请再试一次。",
        "Not sent: the line is down or slow. Photo and words are still here; try again.",
    ),
    "failed_kept": (
        "没有发出去：没有网络。照片和文字已存在这部手机里，有网络时会再发。",
        "Not sent: no network. Photo and words are kept on this phone and will be sent when there is a line.",
    ),
    "cannot": (
        "这个浏览器不能暂存：请现在提交，不要关掉本页。",
        "This browser cannot keep a draft: send it now, and do not close this page.",
    ),
    "kept": ("上次没有发出的还在。", "What you did not send last time is still here."),
    "drop": ("不要了", "Discard it"),
    "cover": ("遮挡人脸、车牌", "Cover faces and plates"),
    "cover_hint": (
        "点一下遮一块，按住可画大些；点已遮处取消。别人只看到遮挡后的照片。",
        "Tap to cover, draw for more, tap a patch to take it away. Others see the covered photo only.",
    ),
    "cover_keys": (
        "键盘：加一块，方向键移动，Shift＋方向键改宽高，+ − 放大缩小，Delete 取消这一块。",
        "Keys: add a patch, arrows move it, Shift and arrows change width and height, + and − its size, "
        "Delete takes it away.",
    ),
    "cover_add": ("加一块", "Add"),
    "cover_patch": (
        "遮挡 {n}：距左 {left} %，距上 {top} %，宽 {wide} %，高 {high} %",
        "Patch {n}: {left} % from the left, {top} % from the top, {wide} % wide, {high} % high",
    ),
    "cover_none": ("没有遮挡", "Nothing is covered"),
    "cover_done": ("遮好了", "Done"),
    "cover_undo": ("撤销", "Undo"),
    "cover_cannot": (
        "此浏览器显示不了这张照片，不能遮挡。",
        "This browser cannot show this photo: not covered.",
    ),
    "too_large": ("这张照片超过 25 MB", "This photo has more than 25 MB"),
    "too_many": ("最多 3 张照片", "At most 3 photos"),
    "find": ("查回执", "Find my ticket"),
    "find_title": ("找回您的回执", "Find your ticket again"),
    "find_text": (
        "填提交时留下的手机号和查询口令。没留过的，只能用回执的链接打开。",
        "The phone number and the word that you gave. Without them only the ticket's link opens it.",
    ),
    "find_none": ("没有找到。请检查手机号和口令。", "Nothing found. Check the number and the word."),
    "found": (lambda n: f"找到 {n} 件", lambda n: f"{n} found"),
    "to_find": ("查找", "Find"),
    "to_public": ("看看全市的文明天气", "See the city's weather"),
    "again": ("再拍一件", "Report another"),
    "private": ("私密链接", "Private link"),
    "only_you": ("只有拿着这个链接的人能看到本页。", "Only who holds this link sees this page."),
    "yours": ("您拍的", "Yours"),
    "now_photo": ("现在", "Now"),
    "no_yours": ("您没有拍照片", "You sent no photo"),
    "not_yet": ("处理完的照片会放在这里", "The photo after the work will stand here"),
    "fixed": ("真的好了", "It is fixed"),
    "not_fixed": ("没有好", "It is not"),
    "what_left": ("哪里还没有好？可不写", "What is left? Optional"),
    "asks_reopen": (
        "选「没有好」会请求重新处理，由督查办决定。",
        "“It is not” asks for it to be taken up again; the office decides.",
    ),
    "thanks_fixed": ("谢谢您回来告诉我们。", "Thank you for telling us."),
    "thanks_not": ("收到，会再看一次。", "We have it; it will be looked at again."),
    "wait_you": ("等您一句话", "Waiting for your word"),
    "keep": ("收好这张回执", "Keep this ticket"),
    "keep_text": (
        "长按图片保存，或收藏链接。扫码也能打开。",
        "Hold the picture to save it, or keep the link. The code opens it as well.",
    ),
    "qr": ("回执的二维码", "QR code of the ticket"),
    "picture": ("回执图片", "The ticket as a picture"),
    "copy": ("复制链接", "Copy the link"),
    "copied": ("已复制", "Copied"),
    "refused_photos": ("没有收下的照片", "Photos that were not kept"),
    "unlocated": ("没有位置：我们按您写的去找", "No place: we look for it by your words"),
    "off_title": ("本市的随手拍还没有开通", "Citizens' reports are not open here yet"),
    "off_text": ("请照常通过热线反映。", "Please use the city's usual channels."),
    "gone_title": ("没有这张回执", "There is no such ticket"),
    "gone_text": ("请检查链接是否完整，或凭手机号找回。", "Check that the link is whole, or find it by phone number."),
    "schematic": ("审图号：", "Map review no.: "),
    "no_number": ("尚未取得（演示）", "none yet (demo)"),
    # what went wrong
    "t_nothing": (
        "还没有照片，也没有文字。请拍一张，或写一句。",
        "There is neither a photo nor a word. Take one, or write a line.",
    ),
    "t_covers": (
        "遮挡区域有误，请重新遮挡后再提交。",
        "What to cover could not be read; cover it again.",
    ),
    "t_long": ("文字超过 500 个字，请短一些。", "The text has more than 500 characters; make it shorter."),
    "t_phone": (
        "这不是手机号。只写数字，例如 13800000000；不想留可以空着。",
        "This is no phone number. Write its digits, or leave it empty.",
    ),
    "t_code": ("查询口令要 4 到 20 个字。", "The word has 4 to 20 characters."),
    "t_busy": (
        "发得太频繁了，请过 {m} 分钟再试。写的都还在。",
        "Too many at once; try again in {m} min. What you wrote is still here.",
    ),
    "t_photos": (
        "照片都没有收下：{why}。写一句话也可以提交。",
        "No photo could be kept: {why}. A line of words will do as well.",
    ),
    "t_store": (
        "现在收不进来，请过一会儿再试。写的都还在。",
        "It cannot be taken in just now; try again in a while. What you wrote is still here.",
    ),
    "t_answered": ("现在没有要回答的，请看最新的状态。", "There is nothing to answer now; see the state below."),
    # why a photo is not kept: weathermap.evidence.photos.REASONS
    "p_empty": ("是空的", "is empty"),
    "p_bytes": ("超过 25 MB", "is larger than 25 MB"),
    "p_no_photo": ("不是图片", "is no picture"),
    "p_pixels": ("像素太多", "has too many pixels"),
    "p_damaged": ("已损坏", "is damaged"),
    "p_slow": ("读不出来", "cannot be read"),
    "p_many": ("超过 3 张", "is one too many"),
}


def words(lang: str) -> SimpleNamespace:
    """All words of a language: zh or en."""
    at = 1 if lang == "en" else 0
    return SimpleNamespace(**{name: pair[at] for name, pair in WORDS.items()})


def said_by_page(lang: str) -> dict[str, str]:
    """The words that the page's script says."""
    at = 1 if lang == "en" else 0
    names = (
        "where where_ask where_text from_photo from_phone from_pin finding no_geo geo_denied no_place outside near "
        "near_here this_is_it not_it following undo send send_follow send_anyway sending failed failed_kept cannot "
        "cover cover_hint cover_keys cover_add cover_patch cover_none cover_done cover_undo cover_cannot "
        "kept drop too_large too_many remove"
    )
    return {name: WORDS[name][at] for name in names.split()}
