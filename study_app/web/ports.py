"""Ports: is one free, and which one is, said before a server fails half-started."""

from __future__ import annotations

import errno
import socket

from explainers.problems import Problems

_TRIES = 100


def is_free(address: str, port: int) -> bool:
    """Whether a server could listen on ``address``:``port`` right now.

    Errors:
        Problems when the port may not be used at all (no such address, not allowed, no port).

    Example:
        >>> is_free("127.0.0.1", first_free("127.0.0.1", 49321))
        True
    """
    if not 0 <= port < 2**16:
        raise Problems.one(f"--port {port}", "is no port", "choose one from 1024 to 65535")
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(
            address, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            # As uvicorn does: connections of the last server that linger do not count.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(where)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return False
        fix = "use --address 127.0.0.1 and a port from 1024 to 65535"
        what = f"cannot be listened on ({error.strerror})"
        raise Problems.one(f"{address}:{port}", what, fix) from None
    return True


def first_free(address: str, port: int, taken: frozenset[int] = frozenset()) -> int:
    """The first free port from ``port`` upwards that is not in ``taken``.

    Errors:
        Problems if none of the next hundred is free.
    """
    for candidate in range(port, min(port + _TRIES, 2**16)):
        if candidate not in taken and is_free(address, candidate):
            return candidate
    raise Problems.one(f"{address}:{port}", f"is in use, and so are the next {_TRIES} ports")


def require_free(address: str, port: int) -> None:
    """Nothing if the port is free.

    Errors:
        Problems that names a free one.
    """
    if not is_free(address, port):
        other = first_free(address, port + 1)
        fix = f"stop the other program, or use --port {other}, which is free"
        raise Problems.one(f"{address}:{port}", "the port is in use", fix)


def home(address: str, port: int, public_url: str = "") -> str:
    """What to type into a browser to reach a server.

    Arguments:
        address, port: where it listens; an address that means all of them is reached by loopback.
        public_url: where a proxy offers it; empty without a proxy.

    Example:
        >>> home("0.0.0.0", 8501)
        'http://127.0.0.1:8501'
    """
    if public_url:
        return public_url.rstrip("/")
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
