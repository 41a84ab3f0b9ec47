"""What the analysed product looks like: `product.yaml` in the home, every key optional, unknown keys refused."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from user_intel.errors import ConfigError

# A segment becomes a column of `sessions`, so it must not look like anything but a name.
_PROPERTY_NAME = re.compile(r"^[$A-Za-z_][$A-Za-z0-9_. -]{0,62}$")


# What a ticket's state in Jira means for the insight it is about.
TicketMeaning = Literal["in_jira", "shipped", "dismissed"]
TICKET_MEANINGS: dict[str, TicketMeaning] = {
    # Categories that every status of every workflow is in.
    "new": "in_jira", "indeterminate": "in_jira", "done": "shipped",
    # Resolutions, and statuses named like them, as Jira brings them along.
    "won't do": "dismissed", "won't fix": "dismissed", "declined": "dismissed", "rejected": "dismissed",
    "cancelled": "dismissed", "canceled": "dismissed", "duplicate": "dismissed", "cannot reproduce": "dismissed",
    "incomplete": "dismissed", "known error": "dismissed",
}  # fmt: skip


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PathRule(_Strict):
    """One rewriting of page paths, applied after the built-in ones. `match` is an RE2 regular expression."""

    match: str
    replace: str

    @field_validator("match")
    @classmethod
    def _compiles(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from None
        return pattern


class Goals(_Strict):
    """What reaching a goal is worth, in US dollars, by step name."""

    value_usd: dict[str, Annotated[float, Field(ge=0)]] = {}


class Funnel(_Strict):
    """How a flow of the same name is counted, where its defaults do not fit: ordered, in sessions, nothing excluded."""

    order: Literal["ordered", "strict", "unordered"] = "ordered"
    unit: Literal["session", "user"] = "session"
    # Users only: how long after the first step the others may follow. A session is its own window.
    window_days: Annotated[int, Field(ge=1, le=90)] = 14
    exclude: list[str] = []
    breakdown: Literal["first_touch", "last_touch", "each_step"] = "first_touch"


class Thresholds(_Strict):
    """Evidence below which nothing is said, how much must change, and the definitions of sessions and signals."""

    # Evidence.
    min_users: Annotated[int, Field(ge=1)] = 5
    min_sessions: Annotated[int, Field(ge=1)] = 10
    max_user_share: Annotated[float, Field(gt=0, le=1)] = 0.4
    q_value: Annotated[float, Field(gt=0, lt=1)] = 0.05
    window_days: Annotated[int, Field(ge=1)] = 7
    baseline_days: Annotated[int, Field(ge=1, le=180)] = 28
    min_segment_share: Annotated[float, Field(ge=0, le=1)] = 0.02
    max_segment_values: Annotated[int, Field(ge=1)] = 20
    # What is too small to be raised, however significant.
    min_rate_change: Annotated[float, Field(ge=0, le=1)] = 0.05
    min_signal_change: Annotated[float, Field(ge=0, le=1)] = 0.02
    min_ratio: Annotated[float, Field(ge=1)] = 1.25
    min_slow_ratio: Annotated[float, Field(ge=1)] = 1.5
    min_slow_change_s: Annotated[float, Field(ge=0)] = 3.0
    # Sessions and visits.
    session_gap_minutes: Annotated[int, Field(ge=1, le=720)] = 30
    session_cap_hours: Annotated[int, Field(ge=1, le=24)] = 24
    dwell_cap_minutes: Annotated[int, Field(ge=1)] = 30
    # Friction signals.
    rage_clicks: Annotated[int, Field(ge=2)] = 4
    rage_within_s: Annotated[float, Field(gt=0)] = 1.0
    rage_radius_px: Annotated[float, Field(gt=0)] = 50.0
    error_within_s: Annotated[float, Field(gt=0)] = 1.0
    slow_click_s: Annotated[float, Field(gt=0)] = 2.5
    dead_click_s: Annotated[float, Field(gt=0)] = 7.0
    u_turn_s: Annotated[float, Field(gt=0)] = 10.0
    rapid_exit_s: Annotated[float, Field(gt=0)] = 5.0
    loop_rounds: Annotated[int, Field(ge=2)] = 2
    # Whoever visits so many steps of a day at a median pace faster than this is a machine, and left out.
    robot_visits: Annotated[int, Field(ge=2)] = 20
    robot_pace_s: Annotated[float, Field(ge=0)] = 1.0
    # Tracking: recordings below this share of their norm while traffic is within the tolerance of its own.
    recorded_share: Annotated[float, Field(gt=0, lt=1)] = 0.4
    traffic_tolerance: Annotated[float, Field(gt=0, lt=1)] = 0.25


class Clusters(_Strict):
    """How users are described for grouping them, and how they are grouped."""

    # Behaviour is looked at over so many days that end with the day asked about.
    window_days: Annotated[int, Field(ge=1, le=180)] = 28
    # Event properties whose mean and total are features, such as an order's worth.
    numeric_properties: list[str] = []
    # Users with fewer sessions in the window say too little to shape a group; they are only placed. (Where fewer than a
    # fifth of the users have so many, those of most sessions, a fifth of all, shape the groups.)
    min_sessions: Annotated[int, Field(ge=1)] = 5
    # Steps that are told of one by one; all others are summed.
    max_steps: Annotated[int, Field(ge=1, le=1000)] = 100
    # A trait of a group: it differs from the rest by at least this (Cliff's delta; 0.33 is medium, 0.474 large).
    min_effect: Annotated[float, Field(gt=0, lt=1)] = 0.33
    # A group grew or shrank when its share of users changed by such a part of itself in so many days.
    min_size_change: Annotated[float, Field(gt=0)] = 0.2
    trend_days: Annotated[int, Field(ge=1)] = 7
    # Paths are counted among so many users of the day, taken by their pseudonyms; of fewer, all.
    path_users: Annotated[int, Field(ge=100)] = 20_000
    # With fewer users than this nothing is said of groups.
    min_users: Annotated[int, Field(ge=20)] = 50
    # The smallest group: so many users, and at least such a share of them.
    min_cluster_users: Annotated[int, Field(ge=2)] = 15
    min_cluster_share: Annotated[float, Field(gt=0, le=0.25)] = 0.02
    # Groups are sought in so many dimensions of UMAP, after so many rounds of it, from this seed.
    dimensions: Annotated[int, Field(ge=2, le=50)] = 10
    epochs: Annotated[int, Field(ge=20, le=2000)] = 100
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    # Of more users than this a sample is fitted, and the others are placed by their nearest fitted neighbours.
    fit_users: Annotated[int, Field(ge=1000)] = 10_000
    # A user whose tenth neighbour is so many times as far as is usual (the median) is like no group.
    outlier_distance: Annotated[float, Field(gt=1)] = 3.0
    # Everything is done again on so many random parts, of at most so many users, to see which groups recur.
    trials: Annotated[int, Field(ge=3)] = 6
    trial_users: Annotated[int, Field(ge=100)] = 1_200
    # Groups are believed in when any two parts agree so well on them (adjusted Rand index).
    min_agreement: Annotated[float, Field(gt=0, lt=1)] = 0.5
    # Of each group, how much recurs (Jaccard; Hennig 2007): stable from, unstable below, no group at all up to.
    stable_jaccard: Annotated[float, Field(gt=0, le=1)] = 0.75
    unstable_jaccard: Annotated[float, Field(gt=0, le=1)] = 0.6
    dissolved_jaccard: Annotated[float, Field(gt=0, le=1)] = 0.5
    # What was believed the day before is asked so much less, so that groups do not come and go from day to day.
    leeway: Annotated[float, Field(ge=0, lt=0.5)] = 0.1

    @field_validator("numeric_properties")
    @classmethod
    def _sound_properties(cls, properties: list[str]) -> list[str]:
        for name in properties:
            if not _PROPERTY_NAME.match(name):
                raise ValueError(f"{name!r} is no property name; use letters, digits, $, _, - and .")
        return list(dict.fromkeys(properties))


class Chains(_Strict):
    """What of the journeys the graph holds visit by visit; counts by day are there for ever, of all sessions."""

    chains: Literal["all", "sample", "friction"] = "all"
    # Of sessions, by their id, when chains are a sample: always the same ones.
    sample_share: Annotated[float, Field(ge=0.001, le=1)] = 0.1
    # Visits are kept, and ways between steps summed up, for so many days up to the latest one.
    window_days: Annotated[int, Field(ge=1, le=366)] = 30


class TicketLinks(_Strict):
    """Where people open what a ticket links to; a link whose address is not known is left out."""

    # {insight_id}, {pain_point_id} and {day} may stand in it: https://intel.example.com/insights/{insight_id}
    dashboard: str | None = None
    # PostHog's own project page, https://us.posthog.com/project/1; made from POSTHOG_* when left out.
    posthog: str | None = None
    # The Dagster UI; USER_INTEL_DAGSTER_URL when left out, unless only this machine reaches that.
    dagster: str | None = None
    # Recordings linked one by one. Such a link holds the session's id at PostHog; without them a ticket holds no id of
    # any person or session, and links to a list of recordings instead.
    recordings: Annotated[int, Field(ge=0, le=10)] = 0

    @field_validator("dashboard", "posthog", "dagster")
    @classmethod
    def _addresses(cls, address: str | None) -> str | None:
        if address is not None and not address.startswith(("http://", "https://")):
            raise ValueError(f"{address!r} is no address; it must start with https:// or http://")
        return address


class Jira(_Strict):
    """What becomes of insights in Jira. Where Jira is, and whose token is used, is in the settings (JIRA_*)."""

    # Which insights get a ticket by themselves: those that people approved, or also those of so much severity (0..100).
    policy: Literal["approved", "auto"] = "approved"
    min_severity: Annotated[float, Field(ge=0, le=100)] = 50.0
    # Most tickets a day opens by itself; the others wait for the next day, and are counted.
    daily_cap: Annotated[int, Field(ge=0)] = 10
    # Only the last day of insights opens and comments tickets, and only while it is not older than this.
    max_age_days: Annotated[int, Field(ge=1)] = 3
    # A ticket whose problem stays is told the new numbers at most so often.
    comment_days: Annotated[int, Field(ge=1)] = 7
    # A resolved ticket's problem stays if it is there so long after; the whole window looked at when left out.
    reopen_days: Annotated[int, Field(ge=1)] | None = None
    issue_type: str | None = None
    labels: list[str] = ["user-intel"]
    component: str | None = None
    # The names of Jira's priorities; {} leaves the priority to Jira.
    priorities: dict[Literal["P0", "P1", "P2", "P3"], str] = {
        "P0": "Highest", "P1": "High", "P2": "Medium", "P3": "Low"
    }  # fmt: skip
    # By Jira's id or name of the field; {severity}, {priority}, {kind}, {segment}, {insight_id} are filled in.
    custom_fields: dict[str, Any] = {}
    # What Jira's resolutions, statuses and status categories mean (looked up in this order, whatever their case), where
    # it is not what TICKET_MEANINGS says.
    statuses: dict[str, TicketMeaning] = {}
    # Jira's search finds a new ticket so much later. Only after a crash or a lost answer is waited for it.
    index_lag_s: Annotated[float, Field(ge=0, le=600)] = 60.0
    attach_clips: bool = False
    max_clips: Annotated[int, Field(ge=1, le=10)] = 3
    # Sentences on what was seen in recordings.
    max_sights: Annotated[int, Field(ge=0, le=10)] = 3
    links: TicketLinks = TicketLinks()

    def meaning(self, *names: str | None) -> TicketMeaning:
        """What a ticket's resolution, status and status category, in this order, mean; in_jira if none is known."""
        known = TICKET_MEANINGS | {name.lower(): meaning for name, meaning in self.statuses.items()}
        told = [name.strip().lower().replace("’", "'") for name in names if name]
        return next((known[name] for name in told if name in known), "in_jira")

    @field_validator("labels")
    @classmethod
    def _sound_labels(cls, labels: list[str]) -> list[str]:
        for label in labels:
            if not label or len(label) > 255 or re.search(r"\s", label):
                raise ValueError(f"{label!r} is no label; Jira's labels hold no spaces, and at most 255 letters")
        return list(dict.fromkeys(labels))


class Explain(_Strict):
    """What those who explain are told about the product, and how much is asked of a model."""

    # What the product is and whom it serves, in a sentence or two for whoever never saw it.
    about: Annotated[str, Field(max_length=600)] = ""
    # What people call a step, feature or flow: "/item/:id": product page.
    vocabulary: dict[str, Annotated[str, Field(min_length=1, max_length=60)]] = {}
    # A wish for the tone besides the house rules, such as "British spelling".
    tone: Annotated[str, Field(max_length=200)] = ""
    # Asks of a model for the insights of a day, second tries included; what is beyond them the narrator tells.
    insights_a_day: Annotated[int, Field(ge=0, le=1000)] = 30
    # Feedback counts for so many days after the day of the insight it is about.
    feedback_days: Annotated[int, Field(ge=1, le=3650)] = 90
    # How much it changes a place in the feed: `feedback_prior` verdicts of one mind go half of the way there is, and
    # all together never multiply or divide a severity by more than `most_feedback`.
    feedback_prior: Annotated[float, Field(gt=0)] = 2.0
    most_feedback: Annotated[float, Field(ge=1, le=10)] = 2.0
    # Quiet altogether: a subject with so many of its problems dismissed, a kind dismissed on so many subjects.
    quiet_subject_after: Annotated[int, Field(ge=2)] = 2
    quiet_kind_after: Annotated[int, Field(ge=2)] = 3


class Masking(_Strict):
    """What of a recording is hidden before it is drawn. Passwords, cards and tokens are hidden in every mode."""

    # all: every text. personal: what was typed, and personal data such as e-mails. configured: what selectors name.
    text: Literal["all", "personal", "configured"] = "personal"
    # CSS selectors of elements whose text is hidden, and of those that become a grey box; beside rrweb's own classes.
    selectors: list[str] = []
    block: list[str] = []
    # Pictures that the recording itself carries (data: addresses); no other picture is ever fetched.
    images: Literal["blank", "keep"] = "blank"

    @field_validator("selectors", "block")
    @classmethod
    def _sound_selectors(cls, selectors: list[str]) -> list[str]:
        from user_intel.watch.selectors import parse

        for selector in selectors:
            parse(selector)
        return selectors


class Signs(_Strict):
    """What counts as a sign of trouble in a recording; seconds and CSS pixels."""

    rage_clicks: Annotated[int, Field(ge=2)] = 4
    rage_s: Annotated[float, Field(gt=0)] = 1.0
    rage_px: Annotated[float, Field(gt=0)] = 50.0
    repeated_clicks: Annotated[int, Field(ge=2)] = 3
    repeated_s: Annotated[float, Field(gt=0)] = 3.0
    dead_after_s: Annotated[float, Field(gt=0)] = 2.5
    same_node_s: Annotated[float, Field(gt=0)] = 1.0
    error_after_s: Annotated[float, Field(gt=0)] = 1.0
    # A pause is so long, and so many times the usual one of its recording; beyond the longest, people went away.
    pause_s: Annotated[float, Field(gt=0)] = 6.0
    pause_ratio: Annotated[float, Field(ge=1)] = 3.0
    pause_most_s: Annotated[float, Field(gt=0)] = 30.0
    pauses: Annotated[int, Field(ge=0)] = 3
    # So many turns of the pointer, each after so many pixels, within so many seconds; of the page likewise.
    thrash_turns: Annotated[int, Field(ge=2)] = 6
    thrash_px: Annotated[float, Field(gt=0)] = 60.0
    thrash_s: Annotated[float, Field(gt=0)] = 3.0
    scroll_turns: Annotated[int, Field(ge=2)] = 3
    scroll_px: Annotated[float, Field(gt=0)] = 200.0
    scroll_s: Annotated[float, Field(gt=0)] = 6.0


class Watch(_Strict):
    """Which recordings are watched, and how they are masked and drawn into video."""

    # The worst pain points of a day that have recordings; sessions that met each, and others to compare with.
    problems: Annotated[int, Field(ge=0, le=100)] = 5
    sessions_each: Annotated[int, Field(ge=1, le=20)] = 2
    contrasts_each: Annotated[int, Field(ge=0, le=20)] = 1
    # Of all pain points together, whatever is asked above.
    recordings_a_day: Annotated[int, Field(ge=0, le=500)] = 15
    # Recordings with less or more activity than this show nothing, or cost too much.
    least_active_s: Annotated[float, Field(ge=0)] = 5.0
    most_active_s: Annotated[float, Field(gt=0)] = 1_800.0
    # Of what shows a pain point, the whole session as well, faster.
    overviews: bool = True
    # A moment that lasts longer than this, margins included, is shown from so long before its end.
    moment_most_s: Annotated[float, Field(ge=5)] = 60.0
    # Of a run over many days only the last are watched: recordings are few, slow to get, and soon gone.
    days_of_a_run: Annotated[int, Field(ge=1, le=366)] = 1
    # Days that clips are kept, from the day they were made for.
    keep_days: Annotated[int, Field(ge=1)] = 30
    signs: Signs = Signs()
    mask: Masking = Masking()
    # Nobody did anything for so long: the video leaps over it and shows a caption of so many seconds instead.
    idle_s: Annotated[float, Field(ge=1)] = 5.0
    caption_s: Annotated[float, Field(ge=0.5, le=10)] = 1.0
    # A clip of a moment shows so much before and after it, in real time; an overview the whole session, faster.
    clip_margin_s: Annotated[float, Field(gt=0, le=300)] = 10.0
    clip_fps: Annotated[int, Field(ge=1, le=30)] = 5
    overview_speed: Annotated[float, Field(ge=1, le=64)] = 8.0
    overview_fps: Annotated[int, Field(ge=1, le=30)] = 3
    # Pixels of the video, its footer included; recorded pages are scaled down to fit. H.264 wants even numbers.
    width: Annotated[int, Field(ge=320, le=3840, multiple_of=2)] = 1280
    height: Annotated[int, Field(ge=240, le=2160, multiple_of=2)] = 800
    # Larger recordings, unpacked, and larger single events (a page's snapshot) are refused.
    max_recording_mb: Annotated[int, Field(ge=1)] = 1024
    max_event_mb: Annotated[int, Field(ge=1, le=256)] = 48


class Product(_Strict):
    """The analysed product. Steps are normalised page paths or event names, as in the `events` table."""

    timezone: str = "UTC"
    flows: dict[str, list[str]] = {}
    funnels: dict[str, Funnel] = {}
    features: list[str] = []
    # Steps at which a visit ends naturally, besides the goals of flows: leaving there is no drop-off.
    final_steps: list[str] = []
    # Steps that people rightly turn back from, such as an index or a preview.
    u_turns_ignored: list[str] = []
    # Events that tell of an error, besides $exception and names such as payment_failed or api_error.
    error_events: list[str] = []
    segments: list[str] = []
    ignore_events: list[str] = []
    path_rules: list[PathRule] = []
    keep_hosts: bool = False
    keep_query_parameters: list[str] = []
    drop_properties: list[str] = []
    goals: Goals = Goals()
    graph: Chains = Chains()
    explain: Explain = Explain()
    watch: Watch = Watch()
    thresholds: Thresholds = Thresholds()
    clusters: Clusters = Clusters()
    jira: Jira = Jira()

    @property
    def zone(self) -> ZoneInfo:
        """The time zone that days are counted in."""
        return ZoneInfo(self.timezone)

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError(f"{name!r} is not an IANA time zone such as 'Europe/Berlin'")
        return name

    @field_validator("flows")
    @classmethod
    def _sound_flows(cls, flows: dict[str, list[str]]) -> dict[str, list[str]]:
        for name, steps in flows.items():
            twice = sorted({step for step in steps if steps.count(step) > 1})
            if twice:
                raise ValueError(f"flow {name!r} names {twice[0]!r} twice; a flow visits each step once")
            if len(steps) < 2:
                raise ValueError(f"flow {name!r} has {len(steps)} step; at least two are needed")
        return flows

    @model_validator(mode="after")
    def _funnels_are_of_flows(self) -> Self:
        if unknown := sorted(set(self.funnels) - set(self.flows)):
            raise ValueError(f"funnels: there is no flow {unknown[0]!r}; flows are {', '.join(self.flows) or 'none'}")
        for name, funnel in self.funnels.items():
            if both := sorted(set(funnel.exclude) & set(self.flows[name])):
                raise ValueError(f"funnels: {name!r} excludes {both[0]!r}, which is one of its own steps")
        return self

    @field_validator("segments")
    @classmethod
    def _sound_segments(cls, segments: list[str]) -> list[str]:
        for name in segments:
            if not _PROPERTY_NAME.match(name):
                raise ValueError(f"{name!r} cannot be a column; use letters, digits, $ and _")
        if len({name.lower() for name in segments}) < len(segments):
            raise ValueError("a segment is named twice (upper and lower case do not count)")
        return segments


def load_product(home: Path) -> Product:
    """`product.yaml` of a home; all defaults where there is none. Raises ConfigError naming file, key and remedy."""
    path = home / "product.yaml"
    if not path.exists():
        return Product()
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not readable as YAML: {error}") from None
    if not isinstance(content, dict):
        raise ConfigError(f"{path} must hold keys such as 'timezone:' and 'flows:', found {type(content).__name__}.")
    try:
        return Product.model_validate(content)
    except ValidationError as error:
        raise ConfigError(f"{path}: {_readable(error)}") from None


def _readable(error: ValidationError) -> str:
    return "; ".join(_one_fault(fault["type"], fault["loc"], fault["msg"]) for fault in error.errors())


def _one_fault(kind: str, location: tuple[int | str, ...], message: str) -> str:
    where = ".".join(map(str, location))
    if kind == "extra_forbidden":
        return f"unknown key {where!r}; known keys are {', '.join(Product.model_fields)}"
    return f"{where}: {message.removeprefix('Value error, ')}"
