"""How numbers are written in English: their words, units and forms, as patterns in the order in which they are tried.

Belongs here: the vocabulary. `numbers` reads with it.
"""

from __future__ import annotations

from typing import Literal

# share: "41 %". part: "a third", "4 in 10". s, usd, points, times, date, plain: a bare count. vague: a range of counts.
# many: "all", "most", "no". other: a number that cannot be read, another currency, an ordinal.
Kind = Literal["share", "part", "points", "s", "usd", "times", "date", "plain", "vague", "many", "weekday", "other"]
Hedge = Literal["", "about", "nearly", "over", "under", "at_least", "at_most"]

MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
MONTH = "|".join(f"{name}|{name[:3]}\\.?" for name in MONTHS) + "|sept\\.?"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SMALL = {word: number for number, word in enumerate((
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
))}  # fmt: skip
TENS = {word: 10 * number for number, word in enumerate((
    "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
), start=2)}  # fmt: skip
SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
SCALE_MARKS = {"k": 1_000, "m": 1_000_000, "bn": 1_000_000_000, "b": 1_000_000_000, **SCALES}
# The longest first: fourteen is not four.
WORD = "|".join(sorted((*SMALL, *TENS), key=len, reverse=True))
WORDS = rf"(?:(?:an?\s+)?(?:{'|'.join(SCALES)})|(?:{WORD}))(?:(?:[\s-]+(?:and\s+)?)(?:{WORD}|{'|'.join(SCALES)}))*"
DIGITS = r"(?:\d{1,3}(?:[,'\u00a0]\d{3})+|\d+)(?:\.\d+)?|\.\d+"
NUM = rf"(?:{DIGITS})(?:\s?(?:k|bn|thousand|million|billion)\b|m\b(?!\w))?|{WORDS}"
NOT_IN_WORD = r"(?<![\w.,])"
PARTS = {"half": 2, "halves": 2, "second": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6,
         "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10, "hundredth": 100}  # fmt: skip
# "Every second" is a half, "a second" is none.
PART_WORD = "|".join(word for word in PARTS if word != "second")
TIMES = {"twice": 2, "thrice": 3, "double": 2, "doubled": 2, "doubles": 2, "doubling": 2, "triple": 3, "tripled": 3,
          "triples": 3, "tripling": 3, "treble": 3, "trebled": 3, "quadruple": 4, "quadrupled": 4, "halved": 0.5,
          "halves": 0.5, "halving": 0.5, "tenfold": 10}  # fmt: skip
VAGUE = {"couple": (2, 2), "pair": (2, 2), "dozen": (12, 12), "dozens": (24, 199), "scores": (40, 199),
         "tens": (20, 99), "hundreds": (200, 1_999), "thousands": (2_000, 999_999), "millions": (2e6, 1e12),
         "handful": (3, 6)}  # fmt: skip
ORDINALS = "second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|hundredth"
BETWEEN = r"(?=\s+(?:(?!by\b|of\b|for\b|in\b|at\b|on\b|with\b|that\b|to\b|and\b|or\b)\w+\s+)?"
WHOM = r"sessions?|users?|people|persons?|visits?|visitors?|customers?|conversions?"
NOUN_AFTER = rf"{BETWEEN}(?:{WHOM}|days?|weeks?|steps?|problems?)\b)"
WHOM_AFTER = rf"{BETWEEN}(?:{WHOM})\b)"
SECONDS = {"ms": 0.001, "mil": 0.001, "s": 1, "sec": 1, "min": 60, "m": 60, "h": 3600, "hr": 3600, "hou": 3600}
TIME_UNIT = r"(?:milliseconds?|ms|seconds?|secs?|s|minutes?|mins?|hours?|hrs?|h)\b"


def _times(unit: str) -> str:
    return rf"(?:(?:{DIGITS})[\s-]?|(?:{WORDS})[\s-]+){unit}"


HOURS, _MINUTES, _ONE_SECOND = (
    _times(unit)
    for unit in (r"(?:hours?|hrs?|h)\b", r"(?:minutes?|mins?)\b", r"(?:milliseconds?|ms|seconds?|secs?|s)\b")
)
AND = r"(?:,?\s+(?:and\s+)?|\s?)"
DURATION = rf"{HOURS}(?:{AND}{_MINUTES})?(?:{AND}{_ONE_SECOND})?|{_MINUTES}(?:{AND}{_ONE_SECOND})?|{_ONE_SECOND}"

PATTERNS: tuple[tuple[str, str], ...] = (
    ("iso", r"\b\d{4}-\d{2}-\d{2}\b"), ("slashed", r"\b\d{1,4}[/.]\d{1,2}[/.]\d{2,4}\b"),
    ("day_month", rf"\b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?(?:{MONTH})(?![a-z])(?:,?\s+\d{{4}}\b)?"),
    ("month_day", rf"\b(?:{MONTH})\s+(?:the\s+)?\d{{1,2}}(?:st|nd|rd|th)?(?!\d|\s*%)(?:,?\s+\d{{4}}\b)?"),
    ("month_year", rf"\b(?:{MONTH})\s+\d{{4}}\b"),
    ("month", rf"\b(?:{'|'.join(name for name in MONTHS if name not in ('march', 'may'))})\b"),
    ("weekday", rf"\b(?:{'|'.join(WEEKDAYS)})s?\b"), ("clock", r"\b\d{1,3}:\d{2}(?::\d{2})?\b"),
    ("money", (rf"(?:US|USD)?\s?[$]\s?(?:{NUM})|\bUSD\s?(?:{NUM})|"
               rf"\b(?:{NUM})\s?(?:USD|US\s?dollars?|dollars?|bucks)\b")),
    ("other_money", rf"[€£¥₹₽₿]\s?(?:{NUM})|\b(?:{NUM})\s?(?:[€£¥₹]|EUR\b|GBP\b|euros?\b|pounds?\b|cents?\b|yen\b)"),
    ("points", rf"{NOT_IN_WORD}(?:{NUM})[\s-]?(?:%|per\s?cent(?:age)?|pct)?[\s-]?(?:points?|pp|ppts?|pts?)\b"),
    ("share", rf"{NOT_IN_WORD}(?:{NUM})\s?(?:%|\bper\s?cents?\b|\bpercents?\b|\bpct\b|‰|\bper\s?mille?\b)"),
    ("time", rf"{NOT_IN_WORD}(?:{DURATION})"),
    ("in", (rf"{NOT_IN_WORD}(?:{NUM})(?:\s+(?:in|out\s+of|of)\s+(?:every\s+)?|\s?/\s?)(?:10|100|1,?000|20|[2-9]|"
           r"two|three|four|five|six|seven|eight|nine|ten|twenty|hundred|a\s+hundred)\b(?![\d.,]*\d)(?!\s?%)")),
    ("part", (r"\bevery\s+(?:second|third|fourth|fifth|tenth)\b|"
              rf"\b(?:(?:an?|{NUM})[\s-]+)(?:{PART_WORD})s?\b(?![-\s]?(?:party|hand|time|of\s+all\s+steps))|"
             r"\bhalf\b(?!-)(?!\s+as\b)|\b(?:third|quarter|fifth|tenth)\s+of\b|\b(?:thirds|quarters)\b")),
    ("fold", (rf"(?<!\w)[x×]\s?(?:{DIGITS})|\bfactor\s+of\s+(?:{NUM})|"
              rf"{NOT_IN_WORD}(?:{NUM})\s?(?:[x×](?![a-z\d])|[\s-]?fold\b|\s?times\b)|"
             r"\b(?:twice|thrice|doubl(?:e|ed|es|ing)|tripl(?:e|ed|es|ing)|trebled?|quadrupled?|halv(?:ed|es|ing)|tenfold)\b"
             r"(?![-\s]?(?:click|check|tap|submi|opt|page|window|entr|quot))|\bhalf\s+as\b")),
    ("vague", rf"\b(?:{'|'.join(VAGUE)})\b"),
    ("many", r"\b(?:(?<!of )(?<!for )all|every|each|none|no|nearly\s+no|hardly\s+any|most|the\s+majority|a\s+majority|"
             r"a\s+minority)(?:\s+of)?(?:\s+(?:the|these|those|its|their|such))?" + WHOM_AFTER
             + r"|(?<!of )\b(?:everyone|everybody|nobody|no\s+one)\b(?!\s+else)"
             + r"|\b(?:most|the\s+majority|a\s+majority|none)\s+of\s+(?:them|these|those)\b"),
    ("roman", r"\b(?-i:(?=[MDCLXVI]{2,}\b)M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3}))\b"),
    ("ordinal", rf"\b\d+(?:st|nd|rd|th)\b|(?<!per )(?<!split )\b(?:{ORDINALS})\b(?!-party|-hand|\s+party|s\b)"),
    ("plain", (rf"(?<![\w])(?:{DIGITS})(?:\s?(?:k|bn|thousand|million|billion)\b|m\b)?|"
               rf"(?<!no )(?<!-)\bone\b{NOUN_AFTER}|"
              rf"\b(?!one\b(?![\s-]+(?:hundred|thousand|million))){WORDS}\b")),
    ("digits", r"\d+"),
)  # fmt: skip
HEDGES: tuple[tuple[Hedge, str], ...] = (
    ("at_least", r"at\s+least|no\s+(?:fewer|less)\s+than|a\s+minimum\s+of|≥|>="),
    ("at_most", r"at\s+(?:the\s+)?most|no\s+more\s+than|up\s+to|a\s+maximum\s+of|≤|<="),
    ("nearly", r"nearly|almost|close\s+to|just\s+(?:under|below|short\s+of)|not\s+quite"),
    ("over", (r"(?:just|slightly|well|a\s+little|a\s+bit)?\s*"
              r"(?:over|above|more\s+than|greater\s+than|higher\s+than|exceeding)|>")),
    ("under", r"(?:slightly|well|a\s+little|a\s+bit)?\s*(?:under|below|less\s+than|fewer\s+than|lower\s+than)|<"),
    ("about", r"about|around|roughly|approximately|approx\.?|circa|ca\.|some|~|≈|an\s+estimated|or\s+so|nearer"),
)  # fmt: skip
SIGNS = {"％": "%", "٪": "%", "﹪": "%", "＄": "$", "﹩": "$", "’": "'", "‘": "'", "−": "-", "‐": "-", "‑": "-",
          "٫": ".", "٬": ",", "．": ".", "，": ",", "×": "x", "✕": "x"}  # fmt: skip
