"""The step that a page of a recording is, by the same rules as in `events`: what a video's footer may say of it."""

from __future__ import annotations

import secrets
from contextlib import AbstractContextManager
from typing import Final

import duckdb

from user_intel import files, privacy
from user_intel.product import Product

_SALT_BYTES: Final = 32


class PageSteps(AbstractContextManager["PageSteps"]):
    """Steps of addresses; a context manager. Nothing of an address's host, query or personal data is in one."""

    def __init__(self, product: Product) -> None:
        self._rules: Final = product.path_rules
        self._known: Final[dict[str, str]] = {"": ""}
        self._connection: Final = duckdb.connect()
        # No identity is hashed here, so any salt will do.
        privacy.install(self._connection, secrets.token_bytes(_SALT_BYTES), product)
        self._connection.execute(files.sql("extract/path_macros"))

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def of(self, address: str) -> str:
        """The step of a page; "" where there is no address."""
        if address not in self._known:
            self._known[address] = self._found(address)
        return self._known[address]

    def _found(self, address: str) -> str:
        step = self._one("watch/page_step", {"address": address})
        for rule in self._rules:
            step = self._one("watch/rewritten_step", {"step": step, "match": rule.match, "replace": rule.replace})
        return step

    def _one(self, name: str, parameters: dict[str, str]) -> str:
        rows = self._connection.execute(files.sql(name), parameters).fetchall()
        return str(rows[0][0])
