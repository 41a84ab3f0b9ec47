"""The insights of a day: each pain point in words, in the order of the feed, within the day's asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from user_intel.detect.summary import ranked_pain_points
from user_intel.detect.wording import PainPoint
from user_intel.explain import product_knowledge, ranking
from user_intel.explain.facts import FactTable
from user_intel.explain.identity import insight_id
from user_intel.explain.insight_facts import facts_of
from user_intel.explain.narrator import narrate
from user_intel.explain.ranking import Placed
from user_intel.explain.rows import Row, how_written, is_settled, kept_rows
from user_intel.explain.video_facts import facts_of_recordings
from user_intel.explain.vocabulary import names_of
from user_intel.explain.writing import Account, Call, Piece, Writer
from user_intel.lake import Lake
from user_intel.llm.models import Models
from user_intel.product import Product
from user_intel.prompts import prompt
from user_intel.state.records import Feedback

TEXTS = ("title", "problem", "why_it_matters", "hypothesis", "recommendation", "verification")
PROMPT = "insight"


@dataclass(frozen=True)
class Explained:
    """What became of a day: who wrote what, how many rows are quiet, and how many were kept from an earlier run."""

    rows: int
    quiet: int
    kept: int
    account: Account


@dataclass(frozen=True)
class _Day:
    """The day's feed, the facts of each pain point by its id, and the last words said about earlier insights."""

    day: date
    feed: Sequence[Placed]
    tables: Mapping[str, FactTable]
    words: Sequence[Feedback]


def write_insights(lake: Lake, product: Product, models: Models, feedback: Sequence[Feedback], day: date) -> Explained:
    """Writes `insights` of `day` from its pain points. `feedback`: what the state knows of insights of earlier days.

    A model is asked for at most `explain.insights_a_day` texts, in the order of the feed, none of a day that is settled
    and none that is quiet; the narrator tells the others.
    """
    known = _known(lake, product, feedback, day)
    kept = kept_rows(lake, "insights", day, "pain_point_id", TEXTS, known.tables)
    writer = Writer(models, product.explain, product.explain.insights_a_day)
    told = _told(writer, known, kept, settled=is_settled(lake, "insights", day))
    rows = [_about(each) | told[each.found.pain_point_id] for each in known.feed if each.found.pain_point_id in told]
    lake.write_rows("insights", day, rows)
    quiet = sum(bool(row["quiet"]) for row in rows)
    return Explained(len(rows), quiet, len(kept), writer.account)


def unexplained(lake: Lake, day: date) -> list[str]:
    """Pain points of a day that no insight explains; [] where all are explained."""
    explained = {row["pain_point_id"] for row in lake.rows("insights", day)}
    return [each.pain_point_id for each in ranked_pain_points(lake, day) if each.pain_point_id not in explained]


def _known(lake: Lake, product: Product, feedback: Sequence[Feedback], day: date) -> _Day:
    words = ranking.last_words(product_knowledge.clean(feedback), day, product.explain)
    earlier = ranking.earlier_of({each: _by_id(lake, each) for each in {word.day for word in words}})
    feed = ranking.placed(ranked_pain_points(lake, day), words, product.explain, earlier)
    names = names_of(lake, product, day)
    watched = facts_of_recordings(lake, day)
    tables = {
        each.found.pain_point_id: facts_of(each.found, lake, product, names, watched.get(each.found.pain_point_id, ()))
        for each in feed
    }
    return _Day(day, feed, tables, words)


def _by_id(lake: Lake, day: date) -> dict[str, PainPoint]:
    return {each.pain_point_id: each for each in ranked_pain_points(lake, day)}


def _told(writer: Writer, known: _Day, kept: Mapping[str, Row], *, settled: bool) -> dict[str, Row]:
    """Texts and how they were written, by pain point; one that nobody could tell truly is missing."""
    asked = prompt(PROMPT)
    loud: list[Call] = []
    quiet: list[Call] = []
    for each in known.feed:
        found = each.found
        if found.pain_point_id not in kept:
            table = known.tables[found.pain_point_id]
            piece = Piece(found.pain_point_id, table, partial(narrate, found, table))
            call = Call(asked, (piece,), product_knowledge.told(known.words, found))
            (quiet if each.quiet or settled else loud).append(call)
    written = writer.write(loud)
    because = "the day is settled" if settled else "it is quiet"
    written |= writer.narrate([piece for call in quiet for piece in call.pieces], because)
    rows = {
        id_: {name: text.grounded.texts[name] for name in TEXTS} | how_written(text, known.tables[id_], asked.digest)
        for id_, text in written.items()
    }
    return rows | dict(kept)


def _about(each: Placed) -> Row:
    """The columns that are known without a text."""
    found = each.found
    return {
        "insight_id": insight_id(found.pain_point_id),
        "pain_point_id": found.pain_point_id,
        "place": each.place,
        "kind": found.kind,
        "subject": found.subject,
        "segment": found.segment,
        "priority": found.priority,
        "severity": found.severity,
        "metric": found.metric,
        "quiet": each.quiet,
        "quiet_because": each.quiet_because,
    }
