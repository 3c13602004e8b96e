"""A process in a container, over the stream that the engine's API hijacks for `exec`."""

from __future__ import annotations

import socket
import struct
import time
from dataclasses import dataclass

import docker

from pagelab.daemon import asking

LOOK_AGAIN = 2.0  # seconds between looks at a silent process, which may have ended with its output still open


@dataclass(slots=True)
class ExecConnection:
    """Its standard streams and its end; see pagelab.lab.Connection."""

    api: docker.APIClient
    exec_id: str
    stream: socket.socket
    _pending: bytes = b""

    def send(self, data: bytes) -> None:
        try:
            self.stream.settimeout(30)
            self.stream.sendall(data)
        except OSError:
            return  # it has ended: receive() says so, and status() with what

    def receive(self, timeout: float) -> bytes | None:
        """Payload of the multiplexed stream; frames are 8 bytes of header, the last four the length."""
        end, ended = time.monotonic() + timeout, False
        try:
            while True:
                if len(self._pending) >= 8:
                    (length,) = struct.unpack(">4xL", self._pending[:8])
                    if len(self._pending) >= 8 + length:
                        payload = self._pending[8 : 8 + length]
                        self._pending = self._pending[8 + length :]
                        return payload
                left = end - time.monotonic()
                self.stream.settimeout(min(max(left, 0.001), 0.1 if ended else LOOK_AGAIN))
                try:
                    data = self.stream.recv(65536)
                except TimeoutError:
                    if ended:
                        return b""  # something that it started has its output open, and may have it for ever
                    if left <= LOOK_AGAIN:
                        return None
                    ended = self._ended()
                    continue
                if not data:
                    return b""
                self._pending += data
        except OSError:
            return b""

    def _ended(self) -> bool:
        with asking("looking at a silent shell"):
            return not self.api.exec_inspect(self.exec_id)["Running"]

    def status(self) -> int | None:
        with asking("reading how a shell ended"):
            for _ in range(20):
                state = self.api.exec_inspect(self.exec_id)
                if not state["Running"]:
                    return int(state["ExitCode"])
                time.sleep(0.05)
        return None

    def close(self) -> None:
        self.stream.close()
