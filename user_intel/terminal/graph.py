"""`user-intel graph`: a ready-made question asked of the graph, printed as a table, CSV or JSON; what can be asked."""

import csv
import json
import sys
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Literal

from rich.markup import escape

from user_intel.days import day_range, yesterday
from user_intel.graph.asking import BUCKETS, Answer, Asked, Known, ask, pasteable
from user_intel.graph.questions import Question, question, questions
from user_intel.lake import open_lake
from user_intel.product import load_product
from user_intel.settings import settings
from user_intel.terminal.console import ERR, OUT, plain_table, progress

Format = Literal["table", "csv", "json"]


def run_graph(asked: Asked, format_: Format) -> None:
    """Prints the answer to a question. Raises InputError for what cannot be meant, GraphError without a server."""
    from user_intel.graph.connection import open_graph

    question(asked.question).read(asked.words)  # a slip of the pen is told before any server is started
    chosen = settings()
    known = Known(load_product(chosen.home).thresholds.window_days, open_lake().days("transitions"))
    with progress() as bar:
        task = bar.add_task("looking for Neo4j" if chosen.uses_neo4j else "starting the graph server", total=None)
        with open_graph(chosen) as graph:
            bar.update(task, description=f"asking {asked.question}")
            answer = ask(graph, asked, known)
    _PRINTERS[format_](answer)
    for note in answer.notes:
        ERR.print(note, highlight=False, markup=False, soft_wrap=True)


def list_questions() -> None:
    """Prints every question: how it is asked and what it answers, one line each."""
    wide = max(len(each.usage) for each in questions().values())
    _say(*(f"{each.usage:<{wide}}  {each.title}" for each in questions().values()))
    ERR.print("user-intel graph QUESTION --explain tells more of one, and its Cypher.", highlight=False)


def explain(asked: Asked) -> None:
    """Prints all there is to know of a question, and its Cypher with parameters to paste into Neo4j Browser."""
    chosen = question(asked.question)
    values = chosen.read(asked.words or [str(parameter.example) for parameter in chosen.parameters])
    _say(chosen.title, "", chosen.explanation, "", f"One row is {chosen.row}.", "", *_usage(chosen))
    sampled = f" ({BUCKETS} of {BUCKETS} parts of all sessions; write fewer to look at a sample)"
    _say("", f"To paste into Neo4j Browser{sampled if chosen.uses('buckets') else ''}:", "")
    _say(pasteable(chosen, values, _days(asked), asked.limit or chosen.limit))


def _usage(chosen: Question) -> list[str]:
    days = " [--from DAY] [--to DAY]" if chosen.uses("days") else ""
    lines = [f"Usage: user-intel graph {chosen.usage}{days} [--limit {chosen.limit}]"]
    for parameter in chosen.parameters:
        default = "" if parameter.default is None else f" Default: {parameter.default}."
        lines.append(f"  {parameter.name.upper()}: {parameter.meaning}{default}")
    return [*lines, f"Example: {chosen.example}"]


def _say(*lines: str) -> None:
    for line in lines:
        OUT.print(line, highlight=False, markup=False, soft_wrap=True)


def _days(asked: Asked) -> Sequence[date]:
    """The days asked for, else a window that ends on the last day of sessions: no server is needed to explain."""
    product = load_product(settings().home)
    known = open_lake().days("sessions")
    last = asked.last or (known[-1] if known else yesterday(product.zone))
    return list(day_range(asked.first or last - timedelta(days=product.thresholds.window_days - 1), last))


def _print_table(answer: Answer) -> None:
    table = plain_table(*map(escape, answer.columns), numbers=_numbers(answer))
    for row in answer.rows:
        table.add_row(*(escape(_shown(row[name])) for name in answer.columns))
    OUT.print(table)


def _print_csv(answer: Answer) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(answer.columns)
    writer.writerows([_cell(row[name]) for name in answer.columns] for row in answer.rows)


def _print_json(answer: Answer) -> None:
    for row in answer.rows:
        print(json.dumps(row, default=str, ensure_ascii=False))  # noqa: T201  # for programs


_PRINTERS: dict[Format, Callable[[Answer], None]] = {"table": _print_table, "csv": _print_csv, "json": _print_json}


def _numbers(answer: Answer) -> tuple[str, ...]:
    return tuple(n for n in answer.columns if all(isinstance(row[n], int | float | None) for row in answer.rows))


def _cell(value: object) -> object:
    """A list as one cell of text."""
    return " > ".join(map(str, value)) if isinstance(value, list) else value


def _shown(value: object) -> str:
    """A cell for people: fractions to three places or so, nothing for null."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:,.3f}" if abs(value) < 10 else f"{value:,.1f}"
    return f"{value:,}" if isinstance(value, int) else str(_cell(value))
