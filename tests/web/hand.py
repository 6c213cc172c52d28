"""Somebody signed in to the app of a test."""

from __future__ import annotations

import re

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

PASSWORD = "a long enough sentence"


def enter(client: FlaskClient, login: str, password: str = PASSWORD, **more: str) -> TestResponse:
    return client.post("/sign-in", data={"login": login, "password": password, **more})


def csrf(client: FlaskClient) -> str:
    """The session's word, which each form repeats."""
    for path in ("/desk", "/admin"):
        if found := re.search(r'name="csrf" value="([^"]+)"', client.get(path, follow_redirects=True).text):
            return found[1]
    raise AssertionError("no page of theirs has a form")


class Hand:
    """Somebody signed in, who repeats the session's word in each form."""

    def __init__(self, app: Flask, login: str, password: str = PASSWORD) -> None:
        self.client: FlaskClient = app.test_client()
        assert enter(self.client, login, password).status_code == 303
        self.csrf = csrf(self.client)

    def get(self, path: str) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:500])
        return str(answer.text)

    def post(self, path: str, status: int = 200, **form: object) -> str:
        answer = self.client.post(path, data={"csrf": self.csrf, **form})
        assert answer.status_code == status, (path, answer.status_code, answer.text[:500])
        return str(answer.text)
