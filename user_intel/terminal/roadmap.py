"""`user-intel roadmap`: the experiments people plan, listed and added to."""

import json
from dataclasses import asdict

from rich.text import Text

from user_intel.lake import open_lake
from user_intel.state import open_state
from user_intel.state.publishing import publish, register
from user_intel.state.records import Plan, RoadmapItem, RoadmapStatus
from user_intel.terminal.console import ERR, OUT, plain_table
from user_intel.terminal.deciding import person


def list_roadmap(*, as_json: bool) -> None:
    """Prints every item, in the order they were added."""
    with open_state() as state:
        items = state.roadmap()
    if as_json:
        for item in items:
            print(json.dumps(_as_json(item), ensure_ascii=False))  # noqa: T201  # for programs
        return
    if not items:
        ERR.print("The roadmap is empty. Next: user-intel roadmap add --help")
        return
    table = plain_table(
        "item", "status", "title", "metric", "users an arm", "days", "insight", numbers=("item", "days")
    )
    for item in items:
        plan = item.plan
        numbers = ("" if value is None else f"{value:,}" for value in (plan.sample_size, plan.duration_days))
        cells = (str(item.item_id), item.status, plan.title, plan.metric, *numbers, plan.insight_id or "")
        table.add_row(*map(Text, cells))
    OUT.print(table)


def add_to_roadmap(plan: Plan, *, by: str | None) -> None:
    """Adds a plan and prints its number."""
    lake = open_lake()
    with open_state() as state:
        if plan.insight_id and state.status(plan.insight_id) is None:
            register(lake, state)
        item = state.add_roadmap_item(plan, by=person(by))
        publish(lake, state)
    OUT.print(Text(f"item {item.item_id} is planned: {item.plan.title}"))


def set_roadmap_status(item_id: int, status: RoadmapStatus, *, by: str | None) -> None:
    """Says how far an item is, and prints it."""
    lake = open_lake()
    with open_state() as state:
        item = state.set_roadmap_status(item_id, status, by=person(by))
        publish(lake, state)
    OUT.print(Text(f"item {item.item_id} is {item.status}: {item.plan.title}"))


def _as_json(item: RoadmapItem) -> dict[str, object]:
    told = asdict(item)
    plan = told.pop("plan")
    times = {name: told[name].isoformat() for name in ("created_at", "changed_at")}
    return {"item_id": item.item_id, **plan, **told, **times}
