"""Who may see the dashboard by the institution's own sign-in: the file that says so."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from explainers.problems import Problem, Problems

_TEXTS = ("issuer", "client_id", "client_secret")
_EXAMPLE = {
    "issuer": 'issuer = "https://login.university.example"',
    "client_id": "the name under which the provider knows this dashboard",
    "client_secret": "the secret that the provider gave for it",
    "allowed": 'allowed = ["ann@university.example", "@lab.university.example"]',
}


@dataclass(frozen=True)
class Oidc:
    """A provider of sign-ins by OpenID Connect, and the people who may enter.

    Arguments:
        issuer: the provider's address; ``/.well-known/openid-configuration`` stands below it.
        client_id, client_secret: under which the provider knows the dashboard.
        allowed: addresses, or whole domains that begin with ``@``.
        trust_unverified_email: also believe an address that the provider does not call verified;
            only for a provider that nobody can give a foreign address, such as an institute's.
    """

    issuer: str
    client_id: str
    client_secret: str
    allowed: tuple[str, ...]
    trust_unverified_email: bool = False

    @classmethod
    def read(cls, path: Path) -> Oidc:
        """From a TOML file with these keys.

        Errors: Problems, all of them at once.
        """
        where = f"--oidc {path}"
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            fix = f"give a TOML file with the keys {', '.join(_EXAMPLE)}"
            raise Problems.one(where, f"cannot be read ({error})", fix) from None
        problems = [Problem(f"{where}: {key}", what, fix) for key, what, fix in _mistakes(data)]
        if problems:
            raise Problems(problems)
        return cls(**data | {"allowed": tuple(entry.lower() for entry in data["allowed"])})

    @property
    def key(self) -> str:
        """The cookies' key: another provider, secret or circle of people ends every sign-in."""
        parts = (self.issuer, self.client_id, self.client_secret, *sorted(self.allowed))
        return "oidc$" + hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def lets_in(self, claims: dict[str, Any]) -> bool:
        """Whether whoever the provider says these claims of may enter.

        Example:
            >>> oidc = Oidc("https://a.example", "id", "secret", ("@lab.example",))
            >>> oidc.lets_in({"email": "Ann@lab.example", "email_verified": True})
            True
            >>> oidc.lets_in({"email": "ann@evil.example", "email_verified": True})
            False
            >>> oidc.lets_in({"email": "ann@lab.example"})
            False
        """
        email = claims.get("email")
        if not isinstance(email, str) or email.count("@") != 1:
            return False
        if claims.get("email_verified") is not True and not self.trust_unverified_email:
            return False
        email = email.lower()
        return email in self.allowed or "@" + email.partition("@")[2] in self.allowed


def _mistakes(data: dict[str, Any]) -> list[tuple[str, str, str]]:
    found = []
    for key in _TEXTS:
        if not isinstance(data.get(key), str) or not data[key].strip():
            found.append((key, "is missing" if key not in data else "is no text", _EXAMPLE[key]))
    issuer = data.get("issuer")
    if isinstance(issuer, str) and issuer.strip():
        parts = urlsplit(issuer)
        here = parts.hostname in ("127.0.0.1", "localhost")
        if parts.scheme != "https" and not (parts.scheme == "http" and here):
            found.append(("issuer", f"'{issuer}' is not safe", "write an address with https://"))
    allowed = data.get("allowed")
    if not isinstance(allowed, list) or not allowed:
        found.append(("allowed", "names nobody", _EXAMPLE["allowed"]))
    elif wrong := [
        e for e in allowed if not isinstance(e, str) or e.count("@") != 1 or e[-1] == "@"
    ]:
        what = f"{wrong[0]!r} is neither an address nor a domain"
        found.append(("allowed", what, _EXAMPLE["allowed"]))
    if not isinstance(data.get("trust_unverified_email", False), bool):
        found.append(("trust_unverified_email", "is neither true nor false", "write false"))
    known = {*_EXAMPLE, "trust_unverified_email"}
    found += [
        (key, "is no key of this file", f"use {', '.join(sorted(known))}")
        for key in data
        if key not in known
    ]
    return found
