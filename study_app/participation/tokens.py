"""The participant's token: unguessable, and ours."""

from __future__ import annotations

import hmac
import re
import secrets

from db.store import Store

_FORM = re.compile(r"[A-Za-z0-9_-]{22}\.[0-9a-f]{20}", re.ASCII)


def new_token(store: Store) -> str:
    """A token for somebody who has just arrived; nothing is stored yet.

    Formula: 128 random bits, and 80 bits of their HMAC under the server's secret. So only tokens
    that this study gave out can join, without keeping a list of everybody who only looked.
    """
    random = secrets.token_urlsafe(16)
    return f"{random}.{_tag(store, random)}"


def is_ours(store: Store, token: object) -> bool:
    """Whether this server gave the token out; never an error, whatever it is."""
    if not isinstance(token, str) or not _FORM.fullmatch(token):
        return False
    random, _, tag = token.partition(".")
    return hmac.compare_digest(tag, _tag(store, random))


def withdrawal_code(store: Store, token: str) -> str:
    """The code by which this participant can withdraw later, such as ``3F2A-90BC-77D1-E04B``.

    It is derived from the token, so it can be shown again; the database keeps only its hash.
    """
    text = store.digest("withdrawal code", token)[:16].upper()
    return "-".join(text[i : i + 4] for i in range(0, 16, 4))


def receipt(store: Store, code: str) -> str:
    """The hash under which a withdrawal code is kept; spaces, dashes and case do not matter."""
    plain = re.sub(r"[\s-]", "", code).upper()
    return store.digest("receipt", plain)


def _tag(store: Store, random: str) -> str:
    return store.digest("token", random)[:20]
