"""The roadmap holds plans, complete and of known insights, and how far they are."""

import json

import pytest

from user_intel.errors import InputError
from user_intel.state.records import Plan
from user_intel.state.store import State

PLAN = Plan("Short form", "Fewer fields, fewer exits", "/shipping to /payment", 4_000, 14, "insight-a")


def test_a_plan_is_kept_with_who_added_it_and_how_far_it_is(state: State) -> None:
    item = state.add_roadmap_item(PLAN, by="maria")
    bare = state.add_roadmap_item(Plan("Ask users", "They will tell", "answers"), by="tom")
    assert state.roadmap() == [item, bare]
    assert (item.plan, item.status, item.by) == (PLAN, "planned", "maria")
    running = state.set_roadmap_status(item.item_id, "running", by="tom")
    assert (running.status, running.created_at) == ("running", item.created_at)
    assert running.changed_at >= item.changed_at
    state.set_roadmap_status(item.item_id, "running", by="tom")
    changed, added = state.audit_trail("insight-a")
    assert (changed.by, json.loads(changed.before), json.loads(changed.after)) == (
        "tom", {"status": "planned"}, {"status": "running"},
    )  # fmt: skip
    assert json.loads(added.after)["sample_size"] == 4_000


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (Plan("", "h", "m"), "title is empty"),
        (Plan("t", " ", ""), "hypothesis and metric is empty"),
        (Plan("t", "h", "m", sample_size=0), "sample_size of a plan is a number above zero, found 0"),
        (Plan("t", "h", "m", duration_days=-1), "duration_days"),
        (Plan("t", "h", "m", insight_id="insight-x"), "There is no insight 'insight-x'"),
    ],
)
def test_a_plan_that_is_not_complete_is_refused(sqlite_state: State, plan: Plan, said: str) -> None:
    with pytest.raises(InputError, match=said):
        sqlite_state.add_roadmap_item(plan, by="maria")
    assert sqlite_state.roadmap() == []


def test_an_unknown_item_is_said_with_those_there_are(state: State) -> None:
    state.add_roadmap_item(PLAN, by="maria")
    with pytest.raises(InputError, match="There is no roadmap item 9; there are 1"):
        state.set_roadmap_status(9, "done", by="maria")


def test_personal_data_in_a_plan_is_not_kept(state: State) -> None:
    kept = state.add_roadmap_item(Plan("As anna@example.com asked", "h", "m"), by="maria")
    assert kept.plan.title == "As [email] asked"
