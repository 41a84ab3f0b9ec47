"""An order among asks that are under way together: the first ones have the first right to the budget."""

from __future__ import annotations

import threading


class Turns:
    """Turns from 0 on. Each is waited for, and passed on once: by whoever has taken what there was to take, or left."""

    def __init__(self) -> None:
        self._passed: set[int] = set()
        self._next = 0
        self._changed = threading.Condition()

    def wait(self, turn: int) -> None:
        """Waits until all turns before `turn` are passed on. Who has turn 0 must pass it on, and so forth."""
        with self._changed:
            self._changed.wait_for(lambda: self._next >= turn)

    def pass_on(self, turn: int) -> None:
        """Lets the next one have its turn. Doing it twice is the same as once."""
        with self._changed:
            self._passed.add(turn)
            while self._next in self._passed:
                self._next += 1
            self._changed.notify_all()
