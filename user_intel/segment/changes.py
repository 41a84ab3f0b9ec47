"""What became of yesterday's personas: who stayed, who went where, what was born, died, merged or split.

Belongs here: one day held beside the nearest earlier one that was clustered; which group is which persona was said by
`personas`. Users in no group are 'noise', users without features on one of the days 'absent' there; so the rows of a
day add up to all users of both days.
"""

from __future__ import annotations

from datetime import date

from user_intel import files
from user_intel.lake import Lake
from user_intel.segment.chain import clustered_days

# A new persona is the part of an old one that so many of its known users come from; an old one went where so many went.
_MOST = 0.5


def write_changes(lake: Lake, day: date) -> int:
    """Writes `cluster_changes` of `day`, whose user_clusters must be there, and returns the number of its rows."""
    earlier = [each for each in clustered_days(lake) if each < day][-1:]
    with lake.connect() as connection:
        lake.read(connection, "user_clusters", earlier).create_view("clusters_before")
        lake.read(connection, "user_clusters", [day]).create_view("clusters_today")
        given: dict[str, object] = {"day": day, "from_day": earlier[0] if earlier else None, "most": _MOST}
        return lake.write_day("cluster_changes", day, connection.query(files.sql("segment/changes"), params=given))


def miscounted(lake: Lake, day: date) -> str | None:
    """What is wrong with the sums of `cluster_changes` of `day`; None when they are the users of both days."""
    with lake.connect() as connection:
        changes = lake.read(connection, "cluster_changes", [day])
        rows = changes.project("from_day, from_key, to_key, users").fetchall()
        before = {from_day for from_day, *_ in rows if from_day}
        counted = [
            lake.read(connection, "user_clusters", days).aggregate("count(*)").fetchall()[0][0]
            for days in (before, {day})
        ]
    told = [sum(row[3] for row in rows if row[end] != "absent") for end in (1, 2)]
    if told == counted:
        return None
    return f"of {counted[0]:,} users before and {counted[1]:,} now, {told[0]:,} and {told[1]:,} are told of"
