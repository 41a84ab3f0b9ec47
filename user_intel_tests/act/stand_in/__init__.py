"""A Jira to talk to where there is none: a child process that answers on loopback like Cloud v3 or Server v2.

    with JiraStandIn("cloud") as stand_in:
        with open_jira(stand_in.settings()) as jira: ...

Belongs here: the handle a test holds. What Jira would answer is in `world.py` and below, in the child. Tickets live as
long as the child, whatever becomes of the processes that talk to it.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

import httpx

from user_intel.settings import Settings

# The request that makes a ticket, for `play`.
CREATE = "POST .*/issue$"
USER, TOKEN = "bot@example.com", "token-that-nobody-may-see"


class JiraStandIn:
    """A running stand-in. Knobs and faults are those of `knobs.py`. Leave it to end the child."""

    def __init__(self, flavour: str, **knobs: Any) -> None:
        self.flavour = flavour
        self.url = ""
        self._knobs = knobs

    def __enter__(self) -> Self:
        root = Path(__file__).parents[3]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "user_intel_tests.act.stand_in.server", self.flavour],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root, start_new_session=True,
        )  # fmt: skip
        assert self._process.stdout is not None
        told = json.loads(self._process.stdout.readline())
        self.url, self.validates = f"http://127.0.0.1:{told['port']}", told["validates"]
        self._client = httpx.Client(base_url=f"{self.url}/_stand_in/", timeout=30, trust_env=False)
        self.turn(**self._knobs)
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()

    def environment(self, **changes: str) -> dict[str, str]:
        """What a deployment sets to use it, for a child process."""
        user = {"JIRA_USER": USER} if self.flavour == "cloud" else {}
        return {"JIRA_URL": self.url, "JIRA_TOKEN": TOKEN, "JIRA_PROJECT": "SHOP", **user, **changes}

    def settings(self, **changes: object) -> Settings:
        """What a deployment sets to use it."""
        chosen: dict[str, object] = {"JIRA_USER": None, **self.environment(), **changes}
        return Settings(_env_file=None, **chosen)  # type: ignore[arg-type]

    def play(self, fault: str, match: str = "", times: int = 1, **more: Any) -> None:
        """Lets requests in whose "METHOD /path" `match` (a pattern) is found go wrong, `times` times; `knobs.Fault`."""
        self._tell("faults", {"fault": fault, "match": match, "times": times, **more})

    def turn(self, **knobs: Any) -> None:
        """Changes knobs while it runs, e.g. `index_lag_s=2`."""
        self._tell("knobs", knobs)

    def change(self, key: str, **what: Any) -> None:
        """Does to a ticket what people do in Jira: see `world.World.change`."""
        self._tell(f"tickets/{key}", what)

    def clear(self) -> None:
        """Forgets tickets, planned faults, noted requests and violations; knobs are as they were at first."""
        self._tell("clear", self._knobs)

    def tickets(self) -> list[dict[str, Any]]:
        """Every ticket there is, oldest first: key, fields, properties, comments, attachments, status."""
        return list(self._ask("tickets"))

    def requests(self) -> list[dict[str, Any]]:
        """Every request since the start or the last `clear`: method, path, query, body, status."""
        return list(self._ask("requests"))

    def violations(self) -> list[str]:
        """What was wrong with requests (or our own answers) by Jira's own description of its API."""
        return list(self._ask("violations"))

    def _ask(self, what: str) -> Any:
        answer = self._client.get(what)
        answer.raise_for_status()
        return answer.json()

    def _tell(self, what: str, content: dict[str, Any]) -> None:
        answer = self._client.post(what, json=content)
        assert answer.status_code == 204, answer.text
