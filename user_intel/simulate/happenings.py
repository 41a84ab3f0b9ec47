"""What PostHog's browser library would send while people walk: page views, clicks, forms, errors, leavings.

One row of a frame made here is one event. A *block* is the events of one kind: `visit` (row of `Walk.visits`), `at`
(microseconds), `event`, `own` (the members only this event has, as JSON without braces) and `elements_chain`.
Personal data is scattered about as careless products do, so that whoever reads the events has something to scrub.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

from user_intel.simulate.dice import Integers, pick, uuids
from user_intel.simulate.people import members
from user_intel.simulate.site import Step
from user_intel.simulate.walk import Plan, Walk

HOST = "app.example.com"

_FORM_SECONDS_SHARE = 0.85
_HEARTBEAT = 60_000_000
_QUERIES = (
    "",
    "?ref=sidebar",
    "?utm_source=newsletter&utm_medium=email",
    "?email={email}&token={token}",
    "?q=red+shoes&page=2",
    "?access_token={token}",
    "#section-{number}",
)
_QUERY_SHARES = (0.8, 0.06, 0.04, 0.02, 0.05, 0.01, 0.02)
_OWN_BY_EVENT = {
    "search_performed": '"query":"invoices of {email}","results":{number},',
    "order_completed": '"value_usd":{number}.50,"currency":"USD","order_id":"ord_{number}",',
    "payment_failed": '"reason":"card 4111 1111 1111 1111 was declined","attempt":1,',
    "coupon_applied": '"coupon":"SPRING{number}",',
    "teammate_invited": '"invitee":"colleague{number}@example.com","role":"editor",',
    "api_key_created": '"key_preview":"sk_live_{token}","scope":"read",',
    "report_exported": '"format":"csv","rows":{number},',
    "file_uploaded": '"bytes":{number}000,"kind":"image/png",',
    "ticket_created": '"subject":"Please call {phone}","priority":"normal",',
    "project_created": '"template":"blank",',
    "plan_upgraded": '"to":"team","seats":{number},',
}


def happenings(plan: Plan, walked: Walk) -> pl.DataFrame:
    """Every browser event of a day's walk: session, at (microseconds), event, properties, elements_chain, ..."""
    visits = _pages(plan, walked)
    blocks = [block for block in _blocks(plan, walked, visits) if len(block)]
    events = pl.concat(blocks)
    session = visits["session"][events["visit"]]
    tails = _tails(walked)
    page = visits["page"][events["visit"]]
    return events.select(
        session,
        pl.col("at"),
        pl.col("event"),
        pl.concat_str([pl.lit("{"), pl.col("own"), page, tails[session], pl.lit("}")]).alias("properties"),
        pl.col("elements_chain"),
    )


def elements_chain(tag: str, text: str, position: int, attributes: Sequence[str] = ()) -> str:
    """A clicked element inside a card of the page, innermost first, in PostHog's notation."""
    name = text.lower().replace(" ", "-")
    extra = "".join(attributes)
    return (
        f'{tag}.btn.btn-{position}:{extra}attr__class="btn btn-{position}"attr__data-test="{name}"'
        f'nth-child="{position + 1}"nth-of-type="{position + 1}"text="{text}";'
        'div.card:attr__class="card"nth-child="2"nth-of-type="1";body:nth-child="2"nth-of-type="1"'
    )


def _pages(plan: Plan, walked: Walk) -> pl.DataFrame:
    """The visits, each with its address and the JSON members that say on which page it happened."""
    visits, count = walked.visits, len(walked.visits)
    generator = plan.dice("pages")
    query = np.array(_QUERIES)[pick(generator, _QUERY_SHARES, count)]
    people = walked.people_of(visits["session"], "name", "email", "phone")
    number = np.minimum(generator.zipf(1.6, count), 4999)
    path = _paths(plan.steps, visits, generator, number, people["name"])
    is_page = pl.Series([step.is_page for step in plan.steps])[visits["step"]]
    titles = pl.Series([step.title for step in plan.steps])[visits["step"]]
    frame = visits.with_columns(
        path=path, query=pl.Series(query), number=pl.Series(number), email=people["email"], phone=people["phone"]
    ).with_columns(token=uuids(generator, count).str.replace_all("-", ""), is_page=is_page, title=titles)
    addressed = frame.with_columns(_fill(pl.col("query"), encoded=True).alias("query"))
    shown = addressed.with_columns(
        pl.when("is_page").then(pl.format("https://{}{}{}", pl.lit(HOST), "path", "query")).alias("url"),
        pl.when("is_page").then("path").alias("path"),
        pl.when("is_page").then("title").alias("title"),
    ).with_columns(
        # What is done (and not viewed) happens on the page seen last.
        pl.col("url", "path", "title").forward_fill().over("session"),
    )
    described = {"$current_url": "url", "$pathname": "path", "title": "title"}
    return shown.with_columns(pl.col(list(described.values())).fill_null("")).with_columns(
        pl.concat_str([*members(described, {}), pl.lit(f',"$host":"{HOST}"')]).alias("page")
    )


def _paths(
    steps: tuple[Step, ...], visits: pl.DataFrame, generator: np.random.Generator, number: Integers, names: pl.Series
) -> pl.Series:
    step = visits["step"]
    before = pl.Series([s.name.partition(":")[0] for s in steps])[step]
    after = pl.Series([s.name.partition(":")[2].partition("/")[1:] for s in steps], dtype=pl.List(pl.String))
    tail = after.list.join("")[step]
    kind = pl.Series([s.identifier for s in steps])[step]
    frame = pl.DataFrame(
        {
            "kind": kind,
            "number": pl.Series(number).cast(pl.String),
            "uuid": uuids(generator, len(visits)),
            "name": names.str.to_lowercase().str.replace(" ", "-"),
        }
    )
    identifier = (
        pl.when(pl.col("kind") == "number")
        .then("number")
        .when(pl.col("kind") == "uuid")
        .then("uuid")
        .when(pl.col("kind") == "name")
        .then("name")
        .otherwise(pl.lit(""))
    )
    return frame.select(pl.concat_str([before, identifier, tail]).alias("path")).to_series()


def _fill(template: pl.Expr, encoded: bool = False) -> pl.Expr:
    email = pl.col("email").str.replace("@", "%40", literal=True) if encoded else pl.col("email")
    return (
        template.str.replace_all("{email}", email, literal=True)
        .str.replace_all("{token}", pl.col("token"), literal=True)
        .str.replace_all("{phone}", pl.col("phone"), literal=True)
        .str.replace_all("{number}", pl.col("number").cast(pl.String), literal=True)
    )


def _tails(walked: Walk) -> pl.Series:
    """The members all events of one session share."""
    frame = walked.sessions.with_columns(walked.people["context"][walked.sessions["person"]])
    shared = {"$session_id": "session_id", "$window_id": "window_id", "$referring_domain": "referrer"}
    campaign = (
        pl.when(pl.col("campaign") == "")
        .then(pl.lit(""))
        .otherwise(pl.concat_str([pl.lit(',"utm_source":"'), pl.col("campaign"), pl.lit('"')]))
    )
    return frame.select(
        pl.concat_str([pl.lit(","), *members(shared, {}), campaign, pl.lit(","), pl.col("context")]).alias("tail")
    ).to_series()


def _blocks(plan: Plan, walked: Walk, visits: pl.DataFrame) -> Iterator[pl.DataFrame]:
    indexed = visits.with_row_index("visit")
    yield _views(indexed)
    yield _leavings(plan, indexed)
    yield _deeds(plan, indexed)
    yield _clicks(plan, indexed)
    yield _forms(plan, indexed)
    yield _heartbeats(indexed)
    yield _identifications(walked, indexed)
    yield from _troubles(plan, walked, indexed)


def _block(visit: pl.Series, at: pl.Series, event: str, own: pl.Series | str, chain: pl.Series | str) -> pl.DataFrame:
    return pl.DataFrame({"visit": visit, "at": at}).with_columns(
        event=pl.lit(event),
        own=pl.lit(own) if isinstance(own, str) else own,
        elements_chain=pl.lit(chain) if isinstance(chain, str) else chain,
    )


def _views(visits: pl.DataFrame) -> pl.DataFrame:
    seen = visits.filter("is_page")
    return _block(seen["visit"], seen["at"], "$pageview", "", "")


def _leavings(plan: Plan, visits: pl.DataFrame) -> pl.DataFrame:
    """Most pages say when they are left; one in five at the very millisecond in which the next is viewed."""
    generator = plan.dice("leavings")
    left = visits.filter(pl.col("is_page") & pl.Series(generator.random(len(visits)) < 0.85))
    early = np.where(generator.random(len(left)) < 0.2, 0, 1000 * generator.integers(1, 30, len(left)))
    at = left["at"] + left["dwell"] - pl.Series(early)
    own = pl.select(
        pl.concat_str(
            [pl.lit('"$prev_pageview_duration":'), (left["dwell"] / 1e6).round(3).cast(pl.String), pl.lit(",")]
        )
    ).to_series()
    return _block(left["visit"], at, "$pageleave", own, "")


def _deeds(plan: Plan, visits: pl.DataFrame) -> pl.DataFrame:
    done = visits.filter(~pl.col("is_page"))
    names = pl.Series([step.name for step in plan.steps])[done["step"]]
    templates = pl.Series([_OWN_BY_EVENT.get(step.name, "") for step in plan.steps], dtype=pl.String)[done["step"]]
    own = done.with_columns(templates.alias("template")).select(_fill(pl.col("template"))).to_series()
    return _block(done["visit"], done["at"], "", own, "").with_columns(names.alias("event")).select(_COLUMNS)


def _clicks(plan: Plan, visits: pl.DataFrame) -> pl.DataFrame:
    """Clicks on the elements of a page, spread over the time spent there."""
    generator = plan.dice("clicks")
    seen = visits.filter("is_page")
    expected = np.array([step.clicks for step in plan.steps])[seen["step"].to_numpy()]
    per_visit = generator.poisson(expected)
    clicked = np.repeat(np.arange(len(seen)), per_visit)
    rows = seen[clicked]
    at = rows["at"] + _share_of(rows["dwell"], generator.uniform(0.1, 0.95, len(rows)))
    texts = [step.elements for step in plan.steps]
    offsets = np.cumsum([0, *[len(t) for t in texts]])
    step = rows["step"].to_numpy()
    which = (generator.random(len(rows)) * np.array([len(t) for t in texts])[step]).astype(np.int64)
    flat = [(text, number) for elements in texts for number, text in enumerate(elements)]
    own = pl.Series([f'"$event_type":"click","$el_text":"{text}",' for text, _ in flat])
    chains = pl.Series([elements_chain("button", text, number) for text, number in flat])
    chosen = offsets[step] + which
    return _block(rows["visit"], at, "$autocapture", own[chosen], chains[chosen])


def _forms(plan: Plan, visits: pl.DataFrame) -> pl.DataFrame:
    """Fields changed one after the other; who goes on has filled all of them and submits, who leaves has not."""
    generator = plan.dice("forms")
    fields = np.array([len(step.fields) for step in plan.steps])
    shown = visits.filter(pl.Series(fields > 0)[visits["step"]])
    total = fields[shown["step"].to_numpy()]
    gone = shown["last"].to_numpy()
    filled = np.where(gone, (generator.random(len(shown)) * total).astype(np.int64), total + 1)
    row = np.repeat(np.arange(len(shown)), filled)
    number = np.arange(len(row)) - np.repeat(np.cumsum(filled) - filled, filled)
    rows, of = shown[row], total[row]
    at = rows["at"] + _share_of(rows["dwell"], _FORM_SECONDS_SHARE * (number + 1) / (of + 1))
    names, starts = _form_parts(plan.steps)
    place = starts[rows["step"].to_numpy()] + number
    own = pl.Series([f'"$event_type":"{kind}",' for _, kind in names])[place]
    chains = pl.Series([_field_chain(field, kind) for field, kind in names])[place]
    return _block(rows["visit"], at, "$autocapture", own, chains)


def _form_parts(steps: tuple[Step, ...]) -> tuple[list[tuple[str, str]], Integers]:
    parts: list[tuple[str, str]] = []
    starts = []
    for step in steps:
        starts.append(len(parts))
        parts += [(field, "change") for field in step.fields] + [("form", "submit")]
    return parts, np.array(starts)


def _field_chain(field: str, kind: str) -> str:
    if kind == "submit":
        return 'form:attr__class="form"nth-child="1"nth-of-type="1";body:nth-child="2"nth-of-type="1"'
    return (
        f'input.field:attr__class="field"attr__name="{field}"attr_id="{field}"nth-child="1"nth-of-type="1";'
        'form:attr__class="form"nth-child="1"nth-of-type="1";body:nth-child="2"nth-of-type="1"'
    )


def _heartbeats(visits: pl.DataFrame) -> pl.DataFrame:
    """The product says every full minute on a page that somebody is still there."""
    long = visits.filter(pl.col("is_page") & (pl.col("dwell") > _HEARTBEAT))
    beats = (long["dwell"].to_numpy() // _HEARTBEAT).clip(max=5)
    row = np.repeat(np.arange(len(long)), beats)
    number = np.arange(len(row)) - np.repeat(np.cumsum(beats) - beats, beats) + 1
    rows = long[row]
    return _block(rows["visit"], rows["at"] + pl.Series(number * _HEARTBEAT), "heartbeat", "", "")


def _identifications(walked: Walk, visits: pl.DataFrame) -> pl.DataFrame:
    """Whoever signs up is identified when their address is confirmed; one in eight returning sessions logs in again."""
    first = visits.filter(pl.col("position") == pl.col("position").min().over("session"))
    session = walked.sessions[first["session"]]
    chosen = first.filter(session["signs_up"] | (session["started"] // 1000 % 8 == 0))
    people = walked.people_of(chosen["session"], "anonymous_id", "person_properties")
    own = people.select(
        pl.concat_str(
            [pl.lit('"$anon_distinct_id":"'), "anonymous_id", pl.lit('","$set":'), "person_properties", pl.lit(",")]
        )
    ).to_series()
    return _block(chosen["visit"], chosen["at"] + 300_000, "$identify", own, "")


def _troubles(plan: Plan, walked: Walk, visits: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Clicks in vain: planted ones where a friction says so, and a few everywhere."""
    names = np.array([step.name for step in plan.steps])[visits["step"].to_numpy()]
    everywhere = visits["is_page"].to_numpy()
    yield from _trouble(plan, visits, everywhere, (0.002, 0.003, 0.004), "Help", "everywhere")
    for number, friction in enumerate(plan.habits.frictions):
        if not friction.active_on(plan.day) or not (friction.rage or friction.dead or friction.error):
            continue
        met = names == friction.step
        if friction.segment:
            name, value = friction.segment
            met &= (walked.people_of(visits["session"], name)[name] == value).to_numpy()
        shares = (friction.rage, friction.dead, friction.error)
        yield from _trouble(plan, visits, met, shares, friction.element, f"trouble {number}")


def _trouble(
    plan: Plan,
    visits: pl.DataFrame,
    met: np.ndarray,
    shares: tuple[float, float, float],
    element: str,
    purpose: str,
) -> Iterator[pl.DataFrame]:
    generator = plan.dice(purpose)
    luck = generator.random((3, len(visits)))
    moment = generator.uniform(0.3, 0.9, len(visits))
    chain = elements_chain("button", element, 1)
    click = f'"$event_type":"click","$el_text":"{element}",'
    for kind, share in enumerate(shares):
        rows = visits.filter(pl.Series(met & (luck[kind] < share)))
        if not len(rows):
            continue
        at = rows["at"] + _share_of(rows["dwell"], moment[rows["visit"].to_numpy()])
        yield from (_raging, _dead, _failing)[kind](rows["visit"], at, click, chain)


def _raging(visit: pl.Series, at: pl.Series, click: str, chain: str) -> Iterator[pl.DataFrame]:
    for number in range(5):
        yield _block(visit, at + number * 140_000, "$autocapture", click, chain)
    yield _block(visit, at + 4 * 140_000, "$rageclick", click, chain)


def _dead(visit: pl.Series, at: pl.Series, click: str, chain: str) -> Iterator[pl.DataFrame]:
    own = f'{click}"$dead_click_absolute_delay_ms":2600,"$dead_click_absolute_timeout":true,'
    yield _block(visit, at, "$autocapture", click, chain)
    yield _block(visit, at + 2_600_000, "$dead_click", own, chain)


def _failing(visit: pl.Series, at: pl.Series, click: str, chain: str) -> Iterator[pl.DataFrame]:
    frame = '{"filename":"https://app.example.com/static/app.js","function":"submit","lineno":120,"colno":17}'
    message = "TypeError: undefined is not an object (evaluating 'reply.id')"
    own = (
        f'"$exception_types":["TypeError"],"$exception_values":["{message}"],"$exception_level":"error",'
        f'"$exception_list":[{{"type":"TypeError","value":"{message}","stacktrace":{{"frames":[{frame}]}}}}],'
    )
    yield _block(visit, at, "$autocapture", click, chain)
    yield _block(visit, at + 400_000, "$exception", own, "")


def _share_of(dwell: pl.Series, share: np.ndarray) -> pl.Series:
    """That share of a time spent, in whole milliseconds."""
    return pl.Series((dwell.to_numpy() * share).astype(np.int64) // 1000 * 1000)


_COLUMNS = ("visit", "at", "event", "own", "elements_chain")
