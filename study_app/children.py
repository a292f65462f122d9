"""Servers as child processes: started, waited for, and stopped together by their ids."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from explainers.problems import Problems

_ENDING = (signal.SIGTERM, signal.SIGHUP)
_GRACE = 10.0  # seconds between asking a server to stop and ending it


@dataclass(frozen=True)
class Server:
    """A verb of whyface that serves, as a process of its own.

    Arguments:
        name: for messages, such as ``survey``.
        arguments: the verb and its options, as one types them after ``whyface``.
        port: where it will listen, on the loopback address.
        log: file that takes what it prints.
        environment: variables in addition to ours, such as a password (which does not belong on
            a command line that every user of the machine can read).
    """

    name: str
    arguments: Sequence[str]
    port: int
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def running(*servers: Server, patience: float = 60.0) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Start all servers, wait until each answers, and stop all of them at the end.

    Arguments:
        servers: what to start.
        patience: seconds to wait for a server's first answer.

    Errors:
        Problems with the last lines of its log when a server ends or does not answer.
        KeyboardInterrupt also when this process is asked to end.
    """
    processes: list[subprocess.Popen[bytes]] = []
    # Whoever ends us, by a closed terminal or `kill`, ends the servers with us.
    before = {number: signal.signal(number, _interrupt) for number in _ENDING}
    try:
        for server in servers:
            processes.append(_start(server))
        for server, process in zip(servers, processes, strict=True):
            _await(server, process, patience)
        yield processes
    finally:
        _stop(processes)
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def wait(servers: Sequence[Server], processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """Wait for ever, or until one of the servers ends by itself.

    Errors:
        Problems with the last lines of its log.
        KeyboardInterrupt: on Ctrl-C, or when the process is asked to end.
    """
    while True:
        for server, process in zip(servers, processes, strict=True):
            if process.poll() is not None:
                raise _failed(server, f"ended with code {process.returncode}")
        time.sleep(0.5)


def healthy(port: int, path: str = "/health", timeout: float = 2.0) -> bool:
    """Whether a server on the loopback address answers ``path`` with 200."""
    connection = HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _start(server: Server) -> subprocess.Popen[bytes]:
    # `-c`, because the package's folder must be no entry of sys.path; a session of its own, so
    # that Ctrl-C reaches the parent alone, which stops all.
    code = "from study_app.cli import main; main()"
    with server.log.open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-c", code, *server.arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, **server.environment},
            start_new_session=True,
        )


def _await(server: Server, process: subprocess.Popen[bytes], patience: float) -> None:
    until = time.monotonic() + patience
    while not healthy(server.port):
        if process.poll() is not None:
            raise _failed(server, f"ended with code {process.returncode}")
        if time.monotonic() > until:
            raise _failed(server, f"did not answer within {patience:.0f} seconds")
        time.sleep(0.1)


def _failed(server: Server, what: str) -> Problems:
    lines = server.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    said = "; it said:\n    " + "\n    ".join(lines[-8:]) if lines else ""
    fix = f"start it alone to see more: whyface {' '.join(server.arguments)}"
    return Problems.one(f"the {server.name}", what + said, fix)


def _stop(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        if process.poll() is None:
            process.terminate()
    until = time.monotonic() + _GRACE
    for process in processes:
        try:
            process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
