"""The words whose meaning is checked: denominators, directions, causes, guesses, times, sensitive traits. English only.

Belongs here: the lists. What follows from a word is in `grounding`.
"""

from __future__ import annotations

import re

_NOUNS: dict[str, str] = {
    "sessions": r"sessions?",
    "users": r"users?|people|persons?|visitors?|customers?|shoppers?|members?|buyers?|individuals?",
    "visits": r"visits?|page\s?views?|views?",
    "conversions": r"conversions?|orders?|purchases?|sales?|check-?outs?|completions?|sign-?ups?",
    "events": r"events?|clicks?",
    "days": r"days?",
    "weeks": r"weeks?",
    "problems": r"problems?|pain\s?points?|issues?",
    "steps": r"steps?|pages?|screens?",
    "personas": r"personas?|groups?",
    "recordings": r"recordings?|replays?|clips?|videos?",
}
NOUN = re.compile("|".join(rf"(?P<{name}>\b(?:{words})\b)" for name, words in _NOUNS.items()), re.IGNORECASE)

# A name that is one of these is read as what is counted, unless it stands in quotes.
COUNTED = re.compile(
    r"sessions?|users?|people|visits?|visitors?|customers?|conversions?|events?|days?|weeks?|steps?|problems?",
    re.IGNORECASE,
)

_UP = (r"more|higher|greater|larger|bigger|above|over|exceed(?:s|ed|ing)?|increas(?:e|es|ed|ing)|"
       r"ris(?:e|es|en|ing)|rose|grow(?:s|n|ing)?|grew|climb(?:s|ed|ing)?|jump(?:s|ed|ing)?|surg(?:e|es|ed|ing)|up|longer|slower|beyond|elevated|"
       r"often\s+more|too\s+(?:many|much|long|often|high)|excess")  # fmt: skip
_DOWN = (r"less|fewer|lower|smaller|below|under|beneath|decreas(?:e|es|ed|ing)|fall(?:s|en|ing)?|fell|"
         r"drop(?:s|ped|ping)?|declin(?:e|es|ed|ing)|shrink(?:s|ing)?|shrank|shrunk|down|shorter|faster|quicker|reduc(?:e|es|ed|ing)|"
         r"too\s+(?:few|little|low|short|rarely)|short\s+of|rarer")  # fmt: skip
_WORSE = r"worse|worsen(?:s|ed|ing)?|deteriorat(?:e|es|ed|ing|ions?)|degrad(?:e|es|ed|ing)|poorer"
_BETTER = r"better|improv(?:e|es|ed|ing|ement|ements)|healthier|recover(?:s|ed|ing)?|gain(?:s|ed)?|won|win|wins|saved"
# Words that only look like directions.
NO_DIRECTION = re.compile(
    r"\bdrop[\s-]?(?:off|down|out)s?\b|\bdropdowns?\b|\bpop[\s-]?ups?\b|\bset(?:s|ting)?\s+up\b|\bsign(?:s|ed|ing)?[\s-]?ups?\b|"
    r"\bup\s+to\b|\bend(?:s|ed)?\s+up\b|\bgiv(?:e|es|ing)\s+up\b|\bgave\s+up\b|\blook(?:s|ed)?\s+up\b|\bfollow(?:s|ing)?[\s-]up\b|"
    r"\bno\s+longer\b|\bno\s+more\b|\b(?:drop|drops|dropped)\s+(?:the|a|an|out|off|their|it)\b|\bfall(?:s|ing)?\s+(?:short|through|into)\b|\bover\s+(?:the|these|those|all|a|time|and|again|this|that|\d)|\bunder\s+(?:way|the\s+hood|a\s+second)|"
    r"\bmore\s+than\s+once\b|\bbreak(?:s|ing)?\s+down\b|\bslow(?:s|ed|ing)?\s+down\b|\bwrite\s+down\b|\bfall(?:s|ing)?\s+back\b|"
    r"\bbacks?\s+up\b|\bup\s+front\b|\bset\s+up\b|\bmake\s+up\b|\bmade\s+up\b|\bone\s+more\b|\bor\s+more\b|\bor\s+less\b|"
    r"\bmore\s+or\s+less\b|\bno\s+(?:more|less|fewer)\s+than\b|\bat\s+once\b|\bup\s+and\s+down\b|\bshow(?:s|ed)?\s+up\b|"
    r"\bscroll(?:s|ed|ing)?\s+(?:up|down)\b|\bpick(?:s|ed)?\s+up\b|\bround\s+up\b|\bcome(?:s)?\s+up\b|\bclear(?:s|ed)?\s+up\b|"
    r"\bsure(?:ly)?\s+lost\b|\bmuch\s+as\b", re.IGNORECASE,
)  # fmt: skip
DIRECTION = re.compile(
    rf"\b(?:(?P<more>{_UP})|(?P<less>{_DOWN})|(?P<worse>{_WORSE})|(?P<better>{_BETTER}))\b", re.IGNORECASE
)
# Where a direction is one in time, it is the trend's.
IN_TIME = re.compile(
    r"\b(?:before|earlier|previous(?:ly)?|prior|preceding|ago|yesterday|trend|since\s+then|getting|day\s+to\s+day|"
    r"week\s+(?:on|over)\s+week)\b",
    re.IGNORECASE,
)

# What must stand beside a number of that role, and what then may not stand right beside one of another.
ROLES: dict[str, re.Pattern[str]] = {
    "expected": re.compile(
        r"\b(?:expect\w*|usual\w*|normal\w*|baseline|typical\w*|should|ordinar\w*|anticipated|predicted|target|norm|"
        r"comparable|benchmark|reference|as\s+a\s+rule|customary|standard|otherwise)\b", re.IGNORECASE,
    ), "before": re.compile(
        r"\b(?:before|earlier|previous\w*|prior|preceding|was|were|had\s+been|used\s+to|from|until|last\s+week|past)\b",
        re.IGNORECASE,
    ), "rest": re.compile(
        r"\b(?:rest|others?|without|not|everyone\s+else|everybody\s+else|elsewhere|remaining|unaffected|else|non|un\w+|"
        r"don't|do\s+not|did\s+not|didn't|no|smooth\w*|spared|past|succeed\w*|fine|who\s+do|those\s+who|against|compared)\b",
        re.IGNORECASE,
    ), "low": re.compile(r"\b(?:low\w*|least|interval|range|between|from|bound|confiden\w*|sure\w*)\b|–|—|-|\bto\b",
                      re.IGNORECASE),
    "new": re.compile(r"\b(?:new|newly|first|appear\w*|emerg\w*|start\w*|began|begun|since|fresh|join\w*|born)\b",
                      re.IGNORECASE),
    "gone": re.compile(
        r"\b(?:gone|disappear\w*|vanish\w*|resolved?|no\s+longer|cleared?|solved|went\s+away|ended|stopped|over|not\s+seen|dissolved)\b",
        re.IGNORECASE,
    ),
    "high": re.compile(r"\b(?:high\w*|most|interval|range|between|to|bound|up|confiden\w*|and)\b|–|—|-", re.IGNORECASE),
}  # fmt: skip
# Right after or right before a number these say that it is an expectation: "12 % expected", "the usual 12 %".
_EXPECTATION = r"(?:expected|usual|normal|baseline|typical|usually|normally|typically|ordinary)"
AFTER = {
    "expected": re.compile(
        rf"^\s*(?:is\s+|are\s+|was\s+|were\s+|would\s+be\s+|as\s+)?(?:the\s+)?{_EXPECTATION}\b(?!\s+of)", re.IGNORECASE
    ), "rest": re.compile(r"^\s*(?:of|for|among|in)\s+(?:the\s+)?(?:rest|others|everyone\s+else|everybody\s+else)\b",
                       re.IGNORECASE),
}  # fmt: skip
BEFORE = {
    "expected": re.compile(
        rf"(?<!than )(?<!than the )(?<!as )\b(?:{_EXPECTATION}|expectation|expects?|norm)\s*(?:\w+\s+)?"
        r"(?:of|is|was|would\s+be|at|:|=|\()?\s*(?:about\s+|around\s+)?$", re.IGNORECASE,
    ), "rest": re.compile(
        r"(?<!than )(?<!than of )(?<!than the )(?<!as the )(?<!as )"
        r"\b(?:rest|others|everyone\s+else|everybody\s+else)\s*"
        r"(?:of\s+\w+\s+)?(?:is|are|have|do|with|at|:|\()?\s*$", re.IGNORECASE,
    ),
}  # fmt: skip

# Words that are yet to be put on a screen: 'a "Saving" state', 'a message such as "Try again"'.
QUOTES = "\"'`“«"
PROPOSED = re.compile(r"\b(?:an?|or|no)\s+(?:[a-z-]+\s+){0,2}$")
WORDS_SHOWN = re.compile(
    r"\s+(?:[a-z-]+\s+)?(?:states?|labels?|messages?|texts?|hints?|notes?|notices?|tooltips?|links?|buttons?|badges?|"
    r"indicators?|headings?|confirmations?|placeholders?|prompts?|captions?)\b"
)
SAYING = re.compile(r"\b(?:(?:message|text|label|hint|note|notice|tooltip|state|copy|wording|caption)s?\s+"
                    r"(?:such\s+as|like|that\s+(?:says|reads)|saying|reading|of)|"
                    r"labell?ed|reads|says|for\s+example|e\.g\.|such\s+as),?\s+$")  # fmt: skip
# That no loss is known, which is not that there is none.
NO_LOSS = re.compile(
    r"no\s+(?:lost\s+)?(?:[\w-]+\s+)?(?:conversions?|orders?|sales?)(?:\s+(?:loss(?:es)?|cost))?\s+(?:(?:of|for)\s+\w+\s+)?"
    r"(?:is|are|was|were|has\s+been|have\s+been)\s+(?:yet\s+)?(?:measured|shown|sure|certain|proven|recorded|known|visible)\b",
    re.IGNORECASE,
)
# "A second way", "the second click": another one; not "a second" of time.
ANOTHER = re.compile(
    r"(?<!after )(?<!within )(?<!than )(?<!for )(?<!takes )(?<!take )(?<!in )\b(?:an?|the)\s+(?:second|third)\s+"
    r"(?!(?:of|or|and|to|in|at|after|before|per|later|longer|faster|slower|each|more|less)\b)[a-z]{3,}",
    re.IGNORECASE,
)
ON_EACH = re.compile(r"\b(?:on|for|per)\s+(?:each|every)$", re.IGNORECASE)
# A place that people are on their way to.
WAY_AHEAD = re.compile(r"\b(?:to|towards?|before|reach(?:ing)?)\s+(?:the\s+)?$", re.IGNORECASE)
# Where a plan starts from: "Baseline: 41 % of sessions", "from a baseline of 41 %".
BASELINE_WORD = re.compile(r"\bbaselines?\b", re.IGNORECASE)
BASELINE = re.compile(r"\bbaseline\s*(?:\w+\s+){0,2}(?:of|is|was|at|:|=|\()?\s*(?:about\s+|around\s+)?$", re.IGNORECASE)
AS_BASELINE = re.compile(r"\s*(?:as\s+(?:the|a|our)\s+)?baseline\b", re.IGNORECASE)

# Causal whatever the field. What only says why in a statement, and is plain advice in a recommendation, is apart.
CAUSE = re.compile(
    r"\b(?:because|caus(?:e|es|ed|ing|al|ally)|due\s+to|owing\s+to|thanks\s+to|on\s+account\s+of|leads?\s+to|leading\s+to|"
    r"led\s+to|results?\s+(?:in|from)|resulted\s+(?:in|from)|resulting\s+(?:in|from)|as\s+a\s+(?:result|consequence)|"
    r"consequently|therefore|hence|thus|which\s+is\s+why|that\s+is\s+why|is\s+why|explained\s+by|explains?\s+why|"
    r"stem(?:s|med|ming)?\s+from|attribut(?:e|es|ed|able)\s+to|responsible\s+for|to\s+blame|blam(?:e|es|ed)|root\s+causes?|"
    r"culprit|brings?\s+about|contribut(?:es?|ed|ing)\s+to|gives?\s+rise\s+to|arises?\s+from|owed\s+to|side\s+effect)\b",
    re.IGNORECASE,
)
# "Frustrated clicks" and "of confused users" say how they are, "the form confused users" what it did.
_NOT_AN_ADJECTIVE = r"(?<!^)(?<![.!?:;,(]\s)(?<!\bof\s)(?<!\bfrom\s)(?<!\bby\s)(?<!\bwith\s)(?<!\bthe\s)(?<!\ba\s)"
CAUSE_IN_STATEMENTS = re.compile(
    r"\b(?:the\s+reasons?|why\s+(?:they|users|people|so\s+many)|driv(?:e|es|en|ing)|forc(?:e|es|ed|ing)|prevent(?:s|ed|ing)?|"
    r"trigger(?:s|ed|ing)?|explain(?:s|ed)?|(?:mak(?:e|es|ing)|made|push(?:es|ed|ing)?|keep(?:s|ing)?|stop(?:s|ped|ping)?|"
    r"lur(?:es?|ed)|discourag(?:es?|ed|ing))\s+(?:\w+\s+)?(?:users|people|them|visitors|customers|sessions)|induc(?:e|es|ed|ing)|"
    r"provok(?:e|es|ed|ing)|scar(?:e|es|ed|ing)|deter(?:s|red|ring)?|frustrates|confuses|"
    rf"{_NOT_AN_ADJECTIVE}(?:frustrated|confused)|comes?\s+from|"
    r"given\s+that|seeing\s+that|in\s+view\s+of|,\s+so\s+(?:they|users|people|visitors|sessions|customers)\b|"
    r",\s+(?:since|as)\s+(?:it|they|users|people|there|nobody|(?:the|this|that|its|their)\s+\w+\s+"
    r"(?:is|are|was|were|has|have|does|do|takes?|asks?|fails?|loads?))\b|(?:an?|the)\s+effects?\s+of|creat(?:es|ed|ing)|produc(?:es|ed|ing))\b",
    re.IGNORECASE,
)
# Before a place it says where a way goes.
WAY_TO = re.compile(r"(?:leads?|leading|led)\s+to", re.IGNORECASE)
GUESS = re.compile(
    r"\b(?:may|might|could|probabl[ey]|possib(?:ly|le)|perhaps|maybe|likely|seems?|appears?|suggests?|suspect\w*|guess\w*|"
    r"hypothes[ie]s|plausibl[ey]|presumably|conceivabl[ey]|potentially|assum\w+|would\s+fit|we\s+think|not\s+proven)\b",
    re.IGNORECASE,
)
# Said of what was measured, these undo it.
SENSITIVE = re.compile(
    r"\b(?:race|racial|ethnic\w*|religio\w*|muslims?|christians?|jew(?:s|ish)?|hindus?|buddhists?|atheists?|gender\w*|women|"
    r"woman|men|females?|males?|girls?|boys?|pregnan\w*|sexual\w*|gay|lesbian|bisexual|transgender|lgbt\w*|"
    r"disabilit(?:y|ies)|(?:disabled|impaired|handicapped|blind|deaf|elderly|old|older|aged|young|younger|poor|rich|wealthy|"
    r"foreign|black|white|asian|hispanic|immigrant|illiterate|uneducated|sick|depressed|obese)\s+"
    r"(?:users?|people|persons?|visitors?|customers?|adults?|shoppers?)|the\s+(?:elderly|poor|disabled)|seniors?|pensioners?|"
    r"teenagers?|teens|millennials|gen\s?z|boomers|kids|minors|low[\s-]income|high[\s-]income|wealth|poverty|illness\w*|"
    r"diseases?|medical\s+condition|mental\s+health|depression|anxiety|addict\w*|autis\w*|adhd|dyslexi\w*|politic\w*|republicans?|"
    r"democrats?|liberals?|conservatives?|trade\s+union|union\s+members?|nationalit\w+|immigrants?|refugees?|criminal\w*|"
    r"genetic\w*|iq|intelligence|illiterate|uneducated|native\s+speakers?)\b",
    re.IGNORECASE,
)
NOT_SENSITIVE = re.compile(r"\brace\s+conditions?\b|\bmale\s+connector", re.IGNORECASE)

# A time that is not said by dates; none of them is a window of ours, except weeks.
WHEN = re.compile(
    r"\b(?:today|yesterday|tomorrow|tonight|overnight|(?:last|this|past|next|previous|the)\s+(?:month|quarter|year|hour|decade)|"
    r"(?:months?|years?|quarters?|hours)\s+(?:ago|long)|for\s+(?:months|years|weeks|ages)|recent\s+(?:months|years))\b",
    re.IGNORECASE,
)
PER = re.compile(
    r"(?:^\s*(?:\w+\s+){0,3}?|\b)(?:per|a|an|each|every)\s+(?:day|week|month|year|hour|minute|quarter)\b(?!\s+(?:before|earlier|ago|after|later|long|until|to))|\b(?:daily|weekly|monthly|"
    r"yearly|annual(?:ly)?|hourly|quarterly|everyday)\b",
    re.IGNORECASE,
)
WEEK = re.compile(r"\b(?:the|this|last|past|same|a|one|that|in\s+the)\s+(?:\w+\s+)?week\b(?!\s*ly)", re.IGNORECASE)
# Of all there ever was: no fact compares with that.
SUPERLATIVE = re.compile(
    r"\b(?:a\s+(?:new\s+)?record|record\s+(?:high|low)|all[\s-]time|ever\s+(?:seen|measured|recorded|before)|"
    r"(?:than|as)\s+ever|the\s+(?:highest|lowest|worst|biggest|largest|best))\b",
    re.IGNORECASE,
)
# What those who leave do not do, and what they do; turned round, a rate of leaving is one of staying.
STAYING = re.compile(
    r"\b(?:complet(?:e|es|ed)|finish(?:es|ed)?|submit(?:s|ted)?|send(?:s)?|sent|succeed(?:s|ed)?|stay(?:s|ed)?|"
    r"convert(?:s|ed)?|continu(?:e|es|ed)|go(?:es)?\s+on|went\s+on|proceed(?:s|ed)?|check(?:s|ed)?\s+out|buys?|bought)\b",
    re.IGNORECASE,
)
LEAVING = re.compile(
    r"\b(?:abandon\w*|leav(?:e|es|ing)|left|quits?|exit(?:s|ed)?|end(?:s|ed)?|give(?:s)?\s+up|gave\s+up|bounce[sd]?|"
    r"drop(?:s|ped)?|los(?:e|es|t)|stop(?:s|ped)?|stall(?:s|ed)?)\b",
    re.IGNORECASE,
)
NOT = re.compile(
    r"\b(?:not|never|without|nor|cannot|no\s+longer|fail(?:s|ed)?\s+to|\w+n['’]t|un\w+|before)\b", re.IGNORECASE
)
NOT_LEAVING = re.compile(rf"\b(?:not|never|\w+n['’]t|no\s+longer)\s+(?:\w+\s+)?(?:{LEAVING.pattern})", re.IGNORECASE)

_ENGLISH = """
    the a an of to in on at is are was were be been it its they them their and or but not no that this these those for
    from with by as than then so if when where who what which how more less do does did have has had can may might could
    should will would only once until into out up down over under after before again about there here all each every one
    we our you your users sessions expected leave page form field button show add remove check fix make keep put look
    people visitors rate time first next why say watch compare simplify shorten
"""
ENGLISH = frozenset(_ENGLISH.split())
