"""Any sequence of honest and dishonest actions leaves a consistent database."""

import json
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from db.store import Store
from study_app.participation import session
from study_app.participation.session import Page

FROZEN = (Path(__file__).parents[1] / "data" / "frozen_section7.json").read_text("utf-8")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
VALID = st.lists(st.sampled_from([1, 2, 3]), unique=True).map(
    lambda chosen: {"chosen": chosen, "none": not chosen}
)
TIMES = st.fixed_dictionaries({}, optional={"rt_ms": JSON, "hidden_ms": JSON, "events": JSON})


class Walk(RuleBasedStateMachine):
    """Two participants in one database; the model is what each of them was told was stored."""

    store: Store
    version: str

    def __init__(self):
        super().__init__()
        self.tokens = [session.new_token(self.store) for _ in range(2)]
        self.pages = [Page.CONSENT, Page.CONSENT]
        self.stored = [{}, {}]
        self.seen = [[], []]  # trial tokens that the participant's browser has met
        self.codes = [None, None]

    who = st.integers(0, 1)

    @rule(who=who, agreed=st.sampled_from([True, True, True, False]))
    def consent(self, who, agreed):
        session.give_consent(self.store, self.tokens[who], self.version, "live", agreed)
        # Whoever declined may think again; whoever agreed leaves by withdrawing, not by a click.
        if self.pages[who] in (Page.CONSENT, Page.DECLINED):
            self.pages[who] = Page.BACKGROUND if agreed else Page.DECLINED

    @rule(who=who, whole=st.booleans())
    def background(self, who, whole):
        questions = json.loads(FROZEN)["study"]["background"]
        answers = {question["id"]: next(iter(question["choices"])) for question in questions}
        if not whole:
            answers.popitem()
        problems = session.save_background(self.store, self.tokens[who], answers)
        asked = self.pages[who] == Page.BACKGROUND
        assert len(problems) == (asked and not whole)
        if asked and whole:
            self.pages[who] = Page.INSTRUCTIONS

    @rule(who=who)
    def instructions(self, who):
        session.finish_instructions(self.store, self.tokens[who])
        if self.pages[who] == Page.INSTRUCTIONS:
            self.pages[who] = Page.TRIAL

    @precondition(lambda self: Page.TRIAL in self.pages)
    @rule(picks=VALID, times=TIMES, many=st.integers(1, 4))
    def answer(self, picks, times, many):
        for who in (0, 1):
            for _ in range(many):
                here = session.state(self.store, self.tokens[who])
                if here.page != Page.TRIAL:
                    continue
                token = here.trial.token
                if here.answered % 2:
                    session.mark_shown(self.store, self.tokens[who], token)
                sent = {"answer": picks, **times}
                outcome = session.answer(self.store, self.tokens[who], token, sent)
                assert outcome.kind == "stored"
                self.seen[who].append(token)
                self.stored[who][token] = picks
                if len(self.stored[who]) == 10:
                    self.pages[who] = Page.DEBRIEFING

    @rule(who=who, picks=VALID, data=st.data())
    def answer_again(self, who, picks, data):
        if self.seen[who]:
            token = data.draw(st.sampled_from(self.seen[who]))
            sent = {"answer": picks}
            outcome = session.answer(self.store, self.tokens[who], token, sent)
            assert outcome.kind == "already"

    @rule(who=who)
    def answer_the_others_trial(self, who):
        other = session.state(self.store, self.tokens[1 - who])
        if other.trial:
            sent = {"answer": {"chosen": [1], "none": False}}
            outcome = session.answer(self.store, self.tokens[who], other.trial.token, sent)
            assert outcome.kind == "refused"

    @rule(who=who, sent=JSON | st.fixed_dictionaries({"answer": JSON}), token=JSON)
    def nonsense(self, who, sent, token):
        here = session.state(self.store, self.tokens[who])
        assert session.answer(self.store, self.tokens[who], token, sent).kind == "refused"
        assert session.answer(self.store, token, token, sent).kind == "refused"
        if here.trial:
            outcome = session.answer(self.store, self.tokens[who], here.trial.token, sent)
            assert outcome.kind == "refused"
        assert session.state(self.store, token) is None

    @invariant()
    def everybody_is_where_they_should_be(self):
        for who, token in enumerate(self.tokens):
            here = session.state(self.store, token, self.version)
            assert here.page == self.pages[who]
            assert here.answered == len(self.stored[who])
            assert (here.completion_code is not None) == (here.page == Page.DEBRIEFING)
            self.codes[who] = self.codes[who] or here.completion_code
            assert here.completion_code == self.codes[who]

    def teardown(self):
        """The first answer of each trial is stored in full."""
        people = [self.store.assignment(token) or {} for token in self.tokens]
        for person, stored in zip(people, self.stored, strict=True):
            rows = [
                row
                for row in self.store.responses(version=self.version).dicts()
                if row["participant"] == person.get("participant")
            ]
            assert len(rows) == 3 * len(stored)
            picked = [(row["trial"], row["option_position"]) for row in rows if row["value"]]
            assert len(picked) == sum(len(picks["chosen"]) for picks in stored.values())


def test_any_sequence_of_actions(tmp_path):
    with Store(tmp_path / "whyface.db", synchronous="OFF") as opened:
        Walk.store = opened
        Walk.version = opened.add_version("section7", FROZEN)
        opened.set_status(Walk.version, "live")
        quick = settings(
            max_examples=15,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        run_state_machine_as_test(Walk, settings=quick)
