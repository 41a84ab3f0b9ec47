"""What works, what does not, and why: one finding for each thing a deployment depends on.

A service whose settings are absent is no fault: the finding names the embedded default that serves instead.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from user_intel import alerts, lake, product, settings
from user_intel.errors import UserIntelError


@dataclass(frozen=True)
class Finding:
    """One subject: `works`, runs on its embedded `default`, or is `broken`; and why, in one line."""

    subject: str
    state: Literal["works", "default", "broken"]
    words: str


def examine() -> Iterator[Finding]:
    """Every finding, in the order a deployment is set up. Slow ones (network) come last."""
    examinations: dict[str, Callable[[], Finding]] = {
        "settings": _settings,
        "home": _home,
        "product": _product,
        "identity": _identity,
        "lake": _lake,
        "state": _state,
        "alerts": _alerts,
        "dagster": _dagster,
        "posthog": _posthog,
        "graph": _graph,
        "replay": _replay,
        "llm": _llm,
        "jira": _jira,
    }
    for subject, examination in examinations.items():
        try:
            yield examination()
        except UserIntelError as error:
            yield Finding(subject, "broken", " ".join(str(error).split()))
            if subject == "settings":
                return


def _settings() -> Finding:
    settings.settings()
    return Finding("settings", "works", "the environment is readable")


def _home() -> Finding:
    home = settings.settings().home
    try:
        home.mkdir(parents=True, exist_ok=True)
        (home / ".writable").touch()
        (home / ".writable").unlink()
    except OSError as error:
        return Finding("home", "broken", f"{home} cannot be written: {error.strerror}")
    free_gb = shutil.disk_usage(home).free / 1e9
    return Finding("home", "works", f"{home.resolve()}, {free_gb:,.0f} GB free")


def _product() -> Finding:
    home = settings.settings().home
    found = product.load_product(home)
    if not (home / "product.yaml").exists():
        return Finding("product", "default", "no product.yaml: days in UTC, no flows, no segments")
    words = (
        f"{found.timezone}, {len(found.flows)} flows, {len(found.segments)} segments, {len(found.features)} features"
    )
    return Finding("product", "works", words)


def _identity() -> Finding:
    from user_intel import privacy

    privacy.load_salt(settings.settings())
    if settings.settings().salt:
        return Finding("identity", "works", "USER_INTEL_SALT is set")
    return Finding("identity", "default", "salt kept in the home (mode 0600); set USER_INTEL_SALT for a real PostHog")


def _lake() -> Finding:
    found = lake.open_lake()
    found.query().close()
    days = found.days("events")
    words = f"events of {len(days)} days, {days[0]} to {days[-1]}" if days else "empty so far"
    return Finding("lake", "works", f"{words}; views in {found.views_path.name}")


def _state() -> Finding:
    from user_intel.state import open_state

    with open_state(settings.settings(), patience_s=0) as state:
        state.try_to_write()
        known = state.statuses().values()
        decided = sum(found.by is not None for found in known)
        words = f"{state.place.words}; {len(known)} insights known, {decided} decided about"
    if settings.settings().state_url:
        return Finding("state", "works", f"{words}, may be written")
    return Finding("state", "default", f"{words}; set USER_INTEL_STATE_URL for a PostgreSQL")


def _alerts() -> Finding:
    receivers = alerts.receivers(settings.settings())
    if not receivers:
        return Finding(
            "alerts",
            "default",
            "nobody is told of failed runs: set SLACK_WEBHOOK_URL, or SMTP_URL and ALERT_EMAIL_TO",
        )
    return Finding("alerts", "works", f"failed runs are told by {' and '.join(receivers)} (not tried now)")


def _dagster() -> Finding:
    chosen = settings.settings()
    if not chosen.dagster_pg_host:
        return Finding("dagster", "default", "runs are kept in SQLite in the home; set DAGSTER_PG_HOST for PostgreSQL")
    import psycopg2

    password = chosen.dagster_pg_password.get_secret_value() if chosen.dagster_pg_password else None
    try:
        psycopg2.connect(
            host=chosen.dagster_pg_host,
            port=chosen.dagster_pg_port,
            user=chosen.dagster_pg_username,
            password=password,
            dbname=chosen.dagster_pg_db,
            connect_timeout=10,
        ).close()
    except psycopg2.Error as error:
        return Finding("dagster", "broken", f"PostgreSQL: {' '.join(str(error).split())}")
    return Finding("dagster", "works", f"PostgreSQL at {chosen.dagster_pg_host}:{chosen.dagster_pg_port}")


def _posthog() -> Finding:
    chosen = settings.settings()
    if not chosen.uses_posthog:
        return Finding(
            "posthog", "default", "not configured: events come from imported files, or from `user-intel demo`"
        )
    from user_intel.extract.posthog import PostHog

    with PostHog.from_settings(chosen) as posthog:
        return Finding("posthog", "works", posthog.check())


def _llm() -> Finding:
    from user_intel.llm.checking import check_models

    chosen = settings.settings()
    checked = check_models(chosen)
    if not checked:
        return Finding("llm", "default", "the offline narrator writes, which is no model; set USER_INTEL_LLM for one")
    bounds = f"at most ${chosen.llm_budget_usd:.2f} and {chosen.llm_calls} calls for each day explained"
    words = "; then ".join(found.words.removesuffix(".") for found in checked)
    return Finding("llm", "works" if all(found.works for found in checked) else "broken", f"{words}; {bounds}")


def _graph() -> Finding:
    from user_intel.graph import embedded
    from user_intel.graph.connection import open_graph

    chosen = settings.settings()
    if chosen.uses_neo4j:
        with open_graph(chosen, patience_s=0) as graph:
            graph.try_to_write()
            database = graph.database or "the user's home database"
            return Finding("graph", "works", f"{graph.version()} at {graph.address}, {database}, may be written")
    kept = embedded.Keeper(chosen)
    words = f"embedded server (ArcadeDB {embedded.version()}) in {kept.folder}"
    if not kept.running():
        return Finding("graph", "default", f"{words}, starts when it is needed; set NEO4J_URI for a Neo4j")
    with open_graph(chosen, patience_s=0) as graph:
        graph.try_to_write()
        return Finding("graph", "default", f"{words}, running at {graph.address}; set NEO4J_URI for a Neo4j")


def _jira() -> Finding:
    chosen = settings.settings()
    if not chosen.uses_jira:
        words = "not configured: tickets are only shown; set JIRA_URL, JIRA_TOKEN and JIRA_PROJECT to open them"
        return Finding("jira", "default", words)
    from user_intel.act.standing import standing

    return Finding("jira", "works", standing(chosen, product.load_product(chosen.home).jira))


def _replay() -> Finding:
    from user_intel.watch import tools

    chosen = settings.settings()
    missing = tools.missing(chosen)
    if missing and not (chosen.chromium or chosen.ffmpeg or chosen.player):
        return Finding("replay", "default", f"recordings are read but not drawn as video: {' '.join(missing)}")
    if missing:
        return Finding("replay", "broken", " ".join(missing))
    return Finding("replay", "works", f"recordings are drawn by {', '.join(tools.versions(chosen))}")
