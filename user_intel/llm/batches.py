"""Many asks at half price, through a maker's batch endpoint: submitted once, whatever is killed, waited for so long.

Before a batch is submitted, `<home>/llm/batches/<mark>.json` says what will be in it and what it may cost; then, its
name at the maker. Whoever wants one of those answers later finds the note, and fetches the batch instead of buying
again. A run that was killed between the note and the name looks for the batch at the maker. Past the wait a batch is
cancelled: what was answered by then is billed and fetched, the rest is asked directly. What is neither (a batch that
will not end, or may or may not have been made) is left to the next run.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from user_intel.errors import BudgetError, LLMError, ModelAway
from user_intel.llm.asks import Ask
from user_intel.llm.bought import Bought, Deal, Shelf, priced
from user_intel.llm.ledger import Ledger
from user_intel.llm.patience import Patience, Tries, repeated
from user_intel.llm.provider import Batching, Fault, Manner, Reply, most_tokens
from user_intel.whole_files import write_whole

T = TypeVar("T")

_LOG = logging.getLogger(__name__)

# A batch that is not listed so long after it was, or was not, submitted, was not.
_LISTED_WITHIN = timedelta(minutes=10)
# Clocks differ.
_CLOCKS = timedelta(minutes=2)
# The makers keep results for 29 days and more.
_FETCHED_WITHIN = timedelta(days=29)


class Note(BaseModel):
    """One batch: to whom it goes, when, and which asks it holds, each with its reservation. `batch`: its name there."""

    model_config = ConfigDict(extra="forbid")

    mark: str
    choice: str
    since: datetime
    tokens: dict[str, str]
    batch: str | None = None


@dataclass
class Outcome:
    """What came of the batches: what was bought, by key, and the keys of what is still in one, and why."""

    bought: dict[str, Bought] = field(default_factory=dict)
    under_way: set[str] = field(default_factory=set)
    words: str = ""


class Batches:
    """The batches of a home."""

    def __init__(self, home: Path, shelf: Shelf, ledger: Ledger, patience: Patience) -> None:
        self._folder = home / "llm" / "batches"
        self._locks = home / "locks"
        self._shelf = shelf
        self._ledger = ledger
        self._patience = patience

    def buy(self, deal: Deal, batching: Batching, wanted: Mapping[str, Ask], wait_s: float) -> Outcome:
        """Answers to `wanted`, by key, as many as come within `wait_s` and the budget; they are kept on the shelf.

        Raises LLMError when nothing can be submitted.
        """
        outcome, until = Outcome(), time.monotonic() + wait_s
        with self._alone("llm-batches", self._patience.ask_s):
            notes = [note for note in self._notes(deal) if wanted.keys() & note.tokens.keys()]
            noted = {key for note in notes for key in note.tokens}
            if rest := {key: ask for key, ask in wanted.items() if key not in noted}:
                notes.extend(self._submitted(deal, batching, rest))
        for note in notes:
            # Another run may be waiting for it, too: whoever comes second finds the answers on the shelf.
            with self._alone(
                f"llm-batch-{note.mark}", max(until - time.monotonic(), 0) + 2 * self._patience.batch_end_s
            ):
                if self._path(note).exists():
                    self._fetch(note, deal, batching, wanted, until, outcome)
        return outcome

    def _notes(self, deal: Deal) -> list[Note]:
        found = []
        for path in sorted(self._folder.glob("*.json")):
            try:
                note = Note.model_validate_json(path.read_bytes())
            except (OSError, ValidationError):
                _LOG.warning("%s is not readable; what is in that batch may be bought again", path)
                continue
            if datetime.now(UTC) - note.since > _FETCHED_WITHIN:
                self._drop(note)
            elif note.choice == str(deal.choice):
                found.append(note)
        return found

    def _submitted(self, deal: Deal, batching: Batching, asks: Mapping[str, Ask]) -> Iterator[Note]:
        tokens: dict[str, str] = {}
        for key, ask in asks.items():
            most = deal.price.most_usd(*most_tokens(ask), batch=True) if deal.price else None
            with suppress(BudgetError):
                tokens[key] = self._ledger.reserve(most)
        if not tokens:
            return
        note = Note(mark=secrets.token_hex(8), choice=str(deal.choice), since=datetime.now(UTC), tokens=tokens)
        self._write(note)
        manner = Manner(deal.choice.model, deal.price.effort if deal.price else None, shared=True)
        put = {key: (asks[key], manner) for key in tokens}
        try:
            note.batch = repeated(
                lambda: _submitted_once(lambda: batching.submit(put, note.mark)), self._patience, Tries()
            )
        except Fault as fault:
            if not fault.sent:
                self._drop(note)
                raise LLMError(str(fault)) from None
            _LOG.warning("%s Whether it made a batch is seen when it is listed.", fault)
        self._write(note)
        _LOG.info("%s: a batch of %d asks", deal.choice, len(tokens))
        yield note

    def _fetch(
        self,
        note: Note,
        deal: Deal,
        batching: Batching,
        wanted: Mapping[str, Ask],
        until: float,
        outcome: Outcome,
    ) -> None:
        began = time.monotonic()
        batch, replies = self._ended(note, batching, until)
        if replies is None:
            made_late = note.batch is None and datetime.now(UTC) - note.since > _LISTED_WITHIN
            if batch is None and made_late:
                self._drop(note)
                return
            outcome.under_way |= note.tokens.keys() & wanted.keys()
            outcome.words = f"It is in a batch at {deal.choice} that has not ended; the next run fetches it."
            return
        for key, token in note.tokens.items():
            ask, reply = wanted.get(key), replies.get(key)
            found = priced(ask, reply, deal, time.monotonic() - began, batch=True) if ask and reply else None
            if found and ask:
                self._shelf.keep(ask, deal.choice, found)
                outcome.bought[key] = found
            cost = deal.price.cost_usd(reply.usage, batch=True) if deal.price and reply and reply.usage else None
            self._ledger.settle(token, cost if reply else 0.0, calls=1 if reply else 0)
        self._path(note).unlink(missing_ok=True)
        _LOG.info("%s: %d of a batch of %d asks were answered", deal.choice, len(replies), len(note.tokens))
        _tidy(partial(batching.delete, str(batch)))

    def _ended(self, note: Note, batching: Batching, until: float) -> tuple[str | None, dict[str, Reply] | None]:
        """The batch of `note`, None where it is not found; and its answers, None where it has not ended."""
        names = [note.batch] if note.batch else self._looked_for(note, batching)
        for name in names:
            if not self._awaited(name, batching, until):
                return name, None
            replies = self._seen(partial(batching.replies, name))
            if replies is not None and (note.batch or replies.keys() & note.tokens.keys()):
                return name, replies
        return None, None

    def _looked_for(self, note: Note, batching: Batching) -> list[str]:
        return self._seen(lambda: batching.find(note.mark, len(note.tokens), note.since - _CLOCKS)) or []

    def _awaited(self, name: str, batching: Batching, until: float) -> bool:
        """Whether the batch ended, by itself until `until`, or soon after it was cancelled then."""
        if self._ends(name, batching, until):
            return True
        _LOG.info("the batch %s takes too long; it is cancelled", name)
        _tidy(partial(batching.cancel, name))
        return self._ends(name, batching, time.monotonic() + self._patience.batch_end_s)

    def _ends(self, name: str, batching: Batching, until: float) -> bool:
        while True:
            if self._seen(partial(batching.ended, name)):
                return True
            if time.monotonic() >= until:
                return False
            time.sleep(min(self._patience.batch_look_s, max(until - time.monotonic(), 0.0)))

    def _seen(self, call: Callable[[], T]) -> T | None:
        """What `call` found; None when the maker did not say."""
        try:
            return repeated(call, self._patience, Tries())
        except Fault as fault:
            _LOG.warning("%s", fault)
            return None

    def _drop(self, note: Note) -> None:
        for token in note.tokens.values():
            self._ledger.settle(token, 0.0, calls=0)
        self._path(note).unlink(missing_ok=True)

    def _write(self, note: Note) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        write_whole(self._path(note), note.model_dump_json())

    def _path(self, note: Note) -> Path:
        return self._folder / f"{note.mark}.json"

    @contextmanager
    def _alone(self, name: str, wait_s: float) -> Iterator[None]:
        from filelock import FileLock, Timeout

        self._locks.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self._locks / f"{name}.lock", thread_local=False)
        try:
            lock.acquire(timeout=wait_s)
        except Timeout:
            raise ModelAway(f"Another process has been at the same batch for {wait_s:.0f} s; rerun later.") from None
        try:
            yield
        finally:
            lock.release()


def _submitted_once(call: Callable[[], str]) -> str:
    """As `call`, but never repeated when it may have worked."""
    try:
        return call()
    except Fault as fault:
        if not fault.sent:
            raise
        words = str(fault)
    raise Fault(words, sent=True)


def _tidy(call: Callable[[], None]) -> None:
    try:
        call()
    except Fault as fault:
        _LOG.warning("%s", fault)
