"""How Jira refuses: its envelope of general messages and words for single fields."""

from collections.abc import Mapping, Sequence


class Refusal(Exception):
    """An error answer."""

    def __init__(
        self, status: int, messages: Sequence[str] = (), errors: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(status, messages, errors)
        self.status = status
        self.body = {"errorMessages": list(messages), "errors": dict(errors or {})}
        self.headers = dict(headers or {})


def no_issue() -> Refusal:
    """404 for a ticket that is not there, or not for this account."""
    return Refusal(404, ["Issue does not exist or you do not have permission to see it."])
