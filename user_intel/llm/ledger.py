"""The budget of one explained day: dollars and calls, shared by all processes of a home.

`<home>/llm/spent/<purpose>/<day>.json` is read and replaced under a file lock. Before a call its upper bound is
reserved, after it the reservation gives way to what it cost. A reservation whose process was killed stays: the call may
be billed. The budget is that of the day explained, not of the day it is explained on: whoever was refused the first
time is refused again in a rerun, so that a rerun writes the same rows. A call of unknown price is only counted.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from user_intel.errors import BudgetError, LLMError
from user_intel.whole_files import write_whole

_LOCK_S = 30.0


class Day(BaseModel):
    """What was spent on one day, and what is reserved, by token."""

    model_config = ConfigDict(extra="forbid")

    calls: int = 0
    calls_of_unknown_cost: int = 0
    cost_usd: float = 0.0
    reserved_usd: dict[str, float] = {}

    @property
    def committed_usd(self) -> float:
        """What is spent or may yet be."""
        return self.cost_usd + sum(self.reserved_usd.values())

    @property
    def committed_calls(self) -> int:
        """Calls that were made or may be under way."""
        return self.calls + len(self.reserved_usd)


@dataclass(frozen=True)
class Budget:
    """What one day may cost, for one purpose: dollars and calls, and the settings that say so."""

    purpose: str
    usd: float
    calls: int
    usd_setting: str
    calls_setting: str


class Ledger:
    """The budget of a day, and what is left of it."""

    def __init__(self, home: Path, day: date, budget: Budget) -> None:
        self._path = home / "llm" / "spent" / budget.purpose / f"{day.isoformat()}.json"
        self._lock_path = home / "locks" / "llm-spent.lock"
        self._budget = budget
        self._day = day

    def read(self) -> Day:
        """What was spent and reserved so far."""
        try:
            return Day.model_validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return Day()
        except (OSError, ValidationError):
            raise LLMError(
                f"{self._path} cannot be read, so what was spent on {self._day} is not known. Mend it, or delete it to "
                "begin that day's budget anew."
            ) from None

    def reserve(self, most_usd: float | None, calls: int = 1) -> str:
        """Reserves a call that costs at most `most_usd` (None: not known), and returns its token.

        Raises BudgetError when the day's dollars or calls do not allow it.
        """
        most, budget = most_usd or 0.0, self._budget
        with self._writing() as day:
            if day.committed_calls + calls > budget.calls:
                raise BudgetError(
                    f"The calls of {self._day} are used up: {day.committed_calls} of {budget.calls} "
                    f"({budget.calls_setting})."
                )
            if day.committed_usd + most > budget.usd:
                raise BudgetError(
                    f"The budget of {self._day} does not allow another call of up to ${most:.4f}: "
                    f"${day.committed_usd:.4f} of ${budget.usd:.2f} are spent ({budget.usd_setting})."
                )
            token = secrets.token_hex(8)
            day.reserved_usd[token] = most
            return token

    def settle(self, token: str, cost_usd: float | None, *, calls: int = 1) -> None:
        """Puts what `calls` calls cost (None: not known) in the place of a reservation; 0 calls: none was billed."""
        with self._writing() as day:
            day.reserved_usd.pop(token, None)
            day.calls += calls
            day.cost_usd += cost_usd or 0.0
            day.calls_of_unknown_cost += calls if cost_usd is None else 0

    @contextmanager
    def _writing(self) -> Iterator[Day]:
        from filelock import FileLock, Timeout

        for folder in (self._path.parent, self._lock_path.parent):
            folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self._lock_path, thread_local=False)
        try:
            lock.acquire(timeout=_LOCK_S)
        except Timeout:
            raise LLMError(f"{self._lock_path} has been held for {_LOCK_S:.0f} s by another process.") from None
        try:
            day = self.read()
            yield day
            write_whole(self._path, day.model_dump_json())
        finally:
            lock.release()
