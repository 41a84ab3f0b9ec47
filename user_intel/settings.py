"""The environment, read once into one frozen object. Nothing else in the project reads it.

Belongs here: where things are and which services to use. What the analysed product looks like is `product.py`.
`python -m user_intel.settings` prints `.env.example`.
"""

import os
import re
import sys
import textwrap
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from user_intel.errors import ConfigError
from user_intel.llm.choice import choices

DEFAULT_VIDEO_MODEL = "gemini-2.5-pro"
LOCAL_READER = "local"
Plan = Literal["free", "paid", "enterprise", "self_hosted"]

_NEO4J_SCHEMES = ("bolt://", "bolt+s://", "bolt+ssc://", "neo4j://", "neo4j+s://", "neo4j+ssc://")

_ATLASSIAN_CLOUD = re.compile(r"https://([^/]+\.atlassian\.net|api\.atlassian\.com)(/|$)")


def _named(name: str) -> AliasChoices:
    return AliasChoices(name)


class Settings(BaseSettings):
    """Everything a deployment chooses. A service whose settings are absent runs on its embedded default."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True, env_ignore_empty=True
    )

    home: Path = Field(
        Path(".user_intel"),
        validation_alias=_named("USER_INTEL_HOME"),
        description="Folder of everything a deployment writes: lake, views, state, logs.",
    )
    salt: SecretStr | None = Field(
        None,
        validation_alias=_named("USER_INTEL_SALT"),
        description="Key of the identity HMAC, at least 16 characters. Required with a real PostHog; "
        "made once in the home otherwise. Losing it orphans every stored identity.",
    )
    memory_limit: str = Field(
        "1200MB",
        validation_alias=_named("USER_INTEL_MEMORY"),
        description="Memory DuckDB may use before it spills to disk, for each running step.",
    )
    threads: int = Field(
        0,
        ge=0,
        validation_alias=_named("USER_INTEL_THREADS"),
        description="Threads DuckDB may use in each running step; 0 is one a core.",
    )
    retention_days: int = Field(
        90,
        ge=2,
        validation_alias=_named("USER_INTEL_RETENTION_DAYS"),
        description="Days that events, recordings and user_features are kept.",
    )
    max_rejected_share: float = Field(
        0.01,
        ge=0,
        le=1,
        validation_alias=_named("USER_INTEL_MAX_REJECTED_SHARE"),
        description="Share of rows (0..1) an import may reject before it fails as a whole.",
    )
    first_day: date | None = Field(
        None,
        validation_alias=_named("USER_INTEL_FIRST_DAY"),
        description="First daily partition (YYYY-MM-DD); the first day of the lake, or 30 days ago, when unset.",
    )
    schedule: str = Field(
        "0 3 * * *",
        validation_alias=_named("USER_INTEL_SCHEDULE"),
        description="When the last finished day is run, as a cron line in the product's time zone.",
    )
    posthog_host: str | None = Field(
        None,
        validation_alias=_named("POSTHOG_HOST"),
        description="Address of PostHog's private API, e.g. https://us.posthog.com (not the us.i. capture host).",
    )
    posthog_project_id: str | None = Field(
        None,
        validation_alias=_named("POSTHOG_PROJECT_ID"),
        description="Number of the PostHog project to read.",
    )
    posthog_api_key: SecretStr | None = Field(
        None,
        validation_alias=_named("POSTHOG_API_KEY"),
        description="Personal API key (phx_...) with scopes query:read, and batch_export:write for file downloads.",
    )
    posthog_file_downloads: bool = Field(
        False,
        validation_alias=_named("POSTHOG_FILE_DOWNLOADS"),
        description="Read days through PostHog's file-download batch exports (billed as export rows) where "
        "the plan and the key allow them, else through queries.",
    )
    state_url: SecretStr | None = Field(
        None,
        validation_alias=_named("USER_INTEL_STATE_URL"),
        description="Database of what people decided, e.g. postgresql://user:password@host:5432/user_intel; "
        "a SQLite file in the home (state.db) when unset.",
    )
    posthog_plan: Plan = Field(
        "free",
        validation_alias=_named("POSTHOG_PLAN"),
        description="free, paid, enterprise or self_hosted: how many requests for recordings PostHog allows "
        "(60, 300, 400 an hour; self_hosted counts none).",
    )
    dagster_home: Path | None = Field(
        None,
        validation_alias=_named("DAGSTER_HOME"),
        description="Folder of the Dagster instance (its dagster.yaml); an SQLite one in the home when unset.",
    )
    dagster_pg_host: str | None = Field(
        None,
        validation_alias=_named("DAGSTER_PG_HOST"),
        description="PostgreSQL host of the Dagster instance.",
    )
    dagster_pg_port: int = Field(
        5432,
        validation_alias=_named("DAGSTER_PG_PORT"),
        description="PostgreSQL port of the Dagster instance.",
    )
    dagster_pg_username: str | None = Field(
        None,
        validation_alias=_named("DAGSTER_PG_USERNAME"),
        description="PostgreSQL user of the Dagster instance.",
    )
    dagster_pg_password: SecretStr | None = Field(
        None,
        validation_alias=_named("DAGSTER_PG_PASSWORD"),
        description="PostgreSQL password of the Dagster instance.",
    )
    dagster_pg_db: str = Field(
        "dagster",
        validation_alias=_named("DAGSTER_PG_DB"),
        description="PostgreSQL database of the Dagster instance.",
    )
    neo4j_uri: str | None = Field(
        None,
        validation_alias=_named("NEO4J_URI"),
        description="Address of a Neo4j 5 for the graph: bolt://, neo4j:// (cluster), with +s for TLS or +ssc for TLS "
        "with a self-signed certificate. An embedded server keeps the graph in the home when unset.",
    )
    neo4j_user: str | None = Field(
        None,
        validation_alias=_named("NEO4J_USER"),
        description="Neo4j user that may read and write.",
    )
    neo4j_password: SecretStr | None = Field(
        None,
        validation_alias=_named("NEO4J_PASSWORD"),
        description="Password of the Neo4j user.",
    )
    neo4j_database: str | None = Field(
        None,
        validation_alias=_named("NEO4J_DATABASE"),
        description="Neo4j database of the graph; the user's home database when unset.",
    )
    graph_memory_mb: int = Field(
        512,
        ge=128,
        validation_alias=_named("USER_INTEL_GRAPH_MEMORY_MB"),
        description="Java heap of the embedded graph server, in MB; its process takes about 200 MB more.",
    )
    graph_idle_minutes: float = Field(
        10,
        gt=0,
        validation_alias=_named("USER_INTEL_GRAPH_IDLE_MINUTES"),
        description="Minutes without any client after which the embedded graph server stops. The next use starts it.",
    )
    llm: str = Field(
        "offline",
        validation_alias=_named("USER_INTEL_LLM"),
        description="Language models that explain, best first, as provider:model, comma-separated; providers are "
        "anthropic, openai (also any OpenAI-compatible server) and gemini. offline: the narrator, which is no model.",
    )
    llm_budget_usd: float = Field(
        1.0,
        ge=0,
        validation_alias=_named("USER_INTEL_LLM_BUDGET_USD"),
        description="US dollars that models may cost for each day explained, all reruns of that day together.",
    )
    llm_calls: int = Field(
        100,
        ge=0,
        validation_alias=_named("USER_INTEL_LLM_CALLS"),
        description="Calls of models for each day explained, all reruns of that day together; the only bound where a "
        "model's price is not known.",
    )
    video_model: str | None = Field(
        None,
        validation_alias=_named("USER_INTEL_VIDEO_MODEL"),
        description="Gemini model that watches clips of recordings, or local: the reader of their events, which is no "
        "model. gemini-2.5-pro when unset and GEMINI_API_KEY is there, else local.",
    )
    video_budget_usd: float = Field(
        1.0,
        ge=0,
        validation_alias=_named("USER_INTEL_VIDEO_BUDGET_USD"),
        description="US dollars that watching clips may cost for each day, all reruns of that day together.",
    )
    video_calls: int = Field(
        60,
        ge=0,
        validation_alias=_named("USER_INTEL_VIDEO_CALLS"),
        description="Calls of the video model for each day, all reruns of that day together.",
    )
    llm_batch_minutes: float = Field(
        0,
        ge=0,
        validation_alias=_named("USER_INTEL_LLM_BATCH_MINUTES"),
        description="Minutes to wait for a batch of Anthropic or OpenAI, which costs half, before what is left is "
        "asked directly; ten insights make a batch. 0 asks all directly.",
    )
    anthropic_api_key: SecretStr | None = Field(
        None,
        validation_alias=_named("ANTHROPIC_API_KEY"),
        description="Key of the Anthropic API.",
    )
    anthropic_base_url: str | None = Field(
        None,
        validation_alias=_named("ANTHROPIC_BASE_URL"),
        description="Another address of the Anthropic API, such as a gateway.",
    )
    openai_api_key: SecretStr | None = Field(
        None,
        validation_alias=_named("OPENAI_API_KEY"),
        description="Key of the OpenAI API, or of the server at OPENAI_BASE_URL; a local one may need none.",
    )
    openai_base_url: str | None = Field(
        None,
        validation_alias=_named("OPENAI_BASE_URL"),
        description="Address of an OpenAI-compatible server, with its /v1, e.g. http://127.0.0.1:11434/v1.",
    )
    gemini_api_key: SecretStr | None = Field(
        None,
        validation_alias=_named("GEMINI_API_KEY"),
        description="Key of the Gemini API.",
    )
    gemini_base_url: str | None = Field(
        None,
        validation_alias=_named("GOOGLE_GEMINI_BASE_URL"),
        description="Another address of the Gemini API, such as a gateway.",
    )
    jira_url: str | None = Field(
        None,
        validation_alias=_named("JIRA_URL"),
        description="Address of Jira, e.g. https://example.atlassian.net. Tickets are only shown (dry run) when unset.",
    )
    jira_user: str | None = Field(
        None,
        validation_alias=_named("JIRA_USER"),
        description="Jira Cloud: e-mail of the account whose API token is used. Unset for Server and Data Center.",
    )
    jira_token: SecretStr | None = Field(
        None,
        validation_alias=_named("JIRA_TOKEN"),
        description="API token of that account (Cloud), or a personal access token (Server and Data Center 8.14 on).",
    )
    jira_project: str | None = Field(
        None,
        validation_alias=_named("JIRA_PROJECT"),
        description="Key of the Jira project that gets the tickets, e.g. SHOP.",
    )
    jira_issue_type: str = Field(
        "Task",
        validation_alias=_named("JIRA_ISSUE_TYPE"),
        description="Issue type of the tickets, by the name it has in that project.",
    )
    chromium: Path | None = Field(
        None,
        validation_alias=_named("USER_INTEL_CHROMIUM"),
        description="Chromium (or Chrome) that draws recordings; the one on the PATH when unset.",
    )
    ffmpeg: Path | None = Field(
        None,
        validation_alias=_named("USER_INTEL_FFMPEG"),
        description="ffmpeg that encodes videos; the one on the PATH when unset.",
    )
    player: Path | None = Field(
        None,
        validation_alias=_named("USER_INTEL_PLAYER"),
        description="Folder with rrweb's player (package.json beside node_modules); the package's own when unset, "
        "which deploy/watch-player.sh fills.",
    )
    slack_webhook_url: SecretStr | None = Field(
        None,
        validation_alias=_named("SLACK_WEBHOOK_URL"),
        description="Incoming webhook told about failed runs.",
    )
    smtp_url: SecretStr | None = Field(
        None,
        validation_alias=_named("SMTP_URL"),
        description="Mail server for failure alerts, e.g. smtp://user:password@mail.example.com:587.",
    )
    alert_email_to: str | None = Field(
        None,
        validation_alias=_named("ALERT_EMAIL_TO"),
        description="Comma-separated receivers of failure alerts.",
    )
    dagster_url: str = Field(
        "http://127.0.0.1:3000",
        validation_alias=_named("USER_INTEL_DAGSTER_URL"),
        description="Where people reach the Dagster UI; used in links of alerts.",
    )

    @property
    def uses_neo4j(self) -> bool:
        """Whether the graph lives in a Neo4j of the deployment; in the embedded server otherwise."""
        return bool(self.neo4j_uri)

    @property
    def uses_jira(self) -> bool:
        """Whether a Jira is configured; tickets are only shown otherwise."""
        return bool(self.jira_url)

    @property
    def watching_model(self) -> str | None:
        """The Gemini model that watches clips; None where the local reader does."""
        if self.video_model is None:
            return DEFAULT_VIDEO_MODEL if self.gemini_api_key else None
        return None if self.video_model == LOCAL_READER else self.video_model

    @property
    def uses_posthog(self) -> bool:
        """Whether a PostHog to read from is configured (all three of its settings)."""
        return bool(self.posthog_host and self.posthog_project_id and self.posthog_api_key)


def variable_name(field: str) -> str:
    """The environment variable that sets `field`."""
    alias = Settings.model_fields[field].validation_alias
    return str(alias.choices[0]) if isinstance(alias, AliasChoices) else field


def load_settings() -> Settings:
    """The settings of this process. Raises ConfigError naming the variable, never its value."""
    try:
        settings = Settings()  # type: ignore[call-arg]  # filled from the environment
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise ConfigError(f"The environment is not usable: {faults}. See .env.example for what is expected.") from None
    _refuse_partial_posthog(settings)
    _refuse_partial_neo4j(settings)
    _refuse_partial_jira(settings)
    choices(settings.llm)
    return settings


@cache
def settings() -> Settings:
    """The settings, read at first use and kept for the life of the process."""
    return load_settings()


def _refuse_partial_posthog(found: Settings) -> None:
    parts = {
        "POSTHOG_HOST": found.posthog_host,
        "POSTHOG_PROJECT_ID": found.posthog_project_id,
        "POSTHOG_API_KEY": found.posthog_api_key,
    }
    missing = [name for name, value in parts.items() if not value]
    if missing and len(missing) < len(parts):
        raise ConfigError(f"PostHog is half configured: set {' and '.join(missing)} too, or none of the three.")


def _refuse_partial_neo4j(found: Settings) -> None:
    parts = {
        "NEO4J_URI": found.neo4j_uri,
        "NEO4J_USER": found.neo4j_user,
        "NEO4J_PASSWORD": found.neo4j_password,
    }
    missing = [name for name, value in parts.items() if not value]
    if missing and (len(missing) < len(parts) or found.neo4j_database):
        raise ConfigError(f"Neo4j is half configured: set {' and '.join(missing)} too, or none of NEO4J_*.")
    if found.neo4j_uri and not found.neo4j_uri.startswith(_NEO4J_SCHEMES):
        raise ConfigError(f"NEO4J_URI must start with one of {', '.join(_NEO4J_SCHEMES)}.")


def _refuse_partial_jira(found: Settings) -> None:
    parts = {"JIRA_URL": found.jira_url, "JIRA_TOKEN": found.jira_token, "JIRA_PROJECT": found.jira_project}
    missing = [name for name, value in parts.items() if not value]
    if missing and (len(missing) < len(parts) or found.jira_user):
        raise ConfigError(f"Jira is half configured: set {' and '.join(missing)} too, or none of JIRA_*.")
    if found.jira_url and not found.jira_url.startswith(("https://", "http://")):
        raise ConfigError("JIRA_URL must start with https:// (or http://), such as https://example.atlassian.net.")
    if found.jira_url and _ATLASSIAN_CLOUD.match(found.jira_url) and not found.jira_user:
        raise ConfigError("JIRA_URL is a Jira Cloud: set JIRA_USER to the e-mail of the account the token is of, too.")


def child_environment(overrides: Mapping[str, str]) -> dict[str, str]:
    """The environment for a child process: this one's, with `overrides`."""
    return {**os.environ, **overrides}


def env_example() -> str:
    """The text of `.env.example`: every setting with its meaning and default, commented out."""
    lines = ["# Every setting of user_intel, all optional. Copy to .env and fill in what you use.", ""]
    for name, field in Settings.model_fields.items():
        default = "" if field.default is None else field.default
        lines += [*textwrap.wrap(field.description or "", 108, initial_indent="# ", subsequent_indent="# ")]
        lines += [f"# {variable_name(name)}={str(default).lower() if isinstance(default, bool) else default}", ""]
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    sys.stdout.write(env_example())
