"""`user-intel demo`: the simulated product through the real client and the whole pipeline, then the Dagster UI."""

import subprocess
import time
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

from user_intel import files, orchestrator
from user_intel.days import day_range, yesterday
from user_intel.errors import ConfigError, UserIntelError
from user_intel.lake import Connection, Lake, open_lake
from user_intel.product import Product, load_product
from user_intel.settings import settings
from user_intel.terminal.console import ERR, OUT, plain_table
from user_intel.terminal.insights import print_first
from user_intel.terminal.pain_points import print_top
from user_intel.terminal.personas import print_who
from user_intel.terminal.running import run_days
from user_intel.watch import summary as watched
from user_intel.watch.clips import DRAWN

SEED = 7
DEFAULT_USERS = 2_500
SHOWN_PROBLEMS = 3
SHOWN_INSIGHTS = 3
SHOWN_FINDINGS = 3
ASK_MORE = (
    "Ask more:  user-intel pain-points --all",
    "           user-intel insights; user-intel briefing --week",
    "           user-intel personas --picture personas.png",
    "           user-intel graph paths_after /cart",
    '           user-intel sql "from sessions limit 5"',
)


def run_demo(*, days: int, users: int | None, serve: bool, port: int) -> None:
    """Runs the demo in the home. Raises ConfigError when the home holds anything but an earlier demo."""
    from user_intel.simulate import StandIn
    from user_intel.simulate.product import SimulatedProduct
    from user_intel.simulate.site import ARCHETYPES, FRICTIONS, Habits, begun_on

    home = settings().home
    _claim(home)
    _describe_product(home)
    product = load_product(home)
    last = yesterday(product.zone)
    first = last - timedelta(days=days - 1)
    habits = Habits(frictions=begun_on(FRICTIONS, last - timedelta(days=5)), archetypes=ARCHETYPES)
    simulated = SimulatedProduct(seed=SEED, users=users or DEFAULT_USERS, habits=habits)
    ERR.print(f"A simulated product with {simulated.users:,} users, {first} to {last}, served as PostHog would.")
    with StandIn(product=simulated, days=list(day_range(first, last))) as posthog:
        overrides = {
            "POSTHOG_HOST": posthog.url,
            "POSTHOG_PROJECT_ID": str(posthog.project_id),
            "POSTHOG_API_KEY": posthog.api_key,
            "POSTHOG_PLAN": "self_hosted",
            "USER_INTEL_FIRST_DAY": first.isoformat(),
        }
        run_days(first, last, [], overrides)
        _print_summary(product)
        print_top(open_lake(), last, SHOWN_PROBLEMS)
        print_who(open_lake(), last)
        print_first(open_lake(), last, SHOWN_INSIGHTS)
        _print_watched(open_lake(), last)
        for line in ASK_MORE:
            OUT.print(line, highlight=False)
        if serve:
            _serve(overrides, port)


def _claim(home: Path) -> None:
    marker = home / "demo"
    holds_data = any((home / "lake").glob("*/day=*"))
    if holds_data and not marker.exists():
        raise ConfigError(
            f"{home} holds data that is not the demo's, and the demo would mix simulated events into it. "
            "Set USER_INTEL_HOME to another folder."
        )
    home.mkdir(parents=True, exist_ok=True)
    marker.write_text("Everything in this folder was made by `user-intel demo`.\n", encoding="utf-8")


def _describe_product(home: Path) -> None:
    from user_intel.simulate.product import product_yaml

    if not (home / "product.yaml").exists():
        (home / "product.yaml").write_text(product_yaml(), encoding="utf-8")


def _print_summary(product: Product) -> None:
    with open_lake().query() as views:
        figures = views.execute(files.sql("demo/product_in_figures"))
        names = [column[0] for column in figures.description or []]
        told = dict(zip(names, figures.fetchall()[0], strict=True))
        OUT.print(
            f"\n{told['events']:,} events of {told['users']:,} users became {told['sessions']:,} sessions "
            f"(median {told['median_duration_s'] / 60:.1f} min); {told['bot_events']:,} events of declared bots were "
            f"left out; {told['recordings']:,} recordings are listed.\n",
            highlight=False,
        )
        for name, steps in product.flows.items():
            _print_flow(views, name, steps)


def _print_flow(views: Connection, name: str, steps: list[str]) -> None:
    measures = ("sessions", "ended here", "median dwell")
    table = plain_table(f"flow {name}", *measures, numbers=measures)
    for step, sessions, ended, dwell in views.execute(files.sql("demo/flow_steps"), {"steps": steps}).fetchall():
        share = f"{ended / sessions:.0%}" if sessions else ""
        table.add_row(step, f"{sessions:,}", share, f"{dwell:.0f} s" if dwell is not None else "")
    OUT.print(table, "")


def _print_watched(lake: Lake, day: date) -> None:
    """What became of the day's recordings: how many were drawn, where they lie, and the surest of what was seen."""
    statuses = [row["status"] for row in lake.rows("replay_clips", day)]
    drawn = statuses.count(DRAWN)
    if not statuses:
        return
    if drawn:
        OUT.print(f"{drawn} recordings of it, masked, in {lake.home / 'replays' / day.isoformat()}:", highlight=False)
    else:
        OUT.print(f"{len(statuses)} recordings were read and not drawn (user-intel doctor says why):", highlight=False)
    for kind, step, at, seen, _, _ in watched.findings(lake, day, SHOWN_FINDINGS):
        OUT.print(f"  {kind} at {step}, {at} into the session: {seen}", highlight=False)
    OUT.print()


def _serve(overrides: Mapping[str, str], port: int) -> None:
    environment = orchestrator.environment(settings(), overrides)
    logs = settings().home.resolve() / "logs"
    address = f"http://127.0.0.1:{port}"
    processes: list[subprocess.Popen[bytes]] = []
    try:
        for name, command in orchestrator.service_commands("127.0.0.1", port).items():
            log = (logs / f"{name}.log").open("wb")
            processes.append(
                subprocess.Popen(command, cwd=files.ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
            )
            log.close()
        _wait_until_answering(address, processes[0], logs / "webserver.log")
        OUT.print(f"\nThe Dagster UI is at [bold]{address}[/] (try Lineage, or Assets > events). Ctrl-C ends it.")
        processes[0].wait()
    except KeyboardInterrupt:
        ERR.print("stopping")
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(timeout=30)


def _wait_until_answering(address: str, webserver: subprocess.Popen[bytes], log: Path) -> None:
    import httpx

    for _ in range(120):
        if webserver.poll() is not None:
            raise UserIntelError(f"The Dagster UI did not start (is the port taken? --port chooses one); see {log}.")
        try:
            if httpx.get(f"{address}/server_info", timeout=5).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.5)
    raise UserIntelError(f"The Dagster UI did not answer within a minute; see {log}.")
