"""The verbs before a study runs: init, list, check, schema and build, as a user types them."""

import json
import subprocess
import sys

import jsonschema
import pytest
import yaml
from click.testing import CliRunner

from explainers.problems import Problems
from study_app.cli import whyface
from study_app.study_file.ready import FOLDER
from study_app.study_file.schema import study_schema


def run(*arguments, code=0):
    """What the verb prints; Problems are raised, as in the command line's own code."""
    done = CliRunner().invoke(whyface, arguments, standalone_mode=False, catch_exceptions=False)
    assert done.exit_code == code
    return done.output


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_init_copies_a_study_that_is_sound(here):
    assert "Next: whyface build section7" in run("init", "section7")
    names = {path.name for path in (here / "section7").iterdir()}
    assert names == {
        *("study.yaml", "consent.md", "instructions.md", "debriefing.md", "study.schema.json")
    }
    assert "no problems found" in run("check", "section7")


def test_init_into_a_folder_of_another_name(here):
    run("init", "section7", "deep/mine")
    assert (here / "deep" / "mine" / "study.yaml").exists()
    (here / "empty").mkdir()
    run("init", "section7", "empty")


def test_init_overwrites_nothing(here):
    (here / "section7").mkdir()
    (here / "section7" / "notes.txt").write_text("mine")
    with pytest.raises(Problems, match="is there already and is left as it is"):
        run("init", "section7")
    assert [path.name for path in (here / "section7").iterdir()] == ["notes.txt"]
    assert [path.name for path in here.iterdir()] == ["section7"]


def test_init_of_an_unknown_study(here):
    with pytest.raises(Problems, match="did you mean 'section7'"):
        run("init", "secton7")
    assert list(here.iterdir()) == []


def test_init_where_nothing_can_be_written(here):
    (here / "file").write_text("in the way")
    with pytest.raises(Problems, match="cannot be written"):
        run("init", "section7", "file/mine")


@pytest.mark.parametrize(
    ("arguments", "texts"),
    [
        ((), ["saliency", "occlusion", "models", "age", "faces", "f01", "studies", "trials"]),
        (("saliency",), ["occlusion", "window: int = ", "side of the hidden square"]),
        (("occlusion",), ["window: int = "]),
        (("models",), ["expression", "Seven facial expressions"]),
        (("studies",), ["section7", "Which explanation helps you most?"]),
        (("trials",), ["pick_any", "Tick every explanation that helps"]),
        (("statistics",), ["selection_share"]),
        (("faces",), ["f01", "female"]),
    ],
)
def test_list(arguments, texts):
    output = run("list", *arguments)
    for text in texts:
        assert text in output


def test_list_of_something_unknown():
    with pytest.raises(Problems, match="did you mean 'saliency'"):
        run("list", "salience")


def test_check_says_what_participants_get(here):
    run("init", "section7")
    output = run("check", "section7")
    for text in (
        "8 questions and 1 attention check (pick_any: saliency, inversion, visualization)",
        "1 practice question",
        "4 questions about themselves",
        "24 questions: 8 faces x gender, age, expression",
        "saliency: occlusion",
        "not built yet; next: whyface build section7",
    ):
        assert text in output


def test_check_of_a_ready_study_that_was_not_copied(here):
    with pytest.raises(Problems, match="`whyface init section7` copies the ready study"):
        run("check", "section7")


def test_the_current_folder_is_the_study_unless_named(here, monkeypatch):
    run("init", "section7")
    monkeypatch.chdir(here / "section7")
    assert "no problems found" in run("check")


def test_the_schema_accepts_the_ready_study_and_refuses_mistakes(here):
    run("schema", "-o", "s.json")
    schema = json.loads((here / "s.json").read_text())
    assert schema == study_schema() == json.loads(run("schema"))
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    data = yaml.safe_load((FOLDER / "section7" / "study.yaml").read_text())
    assert list(validator.iter_errors(data)) == []
    for key, value in (("sead", 1), ("seed", "x"), ("blocks", []), ("quality", {"min": 3})):
        assert list(validator.iter_errors({**data, key: value})), key


def test_the_schema_explains_every_key_and_offers_the_names_there_are():
    schema = study_schema()
    for part in (schema, *schema["$defs"].values()):
        for key, place in part["properties"].items():
            assert place.get("description"), key
    offered = schema["$defs"]["Method"]["properties"]["method"]["anyOf"][0]["enum"]
    assert {"occlusion", "total_variation", "activation_maximization", "pictures"} <= set(offered)
    assert (
        "side of the hidden square"
        in (schema["$defs"]["Method"]["properties"]["window"]["description"])
    )


def test_a_schema_that_cannot_be_written(here):
    with pytest.raises(Problems, match="cannot be written"):
        run("schema", "-o", "none/s.json")


def small_study(folder):
    """One face, one model, one quick explanation."""
    run("init", "section7", str(folder))
    file = folder / "study.yaml"
    data = yaml.safe_load(file.read_text())
    data["models"] = {"expression": data["models"]["expression"]}
    data["stimuli"] = {"saliency": {"method": "occlusion", "window": 56, "stride": 56}}
    data["faces"] = {"from": "rendered", "main": ["f01"]}
    data["blocks"] = [{"trial": "pick_any", "items": 1, "prompt": "x", "options": ["saliency"]}]
    data["quality"] = {}
    del data["simulate"]
    file.write_text(yaml.safe_dump(data, sort_keys=False))
    return file


def test_build_computes_resumes_and_prunes(here):
    file = small_study(here / "mine")
    assert "1 explanations computed, 0 were there" in run("build", "mine", "--jobs", "1")
    assert "0 explanations computed, 1 were there" in run("build", "mine")
    output = run("check", "mine")
    assert "built: 1 question with their pictures" in output
    assert "have a happy expression? (f01)" in output
    file.write_text(file.read_text().replace("stride: 56", "stride: 28"))
    assert "1 cached values are of earlier settings; --prune removes them" in run("build", "mine")
    assert "1 cached values of earlier settings removed" in run("build", "mine", "--prune")
    assert len(list((here / "mine" / "stimuli" / "cache").iterdir())) == 1
    assert "1 explanations computed, 0 were there" in run("build", "mine", "--force")


def test_problems_end_with_code_2_one_message_and_no_traceback(here):
    command = [sys.executable, "-c", "from study_app.cli import main; main()"]
    for arguments in (["build", "none"], ["check", "none"], ["build", "--jobs", "0"], ["init"]):
        done = subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)
        assert done.returncode == 2, arguments
        assert "Traceback" not in done.stderr
        assert done.stderr.strip()


def test_looking_and_checking_load_no_torch(here):
    code = """
import sys
from study_app.cli import whyface
for arguments in (["init", "section7"], ["check", "section7"], ["list"], ["schema", "-o", "s"]):
    whyface(arguments, standalone_mode=False)
loaded = {"torch", "torchvision", "streamlit", "pandas", "dlib"} & set(sys.modules)
sys.exit(f"loaded {loaded}" if loaded else 0)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
