"""What must hold of a day of `jira_issues`, and what people should look at."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date

import duckdb

from user_intel.act.outcomes import Outcome, outcomes_of
from user_intel.detect.wording import counted
from user_intel.lake import Lake
from user_intel.product import Product

# What an id may be made of; a text falls apart into such words.
_WORD = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{5,}")
_MOST_REASONS = 3


def told_twice(lake: Lake, day: date) -> str:
    """Problems with two rows and tickets of two problems; empty where each has its own."""
    rows = outcomes_of(lake, day)
    problems = Counter(row.pain_point_id for row in rows)
    tickets = Counter(row.key for row in rows if row.key)
    twice = sorted(name for name, count in (*problems.items(), *tickets.items()) if count > 1)
    return f"told of twice: {', '.join(twice)}" if twice else ""


def refusals(lake: Lake, day: date) -> str:
    """How many tickets were refused, and the first reasons; empty where none was."""
    refused = [row for row in outcomes_of(lake, day) if row.action == "refused"]
    if not refused:
        return ""
    reasons = dict.fromkeys(row.reason for row in refused if row.reason)
    return f"{counted(len(refused), 'problem')} refused: {'; '.join(list(reasons)[:_MOST_REASONS])}"


def identities_told(lake: Lake, product: Product, day: date) -> str:
    """How many ids of the day's users or sessions stand in titles, reasons or requests; empty where none does.

    Sessions may be named where product.yaml asks for links to single recordings.
    """
    words = sorted({word for row in outcomes_of(lake, day) for word in _words(row)})
    if not words:
        return ""
    columns = ["user_id"] if product.jira.links.recordings else ["user_id", "session_id"]
    with lake.connect() as connection:
        sessions = lake.read(connection, "sessions", [day])
        told = sum(_found(sessions, column, words) for column in columns)
    return f"{counted(told, 'id')} of users or sessions stand in what is sent" if told else ""


def _found(sessions: duckdb.DuckDBPyRelation, column: str, words: list[str]) -> int:
    ids = duckdb.ColumnExpression(column)
    theirs = sessions.filter(ids.isin(*map(duckdb.ConstantExpression, words)))
    return len(theirs.project(ids).distinct().fetchall())


def _words(row: Outcome) -> set[str]:
    said = " ".join(text for text in (row.title, row.reason, row.request) if text)
    return set(_WORD.findall(said))
