"""A study file is checked in one pass; the texts of its problems are the specification."""

from pathlib import Path

import pytest
import yaml

from explainers.problems import Problems
from study_app.commands.init import copy_study
from study_app.study_file.load import load_study
from study_app.study_file.study import Study


@pytest.fixture
def folder(tmp_path):
    copy_study("section7", tmp_path / "mine")
    return tmp_path / "mine"


def change(folder: Path, edit) -> None:
    data = yaml.safe_load((folder / "study.yaml").read_text())
    edit(data)
    (folder / "study.yaml").write_text(yaml.safe_dump(data, sort_keys=False))


def problems(folder: Path) -> list[str]:
    """Each problem as text, without line numbers."""
    import re

    with pytest.raises(Problems) as caught:
        load_study(folder)
    return [re.sub(r" \(line \d+\)", "", str(problem)) for problem in caught.value.problems]


def test_section7_is_the_papers_study(folder):
    study = load_study(folder)
    assert len(study.faces.main) == 8
    assert list(study.models) == ["gender", "age", "expression"]
    main = study.blocks[-1]
    assert (main.items, main.trial, len(main.options)) == (8, "pick_any", 3)
    assert study.simulate.n == 101
    assert {q.id for q in study.background} >= {"deep_learning", "explainability"}
    assert study.segments["expertise"].order == ("never", "aware", "user")


def test_a_study_survives_its_own_json(folder):
    study = load_study(folder)
    text = study.model_dump_json(by_alias=True, exclude_none=True)
    assert Study.model_validate_json(text) == study


def test_unknown_option_is_named_with_its_line_and_the_nearest_name(folder):
    file = folder / "study.yaml"
    text = file.read_text().replace(
        "    options: [saliency, inversion, visualization]\n    order",
        "    options: [saliency, inversion, visualisation]\n    order",
    )
    file.write_text(text)
    line = text[: text.index("visualisation]")].count("\n") + 1
    with pytest.raises(Problems) as caught:
        load_study(folder)
    assert str(caught.value) == (
        f"study.yaml: blocks[1].options[2] (line {line})\n"
        "  unknown explanation 'visualisation'\n"
        "  fix: did you mean 'visualization'? They stand under 'stimuli'."
    )


def test_unknown_method(folder):
    change(folder, lambda data: data["stimuli"]["saliency"].update(method="occlsion"))
    assert problems(folder) == [
        "study.yaml: stimuli.saliency.method\n"
        "  unknown method 'occlsion'\n"
        "  fix: did you mean 'occlusion'? `whyface list` shows all."
    ]


def test_all_problems_in_one_pass(folder):
    def edit(data):
        data["seed"] = "many"
        data["tilte"] = data.pop("title")
        data["consent"]["file"] = "consnet.md"
        data["blocks"][0]["options"][0] = "salency"
        data["blocks"][1]["order"] = "wiliams"
        data["stimuli"]["saliency"]["windw"] = 16
        data["faces"]["main"][2] = "f99"
        data["models"]["age"]["use"] = "aeg"
        data["segments"]["expertise"]["order"][0] = "nevr"
        data["simulate"]["effects"]["user"]["saliency"] = 1.4
        data["simulate"]["background"]["deep_learning"]["none"] = 0.5
        data["analysis"][0]["statistic"] = "any_diference"

    change(folder, edit)
    found = "\n".join(problems(folder))
    for text in (
        "study.yaml: seed\n  should be a whole number",
        "study.yaml: tilte\n  unknown key 'tilte'\n  fix: did you mean 'title'?",
        "study.yaml\n  'title' is missing",
        "study.yaml: consent.file\n  there is no file 'consnet.md'",
        "study.yaml: blocks[0].options[0]\n  unknown explanation 'salency'",
        "study.yaml: blocks[1].order\n  unknown value 'wiliams'\n  fix: did you mean 'williams'?",
        "study.yaml: stimuli.saliency.windw\n  occlusion has no parameter 'windw'\n"
        "  fix: did you mean 'window'?",
        "study.yaml: faces.main[2]\n  unknown face 'f99'",
        "study.yaml: models.age.use\n  unknown model 'aeg'\n  fix: did you mean 'age'?",
        "study.yaml: segments.expertise.order[0]\n  unknown choice 'nevr'\n"
        "  fix: did you mean 'never'?",
        "study.yaml: simulate.effects.user.saliency\n  should be less than or equal to 1, not 1.4",
        "study.yaml: simulate.background.deep_learning\n  adds up to 1.38, not to 1",
        "study.yaml: analysis[0].statistic\n  unknown statistic 'any_diference'",
    ):
        assert text in found, f"{text}\n--- is not in ---\n{found}"


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (
            lambda d: d["blocks"][1].update(items=9),
            "study.yaml: blocks[1].items\n  asks for 9, but there are 8 faces under faces.main\n"
            "  fix: name more faces, or write 8",
        ),
        (
            lambda d: d["blocks"][1].update(attention=2),
            "study.yaml: blocks[1].attention\n"
            "  asks for 2, but there is 1 face under faces.attention\n"
            "  fix: name more faces, or write 1",
        ),
        (
            lambda d: d["quality"].update(attention=3),
            "study.yaml\n  quality.attention asks for 3 passed checks of 1\n"
            "  fix: raise attention: in a block, or lower it under quality",
        ),
        (
            lambda d: d["faces"]["practice"].append("f01"),
            "study.yaml: faces\n  the face 'f01' stands twice\n"
            "  fix: use each face for one purpose",
        ),
        (
            lambda d: d["models"]["age"].update(ask="Why {lable}?"),
            "study.yaml: models.age.ask\n  knows no {lable}\n"
            "  fix: write {label}, {value} or {runner_up}",
        ),
        (
            lambda d: d["models"]["age"].update(ask="Why {?"),
            "study.yaml: models.age.ask\n  has a stray brace",
        ),
        (
            lambda d: d["models"]["age"].update(arch="vgg16"),
            "study.yaml: models.age\n  needs either 'use' or 'arch'",
        ),
        (
            lambda d: d["models"].update(own={"arch": "vgg16", "labels": ["a"], "ask": "{label}?"}),
            "study.yaml: models.own\n  'vgg16' needs 'weights'",
        ),
        (
            lambda d: d["models"]["age"].update(use="mynets:load"),
            "study.yaml: models.age.use\n  cannot find 'mynets:load'",
        ),
        (
            lambda d: d["consent"].update(file="../secret.md"),
            "study.yaml: consent.file\n  '../secret.md' is outside the study's folder",
        ),
        (
            lambda d: d["background"][3].update(id="rt_ms"),
            "study.yaml: background[3].id\n  'rt_ms' is a column of the answers",
        ),
        (
            lambda d: d["background"].append(
                dict(d["background"][3], choices={"a": "b", "c": "d"})
            ),
            "study.yaml: background\n  the question 'gender' stands twice",
        ),
        (
            lambda d: d["simulate"]["effects"].pop("aware"),
            "study.yaml: simulate.effects\n  says nothing about the group 'aware'",
        ),
        (
            lambda d: d["blocks"][1]["options"].append("saliency"),
            "study.yaml: blocks[1].options[3]\n  'saliency' stands twice",
        ),
        (
            lambda d: d.update(blocks=[]),
            "study.yaml: blocks\n  should not be empty",
        ),
        (
            lambda d: d.update(schema=2),
            "study.yaml: schema\n  unknown value '2'",
        ),
        (
            lambda d: d.update(pictures="mine.csv"),
            "study.yaml: pictures\n  there is no file 'mine.csv'",
        ),
        (
            lambda d: d["stimuli"]["saliency"].update(window="wide"),
            "study.yaml: stimuli.saliency.window\n  should be int, not 'wide'",
        ),
        (
            lambda d: d["stimuli"]["saliency"].update(window=True),
            "study.yaml: stimuli.saliency.window\n  should be int, not True",
        ),
    ],
)
def test_one_problem(folder, edit, message):
    change(folder, edit)
    (found,) = problems(folder)
    assert found.startswith(message)


def test_how_a_family_is_scaled(folder):
    assert load_study(folder).stimuli["saliency"].scale == "picture"
    change(folder, lambda data: data["stimuli"]["inversion"].update(scale="pictur"))
    (found,) = problems(folder)
    assert found.startswith("study.yaml: stimuli.inversion.scale\n  unknown value 'pictur'")


def test_a_trial_types_own_parameters_are_checked(folder):
    change(folder, lambda data: data["blocks"][1].update(promt="Tick"))
    (found,) = problems(folder)
    assert found.startswith(
        "study.yaml: blocks[1].promt\n  unknown key 'promt'\n  fix: did you mean 'prompt'?"
    )


def test_your_own_code_beside_the_study_is_found_without_importing_it(folder):
    (folder / "mynets.py").write_text("raise RuntimeError('imported')")
    change(folder, lambda data: data["models"]["age"].update(use="mynets:load"))
    assert load_study(folder).models["age"].use == "mynets:load"


def test_a_folder_of_faces(folder):
    faces = folder / "faces"
    faces.mkdir()
    change(folder, lambda data: data["faces"].update({"from": "faces"}))
    (found,) = problems(folder)
    assert found.startswith("study.yaml: faces.from\n  holds no pictures")
    for name in ("f04.png", "f06.jpg"):
        (faces / name).touch()
    found = problems(folder)
    assert "study.yaml: faces.main[2]\n  unknown face 'f07'" in found[0]
    assert len(found) == 8


def test_texts_must_be_there(folder):
    (folder / "debriefing.md").unlink()
    (folder / "consent.md").write_text("  \n")
    (folder / "instructions.md").write_bytes(b"\xff\xfe\xff")
    found = problems(folder)
    assert found[0].startswith("study.yaml: consent.file\n  'consent.md' is empty")
    assert found[1].startswith("study.yaml: instructions.file\n  'instructions.md' cannot be read")
    assert found[2].startswith("study.yaml: debriefing.file\n  there is no file 'debriefing.md'")


@pytest.mark.parametrize("text", ["", "# only a comment", "- a\n- b\n", "just words", "3"])
def test_a_file_that_is_no_study(folder, text):
    (folder / "study.yaml").write_text(text)
    (found,) = problems(folder)
    assert found.startswith("study.yaml\n  ")
    assert "`whyface init section7`" in found


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(Problems, match="whyface init section7"):
        load_study(tmp_path / "section7")
    with pytest.raises(Problems, match="did you mean 'section7'"):
        load_study(tmp_path / "section")


def test_two_keys_and_another_problem_together(folder):
    file = folder / "study.yaml"
    file.write_text(file.read_text().replace("language: en", "language: en\nseed: x"))
    found = problems(folder)
    assert found[0].startswith("study.yaml: seed\n  key 'seed' stands twice")
