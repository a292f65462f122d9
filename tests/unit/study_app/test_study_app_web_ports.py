"""A port in use is said before the server starts, with one that is free."""

import socket

import pytest

from explainers.problems import Problems
from study_app.web.ports import first_free, is_free, require_free


@pytest.fixture
def busy():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_a_port_in_use_is_seen_and_another_one_named(busy):
    assert not is_free("127.0.0.1", busy)
    other = first_free("127.0.0.1", busy)
    assert other > busy and is_free("127.0.0.1", other)
    with pytest.raises(Problems) as found:
        require_free("127.0.0.1", busy)
    assert str(found.value).startswith(f"127.0.0.1:{busy}\n  the port is in use\n  fix: ")
    assert "which is free" in str(found.value)


def test_ports_that_are_promised_already_are_left_out(busy):
    first = first_free("127.0.0.1", busy)
    assert first_free("127.0.0.1", busy, frozenset({first})) > first


@pytest.mark.parametrize(("address", "port"), [("127.0.0.1", 70000), ("no-such-host.invalid", 1)])
def test_impossible_addresses_are_explained(address, port):
    with pytest.raises(Problems) as found:
        is_free(address, port)
    assert "fix:" in str(found.value)
