"""Servers as child processes: a failing one is explained by its own words, none is left over."""

import socket
import sys
from pathlib import Path

import pytest

from explainers.problems import Problems
from study_app import children
from study_app.children import Server, healthy, running, wait

ANSWERS = """
import http.server, sys
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/health" else 404)
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Answer).serve_forever()
"""
FAILS = "import sys; print('the port is in use'); sys.exit(2)"
HANGS = "import time; time.sleep(60)"


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A server that runs some Python instead of a verb."""

    def make(code: str) -> Server:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        return Server("survey", (code, str(port)), port, tmp_path / f"{port}.log")

    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nshift 2\nexec {sys.executable} -c "$@"\n')
    python.chmod(0o755)
    monkeypatch.setattr(children.sys, "executable", str(python))
    return make


def test_both_answer_and_both_are_stopped(server):
    first, second = server(ANSWERS), server(ANSWERS)
    with running(first, second) as processes:
        assert healthy(first.port) and healthy(second.port)
        assert not healthy(first.port, "/elsewhere")
    assert all(process.poll() is not None for process in processes)
    assert not healthy(first.port)


def test_a_server_that_ends_is_explained_by_what_it_said(server):
    good, bad = server(ANSWERS), server(FAILS)
    with pytest.raises(Problems) as failed, running(good, bad):
        pass
    assert "ended with code 2" in str(failed.value)
    assert "the port is in use" in str(failed.value)
    assert not healthy(good.port), "the other one was left running"


def test_a_server_that_does_not_answer_is_given_up(server):
    with pytest.raises(Problems, match="did not answer"), running(server(HANGS), patience=1):
        pass


def test_a_server_that_ends_later_is_noticed(server):
    one = server(ANSWERS)
    with running(one) as processes:
        processes[0].kill()
        with pytest.raises(Problems, match="ended with code"):
            wait((one,), processes)


def test_servers_are_stopped_when_the_work_between_fails(server):
    one = server(ANSWERS)
    with pytest.raises(KeyboardInterrupt), running(one) as processes:
        raise KeyboardInterrupt
    assert processes[0].poll() is not None
    assert Path(one.log).exists()
