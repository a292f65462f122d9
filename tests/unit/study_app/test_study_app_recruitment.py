"""Who comes from where, what they take back, and what a study file may say about it."""

import json
from pathlib import Path
from random import Random

import pytest
import yaml

from analysis.data import collapsed
from analysis.data.frames import load
from analysis.summaries import dropout
from db.records import Mode
from db.store import Store
from explainers.problems import Problems
from study_app.commands.init import copy_study
from study_app.frozen import Frozen
from study_app.orders.arms import in_arm
from study_app.orders.sequence import planned
from study_app.participation import session
from study_app.participation.arrival import Arrival, arrival, is_complete
from study_app.participation.session import Page
from study_app.participation.way_back import WayBack, way_back
from study_app.protocol.document import document
from study_app.questions.items import expected_position
from study_app.rehearsal.people import Rehearsal
from study_app.simulate import draw_background, simulate
from study_app.study_file.load import load_study

FROZEN = (Path(__file__).parents[2] / "data" / "frozen_section7.json").read_text("utf-8")
PROLIFIC = {
    "source": "prolific",
    "parameters": {"id": "PROLIFIC_PID", "session": "SESSION_ID"},
    "codes": {
        "complete": "C0MPLETE", "failed_checks": "FA1LED", "screened_out": "SCR33NED",
        "no_consent": "N0C0NSENT", "timed_out": "L4TE", "full": "FULL",
    },
}  # fmt: skip
SONA = {
    "source": "sona",
    "parameters": {"id": "survey_code"},
    "codes": {"complete": "https://uni.sona-systems.com/credit?id=9&survey_code={id}"},
}


def text(**changed) -> str:
    data = json.loads(FROZEN)
    data["study"] |= changed
    return json.dumps(data)


def study(**changed) -> Frozen:
    return Frozen.parse("0", text(**changed))


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "whyface.db", synchronous="OFF") as opened:
        yield opened


def live(store, **changed) -> str:
    version = store.add_version("section7", text(**changed))
    store.set_status(version, "live")
    return version


def walked(store, version, came, *, attentive=True, background=None, until=Page.DEBRIEFING):
    token = session.new_token(store)
    session.give_consent(store, token, version, "live", True, came)
    here = session.state(store, token)
    answers = {
        question["id"]: next(iter(question["choices"])) for question in here.study.background
    }
    session.save_background(store, token, answers | (background or {}))
    session.finish_instructions(store, token)
    while (here := session.state(store, token)).page == Page.TRIAL:
        if here.asked.expected and attentive:
            chosen = list(here.asked.expected)
        else:
            chosen = [3] if here.asked.expected != (3,) else [1]
        sent = {"answer": {"chosen": chosen, "none": False}}
        assert session.answer(store, token, here.trial.token, sent).kind == "stored"
    return here


def test_an_address_says_who_comes_by_the_panels_own_names():
    prolific = study(recruitment=PROLIFIC)
    address = {"PROLIFIC_PID": "5f1e", "SESSION_ID": "6a", "STUDY_ID": "1", "p": "x"}
    assert arrival(prolific, address) == Arrival("5f1e", "6a")
    assert arrival(study(recruitment=SONA), {"survey_code": "123"}) == Arrival("123")
    assert arrival(study(), address) == Arrival()
    for strange in ("{{%PROLIFIC_PID%}}", "", "a b", "<b>", "x" * 129, "a\0", "é"):
        assert arrival(prolific, {"PROLIFIC_PID": strange, "SESSION_ID": "6a"}).id is None


def test_a_panels_participants_need_its_id_and_who_tries_it_out_does_not():
    panel = study(recruitment=SONA)
    assert not is_complete(panel, Mode.LIVE, Arrival(None, "s"))
    assert is_complete(panel, Mode.PILOT, Arrival()) and is_complete(panel, Mode.TEST, Arrival())
    assert is_complete(panel, Mode.LIVE, Arrival("1")) and is_complete(study(), "live", Arrival())


def test_whoever_lacks_the_panels_id_reads_so(store):
    version = live(store, recruitment=PROLIFIC)
    token = session.new_token(store)
    assert session.state(store, token, version).page == Page.INCOMPLETE
    assert session.state(store, token, version, came=Arrival("7")).page == Page.CONSENT
    assert session.state(store, token, version, Mode.TEST).page == Page.CONSENT


def test_each_ending_has_its_own_code(store):
    quality = {"min_ms": 300, "attention": 1}
    rule = {"question": "explainability", "is": ["user"]}
    version = live(store, recruitment=PROLIFIC, quality=quality, screen_out=[rule])
    back = "https://app.prolific.com/submissions/complete?cc="

    def ends(name, **how):
        here = walked(store, version, Arrival(name, "s"), **how)
        return way_back(store, here, Arrival(name, "s"))

    assert ends("good") == WayBack("C0MPLETE", back + "C0MPLETE")
    assert ends("bad", attentive=False) == WayBack("FA1LED", back + "FA1LED", failed=True)
    out = ends("other", background={"explainability": "user"})
    assert out == WayBack("SCR33NED", back + "SCR33NED")
    token = session.new_token(store)
    session.give_consent(store, token, version, "live", agreed=False)
    assert way_back(store, session.state(store, token, version)).code == "N0C0NSENT"
    fresh = session.state(store, session.new_token(store), version, came=Arrival("new"))
    assert way_back(store, fresh) == WayBack()


def test_without_a_panel_everybody_has_a_code_of_their_own(store):
    version = live(store)
    one, two = (walked(store, version, Arrival()) for _ in range(2))
    assert way_back(store, one) == WayBack(one.completion_code)
    assert way_back(store, two).code not in (None, one.completion_code)


def test_an_address_with_an_id_is_for_the_person_who_joined_with_it(store):
    version = live(store, recruitment=SONA)
    came = Arrival("12+3")
    here = walked(store, version, came)
    url = "https://uni.sona-systems.com/credit?id=9&survey_code=12%2B3"
    assert way_back(store, here, came) == WayBack(None, url)
    for other in (Arrival("999"), Arrival()):
        assert way_back(store, here, other) == WayBack(here.completion_code)


def test_simulated_people_know_no_cap_and_are_never_screened_out(store):
    rule = {"question": "explainability", "is": ["never", "aware"]}
    quotas = {"expertise": {"user": 1}}
    recruitment = {"source": "link", "cap": 2, "quotas": quotas}
    version = live(store, screen_out=[rule], recruitment=recruitment)
    assert simulate(store, version, 4) == 4
    people = store.participants(version=version, mode="simulated").dicts()
    assert {person["state"] for person in people} == {"completed"}
    assert {person["background"]["explainability"] for person in people} == {"user"}
    everybody = study(screen_out=[rule, {"question": "explainability", "is": ["user"]}])
    with pytest.raises(Problems, match="lets in none of 1,000 people"):
        draw_background(everybody, Random(1))


def test_an_arm_offers_less_and_the_blocks_keep_their_places():
    arms = {"maps": {"options": ["saliency", "visualization"], "order": "fixed"}, "all": {}}
    own = in_arm(study(arms=arms), "maps")
    assert len(own.blocks) == len(study().blocks) and own.version == "0"
    for plan in planned(own, 5):
        assert [offer.option for offer in plan.options] == ["saliency", "visualization"]
    assert planned(in_arm(study(arms=arms), "all"), 5) == planned(study(), 5)


def test_a_rehearsal_knows_the_arms_as_groups_of_participants():
    arms = {"maps": {"options": ["saliency", "inversion"]}, "all": {"order": "fixed"}}
    frozen = study(arms=arms)
    frames = Rehearsal(frozen).frames(8, "chance")
    assert frames.participants["arm"].value_counts().to_dict() == {"maps": 4, "all": 4}
    offered = frames.main.groupby("arm", observed=True)["option"].unique()
    assert set(offered["maps"]) == {"saliency", "inversion"} and len(offered["all"]) == 3


def test_an_arm_is_a_group_of_answers_in_the_database_too(store):
    version = live(store, arms={"a": {"order": "fixed"}, "b": {"order": "random"}})
    for _ in range(2):
        walked(store, version, Arrival())
    walked(store, version, Arrival(), background={"explainability": "user"})
    frames = load(store, version=version)
    assert sorted(frames.participants["arm"].value_counts()) == [1, 2]
    summed = collapsed.load(store, version).before
    assert sorted(summed.participants["arm"].value_counts()) == [1, 2]


def test_whom_the_study_did_not_want_is_no_drop_out(store):
    rule = {"question": "explainability", "is": ["never"]}
    version = live(store, screen_out=[rule])
    user = {"explainability": "user"}
    walked(store, version, Arrival(), background=user)
    walked(store, version, Arrival())
    steps = {step.item: (step.answers, step.participants) for step in
             dropout.reached(load(store, version=version))}  # fmt: skip
    assert steps["Consent"] == steps["End"] == (1, 1)


def test_the_protocol_tells_arms_and_rules_and_no_code():
    rule = {"question": "explainability", "is": ["never"]}
    arms = {"maps": {"options": ["saliency", "inversion"]}, "still": {"order": "fixed"}}
    told = document(study(recruitment=PROLIFIC, arms=arms, screen_out=[rule]), lambda sha256: "x")
    assert "### Arms" in told and "- **maps:** offered: saliency, inversion" in told
    assert "The study ends here for participants with question: explainability; is: never" in told
    assert "failed checks" in told and "C0MPLETE" not in told and "FA1LED" not in told


@pytest.fixture
def folder(tmp_path):
    copy_study("section7", tmp_path / "mine")
    return tmp_path / "mine"


def change(folder, **changed):
    data = yaml.safe_load((folder / "study.yaml").read_text())
    data |= changed
    (folder / "study.yaml").write_text(yaml.safe_dump(data, sort_keys=False))


def problems(folder) -> str:
    with pytest.raises(Problems) as caught:
        load_study(folder)
    return "\n".join(str(problem) for problem in caught.value.problems)


def test_a_study_file_knows_the_usual_panels(folder):
    change(folder, recruitment={"source": "prolific", "codes": {"complete": "C1"}})
    names = load_study(folder).recruitment.parameters
    assert (names.id, names.session) == ("PROLIFIC_PID", "SESSION_ID")
    change(folder, recruitment={"source": "sona", "parameters": {"id": "c", "session": "c"}})
    assert load_study(folder).recruitment.parameters.session == "c"


def test_a_plain_study_is_frozen_as_before(folder):
    kept = load_study(folder).model_dump(mode="json", by_alias=True, exclude_none=True)
    assert kept["recruitment"] == {"source": "link"}
    assert not {"arms", "screen_out"} & set(kept)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"recruitment": {"source": "panel"}}, "does not say how the panel calls its id"),
        ({"recruitment": {"source": "link", "parameters": {"id": "x"}}}, "a plain link brings"),
        ({"recruitment": {"codes": {"complete": "https://x.org/{id}"}}}, "has {id}, but a plain"),
        ({"recruitment": {"source": "sona", "codes": {"complete": "http://x"}}}, "neither a code"),
        ({"recruitment": {"source": "sona", "codes": {"complete": "https://x/{pid}"}}},
         "{pid} is never filled in"),
        ({"recruitment": {"source": "prolific", "codes": {"complete": "A", "full": "A"}}},
         "is the same as complete"),
        ({"recruitment": {"codes": {"failed_checks": "A"}}, "quality": {}}, "no check need"),
        ({"recruitment": {"quotas": {"expert": {"never": 3}}}}, "unknown segment 'expert'"),
        ({"recruitment": {"quotas": {"expertise": {"nevr": 3}}}}, "did you mean 'never'"),
        ({"recruitment": {"cap": 0}}, "recruitment.cap"),
        ({"screen_out": [{"question": "age", "is": ["x"]}]}, "unknown background question 'age'"),
        ({"screen_out": [{"question": "age_range", "is": ["18_24"]}]}, "did you mean '18-24'"),
        ({"arms": {"one": {"order": "fixed"}}}, "need at least two to differ"),
        ({"arms": {"a": {"options": ["salience"]}, "b": {}}}, "did you mean 'saliency'"),
        ({"arms": {"a": {"option": ["saliency"]}, "b": {}}}, "unknown key 'option'"),
    ],
)  # fmt: skip
def test_what_a_study_file_may_not_say(folder, changed, said):
    change(folder, **changed)
    assert said in problems(folder)


def test_an_arm_must_leave_enough_for_each_block(folder):
    data = yaml.safe_load((folder / "study.yaml").read_text())
    data["blocks"][1] |= {"trial": "pairwise", "attention": 0}
    arms = {"a": {"options": ["saliency"]}, "b": {"order": "fixed"}}
    change(folder, blocks=data["blocks"], quality={}, arms=arms)
    assert "leaves 1 for block 2: pairwise needs 2 or more" in problems(folder)


def test_a_check_asks_for_an_explanation_that_every_arm_shows(folder):
    faces = [f"f{n:02}" for n in range(1, 19)]
    before = {expected_position(load_study(folder), face) for face in faces}
    change(folder, arms={"a": {"options": ["saliency", "inversion"]}, "b": {"order": "fixed"}})
    after = {expected_position(load_study(folder), face) for face in faces}
    assert (before, after) == ({1, 2, 3}, {1, 2})
