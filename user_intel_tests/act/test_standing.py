"""What the doctor says of Jira, without opening a ticket."""

import pytest

from user_intel import doctor, product
from user_intel.errors import UserIntelError
from user_intel.product import Product
from user_intel.settings import Settings
from user_intel_tests.act.stand_in import JiraStandIn
from user_intel_tests.postgres import free_port


def finding(settings: Settings, jira: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> doctor.Finding:
    monkeypatch.setattr(doctor.settings, "settings", lambda: settings)
    monkeypatch.setattr(product, "load_product", lambda _: Product.model_validate({"jira": jira}))
    try:
        return doctor._jira()
    except UserIntelError as error:
        return doctor.Finding("jira", "broken", str(error))


def test_a_jira_where_tickets_can_be_opened_works(jira: JiraStandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    found = finding(
        jira.settings(), {"component": "Checkout", "custom_fields": {"Reference": "{insight_id}"}}, monkeypatch
    )
    server = "Jira Cloud" if jira.flavour == "cloud" else "Jira 9.12.4"
    words = f"{server} at {jira.url} as Insight Bot: may open and comment Task in project SHOP; attachments up to 10 MB"
    assert found == doctor.Finding("jira", "works", words)
    assert jira.tickets() == []


def test_everything_that_stands_in_the_way_is_named_at_once(jira: JiraStandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    jira.turn(lacking=["BROWSE_PROJECTS", "ADD_COMMENTS", "CREATE_ATTACHMENTS"])
    chosen = {"component": "Cart", "priorities": {"P0": "Blocker", "P1": "High"}, "custom_fields": {"Squad": "x"}}
    found = finding(jira.settings(), chosen, monkeypatch)
    assert found.state == "broken"
    named = [
        "it lacks BROWSE_PROJECTS in SHOP", "it lacks ADD_COMMENTS", '"Cart" does not exist; it can be Checkout',
        '"Blocker" does not exist; it can be Highest', '"Squad" is no field of Task',
    ]  # fmt: skip
    assert [found.words.count(words) for words in named] == [1] * 5
    assert "CREATE_ATTACHMENTS" not in found.words
    assert "CREATE_ATTACHMENTS" in finding(jira.settings(), {"attach_clips": True}, monkeypatch).words


def test_a_jira_that_is_not_there_is_broken_and_soon_told(monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = JiraStandIn("server")
    nowhere.url = f"http://127.0.0.1:{free_port()}"
    found = finding(nowhere.settings(), {}, monkeypatch)
    assert found.state == "broken"
    assert f"Jira at {nowhere.url} could not be reached" in found.words


def test_without_a_jira_tickets_are_only_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = Settings(_env_file=None, JIRA_URL=None)  # type: ignore[call-arg]
    found = finding(nothing, {}, monkeypatch)
    assert (found.state, "only shown" in found.words) == ("default", True)
