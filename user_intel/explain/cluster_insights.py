"""The personas of a day in words: who they are, what they struggle with, what to do for them; and their names.

They are asked for in one question (six at a time where there are more): what sets one apart is said beside the others,
and house rules are paid once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from user_intel.explain import persona_names, product_knowledge, ranking
from user_intel.explain.facts import FactTable
from user_intel.explain.narrator import narrate_persona
from user_intel.explain.persona_facts import facts_of_cluster
from user_intel.explain.rows import Row, how_written, is_settled, kept_rows, lines_of
from user_intel.explain.vocabulary import names_of
from user_intel.explain.writing import OFFLINE, Account, Call, Piece, Writer, Written
from user_intel.lake import Lake
from user_intel.llm.models import Models
from user_intel.product import Product
from user_intel.prompts import prompt
from user_intel.state.records import Feedback

TEXTS = ("name", "title", "who", "why_it_matters", "pain_points", "recommendations", "hypothesis")
_LISTS = ("pain_points", "recommendations")
PROMPT = "cluster_insight"
# More than so many have no room for their facts, and their texts none in an answer.
_OF_A_CALL = 6
# A persona's better name is looked up so many days back.
_NAMED_WITHIN_DAYS = 14


@dataclass(frozen=True)
class ExplainedPersonas:
    """What became of a day's personas; `renamed` are those with a better name than that of `cluster_profiles`."""

    rows: int
    renamed: Mapping[str, str]
    kept: int
    account: Account


def write_cluster_insights(
    lake: Lake, product: Product, models: Models, feedback: Sequence[Feedback], day: date
) -> ExplainedPersonas:
    """Writes `cluster_insights` of `day`: a row for each persona that is there, in one question for all of them."""
    profiles = {row["cluster_key"]: row for row in lake.rows("cluster_profiles", day) if row["status"] != "gone"}
    names = names_of(lake, product, day)
    tables = {key: facts_of_cluster(row, lake, product, names) for key, row in profiles.items()}
    kept = kept_rows(lake, "cluster_insights", day, "cluster_key", TEXTS, tables)
    pieces = [Piece(key, table, partial(narrate_persona, table)) for key, table in tables.items() if key not in kept]
    writer = Writer(models, product.explain)
    if is_settled(lake, "cluster_insights", day):
        written = writer.narrate(pieces, "the day is settled")
    else:
        written = writer.write(_calls(pieces, feedback, product, day))
    told = {key: _texts(written[key], tables[key]) for key in profiles if key in written} | kept
    _name(told, written, profiles, _better_names(lake, day), product.clusters.min_effect)
    rows = [{"cluster_key": key} | told[key] for key in profiles if key in told]
    lake.write_rows("cluster_insights", day, rows)
    renamed = {key: told[key]["name"] for key in told if told[key]["name"] != profiles[key]["name"]}
    return ExplainedPersonas(len(rows), renamed, len(kept), writer.account)


def unexplained_personas(lake: Lake, day: date) -> list[str]:
    """Personas of a day that no row explains; [] where all are explained."""
    explained = {row["cluster_key"] for row in lake.rows("cluster_insights", day)}
    there = [row["cluster_key"] for row in lake.rows("cluster_profiles", day) if row["status"] != "gone"]
    return [key for key in there if key not in explained]


def _calls(pieces: Sequence[Piece], feedback: Sequence[Feedback], product: Product, day: date) -> list[Call]:
    words = ranking.last_words(product_knowledge.clean(feedback), day, product.explain)
    knowledge = product_knowledge.told(words)
    return [
        Call(prompt(PROMPT), tuple(pieces[first : first + _OF_A_CALL]), knowledge)
        for first in range(0, len(pieces), _OF_A_CALL)
    ]


def _texts(written: Written, table: FactTable) -> Row:
    texts = {
        name: lines_of(written.grounded, name) if name in _LISTS else written.grounded.texts[name] for name in TEXTS
    }
    return texts | how_written(written, table, prompt(PROMPT).digest)


def _name(
    told: Mapping[str, Row],
    written: Mapping[str, Written],
    profiles: Mapping[str, Row],
    better: Mapping[str, str],
    least: float,
) -> None:
    """Gives each persona its name for the day, in place; those of settled days have theirs."""
    new = [key for key in profiles if key in told and key in written]
    # Whoever has a better name already keeps it before others may choose.
    new.sort(key=lambda key: (key not in better, key))
    taken = {row["name"] for key, row in told.items() if key not in written}
    taken |= {row["name"] for row in profiles.values()}
    for key in new:
        plain = profiles[key]["name"]
        proposed = told[key]["name"] if written[key].provider != OFFLINE else plain
        traits = json.loads(profiles[key]["traits"])
        name = persona_names.chosen(proposed, better.get(key), plain, traits, taken - {plain}, least)
        told[key]["name"] = name
        taken.add(name)


def _better_names(lake: Lake, day: date) -> dict[str, str]:
    """The names that models found on earlier days and that were in use last, by persona."""
    first = day - timedelta(days=_NAMED_WITHIN_DAYS)
    earlier = [each for each in lake.days("cluster_insights") if first <= each < day]
    found: dict[str, str] = {}
    for each in earlier:
        plain = {row["cluster_key"]: row["name"] for row in lake.rows("cluster_profiles", each)}
        for row in lake.rows("cluster_insights", each):
            if row["name"] != plain.get(row["cluster_key"]):
                found[row["cluster_key"]] = row["name"]
            else:
                found.pop(row["cluster_key"], None)
    return found
