"""Posting JSON to a service and reading what it answers. No error names an address: it may hold a token."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

from weathermap.errors import NotDelivered

TIMEOUT_S = 10.0
LARGEST = 65_536  # bytes of an answer that are read
PASSING = frozenset({408, 425, 429})  # what a service says of the moment, not of the message


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A service that moved is to be told to us, not followed with our message."""

    def redirect_request(self, *_: Any) -> None:
        return None


def post(url: str, body: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
    """The answer's JSON object, {} for any other answer with a status of 2xx. Raises NotDelivered."""
    request = urllib.request.Request(url, body, {"Content-Type": "application/json; charset=utf-8", **headers})
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=TIMEOUT_S) as answer:
            text = answer.read(LARGEST)
    except urllib.error.HTTPError as error:
        final = error.code < 500 and error.code not in PASSING
        raise NotDelivered(f"HTTP {error.code} {error.reason}".strip(), final=final, after_s=_after(error)) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NotDelivered(f"no answer: {_reason(error)}") from error
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def check_code(answer: Mapping[str, Any], *names: str, needed: bool = True) -> None:
    """Raises NotDelivered when the error code in an answer is not 0; `needed`: or when there is none."""
    code = next((answer[name] for name in names if name in answer), None)
    if code is None and not needed:
        return
    if code != 0:
        said = answer.get("errmsg") or answer.get("msg") or answer.get("StatusMessage") or ""
        raise NotDelivered(
            f"error code {code}: {str(said)[:200]}" if code is not None else "no error code in the answer"
        )


def _after(error: urllib.error.HTTPError) -> float:
    text = error.headers.get("Retry-After", "") if error.headers else ""
    return min(float(text), 3600.0) if text.isdecimal() else 0.0


def _reason(error: Exception) -> str:
    inner = getattr(error, "reason", error)
    return getattr(inner, "strerror", None) or str(inner) or type(inner).__name__
