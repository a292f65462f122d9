"""Practice with a gate: what a study file may say, what is planned, and what the route replies."""

import json
from itertools import pairwise
from random import Random

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.data import exclusions
from db.gates import PRACTICE, passed
from db.records import Mode
from db.store import Store
from explainers.problems import Problems
from study_app import simulate
from study_app.commands.check import _block
from study_app.commands.init import copy_study
from study_app.frozen import Frozen, frozen
from study_app.orders.sequence import planned, practised_again
from study_app.participation import session
from study_app.protocol.document import document
from study_app.publishing.freeze import frozen_text
from study_app.rehearsal import design
from study_app.rehearsal.people import Rehearsal
from study_app.study_file.load import load_study
from study_app.study_file.ready import FOLDER
from study_app.study_file.schema import study_schema
from study_app.web import answers
from study_app.web.site import Site


@pytest.fixture(scope="module")
def built(bands_study, tmp_path_factory):
    """The ready intruder study about bands of faces."""
    return bands_study(tmp_path_factory.mktemp("practice") / "intruder", "intruder")


@pytest.fixture(scope="module")
def study(built) -> Frozen:
    return Frozen.parse(*frozen_text(built))


def changed(folder, tmp_path, **blocks) -> str:
    """What is wrong with a study whose first block says this."""
    copy_study(folder, tmp_path / "study")
    file = tmp_path / "study" / "study.yaml"
    data = yaml.safe_load(file.read_text("utf-8"))
    data["blocks"][0] |= blocks
    file.write_text(yaml.safe_dump(data, sort_keys=False), "utf-8")
    with pytest.raises(Problems) as raised:
        load_study(file.parent)
    return str(raised.value)


@pytest.mark.parametrize(
    ("name", "block", "message"),
    [
        ("intruder", {"role": "main"}, "has attempts, but its answers count"),
        ("section7", {"practice": {}}, "can never be wrong: pick_any has no right answer"),
        ("intruder", {"practice": {"pass": 1.2}}, "practice.pass"),
        ("intruder", {"practice": {"attempts": 0}}, "practice.attempts"),
        ("intruder", {"practice": {"on_fail": "scold"}}, "practice.on_fail"),
        ("intruder", {"practice": {"tries": 3}}, "tries"),
    ],
)
def test_a_gate_that_cannot_be(name, block, message, tmp_path):
    assert message in changed(name, tmp_path, **block)


def test_a_code_for_who_fails_needs_somebody_who_can(tmp_path):
    codes = {"recruitment": {"source": "link", "codes": {"failed_checks": "N0"}}}
    copy_study("intruder", tmp_path / "study")
    file = tmp_path / "study" / "study.yaml"
    data = yaml.safe_load(file.read_text("utf-8")) | codes
    file.write_text(yaml.safe_dump(data, sort_keys=False), "utf-8")
    with pytest.raises(Problems, match="on_fail: end"):
        load_study(file.parent)
    data["blocks"][0]["practice"]["on_fail"] = "end"
    file.write_text(yaml.safe_dump(data, sort_keys=False), "utf-8")
    assert load_study(file.parent).recruitment.codes.failed_checks == "N0"


def test_both_ready_studies_about_concepts_have_one_and_mark_only():
    for name in ("intruder", "coherency"):
        read = load_study(FOLDER / name)
        gate = read.blocks[0].practice
        assert (gate.attempts, gate.share, gate.feedback) == (3, 1.0, True)
        assert read.quality.marks_only == ("practice",)
        assert _block(read.blocks[0]).endswith(
            ", up to 3 rounds until 100% of the answers are right"
        )


def test_editors_and_protocol_explain_it(study):
    schema = study_schema()
    assert "practises once more" in schema["$defs"]["Practice"]["description"]
    for name, part in schema["$defs"]["Practice"]["properties"].items():
        assert part["description"], name
    text = document(study, str)
    assert "100% right answers in one of 3 rounds at most; each answer is followed by" in text


@given(st.lists(st.sampled_from([True, False, None]), max_size=12), st.floats(0.01, 1))
def test_passed_by_its_definition(correct, share):
    known = [right for right in correct if right is not None]
    wanted = not known or sum(known) / len(known) >= share - 1e-9
    assert passed(correct, share) == wanted


@settings(max_examples=30, deadline=None)
@given(number=st.integers(1, 300))
def test_rounds_differ_and_leave_the_rest_where_it_is(study, number):
    plans = planned(study, number)
    first = [plan for plan in plans if plan.role == "practice"]
    rest = [plan for plan in plans if plan.role != "practice"]
    assert [plan.position for plan in first] == [1]
    assert [plan.position for plan in rest] == [4, 5, 6]
    assert [plan.config for plan in plans] == [{"attempt": 1}, {}, {}, {}]
    assert practised_again(study, number, 0, 1, 1) == first
    rounds = [practised_again(study, number, 0, n, n) for n in (1, 2, 3)]
    assert [plan.position for plans in rounds for plan in plans] == [1, 2, 3]
    assert [plan.config["attempt"] for plans in rounds for plan in plans] == [1, 2, 3]
    places = [_place(plan) for (plan,) in rounds]
    assert all(one != other for one, other in pairwise(places))


def _place(plan) -> int:
    return next(offer.position for offer in plan.options if offer.option == "intruder")


@pytest.fixture
def site(built, tmp_path):
    version, text = frozen_text(built)
    with Store(tmp_path / "a.db", synchronous="OFF") as store:
        store.add_version("intruder", text)
        store.set_status(version, "live")
        yield Site(store, version, Mode.LIVE, built / "stimuli")


def joined(site) -> str:
    token = session.new_token(site.store)
    session.join(site.store, site.version, "live", token)
    study = frozen(site.store, site.version)
    session.save_background(site.store, token, simulate.draw_background(study, Random(2)))
    session.finish_instructions(site.store, token)
    return token


def post(site, token, trial, **more) -> tuple[int, dict]:
    body = {"participant": token, "trial": trial, **more}
    return answers.replied(site, json.dumps(body).encode())


def wrong(site, token) -> dict:
    here = session.state(site.store, token)
    chosen = [o.position for o in here.asked.options if o.option != "intruder"][:1]
    return {"answer": {"chosen": chosen, "none": False}, "rt_ms": 900.0}


def test_the_route_brings_feedback_then_the_next_trial(site):
    token, store = joined(site), site.store
    first = session.state(store, token).trial.token
    told = wrong(site, token)
    for _ in range(2):  # the second time as if the reply was lost
        status, reply = post(site, token, first, **told)
        assert status == 200 and reply["trial"]["token"] == first
        assert reply["trial"]["feedback"]["right"] is False
    # Going on from what is not there, or is not theirs, shows nobody anything else.
    other = joined(site)
    for participant, trial in ((other, first), (token, "x"), (token, None), (token, [1])):
        before = session.state(store, token)
        post(site, participant, trial, onward=True)
        assert session.state(store, token) == before
    assert session.state(store, other).trial.attempt == 1
    assert post(site, "strange", first, onward=True)[0] == 403
    status, reply = post(site, token, first, onward=True)
    assert status == 200 and reply["trial"]["feedback"] is None
    assert reply["trial"]["label"] == "Practice question, round 2"
    second = reply["trial"]["token"]
    assert post(site, token, first, onward=True)[1]["trial"]["token"] == second
    # An answer is needed before one can go on.
    status, reply = post(site, token, second, onward=True)
    assert reply["trial"]["token"] == second and reply["trial"]["feedback"] is None
    assert session.state(store, token).trial.token == second


def test_texts_come_in_the_participants_language(site):
    study = frozen(site.store, site.version)
    data = {**study.study, "languages": ["en", "fa"]}
    text = json.dumps(
        {"study": data, "consent": "", "instructions": "", "debriefing": "",
         "items": list(study.items), "translations": {"fa": [[["study", "language"], "fa"]]}}
    )  # fmt: skip
    version = site.store.add_version("intruder", text)
    site.store.set_status(version, "live")
    token = joined(Site(site.store, version, Mode.LIVE, site.stimuli))
    session.speak(site.store, token, "fa")
    first = session.state(site.store, token).trial.token
    _, reply = post(site, token, first, **wrong(site, token))
    assert reply["trial"]["feedback"]["text"].startswith("کاملاً درست نیست.")
    assert reply["trial"]["words"]["trial_right_answer"] == "پاسخ درست"


def rehearsed(share: float, **practice) -> Rehearsal:
    read = load_study(FOLDER / "intruder")
    gate = read.blocks[0].practice.model_copy(update=practice)
    block = read.blocks[0].model_copy(update={"practice": gate})
    planted = read.simulate.model_copy(update={"effects": {"all": {"ace": share}}, "icc": 0.0})
    study = read.model_copy(update={"blocks": (block, *read.blocks[1:]), "simulate": planted})
    return Rehearsal(Frozen.parse(*design.rehearsed(study)))


def test_a_rehearsal_practises(tmp_path):
    frames = rehearsed(0.5, attempts=2).frames(400, "chance")
    failed = (frames.participants[PRACTICE] == "no").mean()
    # Two questions, both right by 0.25, in two rounds.
    assert failed == pytest.approx(0.75**2, abs=0.08)
    (rule,) = [rule for rule in exclusions.find(frames) if rule.rule == "practice"]
    assert len(rule.participants) == round(400 * failed) and rule.marks_only
    kept = rehearsed(0.5, attempts=2, on_fail="end").frames(50, "chance")
    assert set(kept.participants[PRACTICE]) == {"yes"}
    with pytest.raises(Problems, match="plant larger shares"):
        rehearsed(0.0, on_fail="end").frames(1, "chance")


def test_simulated_people_walk_through_it(site):
    assert simulate.simulate(site.store, site.version, 5) == 5
    rows = site.store.participants(version=site.version, mode="simulated").dicts()
    assert {row["background"][PRACTICE] for row in rows} <= {"yes", "no"}
    assert all(row["answered"] == row["trials"] for row in rows)
