"""Who has signed in: a signed cookie, checked by the gate and by the pages on every run."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable

NAME = "whyface_dashboard"
LIFETIME = 12 * 3600  # seconds: a working day, then the password again


class Cookies:
    """Issues and checks the cookie's value: ``<expiry>.<signature>``.

    The key is derived from the password's hash: changing the password ends every sign-in, and
    one that is kept in a file survives a restart of the dashboard.

    Arguments:
        hashed: the password's hash.
        clock: seconds since the epoch.

    Example:
        >>> cookies = Cookies("scrypt$...", clock=lambda: 0.0)
        >>> cookies.valid(cookies.issue())
        True
        >>> Cookies("scrypt$other", clock=lambda: 0.0).valid(cookies.issue())
        False
    """

    def __init__(self, hashed: str, clock: Callable[[], float] = time.time) -> None:
        self._key = hmac.digest(hashed.encode(), b"whyface dashboard sign-in", hashlib.sha256)
        self._clock = clock

    def issue(self) -> str:
        """A value that is valid for ``LIFETIME`` seconds from now."""
        expiry = str(int(self._clock()) + LIFETIME)
        return f"{expiry}.{self._sign(expiry)}"

    def valid(self, value: str | None) -> bool:
        """Whether ``value`` was issued here and has not run out."""
        expiry, _, signature = (value or "").partition(".")
        # Compared as bytes: compare_digest refuses text that is not ASCII.
        if not hmac.compare_digest(signature.encode(), self._sign(expiry).encode()):
            return False
        return int(expiry) > self._clock()

    def _sign(self, expiry: str) -> str:
        return hmac.new(self._key, expiry.encode(), hashlib.sha256).hexdigest()
