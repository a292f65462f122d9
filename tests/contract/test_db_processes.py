"""Exactly once with real processes: several writers, and one that is killed in the middle."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import sqlalchemy as sa

from db import schema
from db.store import Store
from study_app.participation import session
from study_app.participation.session import Page

ROOT = Path(__file__).parents[2]
HAMMER = """
import sys
from db.store import Store
from study_app.participation import session
url, mine, *tokens = sys.argv[1:]
store = Store(url, create=False)
print("ready", flush=True)
sys.stdin.readline()
for token in tokens:
    while (here := session.state(store, token)).page == "trial":
        sent = {"answer": {"chosen": [int(mine) % 3 + 1], "none": False}, "rt_ms": int(mine)}
        print(session.answer(store, token, here.trial.token, sent).kind, flush=True)
"""
WRITER = """
import sys
from random import Random
from db.store import Store
from study_app import simulate
from study_app.frozen import frozen
url, version, seed = sys.argv[1:]
store = Store(url, create=False)
print("ready", flush=True)
while True:
    simulate.walk(store, frozen(store, version), Random(seed))
"""


def process(script: str, *arguments: str) -> subprocess.Popen:
    started = subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert started.stdout.readline() == "ready\n"
    return started


def begun(store: Store, version: str) -> str:
    token = session.new_token(store)
    session.give_consent(store, token, version, "live", agreed=True)
    study = session.state(store, token).study
    answers = {question["id"]: next(iter(question["choices"])) for question in study.background}
    session.save_background(store, token, answers)
    session.finish_instructions(store, token)
    return token


def test_processes_hammering_the_same_trials_store_each_once(store, url, version):
    tokens = [begun(store, version) for _ in range(2)]
    hammers = [process(HAMMER, url, str(n), *tokens) for n in range(3)]
    outputs = [hammer.communicate("go\n", timeout=120)[0].split() for hammer in hammers]
    assert all(hammer.returncode == 0 for hammer in hammers)
    kinds = Counter(kind for output in outputs for kind in output)
    # Whoever is a trial late is told that it is answered; nothing else may happen.
    assert kinds["stored"] == 20 and set(kinds) <= {"stored", "already"}
    rows = store.responses(version=version).dicts()
    assert len(rows) == 60
    picked = {row["trial"]: row["option_position"] for row in rows if row["value"]}
    times = {row["trial"]: row["rt_ms"] for row in rows}
    # The option rows of a trial are those of the process that stored it, never a mixture.
    assert picked == {trial: int(rt) % 3 + 1 for trial, rt in times.items()}
    codes = [session.state(store, token).completion_code for token in tokens]
    assert len(set(codes)) == 2 and None not in codes


def test_a_writer_killed_in_the_middle_leaves_everything_consistent(store, url, version):
    writers = [process(WRITER, url, version, str(n)) for n in range(2)]
    for writer in writers:
        time.sleep(0.7)
        writer.send_signal(signal.SIGKILL)
        writer.communicate(timeout=30)
    with store.reading() as connection:
        t, o, r, v = (
            schema.trial,
            schema.trial_option,
            schema.response,
            schema.response_option,
        )
        if store.is_sqlite:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").first() is None
        count = sa.func.count()
        offered = dict(connection.execute(sa.select(o.c.trial, count).group_by(o.c.trial)).all())
        valued = dict(connection.execute(sa.select(v.c.trial, count).group_by(v.c.trial)).all())
        answered = set(connection.execute(sa.select(r.c.trial)).scalars())
        planned = connection.execute(sa.select(t.c.assignment, count).group_by(t.c.assignment))
        assert set(dict(planned.all()).values()) == {10}
    assert answered, "the writers were killed before they wrote anything"
    assert valued == {trial: offered[trial] for trial in answered}
    people = store.participants(version=version, mode="simulated").dicts()
    assert len(people) > 2
    for person in people:
        assert (person["state"] == "completed") == (person["answered"] == 10)
        assert len(person["background"]) == (0 if person["state"] == "background" else 4)
    # Whoever was interrupted goes on where they were.
    with store.reading() as connection:
        tokens = connection.execute(sa.select(schema.assignment.c.token)).scalars().all()
    for token in tokens:
        here = session.state(store, token)
        if here.page == Page.TRIAL:
            sent = {"answer": {"chosen": [], "none": True}}
            assert session.answer(store, token, here.trial.token, sent).kind == "stored"
