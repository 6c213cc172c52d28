"""The desk's words for issues merged, split and passed on, Chinese first."""

from __future__ import annotations

from typing import Any

# What an event says beside its note.
EVENT: dict[str, tuple[Any, Any]] = {
    "into": (lambda number: f"并入 {number}", lambda number: f"into {number}"),
    "parts": (lambda keys: f"拆为 {len(keys)} 件", lambda keys: f"into {len(keys)} parts"),
    "by": (
        lambda by: "凭照片" if by == "photo" else "现场",
        lambda by: "by photo" if by == "photo" else "on the spot",
    ),
    "by_itself": (
        lambda why: "期满自动恢复" if why == "until" else "满期积存，自动恢复",
        lambda why: "its day came" if why == "until" else "the longest time was over",
    ),
}
WORDS: dict[str, tuple[Any, Any]] = {
    "category": ("类别", "Category"),
    "of_event": (
        lambda key, value: EVENT[key][0](value),
        lambda key, value: EVENT[key][1](value),
    ),
    "merged_into": ("已并入", "Merged into"),
    "merged_text": (
        "同一问题只计一次；本件的结果以所并入的为准。",
        "The same problem counts once; this one has the fate of the other.",
    ),
    "merge_text": (
        "本件并入另一件：不再单独办理和计数，上报人看到另一件的结果。不能撤销。",
        "This issue goes into another: no longer handled or counted by itself; its reporter sees the other's fate. "
        "This cannot be undone.",
    ),
    "into": ("并入哪一件（编号）", "Into which (number)"),
    "near": ("可能重复", "May be the same"),
    "near_hint": ("同类、50 米内、未办结", "same kind, within 50 m, under way"),
    "merge_here": ("并入此件", "Merge into this"),
    "duplicates": ("并入本件", "Merged into this"),
    "recategorise_text": (
        "责任单位和期限按新类别重新确定；来源自己指定的单位不变。",
        "Unit and term are decided anew by the new category; a unit that the source named stays.",
    ),
    "split_text": (
        "本件由各部分代替：每部分自成一件，交各自单位，期限不变；各部分都办结，本件即办结。不能撤销。",
        "Its parts take its place: each an issue of its own with its unit, the deadline stays; it is done when all "
        "parts are. This cannot be undone.",
    ),
    "part": (lambda n: f"第 {n} 部分", lambda n: f"Part {n}"),
    "no_part": ("（不用）", "(not used)"),
    "part_task": ("任务", "Task"),
    "parts": ("拆分为", "Split into"),
    "parts_done": (
        lambda n, of: f"全部办结，共 {of} 件" if n == of else f"{of} 件中 {n} 件办结",
        lambda n, of: f"all {of} done" if n == of else f"{n} of {of} done",
    ),
    "part_of": ("拆分自", "Part of"),
    "tasks": ("二次派遣", "Tasks passed on"),
    "to_whom": ("交给谁", "To whom"),
    "to_hint": ("村、物业、保洁队等，无需账号。", "A village, a firm, a crew; no account needed."),
    "instruction": ("办什么", "What is to be done"),
    "note_outside": (
        "对方会看到；不写个人信息。",
        "They will read it; no personal data.",
    ),
    "task_made": ("二次派遣：链接已生成", "Passed on: the link"),
    "task_made_text": (
        lambda to, until: f"交给{to}，{until} 18:00 前有效。把链接或二维码发给对方；本单位仍对此件负责。",
        lambda to, until: (
            f"To {to}, good until {until} 18:00. Send the link or the picture; your unit goes on "
            "answering for the issue."
        ),
    ),
    "task_link": ("链接", "Link"),
    "task_once": (
        "链接只在此显示一次；丢失请撤回后重新派遣。",
        "Shown here once; if lost, take it back and pass it on anew.",
    ),
    "qr": ("链接的二维码", "QR code of the link"),
    "copy": ("复制链接", "Copy the link"),
    "copied": ("已复制", "Copied"),
    "to_issue": ("回到问题", "Back to the issue"),
    "task_given": (lambda at, until: f"{at} 派出，{until} 前有效", lambda at, until: f"given {at}, good until {until}"),
    "task_opened": (lambda at: f"{at} 打开", lambda at: f"opened {at}"),
    "task_returned": ("退回重办：", "Sent back: "),
    "task_confirm": ("确认并反馈", "Confirm and feed back"),
    "task_send_back": ("退回重办", "Send back"),
    "task_send_back_text": ("同一链接可再次回复。", "The same link takes another answer."),
    "task_take_back": ("撤回", "Take back"),
    "task_take_back_text": ("链接立即失效。", "The link ends at once."),
    "take_evidence": (
        lambda who, n: f"采用{who}的 {n} 张照片",
        lambda who, n: f"Take the {n} photo{'s' if n > 1 else ''} of {who}",
    ),
    "help": ("流程图", "How issues move"),
    "help_text": (
        "问题的全部状态与操作：谁可以办、需要什么。此图由程序执行的流程表生成。",
        "All states and moves of an issue: who may make each, and what it needs. Drawn from the table that the program "
        "obeys.",
    ),
    "help_move": ("操作", "Move"),
    "help_from": ("原状态", "From"),
    "help_to": ("转为", "To"),
    "help_who": ("谁可以办", "Who may"),
    "help_needs": ("需要", "Needs"),
    "compare": ("照片核查", "Check by photo"),
    "compare_keys": (
        "P 通过 · R 不通过 · U 再想 · J K 上下 · S 提交",
        "P pass · R fail · U undecided · J K move · S send",
    ),
    "compare_none": (
        "没有您可以凭照片核查的问题；其余须现场核查。",
        "Nothing that you may check by photo; the others want a visit.",
    ),
    "marks": ("照片可信度提示，由核查人判断", "Hints about the photos; the checker decides"),
    "marks_coming": ("正在看地点、时间、是否用过…", "Looking at place, time and use before…"),
    "compare_open": ("逐件比对照片", "Compare the photos"),
    "to_queue": ("回到队列", "Back to the queue"),
    "passed": ("通过", "Pass"),
    "failed": ("不通过", "Fail"),
    "undecided": ("再想", "Undecided"),
    "fail_note": ("不通过的原因", "Why it does not pass"),
    "send_verdicts": ("提交核查结果", "Send the verdicts"),
    "tally_words": ("通过|不通过|未定", "pass|fail|undecided"),
    "judged": (
        lambda passed, failed: f"已核查：通过 {passed} 件，不通过 {failed} 件。",
        lambda passed, failed: f"Checked: {passed} passed, {failed} failed.",
    ),
    "check_by_visit": ("须现场核查", "Check on the spot"),
    "check_by_photo": ("可凭照片核查", "May be checked by photo"),
    "back_at": (lambda at: f"挂账至 {at}，届时自动恢复", lambda at: f"Suspended until {at}; comes back by itself"),
    "outside_task": ("任务", "Task"),
    "task_by": ("请于", "By"),
    "task_before": ("前办好", ""),
    "task_your_answer": ("办理结果", "Your answer"),
    "task_photo": ("办好后的照片", "A photo when it is done"),
    "task_photo_hint": (
        lambda n: f"最多 {n} 张；照片中的拍摄位置等信息不会显示。",
        lambda n: f"Up to {n}; place and camera data are not shown.",
    ),
    "task_words": ("说一句", "A few words"),
    "task_words_hint": ("办不了请写明原因；不写个人信息。", "If it cannot be done, say why; no personal data."),
    "task_done": ("已办好", "Done"),
    "task_cannot": ("办不了", "Cannot be done"),
    "sending": ("正在发送照片，请稍候…", "Sending the photo …"),
    "task_from": (
        lambda unit: f"由{unit or ''}派出，本单位负责。请勿转发此链接。",
        lambda unit: f"From {unit or ''}, which answers for it. Please do not pass this link on.",
    ),
    "task_is_answered": ("已收到，谢谢", "Received, thank you"),
    "task_is_answered_text": (
        lambda unit: f"{unit or '责任单位'}会确认。如被退回，仍用此链接。",
        lambda unit: f"{unit or 'The unit'} will confirm it. If it is sent back, use this same link.",
    ),
    "task_is_expired": ("链接已过期", "This link has expired"),
    "task_is_expired_text": (
        lambda unit: f"请与{unit or '派出任务的单位'}联系，由其重新派遣。",
        lambda unit: f"Ask {unit or 'the unit that sent it'} to pass the task on anew.",
    ),
    "task_is_taken_back": ("任务已撤回", "The task was taken back"),
    "task_is_taken_back_text": (
        lambda unit: f"不用再办。有疑问请与{unit or '派出任务的单位'}联系。",
        lambda unit: f"Nothing is to be done. Ask {unit or 'the unit that sent it'} if in doubt.",
    ),
    "task_is_over": ("任务已了结", "The task is over"),
    "task_is_over_text": (
        lambda unit: f"{unit or '责任单位'}已办理，不用再办。",
        lambda unit: f"{unit or 'The unit'} has settled it; nothing is to be done.",
    ),
    "own_evidence": ("不采用，另附照片", "Take none of them"),
}
