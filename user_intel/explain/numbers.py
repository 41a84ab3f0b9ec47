"""Reading the numbers of an English text: digits and words, with their unit, how finely they are said, and hedges.

Belongs here: what a number in a text means. Whether it is true is `rounding`'s and `grounding`'s. Every digit of any
script and every number word is read or, where it cannot be, told as unreadable; nothing that counts is passed over.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from user_intel.explain import number_words as words
from user_intel.explain.number_words import Hedge, Kind


@dataclass(frozen=True)
class Number:
    """A number of a text. `step`: the smallest difference that its digits can tell; `low`, `high`: of what is vague.

    `dates` are the days it may mean; `month_only` where it names no day.
    """

    start: int
    end: int
    kind: Kind
    value: float = 0.0
    step: float = 1.0
    low: float = 0.0
    high: float = 0.0
    dates: tuple[date, ...] = ()
    has_year: bool = True
    hedge: Hedge = ""
    is_bare: bool = False


_ANY = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in words.PATTERNS), re.IGNORECASE)
_LIST_ORDINAL = re.compile(r"^[ \t]*(\d{1,2})[.)](?=\s)", re.MULTILINE)
_RANGE = re.compile(r"^\s?(?:-|–|—|to|and|or|up to)\s?$", re.IGNORECASE)
_DAY_RANGE = re.compile(
    rf"\b(\d{{1,2}})(?:st|nd|rd|th)?\s?(?:-|–|—|to|and|until|through)\s?(?=\d{{1,2}}(?:st|nd|rd|th)?\s+(?:{words.MONTH}))",
    re.IGNORECASE,
)
_HEDGE = re.compile(
    "|".join(rf"(?P<{name}>(?:(?<=\s)|(?<=^)|(?<=[(\[])){pattern})" for name, pattern in words.HEDGES) + r"",
    re.IGNORECASE,
)
_BEFORE = 22


@lru_cache(maxsize=1024)
def read(text: str) -> tuple[Number, ...]:
    """The numbers of a text in order. The ordinals of a list (1., 2., ... at the start of lines, in order) are none."""
    plain = normalised(text)
    skipped = set(_list_ordinals(plain))
    found = [*_day_ranges(plain), *_matches(plain, skipped), *_strange(text, plain)]
    found.sort(key=lambda each: (each.start, -each.end))
    return tuple(_hedged(plain, each) for each in _ranges(plain, _apart(found)))


def normalised(text: str) -> str:
    """The text with digits of every script, spaces and signs as ASCII has them; as long as it was, place by place."""
    return "".join(map(_plain, text))


def _plain(letter: str) -> str:
    if letter.isascii():
        return letter
    if (digit := unicodedata.decimal(letter, None)) is not None:
        return str(digit)
    if letter in "\u00a0\u202f\u2009\u2007":
        return "\u00a0"
    if "Ａ" <= letter <= "ｚ":
        return unicodedata.normalize("NFKC", letter)
    return words.SIGNS.get(letter, letter)


def _list_ordinals(text: str) -> Iterator[int]:
    """Where a list's own numbers stand: they count up from 1 and mean nothing."""
    expected = 1
    for found in _LIST_ORDINAL.finditer(text):
        if int(found.group(1)) == expected:
            expected += 1
            yield found.start(1)
        elif int(found.group(1)) == 1:
            expected = 2
            yield found.start(1)


def _strange(text: str, plain: str) -> Iterator[Number]:
    """Numbers that are no digits of a script: fractions, Roman and Chinese numerals, circled and raised figures."""
    for place, letter in enumerate(text):
        if letter.isascii() or plain[place].isdigit():
            continue
        if unicodedata.numeric(letter, None) is not None:
            yield Number(place, place + 1, "other")


def _day_ranges(text: str) -> Iterator[Number]:
    """The first day of "26 to 29 March"."""
    for found in _DAY_RANGE.finditer(text):
        month = re.match(
            rf"\d{{1,2}}(?:st|nd|rd|th)?\s+({words.MONTH})(?:,?\s+(\d{{4}}))?", text[found.end() :], re.IGNORECASE
        )
        if month:
            dates = _dates(found.group(1), month.group(1), month.group(2))
            yield Number(found.start(1), found.end(1), "date", dates=dates, has_year=month.group(2) is not None)


def _matches(text: str, skipped: set[int]) -> Iterator[Number]:
    for found in _ANY.finditer(text):
        if found.start() in skipped or found.lastgroup is None:
            continue
        made = _READERS[found.lastgroup](found.group())
        start = found.start() + len(found.group()) - len(found.group().lstrip())
        yield replace(_signed(text, start, made), start=start, end=found.end())


def _signed(text: str, start: int, number: Number) -> Number:
    """A minus before it makes a number negative, which no fact is."""
    is_minus = start > 0 and text[start - 1] in "-+" and (start == 1 or text[start - 2] in " (\n")
    return replace(number, kind="other") if is_minus and number.kind != "date" else number


def _apart(found: Sequence[Number]) -> list[Number]:
    """Without those inside others."""
    kept: list[Number] = []
    for each in found:
        if not kept or each.start >= kept[-1].end:
            kept.append(each)
    return kept


def _ranges(text: str, found: Sequence[Number]) -> list[Number]:
    """The first number of "35 to 47 %" and the second of "$10 to 20" have the other's unit."""
    told = list(found)
    for place in range(len(told) - 1):
        one, two = told[place], told[place + 1]
        between = text[one.end : two.start].lower()
        if not _RANGE.match(between):
            continue
        if one.kind == "plain" and one.is_bare and two.kind in ("share", "s", "usd", "points", "times"):
            scale = _unit_scale(two, text)
            told[place] = replace(one, kind=two.kind, value=one.value * scale, step=one.step * scale)
        elif two.kind == "plain" and two.is_bare and one.kind == "usd" and not re.search("and|or", between):
            told[place + 1] = replace(two, kind="usd")
    return told


def _unit_scale(number: Number, text: str) -> float:
    bare = _NUMBER.match(text[number.start : number.end])
    digits = _value(bare.group())[0] if bare else 0.0
    return number.value / digits if digits else 1.0


def _hedged(text: str, number: Number) -> Number:
    """The number with the hedge that stands right before it; "the" between them makes it a comparison."""
    start = max(0, number.start - _BEFORE)
    best: Hedge = ""
    for found in _HEDGE.finditer(text[start : number.start] + " "):
        if re.fullmatch(r"\s*(?:an?\s)?[($]*\s*", text[start + found.end() : number.start]):
            best = next(name for name, _ in words.HEDGES if name == found.lastgroup)
            break
    after = text[number.end : number.end + 10]
    if not best and re.match(r"\s+or\s+(?:more|so)\b", after):
        best = "at_least" if "more" in after else "about"
    if bound := re.match(r"\s+(?:\w+\s+)?at\s+(?:the\s+)?(most|least)\b", text[number.end : number.end + 40]):
        best = "at_most" if bound.group(1) == "most" else "at_least"
    return replace(number, hedge=best)


_NUMBER = re.compile(rf"(?:{words.DIGITS})(?:\s?(?:k|bn|thousand|million|billion|m)\b)?|{words.WORDS}", re.IGNORECASE)


def _value(text: str) -> tuple[float, float]:
    """A number in digits or words, and the smallest difference it tells."""
    text = text.strip().lower()
    if not re.search(r"\d", text):
        return _words_value(text), 1.0
    digits, mark = re.fullmatch(r"([\d,.'\u00a0]+)\s?([a-z]*)", text).groups()  # type: ignore[union-attr]
    digits = re.sub(r"[,'\u00a0]", "", digits).rstrip(".")
    scale = float(words.SCALE_MARKS.get(mark, 1))
    decimals = len(digits.partition(".")[2])
    return float(digits) * scale, scale * 10.0**-decimals


def _words_value(text: str) -> float:
    total, current = 0, 0
    for word in re.split(r"[\s-]+", text):
        if word in words.SCALES:
            current = max(current, 1) * words.SCALES[word]
            if words.SCALES[word] > 100:
                total, current = total + current, 0
        else:
            current += words.SMALL.get(word, words.TENS.get(word, 0))
    return float(total + current)


def _first(text: str) -> tuple[float, float]:
    found = _NUMBER.search(text)
    return _value(found.group()) if found else (0.0, 1.0)


def _share(text: str) -> Number:
    value, step = _first(text)
    scale = 1000 if "‰" in text or re.search(r"mille?$", text, re.IGNORECASE) else 100
    return Number(0, 0, "share", value / scale, step / scale)


def _points(text: str) -> Number:
    value, step = _first(text)
    return Number(0, 0, "points", value / 100, step / 100)


def _time(text: str) -> Number:
    seconds, step = 0.0, 1.0
    for found in re.finditer(rf"({words.NUM})[\s-]?({words.TIME_UNIT})", text, re.IGNORECASE):
        unit = found.group(2).lower()
        per = next(words.SECONDS[unit[:size]] for size in (3, 2, 1) if unit[:size] in words.SECONDS)
        value, digit = _value(found.group(1))
        seconds, step = seconds + value * per, digit * per
    return Number(0, 0, "s", seconds, step)


def _clock(text: str) -> Number:
    seconds = 0
    for part in text.split(":"):
        seconds = 60 * seconds + int(part)
    return Number(0, 0, "s", seconds, 1.0)


def _money(text: str) -> Number:
    value, step = _first(re.sub(r"[$]|USD?", "", text, flags=re.IGNORECASE))
    return Number(0, 0, "usd", value, step)


def _in(text: str) -> Number:
    one, _, of = re.split(
        r"(\s+in\s+(?:every\s+)?|\s+out\s+of\s+(?:every\s+)?|\s+of\s+(?:every\s+)?|\s?/\s?)", text, flags=re.IGNORECASE
    )[:3]
    whole = _first(of)[0]
    value, digit = _first(one)
    return Number(0, 0, "part", value / whole if whole else 0.0, digit / whole if whole else 1.0)


def _part(text: str) -> Number:
    lowered = text.lower()
    name = next(
        (word for word in sorted(words.PARTS, key=len, reverse=True) if re.search(rf"{word}s?$", lowered)), "half"
    )
    count = _first(lowered)[0] if _NUMBER.match(lowered) and not lowered.startswith(("a ", "an ")) else 1.0
    return Number(0, 0, "part", max(count, 1.0) / words.PARTS[name], 1 / words.PARTS[name])


def _fold(text: str) -> Number:
    lowered = text.lower()
    if lowered.startswith("half"):
        return Number(0, 0, "times", 0.5, 0.1)
    if lowered in words.TIMES:
        return Number(0, 0, "times", words.TIMES[lowered], 0.1)
    value, step = _first(lowered.removeprefix("factor").lstrip("x× of"))
    return Number(0, 0, "times", value, step)


def _vague(text: str) -> Number:
    low, high = words.VAGUE[text.lower()]
    return Number(0, 0, "vague", low, low=low, high=high)


def _many(text: str) -> Number:
    lowered = text.lower()
    if "hardly" in lowered or "nearly no" in lowered:
        return Number(0, 0, "many", low=0.0, high=0.1)
    if lowered.startswith(("no", "none")):
        return Number(0, 0, "many", low=0.0, high=0.0)
    if "most" in lowered or "a majority" in lowered or "the majority" in lowered:
        return Number(0, 0, "many", low=0.5, high=1.0)
    if "minority" in lowered:
        return Number(0, 0, "many", low=0.0, high=0.5)
    return Number(0, 0, "many", low=1.0, high=1.0)


def _bare(text: str) -> Number:
    value, step = _value(text)
    return Number(0, 0, "plain", value, step, is_bare=True)


def _other(_: str) -> Number:
    return Number(0, 0, "other")


def _weekday(text: str) -> Number:
    return Number(0, 0, "weekday", words.WEEKDAYS.index(text.lower().removesuffix("s")))


def _iso(text: str) -> Number:
    try:
        return Number(0, 0, "date", dates=(date.fromisoformat(text),))
    except ValueError:
        return Number(0, 0, "other")


def _slashed(text: str) -> Number:
    """A date with slashes may mean two days; where it does, either may be meant."""
    one, two, three = (int(part) for part in re.split(r"[/.]", text))
    orders = ((three, two, one), (three, one, two)) if three > 31 else ((one, two, three),)
    found = []
    for year, month, day in orders:
        try:
            found.append(date(year if year > 99 else 2000 + year, month, day))
        except ValueError:
            continue
    return Number(0, 0, "date" if found else "other", dates=tuple(found))


def _day_month(text: str) -> Number:
    found = re.fullmatch(
        rf"(\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?({words.MONTH})(?:,?\s+(\d{{4}}))?", text, re.IGNORECASE
    )
    return _dated(found.groups()) if found else Number(0, 0, "other")


def _month_day(text: str) -> Number:
    found = re.fullmatch(
        rf"({words.MONTH})\s+(?:the\s+)?(\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+(\d{{4}}))?", text, re.IGNORECASE
    )
    return _dated((found.group(2), found.group(1), found.group(3))) if found else Number(0, 0, "other")


def _dated(parts: Sequence[str | None]) -> Number:
    dates = _dates(parts[0] or "", parts[1] or "", parts[2])
    return Number(0, 0, "date" if dates else "other", dates=dates, has_year=parts[2] is not None)


def _dates(day: str, month: str, year: str | None) -> tuple[date, ...]:
    """The day; of a leap year where no year is said, so that every day of a year can be one."""
    number = next(place for place, name in enumerate(words.MONTHS, start=1) if name.startswith(month.lower()[:3]))
    try:
        return (date(int(year) if year else 2000, number, int(day)),)
    except ValueError:
        return ()


_READERS: dict[str, Callable[[str], Number]] = {
    "iso": _iso, "slashed": _slashed, "day_month": _day_month, "month_day": _month_day, "month_year": _other,
    "month": _other, "weekday": _weekday, "clock": _clock, "money": _money, "other_money": _other, "points": _points,
    "share": _share, "time": _time, "in": _in, "part": _part, "fold": _fold, "vague": _vague, "many": _many,
    "ordinal": _other, "roman": _other, "plain": _bare, "digits": _other,
}  # fmt: skip
