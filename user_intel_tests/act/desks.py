"""A deployment at work: days are run, people decide, Jira is looked at, as a test says it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from user_intel.act.outcomes import Outcome
from user_intel.act.rich_text import words_of
from user_intel.act.run import Acted, act_day
from user_intel.detect.wording import PainPoint
from user_intel.explain.identity import insight_id
from user_intel.lake import Lake
from user_intel.product import Product
from user_intel.settings import Settings
from user_intel.state import open_state
from user_intel.state.publishing import register
from user_intel.state.records import Status
from user_intel_tests.act.made_insights import explain
from user_intel_tests.act.stand_in import JiraStandIn
from user_intel_tests.detect.hand_made import DAY, new_lake


@dataclass(frozen=True)
class Deployment:
    """A home with its lake, state and settings."""

    lake: Lake
    product: Product
    settings: Settings

    def explained(self, found: Sequence[PainPoint], day: date = DAY, **changed: Any) -> None:
        """The day has these problems, and an insight of each."""
        explain(self.lake, found, day, **changed)
        with open_state(self.settings) as state:
            register(self.lake, state, [day])

    def decide(self, found: PainPoint, to: Status, **more: Any) -> None:
        """Somebody decides about the insight of a problem."""
        with open_state(self.settings) as state:
            state.decide(insight_id(found.pain_point_id), to, by="anna", **more)

    def run(self, day: date = DAY, today: date | None = None) -> Acted:
        """The stage's day, run on the night after it."""
        return act_day(self.lake, self.product, self.settings, day, today=today or day)

    def rows(self, day: date = DAY, today: date | None = None) -> dict[str, Outcome]:
        """What the run of a day did, by subject."""
        return {row.insight_id: row for row in self.run(day, today).outcomes}

    def row(self, found: PainPoint, day: date = DAY) -> Outcome:
        """What the run of a day did about one problem."""
        return self.rows(day)[insight_id(found.pain_point_id)]

    def status(self, found: PainPoint) -> str:
        """What is decided of a problem's insight."""
        with open_state(self.settings) as state:
            known = state.status(insight_id(found.pain_point_id))
        assert known
        return known.status


def deployment(home: Path, jira: JiraStandIn | None = None, **chosen: Any) -> Deployment:
    """A new deployment, with `jira:` of product.yaml as given. Without a Jira, nothing is sent."""
    home.mkdir(parents=True, exist_ok=True)
    described = {"jira": {"index_lag_s": 2, **chosen}}
    (home / "product.yaml").write_text(yaml.safe_dump(described), encoding="utf-8")
    product = Product.model_validate(described)
    settings = (
        jira.settings(USER_INTEL_HOME=home)
        if jira
        else Settings(_env_file=None, USER_INTEL_HOME=home, JIRA_URL=None, JIRA_TOKEN=None, JIRA_PROJECT=None)  # type: ignore[call-arg]
    )
    return Deployment(new_lake(home, product), product, settings)


def approved(at: Deployment, *found: PainPoint) -> None:
    """The problems are there, explained and approved."""
    at.explained(found)
    for each in found:
        at.decide(each, "approved")


def told_on(jira: JiraStandIn) -> list[str]:
    """The words of all comments, in the order of tickets."""
    return [words_of(each["body"]) for ticket in jira.tickets() for each in ticket["comments"]]


def changes(jira: JiraStandIn) -> list[str]:
    """The requests that asked Jira for a change, as "POST /issue"."""
    asked = [f"{each['method']} {re.sub('^/rest/api/[23]', '', each['path'])}" for each in jira.requests()]
    return [each for each in asked if not each.startswith("GET") and "/search" not in each and "bulk" not in each]
