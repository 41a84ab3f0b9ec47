"""What the name of a step says of its worth: something was brought to its end, something was made, or it went wrong.

Belongs here: words, such as product teams give their events (see the naming guides of Segment, Amplitude and PostHog:
Order Completed, report_exported). A name is read word by word, so that `unpaid` is not taken for `paid`.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise

DONE, MADE, SILENT, WORTHLESS = 2, 1, 0, -1


def _all(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Money, or a whole undertaking, brought to its end.
_DONE = _all(
    "activated booked bought complete completed completion confirm confirmation confirmed conversion converted "
    "deposited donated done enrolled finished fulfilled order_placed ordered paid place_order placed_order purchased "
    "receipt registered renewed reserved signed_up subscribed succeeded success successful thank thanks upgraded won"
)
# The same where the name ends with it: order_details and upgrade_options are only on the way.
_DONE_AT_END = _all("order purchase sign_up signup subscribe subscription upgrade")
# Something is there that was not before.
_MADE = _all(
    "connected create created delivered deployed downloaded exported installed integrated invited joined launched "
    "merged posted published resolved saved scheduled sent shared submit submitted uploaded verified"
)
# The intention only, or looking on.
_BEGUN = _all(
    "abandoned begin begun click clicked closed dismissed filter focused hover hovered impression initiated login "
    "opened pageleave pageview saw scroll scrolled search searched seen select selected shown start started tap tapped "
    "toggled typed view viewed visited"
)
_TROUBLE = _all(
    "bug cancel canceled cancelled churned crash crashed declined denied downgraded error errors exception expired "
    "fail failed failure invalid log_out logged_out logout refund refunded rejected sign_out signed_out signout "
    "timeout unsubscribe unsubscribed warning"
)
_LAST_PAGES = _all("complete completed confirmation done finished receipt success successful thank thanks")
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def is_page(step: str) -> bool:
    """Whether the step is a page's path rather than an event's name."""
    return "/" in step


def is_trouble(step: str) -> bool:
    """Whether the name tells that something went wrong or was undone."""
    return bool(_words(step) & _TROUBLE)


def worth(step: str) -> int:
    """DONE, MADE, SILENT (the name says nothing) or WORTHLESS. Of pages only the last of an undertaking is DONE."""
    words = _words(step)
    if words & (_TROUBLE | _BEGUN):
        return WORTHLESS
    if is_page(step):
        return DONE if words & _LAST_PAGES else SILENT
    return DONE if words & _DONE or _last_words(step) & _DONE_AT_END else MADE if words & _MADE else SILENT


def _words(step: str) -> frozenset[str]:
    """Lower-case words of a name, and neighbouring ones joined: SignedUp has signed, up and signed_up."""
    words = _split(step)
    return frozenset([*words, *(f"{a}_{b}" for a, b in pairwise(words))])


def _last_words(step: str) -> frozenset[str]:
    words = _split(step)
    return frozenset([*words[-1:], "_".join(words[-2:])])


@cache
def _split(step: str) -> tuple[str, ...]:
    return tuple(word.lower() for word in _WORD.findall(step))
