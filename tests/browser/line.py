"""A line between the browser and the server that can fail as lines do: silent, cut, or answered by a stranger."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

STRANGER = b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n<!doctype html><title>Gateway</title><p>Please sign in."


class Line:
    """A relay on a port of its own. `state`: open, silent (half-open: nothing passes, nothing ends), stranger."""

    def __init__(self, port: int) -> None:
        self.to = port
        self.state = "open"
        self._held: list[socket.socket] = []
        self._door = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = int(self._door.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._door.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        self._held.append(near)
        if self.state == "silent":
            return
        if self.state == "stranger":
            with suppress(OSError):
                near.recv(65_536)
                near.sendall(STRANGER)
                near.close()
            return
        try:
            far = socket.create_connection(("127.0.0.1", self.to))
        except OSError:
            near.close()
            return
        self._held.append(far)
        threading.Thread(target=self._relay, args=(near, far), daemon=True).start()
        self._relay(far, near)

    def _relay(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while got := source.recv(65_536):
                if self.state == "silent":
                    return  # taken and never passed on; both ends stay open
                sink.sendall(got)
        with suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        """End all connections there are."""
        for one in self._held:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._held.clear()

    def close(self) -> None:
        self._door.close()
        self.cut()
