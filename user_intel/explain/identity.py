"""What an insight is called: decisions, tickets and addresses go by it.

One insight for each pain point, whatever the day: an insight that was dismissed yesterday is the one seen today.
"""

from __future__ import annotations

import hashlib
import re

_PREFIX = "insight-"
_DIGEST = re.compile(r"[0-9a-f]{16}")


def insight_id(pain_point_id: str) -> str:
    """The insight of a pain point: "insight-" and 16 hex digits, safe in shells, addresses and file names.

    The digits are those of the pain point, so that whoever knows one id can type the other. An id of another form, as
    one made by hand, is digested.
    """
    if _DIGEST.fullmatch(pain_point_id):
        return f"{_PREFIX}{pain_point_id}"
    return f"{_PREFIX}{hashlib.sha256(pain_point_id.encode()).hexdigest()[:16]}"
