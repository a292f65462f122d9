"""Studies about concepts: their file, their questions, their answers, and what is exported."""

import dataclasses
import random
from collections import Counter
from pathlib import Path
from zlib import crc32

import pytest
import yaml

from db.records import Mode, Offer
from db.store import Store
from explainers.concept import Collection, Concept, Row, Segment
from explainers.problems import Problems
from study_app import trials
from study_app.export import data as exported
from study_app.export.codebook import codebook
from study_app.frozen import Frozen
from study_app.orders.sequence import planned
from study_app.preview.questions import questions
from study_app.protocol.document import document
from study_app.publishing.freeze import frozen_text
from study_app.publishing.publish import publish
from study_app.questions.items import study_items
from study_app.questions.planning import plan_of
from study_app.rehearsal.design import rehearsed
from study_app.rehearsal.people import Rehearsal
from study_app.simulate import simulate
from study_app.study_file.load import check_study, load_study
from study_app.study_file.yaml_file import read
from study_app.trials import Invalid, Person, Trial, coherency, intruder

STUDIES = Path(trials.__file__).parents[1] / "studies"
READY = ("intruder", "coherency")


def concept(name: str, family="ace", target="happy", faces="abcdefgh", random=False, rows=2):
    """A concept with a segment of each face, at a place of its own."""
    top = 10 * crc32(name.encode())
    segments = tuple(
        Segment(f"{name}-{n}", face, (10 * n, top, 9, 9), -n) for n, face in enumerate(faces)
    )
    four = tuple(
        Row(f"{name}-row-{n}", tuple(s.sha256 for s in segments[4 * n : 4 * n + 4]))
        for n in range(rows)
    )
    about = (family, "expression", "dense2", target, "", random)
    return Concept(name, *about, segments, rows=four)


def collection(many=6, target="happy", **changes) -> Collection:
    found = [concept(f"{target}-{n}", target=target, **changes) for n in range(many)]
    return Collection(
        (*found, concept(f"{target}-random", target=target, faces="zyxwvuts", random=True))
    )


def changed(folder: Path, name: str, change) -> Path:
    """The ready study with something changed in its file."""
    data = yaml.safe_load((STUDIES / name / "study.yaml").read_text("utf-8"))
    change(data)
    folder.mkdir(exist_ok=True)
    for text in ("consent", "instructions", "debriefing"):
        (folder / f"{text}.md").write_text("Words.", "utf-8")
    (folder / "study.yaml").write_text(yaml.safe_dump(data, sort_keys=False), "utf-8")
    return folder


def wrong(folder: Path, change, name="intruder") -> str:
    folder = changed(folder, name, change)
    study, problems = check_study(read(folder / "study.yaml"), folder)
    assert study is None
    return "\n".join(str(problem) for problem in problems)


# The study file


@pytest.mark.parametrize("name", READY)
def test_the_ready_studies_ask_about_concepts_alone(name):
    study = load_study(STUDIES / name)
    assert study.models["expression"].ask is None
    assert not study.faces.main and not study.stimuli
    assert [block.items for block in study.blocks] == [2, 15]
    plan = plan_of(study, STUDIES / name)
    assert not plan.asked and not plan.computes
    assert plan.concepts["ace"].method == "ace" and plan.concepts["ace"].faces == "rendered"


def test_every_mistake_about_concepts_is_told_at_once(tmp_path):
    def change(data):
        data["concepts"]["ace"] |= {"method": "acee", "model": "expresion", "faces": {"from": "no"}}
        data["concepts"]["own"] = {"method": "mine:Own", "model": "expression"}
        data["concepts"]["other"] = {"method": "ace", "model": "expression", "piece": 3}
        data["blocks"][1] |= {"concepts": ["acs"], "options": ["saliency"]}
        data["simulate"]["effects"]["user"] = {"acf": 0.5}

    said = wrong(tmp_path, change)
    for part in (
        "unknown finder of concepts 'acee'",
        "unknown network 'expresion'",
        "there is no folder 'no'",
        "cannot find 'mine:Own'",
        "ace has no parameter 'piece'",
        "unknown family of concepts 'acs'",
        "unknown explanation 'acf'",
    ):
        assert part in said


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ({"concepts": None}, "intruder needs concepts to ask about"),
        ({"options": []}, "intruder asks about concepts"),
        ({"order": "fixed"}, "intruder asks about concepts"),
        ({"attention": 1}, "intruder cannot ask for a certain explanation"),
        ({"alternatives": 2}, "greater than or equal to 3"),
    ],
)
def test_a_block_says_what_suits_its_trial_type(tmp_path, own, said):
    def change(data):
        data["blocks"][1] |= own
        if own.get("concepts", 1) is None:
            del data["blocks"][1]["concepts"]

    assert said in wrong(tmp_path, change)


def test_predictions_still_need_faces_explanations_and_questions(tmp_path):
    def change(data):
        data["blocks"].append({"trial": "pick_any", "items": 1, "prompt": "Tick"})
        data["models"]["age"] = {"use": "age"}

    said = wrong(tmp_path, change)
    for part in (
        "'faces' is missing",
        "'stimuli' is missing",
        "study.yaml: models.age",
        "'ask' is missing",
    ):
        assert part in said
    assert "models.expression" not in said  # only its concepts are asked about


def test_a_question_about_predictions_names_no_concepts(tmp_path):
    def change(data):
        data["concepts"] = {"ace": {"method": "ace", "model": "age"}}
        data["blocks"][1]["concepts"] = ["ace"]

    assert "pick_any asks about predictions" in wrong(tmp_path, change, "section7")


def test_what_is_needed_is_told_beside_other_mistakes(tmp_path):
    def change(data):
        del data["concepts"], data["title"]

    said = wrong(tmp_path, change)
    assert "'title' is missing" in said and "'faces' is missing" in said
    assert "unknown family of concepts 'ace'" in said


# The questions


def with_items(name: str, main: int, practice: int, **block):
    study = load_study(STUDIES / name)
    first, second = study.blocks
    blocks = (
        first.model_copy(update={"items": practice}),
        second.model_copy(update={"items": main, **block}),
    )
    return study.model_copy(update={"blocks": blocks})


def made(study, found):
    from explainers.manifest import Manifest

    return study_items(study, Manifest((), ()), found)


def test_an_intruder_is_of_another_concept_of_the_same_class():
    found = Collection((*collection().concepts, *collection(target="sad").concepts))
    items = made(with_items("intruder", 10, 2), found)
    by_name = {concept.id: concept for concept in found.concepts}
    for item in items:
        *own, odd = item["options"]
        assert [o["option"] for o in own] == [f"segment_{n}" for n in range(1, 6)]
        mine, other = by_name[item["concept"]], by_name[odd["concept"]]
        assert {o["sha256"] for o in own} <= {s.sha256 for s in mine.segments}
        assert odd["sha256"] in {s.sha256 for s in other.segments}
        assert (other.id, other.random) != (mine.id, True) and other.kin == mine.kin
        assert not mine.random and other.id != mine.id
        assert (item["face"], item["picture"], item["about"]) == ("", "", "concept")
        assert item["target"] == mine.target and item["layer"] == "dense2"


def test_practice_is_about_other_concepts_where_there_are_enough():
    items = made(with_items("intruder", 4, 2), collection(6))
    concepts = {r: {i["concept"] for i in items if i["role"] == r} for r in ("main", "practice")}
    assert len(concepts["practice"]) == 2 and concepts["main"].isdisjoint(concepts["practice"])
    # Too few for that: practice takes other segments of a concept.
    items = made(with_items("intruder", 5, 1), collection(3, faces="abcdefghij"))
    shown = Counter(o["sha256"] for item in items for o in item["options"][:-1])
    assert max(shown.values()) == 1
    assert len({item["id"] for item in items}) == len(items) == 6


def test_too_few_concepts_are_told_for_each_block():
    with pytest.raises(Problems) as caught:
        made(with_items("intruder", 9, 2), collection(4))
    said = str(caught.value)
    assert "blocks[1].items\n  asks for 9, but the concepts that were found give 4" in said
    assert "blocks[0].items" in said


def test_an_intruder_does_not_show_a_place_that_is_shown_already():
    one, two = concept("a"), concept("b")
    hidden = tuple(  # the same places as of the first, except the fifth
        dataclasses.replace(s, sha256=f"b-{n}", face="z" if n == 4 else s.face)
        for n, s in enumerate(one.segments)
    )
    found = [one, dataclasses.replace(two, segments=hidden)]
    for seed in range(20):
        parameters = intruder.Parameters()
        for asked, options in intruder.items(found, parameters, random.Random(seed)):
            if asked.id == "a":
                assert options[-1]["sha256"] == "b-4"


def test_a_row_is_compared_with_a_random_one_of_its_class_without_a_segment_of_its_own():
    found = collection(3)
    control = found.concepts[-1]
    mixed = dataclasses.replace(
        control,
        rows=(Row("bad", ("happy-0-0", "x", "y", "z")), *control.rows),
    )
    sad = concept("sad-random", target="sad", random=True)
    items = list(
        coherency.items(
            [*found.concepts[:-1], mixed, sad], coherency.Parameters(), random.Random(1)
        )
    )
    assert [asked.id for asked, _ in items[:3]] == ["happy-0", "happy-1", "happy-2"]
    assert len(items) == 6  # two rows each
    for asked, (own, other) in items:
        assert own["sha256"] in {row.sha256 for row in asked.rows}
        assert other["sha256"] in {"bad", "happy-random-row-0", "happy-random-row-1"}
        if asked.id == "happy-0" and own["sha256"] == "happy-0-row-0":
            assert other["sha256"] != "bad"
    used = Counter(other["sha256"] for _, (_, other) in items)
    assert max(used.values()) - min(used.values()) <= 1


def test_two_blocks_may_ask_about_the_same_concepts_in_two_ways():
    study = with_items("intruder", 4, 1)
    practice, main = study.blocks
    fewer = main.model_copy(update={"items": 2})
    fewer = fewer.model_validate({**main.model_dump(), "alternatives": 5, "items": 2})
    study = study.model_copy(update={"blocks": (practice, main, fewer, main)})
    items = made(study, collection(6))
    assert len({item["id"] for item in items}) == len(items)
    assert {len(item["options"]) for item in items if 2 in item["blocks"]} == {5}
    assert any(item["blocks"] == [1, 3] for item in items)


# Answers


def asked(module, order) -> Trial:
    names = module.offered(module.Parameters())
    options = tuple(Offer(n, names[i], "0" * 64) for n, i in enumerate(order, 1))
    item = {"question": "Q", "picture": "", "alt": "", "family": "ace", "concept": "ace-1"}
    return Trial(item, "Which?", module.Parameters(), options)


def test_the_intruder_is_right_and_nothing_else():
    trial = asked(intruder, (3, 1, 5, 0, 2, 4))
    checked = intruder.rows(trial, {"chosen": [3], "none": False})
    assert checked.correct is True and checked.values == {1: 0, 2: 0, 3: 1, 4: 0, 5: 0, 6: 0}
    assert intruder.rows(trial, {"chosen": [1], "none": False}).correct is False
    view = intruder.view(trial)
    assert view["picture"] is None and view["question"] == "Which?"
    assert [option["alt"] for option in view["control"]["options"]][:2] == [
        "Picture A",
        "Picture B",
    ]
    assert "intruder" not in str(view["control"]["options"])


@pytest.mark.parametrize(
    "answer", [None, {}, {"chosen": []}, {"chosen": [7]}, {"chosen": [1, 2]}, {"chosen": [True]},
               {"chosen": [], "none": True}],
)  # fmt: skip
def test_other_answers_are_refused(answer):
    with pytest.raises(Invalid):
        intruder.rows(asked(intruder, range(6)), answer)
    with pytest.raises(Invalid):
        coherency.rows(asked(coherency, (0, 1)), {**(answer or {}), "word": "eyes"})


def test_the_concepts_row_is_right_and_the_word_belongs_to_the_chosen_row():
    trial = asked(coherency, (1, 0))
    right = coherency.rows(trial, {"chosen": [2], "word": " Augen "})
    assert (right.correct, right.values, right.texts) == (True, {1: 0, 2: 1}, {2: "Augen"})
    false = coherency.rows(trial, {"chosen": [1], "word": "half-open"})
    assert (false.correct, false.texts) == (False, {1: "half-open"})
    for word in ("", "two words", "42", None, "x" * 41):
        with pytest.raises(Invalid):
            coherency.rows(trial, {"chosen": [1], "word": word})


@pytest.mark.parametrize("module", [intruder, coherency])
@pytest.mark.parametrize("rate", [0.0, 1 / 6, 0.5, 1.0])
def test_simulated_people_are_right_as_often_as_planted(module, rate):
    person = Person({"ace": rate}, rng=random.Random(3))
    trial = asked(module, range(len(module.offered(module.Parameters()))))
    n = 2000
    right = sum(module.rows(trial, module.simulate(trial, person)).correct for _ in range(n))
    assert abs(right / n - rate) <= 4 * (rate * (1 - rate) / n) ** 0.5


# The whole way


@pytest.fixture(scope="module")
def built(bands_study, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bands")
    return {name: bands_study(folder / name, name) for name in READY}


@pytest.mark.parametrize("name", READY)
def test_frozen_previewed_simulated_exported(built, name, tmp_path):
    study = Frozen.parse(*frozen_text(built[name]))
    assert {item["about"] for item in study.items} == {"concept"}
    shown = questions(study)
    assert {question.type for question in shown} == {name}
    assert all(question.view["picture"] is None for question in shown)
    text = document(study, lambda sha256: f"{sha256}.png")
    assert "bands:Bands" in text and "Each of" not in text and "face of" not in text
    plans = planned(study, 1)
    assert [plan.role for plan in plans] == ["practice", "main", "main", "main"]
    with Store(tmp_path / "whyface.db") as store:
        version = publish(store, built[name])
        assert simulate(store, version, 3) == 3
        data = exported.read(store, Mode.SIMULATED)
    rows = data.tables["responses"].dicts()
    assert {row["family"] for row in rows} == {"ace"} and {row["face"] for row in rows} == {""}
    assert {row["layer"] for row in rows} == {"dense2"}
    assert all(row["concept"].startswith("ace-happy-") for row in rows)
    chosen = [row for row in rows if row["value"] == 1]
    assert len(chosen) == 3 * 4
    right = {"intruder": "intruder", "coherency": "concept"}[name]
    assert all(row["correct"] == (row["option"] == right) for row in chosen)
    assert {bool(row["text"]) for row in chosen} == {name == "coherency"}
    columns = {column.name: column for column in codebook(data) if column.table == "responses"}
    assert set(columns["concept"].values) == {row["concept"] for row in rows} | {
        item["concept"] for item in study.items
    }


@pytest.mark.parametrize("name", READY)
def test_power_needs_no_pictures(name):
    study = load_study(STUDIES / name)
    frames = Rehearsal(Frozen.parse(*rehearsed(study, 20))).frames(30, "chance")
    main = frames.main[frames.main["value"] == 1]
    assert len(main) == 30 * 20 and main["correct"].astype(float).mean() > 0.6
    assert main["concept"].nunique() >= 20
