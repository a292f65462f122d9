"""Writes that wait are committed together, and are none the less each on its own."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, OperationalError

from db.store import Store

WAITING = 20


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "a.db") as opened:
        opened.write(lambda c: c.exec_driver_sql("CREATE TABLE t (n INTEGER PRIMARY KEY)") and None)
        yield opened


def insert(n):
    def work(connection):
        connection.exec_driver_sql("INSERT INTO t VALUES (?)", (n,))
        return n

    return work


def refused(n):
    def work(connection):
        insert(n)(connection)
        raise ValueError(f"not {n}")

    return work


def stored(store):
    with store.reading() as connection:
        return [n for (n,) in connection.exec_driver_sql("SELECT n FROM t ORDER BY n").all()]


def behind_a_slow_one(store, works):
    """What became of writes that all came while another one was under way."""
    begun, go_on = threading.Event(), threading.Event()

    def slow(connection):
        begun.set()
        assert go_on.wait(10)

    with ThreadPoolExecutor(len(works) + 1) as pool:
        first = pool.submit(store.write, slow)
        assert begun.wait(10)
        futures = [pool.submit(store.write, work) for work in works]
        until = time.monotonic() + 10
        while len(store._together._waiting) < len(works):
            assert time.monotonic() < until
            time.sleep(0.001)
        go_on.set()
        first.result()
    return [future.exception() or future.result() for future in futures]


def commits(store):
    seen = []
    sa.event.listen(store.engine, "commit", lambda _: seen.append(1))
    return seen


def test_those_who_wait_share_one_commit(store):
    seen = commits(store)
    assert behind_a_slow_one(store, [insert(n) for n in range(WAITING)]) == list(range(WAITING))
    assert stored(store) == list(range(WAITING))
    assert len(seen) == 2, "the slow one's, and one for all the others"


def test_one_that_is_refused_takes_nothing_of_the_others_along(store):
    works = [refused(n) if n == 3 else insert(n) for n in range(WAITING)]
    results = behind_a_slow_one(store, works)
    assert repr(results.pop(3)) == "ValueError('not 3')"
    others = [n for n in range(WAITING) if n != 3]
    assert results == others == stored(store)


def test_what_the_database_refuses_is_refused_to_who_asked(store):
    store.write(insert(5))
    results = behind_a_slow_one(store, [insert(n) for n in range(WAITING)])
    assert isinstance(results.pop(5), IntegrityError)
    assert results == [n for n in range(WAITING) if n != 5]
    assert stored(store) == list(range(WAITING))


def test_a_commit_that_fails_is_made_again_for_each(store):
    fails = iter([False, True])

    def commit(_):
        if next(fails, False):
            raise OperationalError("COMMIT", {}, Exception("disk I/O error"))

    sa.event.listen(store.engine, "commit", commit)
    assert behind_a_slow_one(store, [insert(n) for n in range(WAITING)]) == list(range(WAITING))
    assert stored(store) == list(range(WAITING))


def test_whoever_gives_up_waiting_is_forgotten(store, monkeypatch):
    def give_up(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(type(store._together._turns), "__enter__", give_up)
    with pytest.raises(KeyboardInterrupt):
        store.write(insert(1))
    monkeypatch.undo()
    store.write(insert(2))
    assert stored(store) == [2]
