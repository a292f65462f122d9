"""`whyface figure`: small real figures, and every mistake on the command line at once."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from explainers import catalog
from explainers.faces.face_names import face_files
from explainers.problems import Problems
from study_app.cli import main, whyface
from study_app.figure_request import Request
from study_app.study_file.ready import FOLDER

TEXT = "{http://www.w3.org/2000/svg}text"
COARSE = "--set occlusion.window=56 --set occlusion.stride=56"


def figure(text: str, *more: object) -> None:
    words = ["figure", *text.split(), *map(str, more)]
    whyface([*words, "--jobs", "1"], standalone_mode=False)


def texts(path: Path) -> list[str]:
    return [node.text for node in ElementTree.parse(path).getroot().iter(TEXT)]


def mistakes(text: str, capsys) -> list[str]:
    """The places of what is wrong; the command ends with 2 and no traceback."""
    before, sys.argv = sys.argv, ["whyface", "figure", *text.split()]
    try:
        with pytest.raises(SystemExit) as stopped:
            main()
    finally:
        sys.argv = before
    assert stopped.value.code == 2
    told = capsys.readouterr().err
    assert "Traceback" not in told
    lines = [line for line in told.splitlines() if not line.startswith(" ")]
    return [line for line in lines if "explanations" not in line]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """Two methods, two faces, and what a second format takes from the cache."""
    folder = tmp_path_factory.mktemp("figure")
    asked = f"--model expression --faces f01,f06 --methods occlusion,gradient {COARSE}"
    for name in ("a.png", "a.pdf", "a.svg"):
        figure(asked, "--json", "--cache", folder / "cache", "-o", folder / name)
    return folder


def test_a_figure_shows_two_methods_for_two_faces(drawn):
    with Image.open(drawn / "a.png") as picture:
        assert picture.format == "PNG"
        pixels = np.asarray(picture.convert("RGB"))
    assert pixels.std() > 20
    assert (drawn / "a.pdf").read_bytes().startswith(b"%PDF-")
    words = texts(drawn / "a.svg")
    for word in (
        *("expression: the predicted class", "f01", "happy, p = 0.91", "surprised, p = 1.00"),
        *("occlusion", "window 56", "stride 56", "of the probability", "gradient"),
        *("against what is explained", "for what is explained"),
    ):
        assert word in words, word


def test_values_are_kept_for_the_next_figure(drawn):
    assert len(list((drawn / "cache").glob("*.npz"))) == 4
    told = json.loads((drawn / "a.json").read_text("utf-8"))
    assert [row["row"] for row in told["rows"]] == ["occlusion", "gradient"]
    for row in told["rows"]:
        for cell in row["cells"]:
            assert (drawn / "cache" / f"{cell['job']}.npz").is_file()
            assert cell["least"] <= 0 < cell["most"]
            assert cell["target"]["use"] == "class_score"
            assert cell["versions"]["whyface"]


def test_a_second_figure_computes_nothing(drawn, capsys):
    before = {path: path.stat().st_mtime_ns for path in (drawn / "cache").iterdir()}
    asked = f"--model expression --faces f06 --methods occlusion {COARSE} --colours heat"
    figure(asked, "--scale", "row", "--cache", drawn / "cache", "-o", drawn / "b.svg")
    assert "1 explanations, 1 of them there already" in capsys.readouterr().err
    assert {path: path.stat().st_mtime_ns for path in (drawn / "cache").iterdir()} == before
    assert any(word.startswith("full colour: 0.") for word in texts(drawn / "b.svg"))


def test_a_method_that_cannot_serve_says_so_in_its_row(drawn):
    asked = f"--model expression --faces f01 --methods occlusion,pairwise_difference {COARSE}"
    figure(asked, "--cache", drawn / "cache", "-o", drawn / "c.svg")
    words = " ".join(texts(drawn / "c.svg"))
    assert "pairwise_difference cannot explain class_score, only similarity" in words
    assert "write target: {use: similarity" in words


def test_another_target_is_told_with_its_value_for_each_face(drawn):
    asked = "--model recognition --faces f01,f02 --methods gradient --target similarity:other=f02"
    figure(asked, "--cache", drawn / "cache", "-o", drawn / "d.svg")
    words = texts(drawn / "d.svg")
    assert "recognition: similarity (other f02)" in words
    assert "likeness to f02: 1.00" in words


def test_a_study_gives_models_methods_faces_and_its_cache(tmp_path):
    shutil.copytree(FOLDER / "section7", tmp_path / "s")
    file = tmp_path / "s" / "study.yaml"
    text = file.read_text("utf-8").replace("method: occlusion\n", "method: gradient\n")
    text = text.replace(
        "method: total_variation\n", "method: occlusion\n    target: expected_value\n"
    )
    text = text.replace("method: seeded_maximization", "method: pictures").replace("of: logit", "")
    file.write_text(text, "utf-8")
    asked = "--model age --faces f04 --set inversion.window=56 --set inversion.stride=56"
    figure(asked, "--study", file, "-o", tmp_path / "s.svg")
    words = texts(tmp_path / "s.svg")
    assert {"age", "saliency", "inversion", "window 56", "expected value"} <= set(words)
    assert len(list((tmp_path / "s" / "stimuli" / "cache").glob("*.npz"))) == 2
    assert not (tmp_path / "s" / "stimuli" / "manifest.json").exists()


def test_an_own_network_and_own_faces(tmp_path, monkeypatch):
    (tmp_path / "figure_nets.py").write_text(
        "from dataclasses import replace\n"
        "from explainers.models import gender\n"
        "def load():\n    return replace(gender.load(), name='mine')\n"
    )
    (tmp_path / "photos").mkdir()
    shutil.copy(face_files("rendered", tmp_path)["f01"], tmp_path / "photos" / "ada.png")
    monkeypatch.chdir(tmp_path)
    figure("--model figure_nets:load --from photos --methods gradient --cache c -o own.svg")
    words = texts(tmp_path / "own.svg")
    assert "ada" in words
    assert any(word.startswith(("male, p", "female, p")) for word in words)


def test_all_mistakes_come_at_once(tmp_path, capsys):
    told = mistakes(
        "--model expresion --faces f01,f99 --methods occlusio,gradient --set q --set a.b=1 "
        f"--set gradient.x=2 --target class_diference:against=x -o {tmp_path}/f.gif",
        capsys,
    )
    assert told == [
        *("-o", "--model", "--faces", "--target", "--methods"),
        *("--set q", "--set a.b=1", "--set gradient.x"),
    ]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("asked", "places"),
    [
        ("", ["--model"]),
        ("--model nothere:load", ["--model"]),
        ("--model age --from nowhere", ["nowhere"]),
        ("--model age --methods nothere:Mine", ["--methods"]),
        ("--model age --target similarity:other=f99", ["--target other"]),
        ("--model age --target unit:layer=pool", ["--target channel"]),
        ("--model age --methods occlusion --set occlusion.fill=blurr", ["--set occlusion.fill"]),
        ("--model age --methods occlusion --set occlusion.window=0", ["--set occlusion.window"]),
        ("--model age --methods occlusion --target class_score:label=5s", ["--target (model age)"]),
        ("--model recognition --methods occlusion", ["--target (model recognition)"]),
        ("--model age --methods pairwise_difference", ["method pairwise_difference"]),
    ],
)
def test_a_mistake_is_told_at_its_place(asked, places, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert mistakes(f"{asked} --jobs 1 --cache {tmp_path}/c -o {tmp_path}/f.png", capsys) == places
    assert not (tmp_path / "f.png").exists()


def test_a_model_of_a_study_is_one_of_its_own(tmp_path, capsys):
    told = mistakes(f"--study {FOLDER / 'section7'} --model recognition -o x.png", capsys)
    assert told == ["--model"]
    assert mistakes(f"--study {FOLDER / 'section7'} -o x.png", capsys) == ["--model"]


def test_reading_the_request_needs_no_torch():
    code = (
        "import sys; from pathlib import Path; from study_app.figure_request import Request; "
        "import study_app.commands.figure; Request(Path('f.png'), 'age').plan(); "
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_saliency_method_is_asked_unless_some_are_named():
    plan = Request(Path("f.png"), "age").plan()
    assert tuple(plan.methods) == catalog.names("saliency")
    with pytest.raises(Problems, match="unknown model"):
        Request(Path("f.png"), "aged").plan()
