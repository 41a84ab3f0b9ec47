"""Starts the orchestrator's processes as children and reads their progress; knows their commands, not their library.

The pipeline runs in a process of its own (`python -m assets.run`), so that whoever steers it imports nothing heavy and
stays alive whatever happens to it.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import yaml

from user_intel import files
from user_intel.errors import InputError, UserIntelError
from user_intel.settings import Settings, child_environment

# The embedded instance: SQLite in its own folder, which is Dagster's default, and nothing reported to anybody.
_EMBEDDED = {
    "telemetry": {"enabled": False},
    "nux": {"enabled": False},
    "python_logs": {"managed_python_loggers": ["user_intel"], "python_log_level": "INFO"},
    "concurrency": {"pools": {"granularity": "run", "default_limit": 1}, "runs": {"max_concurrent_runs": 1}},
}


@dataclass(frozen=True)
class Written:
    """One table-day that a run has written."""

    table: str
    day: date
    rows: int


@dataclass
class Outcome:
    """How a run ended. `faults` say why steps failed; `failed_checks` are worth reading even after success."""

    succeeded: bool = False
    run_id: str | None = None
    written: list[Written] = field(default_factory=list)
    failed_checks: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def dagster_home(settings: Settings) -> Path:
    """The folder of the Dagster instance, made ready: as configured, else in the home (PostgreSQL if configured)."""
    if settings.dagster_home:
        return settings.dagster_home.resolve()
    folder = (settings.home / "dagster").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "dagster.yaml"
    if settings.dagster_pg_host:
        shutil.copyfile(files.ROOT / "dagster.yaml", target)
    else:
        target.write_text(yaml.safe_dump(_EMBEDDED), encoding="utf-8")
    return folder


def environment(settings: Settings, overrides: Mapping[str, str] | None = None) -> dict[str, str]:
    """What a child process needs: this process's environment, the home as an absolute path and the Dagster instance."""
    base = {"USER_INTEL_HOME": str(settings.home.resolve()), "DAGSTER_HOME": str(dagster_home(settings))}
    return child_environment(base | dict(overrides or {}))


def run(
    settings: Settings,
    first: date,
    last: date,
    select: Sequence[str] = (),
    *,
    overrides: Mapping[str, str] | None = None,
    on_written: Callable[[Written], None] = lambda _: None,
    on_warning: Callable[[str], None] = lambda _: None,
) -> Outcome:
    """Materialises the days `first` to `last`, telling `on_written` of each table-day and `on_warning` of troubles.

    Raises UserIntelError with the child's own words when it refused to start; its log goes to `<home>/logs/run.log`.
    """
    command = [sys.executable, "-m", "assets.run", "--from", first.isoformat(), "--to", last.isoformat()]
    for name in select:
        command += ["--select", name]
    log = settings.home / "logs" / "run.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    outcome = Outcome()
    with (
        log.open("w", encoding="utf-8") as errors,
        _child(command, environment(settings, overrides), errors) as lines,
    ):
        for line in lines:
            _take(line, outcome, on_written, on_warning)
    if outcome.run_id is None:
        raise UserIntelError(f"The run ended before it began; the last lines of {log}:\n{_tail(log)}")
    return outcome


def service_commands(host: str, port: int) -> dict[str, list[str]]:
    """The commands of the long-running processes, as deploy/compose.yaml starts them, by name."""
    workspace = str(files.ROOT / "workspace.yaml")
    tools = Path(sys.executable).parent
    webserver = [str(tools / "dagster-webserver"), "-w", workspace, "-h", host, "-p", str(port)]
    return {"webserver": webserver, "daemon": [str(tools / "dagster-daemon"), "run", "-w", workspace]}


def _take(
    line: str, outcome: Outcome, on_written: Callable[[Written], None], on_warning: Callable[[str], None]
) -> None:
    told = json.loads(line)
    if "table" in told:
        written = Written(told["table"], date.fromisoformat(told["day"]), told["rows"])
        outcome.written.append(written)
        on_written(written)
    elif "warning" in told:
        on_warning(told["warning"])
    elif "error" in told:
        raise UserIntelError(told["error"]) if told["meant"] else InputError(told["error"])
    else:
        outcome.succeeded, outcome.run_id = told["done"], told["run_id"]
        outcome.failed_checks, outcome.faults = told["failed_checks"], told["faults"]


@contextmanager
def _child(command: list[str], env: dict[str, str], errors: object) -> Iterator[Iterator[str]]:
    with subprocess.Popen(  # type: ignore[call-overload]
        command, cwd=files.ROOT, env=env, stdout=subprocess.PIPE, stderr=errors, text=True
    ) as process:
        try:
            yield (line for line in process.stdout if line.startswith("{"))
        except BaseException:
            process.terminate()
            raise


def _tail(path: Path, lines: int = 12) -> str:
    return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
