"""Segments as bits: a session's mask says exactly which segments it is in, however many there are."""

import duckdb

from user_intel.detect.window import run

SEGMENTS = 200


def test_masks_tell_every_segment_of_every_session() -> None:
    with duckdb.connect() as connection:
        connection.execute(
            "create table segment_names as select i::utinyint as segment_no, 's' || i as segment "
            "from range(200) as r (i)"
        )
        # Session n is in everybody and in every segment whose number its own divides.
        connection.execute(
            "create table session_segments as select s::ubigint as session, i::utinyint as segment_no "
            "from range(1, 120) as a (s), range(200) as b (i) where i % s = 0"
        )
        for name in ("session_masks", "segment_bits"):
            run(connection, name)
        found = connection.execute(
            "select session, segment from session_masks inner join segment_bits on "
            "session_masks.block = segment_bits.block and mask & bit > 0"
        ).fetchall()
    wanted = [(session, f"s{number}") for session in range(1, 120) for number in range(0, SEGMENTS, session)]
    assert sorted(found) == sorted(wanted)
