"""Every error user_intel raises on purpose, as one tree.

    UserIntelError
    ├── ConfigError        a setting or product.yaml says something that cannot be meant
    ├── InputError         a file, row or argument a person handed in is not what was expected
    ├── SourceError        a source of events (PostHog, a batch export) refused or could not be reached
    │   ├── CountMismatch  what was fetched is not what the source says it holds
    │   ├── StatusError    it answered with an error status that repeating does not mend (http.py)
    │   └── TooHeavyError  it ran into its own limits; a smaller question avoids them (extract/posthog_api.py)
    ├── LakeError          a table-day cannot be written or read as it stands
    │   └── DayBusy        another process is writing the same table-day
    ├── GraphError         the graph database refused, or failed in a way that asking again does not mend (graph/)
    │   └── GraphAway      it is away, restarting or busy with another writer: asking again may help
    ├── StateError         what people decided cannot be read or kept: its database is away, newer, read-only (state/)
    ├── LLMError           a language model did not do what it was asked: the key, its name, or as below (llm/)
    │   ├── ModelRefused   it would not answer: its policy, or a filter
    │   ├── ModelUnusable  it answered, but cut off, in prose, or not as the schema has it; `reason` may be shown to it
    │   └── ModelAway      throttled, overloaded, out of reach: the same may succeed later
    ├── JiraError          Jira refused, or answered what cannot be meant; the message has its own words (act/)
    │   ├── FieldsRefused  it refused values of a ticket; each field is named, with what is allowed where it says so
    │   ├── JiraMissing    what was asked for does not exist, or the account may not see it
    │   ├── JiraAway       it is away, busy or throttles past our patience, and did nothing: asking again may help
    │   └── JiraUnsure     the answer to a change was lost: it may have been done; look before doing it again
    ├── WatchError         a recording cannot become a video (watch/)
    │   ├── RecordingError it is empty, cut off, too large, or nothing that can be drawn
    │   ├── RecordingGone  its source no longer has it; asking again is of no use
    │   └── PlayerError    Chromium, ffmpeg or the rrweb player is missing, or failed
    └── BudgetError        a configured limit (time, tries, share of rejected rows) was reached

A message says what was expected, what was found and what to do; it never carries a secret, an identity or a raw row.
"""


class UserIntelError(Exception):
    """A failure with a remedy. `exit_code` is what the command line returns for it."""

    exit_code = 1


class ConfigError(UserIntelError):
    """The environment, `.env` or `product.yaml` is wrong; nothing was started."""

    exit_code = 2


class InputError(UserIntelError):
    """A file, row or argument is not what was expected; nothing of it was stored."""

    exit_code = 2


class SourceError(UserIntelError):
    """A source of events refused, failed past the bounded retries, or answered nonsense."""


class CountMismatch(SourceError):
    """The events fetched for a day are not the events the source counts."""


class LakeError(UserIntelError):
    """A table-day cannot be written or read as it stands; the old day is untouched."""


class DayBusy(LakeError):
    """Another process holds this table-day; rerun when it has finished."""


class GraphError(UserIntelError):
    """The graph database cannot be reached, refused what was asked, or failed on the way; the message says which."""


class GraphAway(GraphError):
    """The graph database is away, restarting or busy with another writer; the same may succeed later."""


class LLMError(UserIntelError):
    """A language model could not be asked, or did not do what it was asked; the message names model and remedy."""


class ModelRefused(LLMError):
    """The model, or a filter before or behind it, would not answer this; asking the same again would not either."""


class ModelUnusable(LLMError):
    """The model answered something that cannot be used. `reason` says what is wrong with it, in words for the model."""

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class ModelAway(LLMError):
    """The model is throttled, overloaded or out of reach past the bounded tries; the same may succeed later."""


class JiraError(UserIntelError):
    """Jira refused, or answered what cannot be meant; the message carries its own words and what to do."""


class FieldsRefused(JiraError):
    """Jira refuses, or would refuse, values of a ticket; `faults` has one sentence for each field."""

    def __init__(self, message: str, faults: tuple[str, ...]) -> None:
        super().__init__(message)
        self.faults = faults


class JiraMissing(JiraError):
    """Jira knows no such project or ticket, or does not show it to this account."""


class JiraAway(JiraError):
    """Jira is away, busy or throttles past our patience, and did nothing; the same may succeed later."""


class JiraUnsure(JiraError):
    """The answer to a change was lost: Jira may have done it or not. Look before doing it again."""


class StateError(UserIntelError):
    """The state database cannot be reached, read or written; nothing of what was asked is half stored."""


class WatchError(UserIntelError):
    """A recording cannot become a video; no file was left behind."""


class RecordingError(WatchError):
    """A recording is empty, cut off, too large, or nothing that can be drawn; other recordings are not touched."""

    exit_code = 2


class PlayerError(WatchError):
    """Chromium, ffmpeg or the rrweb player is missing, or failed while drawing."""


class RecordingGone(WatchError):
    """A recording was deleted, or its retention has ended; it need not be asked for again."""


class BudgetError(UserIntelError):
    """A configured limit was reached."""
