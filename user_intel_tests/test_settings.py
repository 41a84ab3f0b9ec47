"""The environment is read once, refused with the variable's name, and documented by a generated file."""

from pathlib import Path

import pytest

from user_intel import settings
from user_intel.errors import ConfigError

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for field in settings.Settings.model_fields:
        monkeypatch.delenv(settings.variable_name(field), raising=False)
    monkeypatch.chdir(tmp_path)


def test_the_example_file_names_every_setting() -> None:
    found = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert found == settings.env_example(), "run: uv run python -m user_intel.settings > .env.example"


def test_nothing_needs_to_be_set() -> None:
    assert not settings.load_settings().uses_posthog


def test_a_dot_env_file_in_the_working_directory_is_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("USER_INTEL_RETENTION_DAYS=30\nSOMETHING_ELSE=1\n")
    assert settings.load_settings().retention_days == 30


def test_a_wrong_value_is_refused_by_the_variable_s_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USER_INTEL_RETENTION_DAYS", "ninety")
    with pytest.raises(ConfigError, match="USER_INTEL_RETENTION_DAYS"):
        settings.load_settings()


def test_half_a_posthog_is_refused_without_showing_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTHOG_API_KEY", "phx_secret")
    with pytest.raises(ConfigError, match="POSTHOG_HOST and POSTHOG_PROJECT_ID") as caught:
        settings.load_settings()
    assert "phx_secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("set_", "said"),
    [
        ({"NEO4J_URI": "bolt://graph:7687", "NEO4J_PASSWORD": "hidden"}, "set NEO4J_USER too"),
        ({"NEO4J_DATABASE": "journeys"}, "set NEO4J_URI and NEO4J_USER and NEO4J_PASSWORD too"),
        ({"NEO4J_URI": "graph:7687", "NEO4J_USER": "neo4j", "NEO4J_PASSWORD": "hidden"}, r"start with one of bolt://"),
    ],
)
def test_half_a_neo4j_is_refused_without_showing_the_password(
    monkeypatch: pytest.MonkeyPatch, set_: dict[str, str], said: str
) -> None:
    for name, value in set_.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=said) as caught:
        settings.load_settings()
    assert "hidden" not in str(caught.value)


def test_secrets_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USER_INTEL_SALT", "a very secret salt")
    assert "very secret" not in repr(settings.load_settings())


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"JIRA_URL": "https://example.atlassian.net"}, "set JIRA_TOKEN and JIRA_PROJECT too"),
        ({"JIRA_TOKEN": "secret-token", "JIRA_PROJECT": "SHOP"}, "set JIRA_URL too"),
        ({"JIRA_USER": "bot@example.com"}, "set JIRA_URL and JIRA_TOKEN and JIRA_PROJECT too"),
    ],
)
def test_half_a_jira_is_refused_without_showing_the_token(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], missing: str
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=missing) as refused:
        settings.load_settings()
    assert "secret-token" not in str(refused.value)


def test_a_jira_of_either_kind_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"JIRA_URL": "http://jira.local:8080/jira", "JIRA_TOKEN": "t", "JIRA_PROJECT": "SHOP"}.items():
        monkeypatch.setenv(name, value)
    assert settings.load_settings().uses_jira
    assert settings.load_settings().jira_issue_type == "Task"
    monkeypatch.setenv("JIRA_URL", "https://example.atlassian.net")
    with pytest.raises(ConfigError, match="set JIRA_USER to the e-mail"):
        settings.load_settings()
    monkeypatch.setenv("JIRA_USER", "bot@example.com")
    assert settings.load_settings().uses_jira
    monkeypatch.setenv("JIRA_URL", "example.atlassian.net")
    with pytest.raises(ConfigError, match="must start with https://"):
        settings.load_settings()
