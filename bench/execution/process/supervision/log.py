"""The log of a task: all that its processes print, with the middle cut where it is too long."""

from __future__ import annotations

import os
from collections import deque
from pathlib import Path

CHUNK = 1 << 16


class BoundedLog:
    """Takes what comes through a pipe; keeps the first and the last half of ``cap_bytes``."""

    def __init__(self, path: Path, cap_bytes: int) -> None:
        """Open a pipe whose writing end is for the task's processes."""
        self._half = max(1, cap_bytes // 2)
        self._file = path.open("wb", buffering=0)
        self._n_head = 0
        self._tail: deque[bytes] = deque()
        self._n_tail = 0
        self._n_cut = 0
        self.read_end, self.write_end = os.pipe()
        os.set_blocking(self.read_end, False)

    def close_write_end(self) -> None:
        """Leave the writing end to the children."""
        os.close(self.write_end)

    def pump(self, most_chunks: int = 64) -> bool:
        """Take what is there now, at most so many chunks; False once all writers are gone."""
        for _ in range(most_chunks):
            try:
                chunk = os.read(self.read_end, CHUNK)
            except BlockingIOError:
                return True
            if not chunk:
                return False
            self._take(chunk)
        return True

    def close(self) -> int:
        """Take the rest, write the tail, and return how many bytes were cut."""
        self.pump(most_chunks=1024)
        if self._n_cut:
            self._file.write(f"\n... {self._n_cut} bytes cut here by bench ...\n".encode())
        for chunk in self._tail:
            self._file.write(chunk)
        self._file.close()
        os.close(self.read_end)
        return self._n_cut

    def _take(self, chunk: bytes) -> None:
        room = self._half - self._n_head
        if room > 0:
            self._file.write(chunk[:room])
            self._n_head += min(room, len(chunk))
            chunk = chunk[room:]
        if chunk:
            self._tail.append(chunk)
            self._n_tail += len(chunk)
        while self._tail and self._n_tail - len(self._tail[0]) >= self._half:
            gone = len(self._tail.popleft())
            self._n_tail -= gone
            self._n_cut += gone
