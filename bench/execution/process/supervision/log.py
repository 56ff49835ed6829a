"""The log of a task: the output of its processes, without the middle if it is too long."""

from __future__ import annotations

import os
import time
from bisect import bisect_left
from collections import deque
from collections.abc import Iterator
from pathlib import Path

CHUNK = 1 << 16
LEAST_STRIDE_S = 0.005
MOST_ARRIVALS = 20_000
"""Arrival times are stored at most once per stride; the stride doubles at this number."""


class BoundedLog:
    """Reads a pipe; keeps the first and the last half of ``cap_bytes``."""

    def __init__(self, path: Path, cap_bytes: int) -> None:
        """Open a pipe; its writing end is for the task's processes."""
        self._half = max(1, cap_bytes // 2)
        self._path = path
        self._file = path.open("wb", buffering=0)
        self._n_head = 0
        self._tail: deque[bytes] = deque()
        self._n_tail = 0
        self._n_cut = 0
        self._n_taken = 0
        self._arrivals: list[tuple[int, float]] = []
        self._stride_s = LEAST_STRIDE_S
        self.read_end, self.write_end = os.pipe()
        os.set_blocking(self.read_end, False)

    def close_write_end(self) -> None:
        """Close the writing end in this process."""
        os.close(self.write_end)

    def pump(self, most_chunks: int = 64) -> bool:
        """Read available data, at most this many chunks; return False once all writers are gone."""
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
        """Read the rest, write the tail, and return how many bytes were removed."""
        self.pump(most_chunks=1024)
        if self._n_cut:
            self._file.write(f"\n... {self._n_cut} bytes cut here by bench ...\n".encode())
        for chunk in self._tail:
            self._file.write(chunk)
        self._file.close()
        os.close(self.read_end)
        return self._n_cut

    def lines(self) -> Iterator[tuple[float, str]]:
        """Yield the lines of a closed log, each with its arrival time (monotonic).

        Removed parts are left out.
        """
        content = self._path.read_bytes()
        moments = [moment for _, moment in self._arrivals]
        offsets = [offset for offset, _ in self._arrivals]
        position = 0
        for line in content.splitlines(keepends=True):
            place = position + (self._n_cut if position >= self._half else 0)
            index = min(bisect_left(offsets, place + len(line)), len(moments) - 1)
            yield moments[index] if moments else 0.0, line.decode(errors="replace").rstrip("\r\n")
            position += len(line)

    def _note_arrival(self) -> None:
        moment = time.monotonic()
        if self._arrivals and moment - self._arrivals[-1][1] < self._stride_s:
            self._arrivals[-1] = (self._n_taken, self._arrivals[-1][1])
            return
        self._arrivals.append((self._n_taken, moment))
        if len(self._arrivals) >= MOST_ARRIVALS:
            self._arrivals = self._arrivals[1::2]
            self._stride_s *= 2

    def _take(self, chunk: bytes) -> None:
        self._n_taken += len(chunk)
        self._note_arrival()
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
