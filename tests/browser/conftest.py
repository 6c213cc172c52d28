"""The browser tests look at the same filled store as the web tests."""

from tests.web.conftest import filled

__all__ = ["filled"]
