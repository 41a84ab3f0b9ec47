"""Who uses the simulated product: names, plans, places and devices, drawn once for each cohort of users.

One row of a frame made here is one person. Every name, address and number is invented; addresses end in `example.com`
and IP addresses come from the ranges reserved for documentation.
"""

from datetime import UTC, date, datetime, time

import numpy as np
import polars as pl

from user_intel.simulate.dice import dice, pick, uuids

_PLANS = pl.DataFrame(
    [("free", 0.62), ("team", 0.29), ("enterprise", 0.09)],
    schema=["plan", "weight"],
    orient="row",
)
_APPLE = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5"
_GOOGLE = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0"
_SAFARI_MAC = f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {_APPLE} Safari/605.1.15"
_SAFARI_IPHONE = f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) {_APPLE} Mobile/15E148 Safari/604.1"
_SAFARI_IPAD = f"Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) {_APPLE} Mobile/15E148 Safari/604.1"
_CHROME_WINDOWS = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_GOOGLE} Safari/537.36"
_CHROME_MAC = f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {_GOOGLE} Safari/537.36"
_CHROME_LINUX = f"Mozilla/5.0 (X11; Linux x86_64) {_GOOGLE} Safari/537.36"
_CHROME_ANDROID = f"Mozilla/5.0 (Linux; Android 10; K) {_GOOGLE} Mobile Safari/537.36"
_FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
_EDGE = f"{_CHROME_WINDOWS} Edg/138.0.0.0"

_DEVICES = pl.DataFrame(
    [
        (0.27, "desktop", "Windows", "10", "Chrome", 138, _CHROME_WINDOWS, 1920, 1080),
        (0.14, "desktop", "Mac OS X", "10.15.7", "Chrome", 138, _CHROME_MAC, 1512, 982),
        (0.10, "desktop", "Mac OS X", "10.15.7", "Safari", 18, _SAFARI_MAC, 1440, 900),
        (0.06, "desktop", "Windows", "10", "Firefox", 140, _FIREFOX, 1920, 1080),
        (0.07, "desktop", "Windows", "10", "Microsoft Edge", 138, _EDGE, 1536, 864),
        (0.03, "desktop", "Linux", "", "Chrome", 138, _CHROME_LINUX, 2560, 1440),
        (0.14, "mobile", "Android", "10", "Chrome", 138, _CHROME_ANDROID, 412, 915),
        (0.15, "mobile", "iOS", "18.5", "Mobile Safari", 18, _SAFARI_IPHONE, 390, 844),
        (0.04, "tablet", "iOS", "18.5", "Mobile Safari", 18, _SAFARI_IPAD, 820, 1180),
    ],
    schema=["weight", "device_type", "os", "os_version", "browser", "browser_version", "user_agent", "width", "height"],
    orient="row",
)
_PLACES = pl.DataFrame(
    [
        (0.34, "US", "United States", "Chicago", "NA", "America/Chicago", "en-US", -6, "198.51.100"),
        (0.16, "DE", "Germany", "Hamburg", "EU", "Europe/Berlin", "de-DE", 1, "203.0.113"),
        (0.13, "GB", "United Kingdom", "Leeds", "EU", "Europe/London", "en-GB", 0, "192.0.2"),
        (0.10, "FR", "France", "Lyon", "EU", "Europe/Paris", "fr-FR", 1, "203.0.113"),
        (0.10, "IN", "India", "Pune", "AS", "Asia/Kolkata", "en-IN", 5, "198.51.100"),
        (0.09, "BR", "Brazil", "Recife", "SA", "America/Recife", "pt-BR", -3, "192.0.2"),
        (0.08, "JP", "Japan", "Kobe", "AS", "Asia/Tokyo", "ja-JP", 9, "203.0.113"),
    ],
    schema=["weight", "country", "country_name", "city", "continent", "zone", "language", "utc_offset_h", "network"],
    orient="row",
)
_GIVEN = ("Anna", "Ben", "Chloe", "David", "Elif", "Farah", "Goran", "Hana", "Ivan", "Jonas", "Keiko", "Lena", "Maya")
_FAMILY = ("Berg", "Costa", "Dubois", "Evans", "Fischer", "Garcia", "Haas", "Ito", "Jansen", "Kumar", "Lopez", "Meyer")


def residents(seed: int, count: int, zipf_exponent: float) -> pl.DataFrame:
    """The users that were there before the first day; few of them are much more active than the rest."""
    generator = dice(seed, None, "residents")
    ranks = generator.permutation(count) + 1
    activity = 1.0 / ranks**zipf_exponent
    joined = datetime(2024, 1, 1, tzinfo=UTC)
    return _people(generator, count, "r", joined, activity * count / activity.sum())


def newcomers(seed: int, day: date, count: int) -> pl.DataFrame:
    """The users that sign up on `day`; most of them come back a few times and then no more."""
    generator = dice(seed, day, "newcomers")
    joined = datetime.combine(day, time(0), tzinfo=UTC)
    return _people(generator, count, f"n{day:%y%m%d}", joined, np.full(count, 3.0))


def _people(
    generator: np.random.Generator, count: int, prefix: str, joined: datetime, activity: np.ndarray
) -> pl.DataFrame:
    def row_of(table: pl.DataFrame) -> pl.DataFrame:
        return table[pick(generator, table["weight"].to_numpy(), count)].drop("weight")

    drawn = pl.concat([row_of(_PLANS), row_of(_DEVICES), row_of(_PLACES)], how="horizontal")
    people = drawn.with_columns(
        pl.Series("number", np.arange(count)),
        pl.Series("given", _GIVEN)[generator.integers(0, len(_GIVEN), count)],
        pl.Series("family", _FAMILY)[generator.integers(0, len(_FAMILY), count)],
        uuids(generator, count).alias("person_id"),
        uuids(generator, count, np.full(count, int(joined.timestamp() * 1000))).alias("anonymous_id"),
        pl.Series("activity", activity),
        pl.Series("last_byte", generator.integers(1, 255, count)),
        pl.Series("phone", generator.integers(1_000_000, 9_999_999, count)),
        pl.lit(joined.replace(tzinfo=None)).cast(pl.Datetime("us")).alias("joined_at"),
    )
    return people.with_columns(_identity(prefix)).with_columns(_person_properties(), _context())


def _identity(prefix: str) -> list[pl.Expr]:
    name = pl.concat_str([pl.col("given"), pl.lit(" "), pl.col("family")])
    email = pl.concat_str(
        [pl.col("given"), pl.lit("."), pl.col("family"), pl.lit(f".{prefix}"), pl.col("number"), pl.lit("@example.com")]
    )
    return [
        name.alias("name"),
        email.str.to_lowercase().alias("email"),
        pl.concat_str([pl.lit(f"user-{prefix}-"), pl.col("number")]).alias("distinct_id"),
        pl.concat_str([pl.col("network"), pl.lit("."), pl.col("last_byte")]).alias("ip"),
        pl.concat_str([pl.lit("+49 40 "), pl.col("phone")]).alias("phone"),
        pl.col("device_type").str.to_titlecase().alias("device"),
    ]


def _person_properties() -> pl.Expr:
    texts = {"email": "email", "name": "name", "plan": "plan", "$geoip_country_code": "country"}
    return pl.concat_str([pl.lit("{"), *members(texts, {}), pl.lit("}")]).alias("person_properties")


def _context() -> pl.Expr:
    """The members that every event of a person's browser carries, as JSON without braces."""
    texts = {
        "$device_type": "device",
        "$os": "os",
        "$os_version": "os_version",
        "$browser": "browser",
        "$raw_user_agent": "user_agent",
        "$browser_language": "language",
        "$ip": "ip",
        "$geoip_country_code": "country",
        "$geoip_country_name": "country_name",
        "$geoip_city_name": "city",
        "$geoip_continent_code": "continent",
        "$geoip_time_zone": "zone",
        "$device_id": "anonymous_id",
    }
    numbers = {"$browser_version": "browser_version", "$viewport_width": "width", "$viewport_height": "height"}
    return pl.concat_str([pl.lit('"$lib":"web","$lib_version":"1.258.2",'), *members(texts, numbers)]).alias("context")


def members(texts: dict[str, str], numbers: dict[str, str]) -> list[pl.Expr]:
    """Pieces of a JSON object: each key of `texts` and `numbers` with the column that holds its value.

    Values are not escaped: everything invented here is free of quotes and backslashes.
    """
    pieces: list[pl.Expr] = []
    for key, column in texts.items():
        pieces += [pl.lit(f',"{key}":"'), pl.col(column), pl.lit('"')]
    for key, column in numbers.items():
        pieces += [pl.lit(f',"{key}":'), pl.col(column)]
    pieces[0] = pl.lit(f'"{next(iter([*texts, *numbers]))}":' + ('"' if texts else ""))
    return pieces
