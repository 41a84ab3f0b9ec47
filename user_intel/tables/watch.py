"""Tables of the watch stage: clips of recordings, and what was seen in them."""

from user_intel.tables.contract import DAY, SESSION, USER, Column, Table

_RECORDING = Column("recording_id", "VARCHAR", "The source's id of the recording.", personal=True)
_LINK = Column("url", "VARCHAR", "The source's address of the recording at that moment.", personal=True)

REPLAY_CLIPS = Table(
    name="replay_clips",
    stage="watch",
    row="recording chosen for a pain point, and the clip made of it",
    key=("pain_point_id", "session_id", "kind"),
    sorted_by=("place", "kind"),
    columns=(
        DAY,
        Column("clip_id", "VARCHAR", "A digest of day, pain point, session and kind."),
        Column("place", "BIGINT", "Its place among the day's recordings, from 1: worst pain point first."),
        Column("pain_point_id", "VARCHAR", "The pain point it was chosen for."),
        SESSION,
        USER,
        _RECORDING,
        Column("met", "BOOLEAN", "Whether the session met the pain point; a contrast came to the place and did not."),
        Column("kind", "VARCHAR", "moment: around the pain point, in real time; overview: the whole session, faster."),
        Column(
            "status",
            "VARCHAR",
            "drawn; not_drawn: read, but there is no browser here; gone, unusable, failed: neither.",
        ),
        Column("reason", "VARCHAR", "Why there is no clip, in words; null where there is one."),
        Column("started_ms", "BIGINT", "Unix time, in milliseconds, that seconds of the session count from."),
        Column("from_s", "DOUBLE", "Second of the session at which the clip begins."),
        Column("to_s", "DOUBLE", "Second of the session at which it ends."),
        Column("moment_s", "DOUBLE", "Second of the session at which the pain point was met, or the place come to."),
        Column("video_s", "DOUBLE", "Length of the video; idle stretches are skipped in it."),
        Column("clock", "VARCHAR", "JSON list: session from and to, video from and to in seconds, skipped."),
        Column("file", "VARCHAR", "Path of the video under the home's replays; null where there is none."),
        Column("bytes", "BIGINT", "Size of the video."),
        Column("signs", "VARCHAR", "JSON list: signs of trouble in the whole session, with seconds, element, count."),
        Column("events_digest", "VARCHAR", "Digest of the masked events of the session."),
        Column("missing_s", "DOUBLE", "Seconds of the session that the source promised and did not send."),
        Column("flaws", "VARCHAR", "JSON list: what was wrong with the recording, in words."),
        Column("provisional", "BOOLEAN", "Whether the recording ended less than 24 hours before it was fetched."),
        _LINK,
    ),
)

VIDEO_FINDINGS = Table(
    name="video_findings",
    stage="watch",
    row="finding in a recording",
    key=("finding_id",),
    sorted_by=("pain_point_id", "session_id", "from_s", "finding_id"),
    columns=(
        DAY,
        Column("finding_id", "VARCHAR", "A digest of day, pain point, session, reader, kind and times."),
        SESSION,
        USER,
        Column("pain_point_id", "VARCHAR", "The pain point its recording was watched for."),
        Column("met", "BOOLEAN", "Whether the session met that pain point; false in a contrast."),
        Column("kind", "VARCHAR", "confusion, hesitation, frustration, repetition, erratic_cursor or error."),
        Column("signal", "VARCHAR", "What the local reader saw: rage_click, dead_click, pause, ...; null of a model."),
        Column("from_s", "DOUBLE", "Second of the session at which it begins."),
        Column("to_s", "DOUBLE", "Second of the session at which it ends."),
        Column("step", "VARCHAR", "The step visited then, as in steps; null where none is known."),
        Column("description", "VARCHAR", "What was seen."),
        Column("suggestion", "VARCHAR", "What might help; null where nothing is suggested."),
        Column("confidence", "DOUBLE", "0..1, as the reader says."),
        Column("agreement", "DOUBLE", "Share of the times it was asked that this was found; null when asked once."),
        Column(
            "grounded",
            "BOOLEAN",
            "Whether it lies inside the clip and the events bear it out; else it is shown to nobody.",
        ),
        Column("refused_because", "VARCHAR", "Why it is not grounded; null where it is."),
        Column("clip", "VARCHAR", "File of the clip it was seen in; null without one."),
        Column("provider", "VARCHAR", "gemini, or local: the reader of the events, which is no model."),
        Column("model", "VARCHAR", "The model that watched; local_reader where none did."),
        Column("prompt_digest", "VARCHAR", "Digest of the prompt it was asked with; null without a model."),
        Column("cost_usd", "DOUBLE", "Its share of what watching the clip cost; null where the price is not known."),
        _LINK,
    ),
)
