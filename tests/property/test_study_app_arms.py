"""Arms stay balanced on those who finish, whoever comes, goes and finishes in which order."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db import schema
from db.store import Store
from study_app.frozen import Frozen
from study_app.orders import arms
from study_app.orders.sequence import planned
from study_app.participation import session

FROZEN = json.loads(
    (Path(__file__).parents[1] / "data" / "frozen_section7.json").read_text("utf-8")
)
NAMES = ("a", "b", "c")
ANSWER = {"answer": {"chosen": [1], "none": False}}


def study(seed: int, many: int = 3) -> str:
    """One question each, in up to three arms."""
    data = json.loads(json.dumps(FROZEN))
    data["study"]["blocks"] = [{**data["study"]["blocks"][-1], "items": 1, "attention": 0}]
    data["study"] |= {"background": [], "seed": seed}
    data["study"]["arms"] = {name: {"order": "fixed"} for name in NAMES[:many]}
    return json.dumps(data)


class Crowd:
    """People in a real database, and what each of them has done."""

    def __init__(self, store, version):
        self.store, self.version = store, version
        self.under_way, self.most = [], 0

    def join(self):
        before = self.holding()
        token = session.new_token(self.store)
        session.join(self.store, self.version, "live", token)
        arm = self.store.assignment(token)["arm"]
        assert before[arm] == min(before[name] for name in NAMES)
        self.under_way.append(token)
        self.most = max(self.most, len(self.under_way))

    def finish(self, which):
        if not self.under_way:
            return
        token = self.under_way.pop(which % len(self.under_way))
        session.finish_instructions(self.store, token)
        trial = session.state(self.store, token).trial.token
        assert session.answer(self.store, token, trial, ANSWER).kind == "stored"

    def leave(self, which):
        if not self.under_way:
            return
        token = self.under_way.pop(which % len(self.under_way))
        old = datetime.now(UTC) - timedelta(minutes=1)
        a = schema.assignment
        with self.store.engine.begin() as connection:
            connection.execute(sa.update(a).where(a.c.token == token).values(lease_until=old))

    def people(self):
        """(arm, place, whether they have finished) of everybody who holds a place."""
        now = datetime.now(UTC)
        with self.store.reading() as connection:
            mine = schema.assignment.c.version == self.version
            rows = connection.execute(sa.select(schema.assignment).where(mine)).all()
        return [
            (row.arm, row.place, row.state == "completed")
            for row in rows
            if row.state == "completed" or row.lease_until > now
        ]

    def holding(self):
        return Counter(arm for arm, _, _ in self.people())

    def completed(self):
        done = Counter(arm for arm, _, finished in self.people() if finished)
        return [done[name] for name in NAMES]


ACTIONS = st.lists(
    st.tuples(st.sampled_from(["join", "join", "finish", "leave"]), st.integers(0, 9)), max_size=30
)


def test_whoever_comes_and_goes(tmp_path):
    with Store(tmp_path / "whyface.db", synchronous="OFF") as store:

        @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
        @given(seed=st.integers(0, 10**6), actions=ACTIONS)
        def check(seed, actions):
            version = store.add_version("section7", study(seed) + " " * check.n)
            check.n += 1
            store.set_status(version, "live")
            crowd = Crowd(store, version)
            for what, which in actions:
                crowd.join() if what == "join" else getattr(crowd, what)(which)
                places = [(arm, place) for arm, place, _ in crowd.people()]
                assert len(set(places)) == len(places)
            # Whoever is under way may still tip the balance, nobody else.
            assert max(crowd.completed()) - min(crowd.completed()) <= 1 + crowd.most
            while crowd.under_way:
                crowd.finish(0)
            if "leave" not in {what for what, _ in actions}:
                assert max(crowd.completed()) - min(crowd.completed()) <= 1
                for name in NAMES:  # nobody's place is missing
                    theirs = sorted(place for arm, place, _ in crowd.people() if arm == name)
                    assert theirs == list(range(1, len(theirs) + 1))

        check.n = 1
        check()


@given(seed=st.integers(0, 10**6), many=st.integers(2, 3), people=st.integers(1, 30))
def test_where_everybody_finishes_the_database_and_the_plan_agree(seed, many, people):
    frozen = Frozen.parse("0", study(seed, many))
    taken: Counter[str] = Counter()
    for number in range(1, people + 1):
        arm = min(arms.preferred(frozen, number), key=lambda name: taken[name])
        taken[arm] += 1
        assert arms.nth(frozen, number) == (taken[arm], arm)
    assert max(taken.values()) - min(taken[name] for name in NAMES[:many]) <= 1


def test_the_first_arm_cannot_be_told_and_without_arms_nothing_changes():
    firsts = Counter(arms.nth(Frozen.parse("0", study(seed)), 1)[1] for seed in range(300))
    assert min(firsts[name] for name in NAMES) > 70
    plain = Frozen.parse("0", json.dumps(FROZEN))
    assert [arms.nth(plain, n) for n in (1, 2, 7)] == [(1, ""), (2, ""), (7, "")]
    assert planned(arms.in_arm(plain, ""), 3) == planned(plain, 3)
