"""Raw events in, rows of `tables.EVENTS` out: pseudonymised, scrubbed, with steps, pages, elements and bots.

What every source shares belongs here; how a source is read does not. The work is DuckDB's, in `sql/extract/`: first
`private_events` (everything one row needs, so nothing personal outlives it), then lookups made once for each distinct
user agent and page (bots, `path_rules`), then `events`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from uuid import uuid4

import duckdb

from user_intel import files, privacy
from user_intel.product import Product

Relation = duckdb.DuckDBPyRelation
Connection = duckdb.DuckDBPyConnection


@dataclass(frozen=True)
class Normaliser:
    """What one product makes of raw events under one salt. Holds no connection; give each thread its own.

    `forgotten` are pseudonyms of people whose rows are left out.
    """

    product: Product
    salt: bytes = field(repr=False)
    forgotten: frozenset[str] = frozenset()
    _bot_verdicts: dict[str, bool] = field(default_factory=dict, repr=False, compare=False)
    # Macros and variables cost more than a small page does; a connection is told once.
    _name: str = field(default_factory=lambda: uuid4().hex, repr=False, compare=False)

    def events(self, connection: Connection, raw: Relation, source: str) -> Relation:
        """One row per event of `raw`, with exactly the columns of `tables.EVENTS`, in any order.

        `raw` is of `connection` and has event_id, event, identity, session_id, at (naive UTC), ingested_at, properties
        and person (JSON object texts or null) and elements_chain. It is read once. The result reads temporary tables
        of `connection`: use it up before the next call.
        """
        self._view(connection, raw, source)
        connection.execute(files.sql("extract/stage_events"))
        return self.finished(connection, source)

    def private_events(self, connection: Connection, raw: Relation, source: str) -> Relation:
        """One row per event of `raw`, pseudonymised and scrubbed but before the lookups; streams, keeps nothing."""
        self._view(connection, raw, source)
        return connection.view("private_event_rows")

    def pages(self, connection: Connection, addresses: Relation, column: str, source: str) -> Relation:
        """`addresses` with `column` turned from page addresses into steps, path rules left out; for lists of pages."""
        self.prepare(connection, source)
        others = (duckdb.ColumnExpression(name) for name in addresses.columns if name != column)
        step = duckdb.FunctionExpression("page_path", duckdb.ColumnExpression(column))
        return addresses.project(*others, step.alias(column))

    def finished(self, connection: Connection, source: str) -> Relation:
        """The rows of the table or view `private_events` of `connection`, as rows of `tables.EVENTS`."""
        self.look_up(connection, source)
        return self.looked_up(connection)

    def look_up(self, connection: Connection, source: str) -> None:
        """Judges the user agents and rewrites the pages of the table or view `private_events` of `connection`, once."""
        self.prepare(connection, source)
        self._find_bots(connection)
        self._rewrite_pages(connection)

    def looked_up(self, connection: Connection) -> Relation:
        """The rows of `private_events`, all or some of those that were there at `look_up`, as `tables.EVENTS`."""
        return connection.sql(files.sql("extract/events"))

    def prepare(self, connection: Connection, source: str) -> None:
        """Gives `connection` the macros and variables of this normaliser, once; every other method does so first."""
        wanted = f"{self._name}/{source}"
        if privacy.is_prepared_for(connection, wanted):
            return
        privacy.install(connection, self.salt, self.product)
        privacy.set_variables(connection, self._variables(source))
        connection.execute(files.sql("extract/path_macros"))
        connection.execute(files.sql("extract/element_macros"))
        connection.execute(files.sql("extract/forgotten_users"), {"users": sorted(self.forgotten)})
        connection.execute(files.sql("extract/no_raw_events"))
        connection.execute(files.sql("extract/private_events"))
        privacy.set_variables(connection, {"prepared_for": wanted})

    def _variables(self, source: str) -> dict[str, privacy.Value]:
        return {
            "source": source,
            "zone": self.product.timezone,
            "keeps_hosts": self.product.keep_hosts,
            "ignored_events": self.product.ignore_events,
            "segment_names": _property_pattern(self.product.segments),
        }

    def _view(self, connection: Connection, raw: Relation, source: str) -> None:
        self.prepare(connection, source)
        raw.create_view("raw_events", replace=True)

    def _find_bots(self, connection: Connection) -> None:
        agents = [row[0] for row in connection.execute(files.sql("extract/user_agents")).fetchall()]
        for agent in agents:
            if agent not in self._bot_verdicts:
                self._bot_verdicts[agent] = declares_bot(agent)
        bots = [agent for agent in agents if self._bot_verdicts[agent]]
        connection.execute(files.sql("extract/bot_agents"), {"agents": bots})

    def _rewrite_pages(self, connection: Connection) -> None:
        connection.execute(files.sql("extract/page_rewrites"))
        for rule in self.product.path_rules:
            replacement = {"match": rule.match, "replace": rule.replace}
            connection.execute(files.sql("extract/rewrite_pages"), replacement)


def declares_bot(user_agent: str) -> bool:
    """Whether a user agent is on the crawler-user-agents list, the maintained list of those that say what they are."""
    from crawleruseragents import is_crawler  # type: ignore[import-untyped]

    return bool(is_crawler(user_agent))


def _property_pattern(names: list[str]) -> str | None:
    """RE2 pattern that any of these properties is in JSON text; null when there are none."""
    return f'"(?:{"|".join(map(re.escape, names))})":' if names else None
