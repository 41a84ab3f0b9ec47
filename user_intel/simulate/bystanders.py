"""Events that no person's browser sends: from the product's own servers, and from crawlers that read its pages.

One row is one event, in the columns of `recorded.EVENT_COLUMNS`. Servers know no session; crawlers say who they are in
their user agent. The nightly mail goes to many users in the same instant.
"""

import numpy as np
import polars as pl

from user_intel.simulate.dice import dice, pick, uuids
from user_intel.simulate.happenings import HOST
from user_intel.simulate.people import members
from user_intel.simulate.walk import Plan, Walk

_CRAWLERS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
)
_MAILED_AT = 6 * 3600 * 1_000_000
_SERVER = '"$lib":"posthog-python","$lib_version":"6.0.3","$ip":"192.0.2.10"'
_KNOWN_BY = ("distinct_id", "person_id", "joined_at", "person_properties")
_FOLLOW_UPS = {
    "order_completed": "invoice_sent",
    "report_exported": "export_finished",
    "plan_upgraded": "charge_succeeded",
}


def server_events(plan: Plan, walked: Walk) -> pl.DataFrame:
    """What servers do after certain steps, some seconds later, and the nightly mail."""
    return pl.concat([_follow_ups(plan, walked), _nightly_mail(plan, walked)])


def crawler_events(plan: Plan) -> pl.DataFrame:
    """Page views of declared crawlers, spread over the day; each crawler is one anonymous person."""
    generator = plan.dice("crawlers")
    count = generator.poisson(plan.users * plan.habits.crawler_visits_per_user_day)
    crawler = generator.integers(0, len(_CRAWLERS), count)
    at = plan.start + generator.integers(0, (plan.end - plan.start) // 1000, count) * 1000
    paths = [step.name.split(":", maxsplit=1)[0] for step in plan.steps if step.is_page]
    fixed = dice(plan.seed, None, "crawlers")
    person, device = (
        uuids(fixed, len(_CRAWLERS)),
        uuids(fixed, len(_CRAWLERS), np.zeros(len(_CRAWLERS), dtype=np.int64)),
    )
    frame = pl.DataFrame(
        {
            "path": np.array(paths)[generator.integers(0, len(paths), count)],
            "agent": np.array(_CRAWLERS)[crawler],
            "session": uuids(generator, count, at // 1000),
        }
    ).with_columns(url=pl.format("https://{}{}", pl.lit(HOST), "path"))
    texts = {"$current_url": "url", "$pathname": "path", "$raw_user_agent": "agent", "$session_id": "session"}
    properties = pl.concat_str([pl.lit('{"$lib":"web",'), *members(texts, {}), pl.lit("}")])
    return frame.select(
        distinct_id=device[crawler],
        person_id=person[crawler],
        at=pl.Series(at),
        created=pl.Series(at + 1_500_000),
        event=pl.lit("$pageview"),
        properties=properties,
        elements_chain=pl.lit(""),
        session_id=pl.col("session"),
        window_id=pl.col("session"),
        joined_at=pl.lit(plan.start).cast(pl.Datetime("us")),
        person_properties=pl.lit("{}"),
    )


def _follow_ups(plan: Plan, walked: Walk) -> pl.DataFrame:
    generator = plan.dice("servers")
    names = pl.Series([_FOLLOW_UPS.get(step.name, "") for step in plan.steps])[walked.visits["step"]]
    caused = walked.visits.with_columns(event=names).filter(pl.col("event") != "")
    wait = (generator.uniform(2, 40, len(caused)) * 1e6).astype(np.int64)
    number = pl.Series(generator.integers(1, 9999, len(caused)))
    people = walked.people_of(caused["session"], *_KNOWN_BY, "email")
    properties = pl.select(
        pl.concat_str(
            [pl.lit("{" + _SERVER + ',"number":'), number, pl.lit(',"email":"'), people["email"], pl.lit('"}')]
        )
    ).to_series()
    return _sent(people, caused["at"] + pl.Series(wait), caused["event"], properties)


def _nightly_mail(plan: Plan, walked: Walk) -> pl.DataFrame:
    generator = plan.dice("mail")
    count = round(plan.users * plan.habits.emailed_per_day)
    activity = walked.people["activity"].to_numpy()
    people = walked.people.select(_KNOWN_BY)[np.unique(pick(generator, activity, count))]
    at = pl.Series(np.full(len(people), plan.start + _MAILED_AT))
    event = pl.Series(["weekly_report_sent"] * len(people), dtype=pl.String)
    return _sent(people, at, event, pl.Series(["{" + _SERVER + "}"] * len(people), dtype=pl.String))


def _sent(people: pl.DataFrame, at: pl.Series, event: pl.Series, properties: pl.Series) -> pl.DataFrame:
    return people.select(
        distinct_id="distinct_id",
        person_id="person_id",
        at=at,
        created=at + 400_000,
        event=event,
        properties=properties,
        elements_chain=pl.lit(""),
        session_id=pl.lit(""),
        window_id=pl.lit(""),
        joined_at="joined_at",
        person_properties="person_properties",
    )
