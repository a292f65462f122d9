"""The dashboard's password: where it comes from and how it is kept."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass
from pathlib import Path

from explainers.problems import Problems

VARIABLE = "WHYFACE_DASHBOARD_PASSWORD"
FILE = ".dashboard-password"
# About 50 ms and 16 MB for each guess.
_COST, _BLOCK, _PARALLEL = 2**14, 8, 1
_LEAST = 8


@dataclass(frozen=True)
class Password:
    """What the running dashboard knows of its password.

    Arguments:
        hashed: salted hash, as :func:`hash_password` writes it.
        origin: where it was found, for the line that ``whyface dashboard`` prints.
        fresh: the password itself if it was made just now and must be shown once, else empty.
    """

    hashed: str
    origin: str
    fresh: str = ""


def hash_password(password: str, salt: bytes | None = None) -> str:
    """A salted hash that is slow to guess.

    Source: scrypt, RFC 7914; N = 2^14, r = 8, p = 1.

    Arguments:
        password: any text.
        salt: 16 random bytes; chosen here if None.

    Returns:
        ``scrypt$N$r$p$salt$hash``, salt and hash in base64.

    Example:
        >>> matches("correct horse", hash_password("correct horse"))
        True
    """
    salt = secrets.token_bytes(16) if salt is None else salt
    digest = _scrypt(password, salt, _COST, _BLOCK, _PARALLEL)
    parts = ("scrypt", str(_COST), str(_BLOCK), str(_PARALLEL))
    return "$".join((*parts, b64encode(salt).decode(), b64encode(digest).decode()))


def matches(password: str, hashed: str) -> bool:
    """Whether ``password`` is the one behind ``hashed``; compared in constant time.

    Errors:
        ValueError if ``hashed`` is not what :func:`hash_password` writes.

    Example:
        >>> matches("wrong", hash_password("right"))
        False
    """
    try:
        name, cost, block, parallel, salt, digest = hashed.strip().split("$")
        wanted = b64decode(digest, validate=True)
        numbers = int(cost), int(block), int(parallel)
        salted = b64decode(salt, validate=True)
    except (ValueError, Base64Error) as error:
        raise ValueError("not a password hash") from error
    if name != "scrypt" or not wanted:
        raise ValueError("not a password hash")
    return hmac.compare_digest(_scrypt(password, salted, *numbers), wanted)


def find_password(folder: Path, file: Path | None = None) -> Password:
    """The password of a study's dashboard.

    Looked for in this order: ``file`` (first line), the environment variable
    ``WHYFACE_DASHBOARD_PASSWORD``, the hash kept in the study's folder. If there is none, a
    password is made, its hash kept in ``<folder>/.dashboard-password`` (readable by the owner
    alone) and the password itself returned once as ``fresh``.

    Errors:
        Problems when the file cannot be read, or the password is shorter than 8 characters.
    """
    if file is not None:
        return Password(hash_password(_first_line(file)), str(file))
    given = os.environ.get(VARIABLE)
    if given is not None:
        return Password(hash_password(_long_enough(given, VARIABLE)), VARIABLE)
    kept = folder / FILE
    if kept.exists():
        return Password(_kept_hash(kept), str(kept))
    fresh = generate()
    hashed = hash_password(fresh)
    _keep(kept, hashed)
    return Password(hashed, str(kept), fresh)


def generate() -> str:
    """A new password of 80 random bits, in four groups that can be read aloud and typed.

    Example:
        >>> len(generate())
        19
    """
    letters = "abcdefghijkmnpqrstuvwxyz23456789"  # 32 of them: no l, o, 0, 1 to mix up
    groups = ("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))
    return "-".join(groups)


def _scrypt(password: str, salt: bytes, cost: int, block: int, parallel: int) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=cost, r=block, p=parallel, dklen=32)


def _first_line(file: Path) -> str:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        fix = "give a text file that holds the password in its first line"
        raise Problems.one(f"--password-file {file}", f"cannot be read ({error})", fix) from None
    return _long_enough(text.partition("\n")[0].strip(), f"--password-file {file}")


def _long_enough(password: str, where: str) -> str:
    if len(password) < _LEAST:
        what = f"the password has {len(password)} characters"
        raise Problems.one(where, what, f"use at least {_LEAST}, better a sentence")
    return password


def _kept_hash(path: Path) -> str:
    try:
        hashed = path.read_text(encoding="utf-8").strip()
        matches("", hashed)
    except (OSError, ValueError) as error:
        fix = "delete the file; the next start makes a new password and shows it once"
        raise Problems.one(str(path), f"holds no password hash ({error})", fix) from None
    return hashed


def _keep(path: Path, hashed: str) -> None:
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        # Mode 600 from the first byte on, not after the fact.
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(hashed + "\n")
        temporary.replace(path)
    except OSError as error:
        fix = f"make the folder writable, or set {VARIABLE} or --password-file"
        raise Problems.one(str(path), f"cannot be written ({error.strerror})", fix) from None
