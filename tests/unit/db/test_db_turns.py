"""The lock is taken in the order of asking."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from db.turns import Turns

ROOT = Path(__file__).parents[3]


def test_whoever_waits_longest_goes_next():
    turns, order, threads = Turns(), [], []

    def take(n):
        with turns:
            order.append(n)

    with turns:
        for n in range(20):
            threads.append(threading.Thread(target=take, args=(n,)))
            threads[-1].start()
            while len(turns._waiting) <= n:
                time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert order == list(range(20))


def test_one_at_a_time():
    turns, inside, most = Turns(), [0], [0]

    def work():
        for _ in range(50):
            with turns:
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                time.sleep(0)
                inside[0] -= 1

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]


def test_an_error_inside_gives_the_turn_on():
    turns = Turns()
    with pytest.raises(KeyError), turns:
        raise KeyError
    with turns:
        pass


def test_whoever_stops_waiting_holds_nobody_up(tmp_path):
    code = """
import signal, threading, time
from db.turns import Turns
turns = Turns()
turns.__enter__()
main = threading.main_thread().ident
threading.Timer(0.3, lambda: signal.pthread_kill(main, signal.SIGINT)).start()
try:
    with turns:
        print("never")
except KeyboardInterrupt:
    pass
turns.__exit__(None, None, None)
with turns:
    print("free")
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=30
    )
    assert done.stdout == "free\n", done.stderr
