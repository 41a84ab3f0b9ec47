"""The command line: how a person steers user_intel from a terminal.

Results go to stdout, progress and errors to stderr. Exit code 0: done; 1: it failed; 2: it was asked for something that
cannot be meant. Everything heavy is imported inside the command that needs it: `--help` answers at once.
"""

import logging
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from user_intel.errors import UserIntelError

app = typer.Typer(
    name="user-intel",
    help="Turns what users do in a product into what the team should do next.",
    epilog="See it work with nothing configured: user-intel demo",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
bench = typer.Typer(help="How good and how fast it is, measured on this machine.", no_args_is_help=True)
app.add_typer(bench, name="bench")
roadmap = typer.Typer(help="The experiments people plan: listed, added, told how far they are.")
app.add_typer(roadmap, name="roadmap")
replay = typer.Typer(help="Session recordings as masked videos.", no_args_is_help=True)
app.add_typer(replay, name="replay")
jira = typer.Typer(help="Tickets of insights in Jira: opened by hand, followed, reported.", no_args_is_help=True)
app.add_typer(jira, name="jira")

InsightIds = Annotated[list[str], typer.Argument(help="One or more, as in insights.", metavar="INSIGHT_ID...")]
By = Annotated[str | None, typer.Option("--by", help="Who decides; the login name when left out.")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="A day, e.g. 2026-11-01.")]


@app.callback()
def _options(
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks and the library's log.")] = False,
) -> None:
    logging.basicConfig(
        level=logging.DEBUG if debug else logging.WARNING,
        format="%(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    for chatty in ("httpx", "httpcore", "filelock", "urllib3"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


@app.command(epilog="Example: user-intel demo --days 14 --no-serve")
def demo(
    days: Annotated[int, typer.Option(min=2, max=90, help="How many days of the simulated product.")] = 14,
    users: Annotated[int | None, typer.Option(min=10, help="How many users it has.")] = None,
    serve: Annotated[bool, typer.Option(help="Serve the Dagster UI afterwards, until Ctrl-C.")] = True,
    port: Annotated[int, typer.Option(help="Port of the Dagster UI, on loopback.")] = 3000,
) -> None:
    """Simulated product, PostHog stand-in, the whole pipeline, a summary, then the Dagster UI."""
    from user_intel.terminal.demo import run_demo

    run_demo(days=days, users=users, serve=serve, port=port)


@app.command(
    "import",
    epilog="Example: user-intel import events-*.csv.gz && user-intel run --from 2026-11-01 --to 2026-11-14",
)
def import_(
    files: Annotated[list[Path], typer.Argument(help="CSV (also .gz, .zst) or PostHog batch-export Parquet files.")],
) -> None:
    """Loads files into the lake's `events`. Importing a file again changes nothing.

    A CSV needs the columns user_id, timestamp and action; metadata (a JSON object) and all others become properties.
    """
    from user_intel.terminal.importing import run_import

    run_import(files)


@app.command(epilog="Example: user-intel run --from 2026-11-01 --to 2026-11-14 --select journeys")
def run(
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")],
    last: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day; the first when left out.")
    ] = None,
    select: Annotated[list[str] | None, typer.Option(help="A stage or an asset; may be given several times.")] = None,
) -> None:
    """Materialises days through all stages, or the selected ones, and says what was written."""
    from user_intel.terminal.running import run_days

    run_days(first.date(), (last or first).date(), select or [])


@app.command("pain-points", epilog="Example: user-intel pain-points --segment device_type=mobile --all")
def pain_points(
    day: Day = None,
    kind: Annotated[str | None, typer.Option(help="Only this kind: drop_off, loop, slow_step, rage_click, ...")] = None,
    segment: Annotated[str | None, typer.Option(help="Only this segment: all, or property=value.")] = None,
    top: Annotated[int | None, typer.Option(min=1, help="How many; 10 when left out, with --json all.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Show all of them.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line, with every column and fact.")
    ] = False,
) -> None:
    """Where users struggle: the problems of a day (the last one there is), the most severe first."""
    from user_intel.terminal.pain_points import TOP, Asked, run_pain_points

    most = None if all_ else top or (None if as_json else TOP)
    run_pain_points(Asked(day.date() if day else None, kind, segment, most), as_json=as_json)


@app.command(epilog="Example: user-intel personas --day 2026-11-14 --picture personas.png")
def personas(
    day: Day = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, with every column.")] = False,
    picture: Annotated[Path | None, typer.Option(help="File for a PNG of the groups.")] = None,
) -> None:
    """Who uses the product and how: the groups of users of a day (the last one there is), the largest first."""
    from user_intel.terminal.personas import run_personas

    run_personas(day.date() if day else None, as_json=as_json, picture=picture)


@app.command(epilog="Example: user-intel insights --day 2026-11-14 --all")
def insights(
    day: Day = None,
    all_: Annotated[bool, typer.Option("--all", help="All of them: dismissed, shipped and quiet ones, too.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Only what feedback keeps quiet, and why.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, facts and claims with it.")] = False,
) -> None:
    """What users struggle with, explained, and what to change: the first to act on first. The last day there is."""
    from user_intel.terminal.insights import TOP, Asked, run_insights

    most = None if all_ or quiet else TOP
    run_insights(Asked(day.date() if day else None, all_, quiet, most), as_json=as_json)


@app.command(epilog="Example: user-intel briefing --week > briefing.md")
def briefing(
    day: Day = None,
    week: Annotated[bool, typer.Option("--week", help="The seven days that end with it, instead of the day.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
) -> None:
    """What got better or worse and what to do first, in a minute's reading. The last day there is."""
    from user_intel.terminal.briefing import run_briefing

    run_briefing(day.date() if day else None, week=week, as_json=as_json)


@app.command(epilog="Example: user-intel explain insight-9235616cec50b71a --proof")
def explain(
    key: Annotated[str, typer.Argument(help="An insight's id, a persona's key, or day or week for a briefing.")],
    day: Day = None,
    proof: Annotated[bool, typer.Option("--proof", help="Run the query of each number again, and show it.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
) -> None:
    """A text with the fact behind each of its numbers. With --proof, ends with 1 where a number comes out otherwise."""
    from user_intel.terminal.explaining import run_explain

    if not run_explain(key, day.date() if day else None, with_proof=proof, as_json=as_json):
        raise typer.Exit(1)


@app.command(epilog='Example: user-intel sql "select step, count(*) from steps group by all order by 2 desc limit 10"')
def sql(
    query: Annotated[str, typer.Argument(help="One SELECT statement; - reads it from stdin.")],
    format_: Annotated[
        Literal["table", "csv", "json"], typer.Option("--format", help="How to print the rows.")
    ] = "table",
    max_rows: Annotated[int, typer.Option(min=1, help="Most rows a table shows; csv and json always hold all.")] = 200,
) -> None:
    """Asks the tables a question, read-only. Columns carry comments: "select * from duckdb_columns()" shows them."""
    from user_intel.terminal.querying import run_sql

    run_sql(sys.stdin.read() if query == "-" else query, format_, max_rows)


@app.command(epilog="Example: user-intel graph paths_after /cart --from 2026-11-01 --to 2026-11-07")
def graph(
    question: Annotated[str | None, typer.Argument(help="Name of a ready-made question; --list names them.")] = None,
    arguments: Annotated[list[str] | None, typer.Argument(help="What it is asked with, in the order it says.")] = None,
    list_: Annotated[bool, typer.Option("--list", help="List every question with its arguments.")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Explain the question and show its Cypher.")] = False,
    first: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day.")] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, max=100_000, help="Most rows; each question has its own default.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--everything", help="Look at all sessions where a sample would be, however long it takes.")
    ] = False,
    format_: Annotated[
        Literal["table", "csv", "json"], typer.Option("--format", help="How to print the rows.")
    ] = "table",
) -> None:
    """Asks the graph a ready-made question: what leads to a step, what follows it, circles, hubs, one session's path.

    Without other days it is about the last window of days, or all days whose sessions the graph keeps.
    """
    from user_intel.graph.asking import Asked
    from user_intel.terminal import graph as answers

    if list_ or question is None:
        answers.list_questions()
        return
    first_day, last_day = (day.date() if day else None for day in (first, last))
    asked = Asked(question, arguments or [], first_day, last_day, limit, everything)
    if explain:
        answers.explain(asked)
    else:
        answers.run_graph(asked, format_)


@app.command(epilog="Example: user-intel approve insight-3f2a9c0d1e4b5a67")
def approve(insight_ids: InsightIds, by: By = None) -> None:
    """Says that insights are worth a ticket. The next run, or `user-intel jira create`, hands them to Jira."""
    from user_intel.terminal.deciding import Decision, run_decide

    run_decide(Decision(insight_ids, "approved", by))


@app.command(
    epilog='Example: user-intel dismiss insight-3f2a9c0d1e4b5a67 --reason "known, gone in May" --until 2026-06-01'
)
def dismiss(
    insight_ids: InsightIds,
    reason: Annotated[str, typer.Option(help="Why. Teaches what is shown later.")],
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day it counts again; never when left out.")
    ] = None,
    by: By = None,
) -> None:
    """Says that insights are not worth telling: they no longer show, for ever or until a day."""
    from user_intel.terminal.deciding import Decision, run_decide

    run_decide(Decision(insight_ids, "dismissed", by, reason, until.date() if until else None))


@app.command(epilog="Example: user-intel ship insight-3f2a9c0d1e4b5a67")
def ship(insight_ids: InsightIds, by: By = None) -> None:
    """Says that what the insights ask for is live. If the problem stays, it is told again as reopened."""
    from user_intel.terminal.deciding import Decision, run_decide

    run_decide(Decision(insight_ids, "shipped", by))


@app.command(epilog='Example: user-intel feedback insight-3f2a9c0d1e4b5a67 wrong --reason "we changed the tracking"')
def feedback(
    insight_id: Annotated[str, typer.Argument(help="The insight.", metavar="INSIGHT_ID")],
    verdict: Annotated[Literal["useful", "dismissed", "wrong"], typer.Argument(help="What it is.")],
    reason: Annotated[str | None, typer.Option(help="Why.")] = None,
    by: By = None,
) -> None:
    """Says what an insight is worth to you, as it was seen last; your last word counts. Changes what is shown later."""
    from user_intel.terminal.deciding import run_feedback

    run_feedback(insight_id, verdict, reason=reason, by=by)


@app.command(epilog="Example: user-intel audit insight-3f2a9c0d1e4b5a67 --json")
def audit(
    insight_id: Annotated[str | None, typer.Argument(help="Only what was done about this insight.")] = None,
    top: Annotated[int, typer.Option(min=1, help="How many.")] = 20,
    all_: Annotated[bool, typer.Option("--all", help="Show all of them.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, all of them.")] = False,
) -> None:
    """Who decided what, and when; with what it was before and after. The last first."""
    from user_intel.terminal.deciding import run_audit

    run_audit(insight_id, most=None if all_ or as_json else top, as_json=as_json)


@roadmap.callback(invoke_without_command=True)
def roadmap_list(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, with every field.")] = False,
) -> None:
    """The experiments people plan: listed, added, told how far they are."""
    from user_intel.terminal.roadmap import list_roadmap

    if context.invoked_subcommand is None:
        list_roadmap(as_json=as_json)


@roadmap.command(
    "add",
    epilog='Example: user-intel roadmap add --title "Short form" --hypothesis "Fewer fields, fewer exits" '
    '--metric "/shipping to /payment" --sample-size 4000 --days 14',
)
def roadmap_add(
    title: Annotated[str, typer.Option(help="One line.")],
    hypothesis: Annotated[str, typer.Option(help="What is believed to happen, and why.")],
    metric: Annotated[str, typer.Option(help="What is measured.")],
    sample_size: Annotated[int | None, typer.Option(min=1, help="Users needed in each arm.")] = None,
    days: Annotated[int | None, typer.Option(min=1, help="How long it takes.")] = None,
    insight: Annotated[str | None, typer.Option(help="The insight it comes from.")] = None,
    by: By = None,
) -> None:
    """Puts an experiment on the roadmap. A plan only: nothing is started."""
    from user_intel.state.records import Plan
    from user_intel.terminal.roadmap import add_to_roadmap

    add_to_roadmap(Plan(title, hypothesis, metric, sample_size, days, insight), by=by)


@roadmap.command("set", epilog="Example: user-intel roadmap set 3 running")
def roadmap_set(
    item: Annotated[int, typer.Argument(help="Number of the item.")],
    status: Annotated[Literal["planned", "running", "done", "dropped"], typer.Argument(help="How far it is.")],
    by: By = None,
) -> None:
    """Says how far an experiment is."""
    from user_intel.terminal.roadmap import set_roadmap_status

    set_roadmap_status(item, status, by=by)


@app.command(epilog="Example: user-intel state")
def state(
    to: Annotated[
        str | None, typer.Option("--to", help="Revision to bring it to, before an older program is used; or base.")
    ] = None,
    copy_from: Annotated[
        Path | None, typer.Option(help="A home's state.db to copy into the configured database, which must be empty.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Where what people decided is kept, and its revision; brought up to date when it is older."""
    from user_intel.terminal.state import run_copy, run_state

    if copy_from:
        run_copy(copy_from)
    if to and not yes:
        typer.confirm(
            "An older revision forgets what it has no place for, base everything. Go on", abort=True, err=True
        )
    run_state(to)


@app.command(epilog="Example: user-intel simulate ./product --days 14 && user-intel import ./product/*.csv")
def simulate(
    out_dir: Annotated[Path, typer.Argument(help="Folder for one CSV a day and a product.yaml; made when absent.")],
    days: Annotated[int, typer.Option(min=1, max=366, help="How many days.")] = 14,
    users: Annotated[int | None, typer.Option(min=10, help="How many users.")] = None,
    seed: Annotated[int, typer.Option(help="Another seed makes another product.")] = 7,
    until: Day = None,
) -> None:
    """Writes the simulated product as CSV files, ready for `user-intel import`."""
    from user_intel.terminal.simulating import run_simulate

    run_simulate(out_dir, days=days, users=users, seed=seed, until=until.date() if until else None)


@app.command(epilog="Example: user-intel forget 'anna@example.com'")
def forget(
    user_id: Annotated[str, typer.Argument(help="The identity as the source knows it, or the user_id seen in tables.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erases one person from every table, and keeps them out of later extractions."""
    from user_intel.terminal.forgetting import run_forget

    if not yes:
        typer.confirm("Erase this person everywhere? This cannot be undone", abort=True, err=True)
    run_forget(user_id)


@app.command()
def doctor() -> None:
    """Tests every configured connection and says in one line each what works, what does not, and why."""
    from user_intel.terminal.doctor import run_doctor

    if not run_doctor():
        raise typer.Exit(1)


@jira.command("create", epilog="Example: user-intel jira create insight-1f0c55ab9e3d2c47 --dry-run")
def jira_create(
    insight_ids: Annotated[
        list[str] | None, typer.Argument(help="Insights, as user-intel insights names them.")
    ] = None,
    all_approved: Annotated[
        bool, typer.Option("--all-approved", help="All insights that are approved and have no ticket.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the requests, and what Jira would refuse of them; send none.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, the request with it.")] = False,
) -> None:
    """Opens a ticket for each insight; one that has a ticket keeps it. Without a Jira it shows what would be sent."""
    from user_intel.terminal.jira import run_create

    run_create(insight_ids or [], all_approved=all_approved, dry_run=dry_run, as_json=as_json)


@jira.command("status", epilog="Example: user-intel jira status --json")
def jira_status(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Every ticket and where it stands, read back from Jira; what is done or won't be done there counts here, too."""
    from user_intel.terminal.jira import run_status

    run_status(as_json=as_json)


@jira.command("report", epilog="Example: user-intel jira report --day 2026-11-14 --scope week")
def jira_report(
    day: Day = None,
    scope: Annotated[Literal["day", "week"], typer.Option(help="The day, or the week that ends with it.")] = "day",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the request; send none.")] = False,
) -> None:
    """One ticket with a day's briefing and all its insights (the last day there is); again, the same ticket."""
    from user_intel.terminal.jira import run_report

    run_report(day.date() if day else None, scope, dry_run=dry_run)


@replay.command(
    "render",
    epilog="Example: user-intel replay render recording.json clip.mp4 --at 95 --mask all --selector '.balance'",
)
def replay_render(
    recording: Annotated[Path, typer.Argument(help="rrweb events: JSON, JSON lines or PostHog's snapshots, also .gz.")],
    out: Annotated[Path, typer.Argument(help="The mp4 to write.")],
    at_s: Annotated[
        float | None, typer.Option("--at", min=0, help="Second of the session to show, in real time.")
    ] = None,
    overview: Annotated[
        bool, typer.Option("--overview", help="The whole session, fast. So it is without --at.")
    ] = False,
    mask: Annotated[
        Literal["all", "personal", "configured"] | None,
        typer.Option(help="Which text is hidden; that of product.yaml when left out, else personal."),
    ] = None,
    selector: Annotated[list[str] | None, typer.Option(help="CSS selector whose text is hidden, too.")] = None,
    block: Annotated[list[str] | None, typer.Option(help="CSS selector that becomes a grey box, too.")] = None,
    partial: Annotated[bool, typer.Option("--partial", help="Take what is whole of a recording cut off.")] = False,
) -> None:
    """Renders a recording as a video: personal data masked first, idle time skipped, cursor and clicks shown."""
    from user_intel.terminal.replaying import Asked, run_render

    if overview and at_s is not None:
        raise typer.BadParameter("--overview shows the whole session, --at one moment: give one of them")
    run_render(recording, out, Asked(at_s, mask, selector or [], block or [], partial))


@bench.command("speed")
def bench_speed(
    large: Annotated[
        bool, typer.Option("--large", help="10 million events as well as 1 million; a week of 7 million for detect.")
    ] = False,
    keep: Annotated[
        Path | None, typer.Option(help="Folder to keep detect's week in; what is there is not made again.")
    ] = None,
) -> None:
    """Throughput and memory, each beside its peer in the same run."""
    from user_intel.bench.speed import run as run_speed

    run_speed(large=large, keep=keep)


@bench.command("grounding", epilog="Example: user-intel bench grounding --days 7 --changes 1000 --show-missed")
def bench_grounding(
    days: Annotated[int, typer.Option(min=1, help="Of the last so many explained days the texts are taken.")] = 7,
    changes: Annotated[int, typer.Option(min=1, help="How many changes are tried.")] = 1000,
    seed: Annotated[int, typer.Option(help="Which changes.")] = 1,
    show_missed: Annotated[bool, typer.Option("--show-missed", help="Show each change that was not caught.")] = False,
) -> None:
    """How well a wrong number, unit, direction or name in the day's texts is caught."""
    from user_intel.bench.grounding import run

    run(days=days, changes=changes, seed=seed, show_missed=show_missed)


@bench.command("segments", epilog="Example: user-intel bench segments --seeds 12 --first-seed 100 --followed 4")
def bench_segments(
    seeds: Annotated[int, typer.Option(min=1, help="How many products with planted archetypes.")] = 10,
    controls: Annotated[int, typer.Option(min=0, help="How many without any.")] = 5,
    first_seed: Annotated[int, typer.Option(help="The first seed; each product has the next.")] = 1,
    users: Annotated[int, typer.Option(min=100, help="Users of each product.")] = 3000,
    days: Annotated[int, typer.Option(min=1, max=60, help="Daily runs over which personas are followed.")] = 14,
    followed: Annotated[int, typer.Option(min=0, help="In how many of the products they are.")] = 3,
    overlap: Annotated[
        Literal["clear", "overlapping", "faint"], typer.Option(help="How much archetypes overlap.")
    ] = "overlapping",
    workers: Annotated[int, typer.Option(min=1, help="Products judged at a time.")] = 2,
    speed: Annotated[bool, typer.Option("--speed", help="How fast it is instead, up to a million users.")] = False,
    json_path: Annotated[Path | None, typer.Option("--json", help="File for every figure as JSON.")] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Tables to paste into a README.")] = False,
) -> None:
    """Groups against planted archetypes: agreement, lasting, stability, and other ways beside it."""
    from user_intel.bench import segments

    if speed:
        segments.run_speed()
        return
    asked = segments.Asked(seeds, first_seed, controls, users, days, followed, overlap, workers)
    segments.run(asked, json_path=json_path, markdown=markdown)


@bench.command("friction", epilog="Example: user-intel bench friction --seeds 40 --first-seed 100 --show-missed")
def bench_friction(
    seeds: Annotated[int, typer.Option(min=1, help="How many products with planted friction.")] = 20,
    clean: Annotated[int | None, typer.Option(min=0, help="How many without any; half as many when left out.")] = None,
    first_seed: Annotated[int, typer.Option(help="The first seed; each product has the next.")] = 1,
    users: Annotated[int, typer.Option(min=50, help="Users of each product.")] = 5000,
    days: Annotated[int, typer.Option(min=8, max=90, help="Days each product is watched.")] = 14,
    keep: Annotated[
        Path | None, typer.Option(help="Folder to keep the products in; what is there is not made again.")
    ] = None,
    json_path: Annotated[Path | None, typer.Option("--json", help="File for every figure as JSON.")] = None,
    show_false: Annotated[bool, typer.Option("--show-false", help="List what was reported wrongly.")] = False,
    show_missed: Annotated[bool, typer.Option("--show-missed", help="List what was not found.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Tables to paste into a README.")] = False,
) -> None:
    """Planted friction: how much of it is found, how exactly, how soon, and how often there was none."""
    from user_intel.bench.friction import Show
    from user_intel.bench.friction import run as run_friction

    show = Show(false=show_false, missed=show_missed, markdown=markdown)
    run_friction(
        seeds=seeds,
        clean=clean,
        first_seed=first_seed,
        users=users,
        days=days,
        keep=keep,
        json_path=json_path,
        show=show,
    )


def main() -> None:
    """The entry point: errors are one readable line; a traceback only with --debug."""
    debug = "--debug" in sys.argv
    try:
        app()
    except UserIntelError as error:
        if debug:
            raise
        _complain(str(error))
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        _complain("stopped")
        sys.exit(1)
    except Exception as error:  # the last line of defence, named as what it is
        if debug:
            raise
        _complain(
            f"unexpected {type(error).__name__}: {error}. This is a defect; --debug before the command shows where."
        )
        sys.exit(1)


def _complain(message: str) -> None:
    print(f"user-intel: {message}", file=sys.stderr)  # noqa: T201
