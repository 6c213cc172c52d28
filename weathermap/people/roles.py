"""Who works with the program: roles in Chinese and English."""

from __future__ import annotations

ROLES: dict[str, tuple[str, str]] = {
    "commander": ("指挥长", "Commander"),
    "supervisor": ("督查专员", "Supervisor"),
    "inspector": ("督查员", "Inspector"),
    "dispatcher": ("派遣员", "Dispatcher"),
    "head": ("单位负责人", "Head of unit"),
    "handler": ("经办人", "Handler"),
    "checker": ("核查员", "Checker"),
    "assessor": ("测评员", "Assessor"),
    "contractor": ("承包单位", "Contractor"),
    "patrol": ("巡访团成员", "Round member"),
    "screen": ("大屏", "Wall screen"),
    "system_admin": ("系统管理员", "System administrator"),
    "security_admin": ("安全管理员", "Security administrator"),
    "audit_admin": ("审计管理员", "Audit administrator"),
}
# Three separated administrators (GB/T 22239 等保 2.0): none of them holds another role beside.
ADMINISTRATORS = frozenset({"system_admin", "security_admin", "audit_admin"})
OF_A_UNIT = frozenset({"head", "handler", "contractor"})  # who acts for the unit that the account is bound to
EVERYONE = frozenset(ROLES)
STAFF = EVERYONE - ADMINISTRATORS - {"screen", "patrol"}
