"""What a study file says is explained becomes the right target, key, picture and provenance."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from explainers import catalog
from explainers.aim import Aim, aim_mistakes, fits
from explainers.building.build import Options, build
from explainers.building.cache import Cache
from explainers.building.compute import compute, job_key, make_target, predictions
from explainers.building.plan import Job, Method, Plan, jobs
from explainers.faces.face_bank import load_faces
from explainers.manifest import Manifest, Prediction
from explainers.models import expression
from explainers.problems import Problems
from explainers.saliency.occlusion import Occlusion
from explainers.targets.class_difference import ClassDifference
from explainers.targets.similarity import Similarity

COARSE = {"window": 56, "stride": 56}
JOB = Job(
    family="saliency",
    method="occlusion",
    parameters=COARSE,
    model="expression",
    spec={"use": "expression"},
    face="f01",
    source="rendered",
    target="happy",
    seed=1,
    folder=Path(),
)
HAPPY = Prediction("expression", "f01", "happy", 0.9, runner_up="surprised")


def aimed(use: str, **parameters) -> Job:
    return replace(JOB, aim=Aim(use, parameters).filled(HAPPY))


def test_the_build_fills_in_the_class_and_the_runner_up():
    plan = Plan(
        folder=Path(),
        seed=1,
        models={"expression": {"use": "expression"}},
        faces="rendered",
        asked=(("expression", "f01"), ("expression", "f06")),
        methods={
            "why": Method("occlusion"),
            "why_not": Method(
                "occlusion", target=Aim("class_difference", {"against": "runner_up"})
            ),
        },
    )
    model, faces = expression.load(), load_faces("rendered", None, ["f01", "f06"])
    said = {(job.family, job.face): job.aim for job in jobs(plan, predictions(plan))}
    for face in faces:
        order = model.scores(model.prepare([face]))[0].argsort(descending=True)
        first, second = (model.labels[index] for index in order[:2])
        assert said["why", face.id].parameters == {"label": first}
        assert said["why_not", face.id].parameters == {"label": first, "against": second}
        assert said["why_not", face.id].words == f"{first} rather than {second}"


def test_a_job_computes_its_target():
    model, (face, other) = expression.load(), load_faces("rendered", None, ["f01", "f02"])
    for job, target in (
        (JOB, None),
        (aimed("class_difference", against="sad"), ClassDifference("happy", "sad")),
        (aimed("similarity", other="f02"), Similarity(other)),
    ):
        target = target or make_target(JOB)
        expected = Occlusion(**COARSE)(model, face, target)
        assert np.array_equal(compute(job).values, expected.values)
    assert make_target(JOB).label == "happy"


def test_the_key_tells_targets_apart_and_faces_by_their_content(tmp_path):
    keys = [
        job_key(job)
        for job in (
            JOB,
            aimed("class_score", of="logit"),
            aimed("class_score", label="sad"),
            aimed("class_difference", against="sad"),
            aimed("class_difference", against="angry"),
            aimed("unit", layer="dense1", channel=3),
            aimed("unit", layer="dense1", channel=4),
            aimed("similarity", other="f02"),
            aimed("similarity", other="f03"),
            aimed("triplet", mate="f02", non_mate="f03"),
            aimed("triplet", mate="f03", non_mate="f02"),
        )
    ]
    assert len(set(keys)) == len(keys)
    assert job_key(aimed("class_score")) == job_key(JOB)
    # The same picture under another name is the same face; another picture under its name is not.
    faces = tmp_path / "faces"
    faces.mkdir()
    bank = catalog.HOME / "faces" / "rendered"
    for name, picture in (("a", "f01"), ("b", "f02"), ("c", "f02"), ("d", "f03")):
        (faces / f"{name}.png").write_bytes((bank / f"{picture}.png").read_bytes())
    own = replace(JOB, source="faces", folder=tmp_path, face="a")
    by_name = {
        name: job_key(replace(own, aim=Aim("similarity", {"other": name}))) for name in "bcd"
    }
    assert by_name["b"] == by_name["c"] != by_name["d"]


def test_words_say_what_is_explained():
    said = {
        job.aim.words
        for job in (
            aimed("class_score"),
            aimed("class_score", of="logit"),
            aimed("expected_value"),
            aimed("similarity", other="f02"),
            aimed("triplet", mate="f02", non_mate="f03"),
            aimed("unit", layer="dense1", channel=3, row=1, column=2),
        )
    }
    assert said == {
        "happy",
        "happy (of logit)",
        "the expected value",
        "likeness to f02",
        "likeness to f02 rather than f03",
        "channel 3 of dense1 (row 1, column 2)",
    }
    assert Aim("mine:Target", {"strength": 2}).filled(HAPPY).words == "mine:Target (strength 2)"


@pytest.mark.parametrize("use", catalog.names("targets"))
def test_every_target_can_be_put_into_words(use):
    entry = Aim(use).entry
    needed = {p.name: f"<{p.name}>" for p in entry.parameters if p.default is catalog.REQUIRED}
    aim = Aim(use, {name: value for name, value in needed.items() if name != "label"})
    words = aim.filled(HAPPY).words
    assert all(value in words for name, value in aim.parameters.items()), words


def test_mistakes_are_found_without_a_network():
    def found(use, **parameters):
        return list(aim_mistakes(Aim(use, parameters)))

    assert found("class_score") == found("mine:Own", any=3) == []
    assert found("class_difference", against="runner_up") == []
    assert found("similarty")[0][0] == "use"
    assert found("similarty")[0][2].startswith("did you mean 'similarity'?")
    assert found("similarity", other=3)[0][1] == "should be a face, not 3"
    assert {key for key, _, _ in found("unit", chanel=1, layer=2)} == {"chanel", "layer", "channel"}
    assert found("class_score", of="logt") == [
        ("of", "unknown choice 'logt'", "did you mean 'logit'?")
    ]


def test_a_method_says_which_targets_it_accepts():
    assert fits("occlusion", None) is None
    assert fits("occlusion", Aim("unit")) is None
    what, fix = fits("pairwise_difference", None)
    assert what == "pairwise_difference cannot explain class_score, only similarity"
    assert fix == "write target: {use: similarity, other: …}"
    assert fits("pairwise_difference", Aim("similarity", {"other": "f02"})) is None
    assert fits("pairwise_difference", Aim("mine:Own")) is None


def test_what_model_or_faces_refuse_is_told_at_its_place_before_anything_is_computed(tmp_path):
    plan = Plan(
        folder=tmp_path,
        seed=1,
        models={"expression": {"use": "expression"}},
        faces="rendered",
        asked=(("expression", "f01"),),
        methods={
            "a": Method("occlusion", target=Aim("class_difference", {"against": "sadd"})),
            "b": Method("occlusion", target=Aim("unit", {"layer": "dens1", "channel": 3})),
            "c": Method("occlusion", target=Aim("expected_value")),
            "d": Method("occlusion", target=Aim("similarity", {"other": "f99"})),
        },
    )
    with pytest.raises(Problems) as caught:
        build(plan, Options(workers=1, stream=io.StringIO()))
    told = {problem.where.partition(" (")[0]: problem for problem in caught.value.problems}
    assert list(told) == [f"study.yaml: stimuli.{name}.target" for name in "abcd"]
    assert [problem.fix.partition("?")[0] for problem in told.values()][:2] == [
        "did you mean 'sad'",
        "did you mean 'dense1'",
    ]
    assert not (tmp_path / "stimuli").exists()


OWN = '''
from dataclasses import dataclass
from explainers.face import Face

@dataclass(frozen=True)
class Brightness:
    """How bright the picture is, less a face."""
    other: Face
    weight: float = 1.0

    def __call__(self, model, x):
        return self.weight * (x.mean((1, 2, 3)) - float(self.other.image.mean()))
'''


def test_a_target_of_the_users_own(tmp_path):
    (tmp_path / "aim_own.py").write_text(OWN)
    job = replace(
        aimed("aim_own:Brightness", other="f02", weight=2), folder=tmp_path, method="gradient",
        parameters={},
    )  # fmt: skip
    values = compute(job).values
    assert values.max() > 0
    assert job_key(job) != job_key(replace(job, aim=Aim("aim_own:Brightness", {"other": "f03"})))


def test_a_built_study_shows_and_tells_each_target(tmp_path):
    faces = ("f01", "f03")
    methods = {
        "why": Method("occlusion", COARSE),
        "why_not": Method(
            "occlusion", COARSE, target=Aim("class_difference", {"against": "runner_up"})
        ),
        "unit": Method("occlusion", COARSE, target=Aim("unit", {"layer": "dense1", "channel": 3})),
        "look": Method(
            "activation_maximization",
            {"iterations": 2},
            target=Aim("unit", {"layer": "dense1", "channel": 3}),
        ),
        "look_not": Method(
            "activation_maximization",
            {"iterations": 2},
            target=Aim("class_difference", {"against": "runner_up"}),
        ),
    }
    plan = Plan(
        folder=tmp_path,
        seed=7,
        models={"expression": {"use": "expression"}},
        faces="rendered",
        asked=tuple(("expression", face) for face in faces),
        methods=methods,
    )
    built = build(plan, Options(workers=1, stream=io.StringIO()))
    # A unit's picture is the same for both faces, so it is computed once and shown twice.
    assert built.computed == 9
    manifest = Manifest.load(plan.stimuli)
    told = {}
    for prediction in manifest.predictions:
        for family in methods:
            shown = manifest.explanation(family, "expression", prediction.face, prediction.label)
            told[family, prediction.face] = shown.provenance
            with Image.open(plan.stimuli / shown.file) as picture:
                assert picture.size == (336, 336)
        rather = f"{prediction.label} rather than {prediction.runner_up}"
        assert told["why", prediction.face]["target"] == prediction.label
        assert told["why_not", prediction.face]["target"] == rather
        assert told["look_not", prediction.face]["target"] == rather
        assert told["unit", prediction.face]["aim"] == {
            "use": "unit",
            "parameters": {"layer": "dense1", "channel": 3},
        }
    assert told["look", "f01"]["job"] == told["look", "f03"]["job"]
    stored = Cache(plan.stimuli / "cache")
    maps = [stored.get(told[family, "f01"]["job"])[0] for family in ("why", "why_not", "unit")]
    assert not np.array_equal(maps[0], maps[1])
    assert not np.array_equal(maps[0], maps[2])
