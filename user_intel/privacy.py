"""Who may be known and what may be kept: pseudonyms, the deny-list of properties, and the scrubbing of text.

The work is done by the macros of `sql/privacy/macros.sql` inside DuckDB; here are the salt, the names that are denied
and the patterns made of them. Nothing is stored before it went through here. What a person's removal from stored
tables means is `forget.py`.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import os
import re
import secrets
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from threading import Lock
from urllib.parse import urlsplit

import duckdb

from user_intel import files
from user_intel.errors import ConfigError
from user_intel.product import Product
from user_intel.settings import Settings

Value = str | bytes | bool | int | datetime | list[str] | dict[str, str] | None

PSEUDONYM_DIGITS = 32
_SHORTEST_SALT = 16
_BLOCK_BYTES = 64

# Words may be joined by _, -, ., a blank or nothing, in any case: first_name, first-name, firstName, "First name".
_DENIED_NAMES = (
    "$ip", "$set", "$set_once", "$unset", "$geoip_latitude", "$geoip_longitude", "$geoip_postal_code",
    "$geoip_accuracy_radius", "$device_id", "$distinct_id", "distinct_id", "$user_id", "$anon_distinct_id",
    "$elements", "$elements_chain", "$active_feature_flags", "$feature_flag_payloads", "$session_id",
    "$raw_user_agent", "$user_agent", "$had_persisted_distinct_id", "$identified_id",
    "user_agent", "user_id", "uid", "visitor_id", "customer_id", "account_id", "anonymous_id", "person_id", "device_id",
    "email", "e_mail", "email_address", "mail", "phone", "phone_number", "mobile", "mobile_number", "telephone", "tel",
    "name", "first_name", "middle_name", "last_name", "full_name", "given_name", "family_name", "surname",
    "display_name", "fax", "username", "login", "password", "passwd", "pwd", "passphrase", "pin", "secret",
    "client_secret",
    "token", "access_token", "refresh_token", "id_token", "auth_token", "session_token", "csrf_token",
    "api_key", "private_key", "auth", "authorization", "cookie", "cookies", "otp",
    "ssn", "social_security_number", "tax_id", "passport", "passport_number", "iban", "bic", "account_number",
    "card", "card_number", "credit_card", "cvv", "cvc", "date_of_birth", "birth_date", "birthday", "dob",
    "address", "address_line", "street", "street_address", "postal_code", "post_code", "zip", "zip_code",
    "latitude", "longitude", "lat", "lon", "lng", "ip", "ip_address", "client_ip", "remote_addr", "mac_address",
)  # fmt: skip
_DENIED_OWNERS = r"(?:\$?(?:initial|user|customer|contact|billing|shipping|home|work|sender|recipient)[_.\- ]?)?"

_JSON_STRING = r'"(?:[^"\\]|\\.)*"'
_DEEPEST_DENIED = 6

# One connection for single texts: to prepare one costs more than to use it. Threads take turns.
_SCRUBBING = Lock()


def pseudonym(identity: str, salt: bytes) -> str:
    """The user_id of an identity: HMAC-SHA-256 under `salt`, first 32 hex digits. What the SQL macro gives too."""
    return hmac.new(salt, identity.encode(), hashlib.sha256).hexdigest()[:PSEUDONYM_DIGITS]


def load_salt(settings: Settings, *, demo: bool = False) -> bytes:
    """The key of all pseudonyms: `USER_INTEL_SALT`, else one made once in the home with mode 0600.

    Raises ConfigError when a PostHog that is not on this machine is configured without a salt (unless `demo`), or when
    the salt is too short: identities hashed under a guessable or lost key are as good as open, or orphaned.
    """
    if settings.salt is not None:
        return _long_enough(settings.salt.get_secret_value().encode(), "USER_INTEL_SALT")
    if settings.uses_posthog and not demo and not _is_loopback(settings.posthog_host or ""):
        raise ConfigError(
            "USER_INTEL_SALT is not set, and a real PostHog is. Set it to a secret of at least 16 characters and keep "
            "it: without it the stored identities can never be matched again."
        )
    return _home_salt(settings.home / "salt")


def denied_pattern(product: Product) -> str:
    """RE2 pattern of a denied property in JSON text as `json()` writes it: name, value and the comma after them."""
    scalar = r'[^{}\[\]",]+'
    return f"{denied_name_pattern(product)}(?:{_JSON_STRING}|{_json_container()}|{scalar}),?"


def denied_name_pattern(product: Product) -> str:
    """RE2 pattern of a denied property's name in JSON text, with its colon."""
    names = "|".join(_spelled(name) for name in (*_DENIED_NAMES, *product.drop_properties))
    return f'"(?i:{_DENIED_OWNERS}(?:{names}))":'


def kept_parameter_pattern(product: Product) -> str:
    """RE2 pattern of a query parameter that may stay in an address; its first group is the parameter."""
    names = "|".join(("utm_[a-z]+", *map(re.escape, product.keep_query_parameters)))
    return rf'[?&]((?:{names})=[^&#\s"\\\x01]*)'


def install(connection: duckdb.DuckDBPyConnection, salt: bytes, product: Product) -> None:
    """Gives `connection` the macros of `sql/privacy/macros.sql`, under this salt and this product's lists."""
    inner_pad, outer_pad = _pads(salt)
    set_variables(
        connection,
        {
            "inner_pad": inner_pad,
            "outer_pad": outer_pad,
            "denied": denied_pattern(product),
            "denied_name": denied_name_pattern(product),
            "kept_parameter": kept_parameter_pattern(product),
        },
    )
    connection.execute(files.sql("privacy/macros"))


def set_variables(connection: duckdb.DuckDBPyConnection, values: Mapping[str, Value]) -> None:
    """Sets variables of `connection`, which SQL reads with getvariable()."""
    statement = files.sql("privacy/variable")
    for name, value in values.items():
        connection.execute(statement.replace("name_of_the_variable", name), {"value": value})


def is_prepared_for(connection: duckdb.DuckDBPyConnection, whom: str) -> bool:
    """Whether the variable `prepared_for` of `connection` says `whom`."""
    return connection.execute(files.sql("privacy/prepared_for")).fetchall() == [(whom,)]


def scrubbed(text: str) -> str:
    """A text without e-mails, tokens, cards, addresses of machines and phone numbers, as the SQL macro leaves it."""
    with _SCRUBBING:
        if _scrubber().execute(files.sql("privacy/worth_scrubbing"), {"content": text}).fetchall() == [(False,)]:
            return text
        return str(_scrubber().execute(files.sql("privacy/scrubbed"), {"content": text}).fetchall()[0][0])


@cache
def _scrubber() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(files.sql("privacy/macros"))
    return connection


def forgotten_users(home: Path) -> frozenset[str]:
    """Pseudonyms of the people who were forgotten in this home: nothing of theirs may be stored again."""
    path = forgotten_path(home)
    return frozenset(path.read_text(encoding="ascii").split()) if path.exists() else frozenset()


def forgotten_path(home: Path) -> Path:
    """Where the pseudonyms of forgotten people are remembered, one a line."""
    return home / "forgotten"


def _pads(salt: bytes) -> tuple[bytes, bytes]:
    """The two blocks of HMAC (RFC 2104): the key, filled up with zeros, xor 0x36 and xor 0x5c."""
    key = (hashlib.sha256(salt).digest() if len(salt) > _BLOCK_BYTES else salt).ljust(_BLOCK_BYTES, b"\0")
    return bytes(byte ^ 0x36 for byte in key), bytes(byte ^ 0x5C for byte in key)


def _home_salt(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        beside = path.with_name(f".salt.{os.getpid()}.{secrets.token_hex(4)}")
        beside.touch(mode=0o600)
        beside.write_text(secrets.token_hex(32), encoding="ascii")
        try:
            # A link, not a rename: of two processes that start at once, the first one's salt stays.
            os.link(beside, path)
        except FileExistsError:
            pass
        finally:
            beside.unlink()
    return _long_enough(path.read_bytes().strip(), str(path))


def _long_enough(salt: bytes, where: str) -> bytes:
    if len(salt) < _SHORTEST_SALT:
        raise ConfigError(f"{where} holds {len(salt)} characters; a salt has at least {_SHORTEST_SALT}.")
    return salt


def _is_loopback(address: str) -> bool:
    host = urlsplit(address if "://" in address else f"//{address}").hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _spelled(name: str) -> str:
    return r"[_.\- ]?".join(re.escape(word) for word in name.split("_"))


def _json_container() -> str:
    """An object or array with others inside it, down to a fixed depth: RE2 knows no recursion."""
    pattern = rf'[{{\[](?:[^{{}}\[\]"]|{_JSON_STRING})*[}}\]]'
    for _ in range(_DEEPEST_DENIED):
        pattern = rf'[{{\[](?:[^{{}}\[\]"]|{_JSON_STRING}|{pattern})*[}}\]]'
    return pattern
