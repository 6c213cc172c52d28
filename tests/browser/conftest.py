"""The browser tests look at the same filled stores as the web tests."""

from tests.web.conftest import filled, reviewed

__all__ = ["filled", "reviewed"]
