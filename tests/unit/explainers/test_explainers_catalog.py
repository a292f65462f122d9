"""A folder is a registry that nothing is imported from until it is used."""

import subprocess
import sys

import pytest

from explainers import catalog
from explainers.catalog import REQUIRED, Entry
from explainers.parameters import mistakes
from explainers.problems import Problems

SOURCE = '''"""One line about it.

More lines.
"""
from dataclasses import dataclass
from typing import ClassVar, Literal

raise RuntimeError("imported")


@dataclass(frozen=True)
class MyMap:
    """A map.

    Arguments:
        window: side of the square,
            in pixels.
        fill: how.
    """

    per: ClassVar[str] = "class"

    window: int
    fill: Literal["mean", "blur"] = "mean"
    rate: float = 1 / 3
    layer: str | None = None
    odd: "Thing" = None

    def __call__(self):
        return self.window
'''


@pytest.fixture
def entry(tmp_path):
    (tmp_path / "my_map.py").write_text(SOURCE)
    (tmp_path / "_helper.py").write_text("")
    (found,) = catalog.entries(tmp_path)
    return found


def test_an_entry_is_read_from_its_source(entry):
    assert (entry.name, entry.summary, entry.kind) == ("my_map", "One line about it.", "class")
    found = [(p.name, p.annotation, p.default, p.doc) for p in entry.parameters]
    assert found[:3] == [
        ("window", "int", REQUIRED, "side of the square, in pixels."),
        ("fill", "Literal['mean', 'blur']", "mean", "how."),
        ("rate", "float", "1 / 3", ""),
    ]
    assert entry.constant("per", "face") == "class"
    assert entry.constant("nothing", "face") == "face"


def test_a_changed_file_is_read_again(entry):
    import os

    entry.path.write_text(SOURCE.replace("One line", "Another line"))
    os.utime(entry.path, ns=(1, 1))
    assert entry.summary == "Another line about it."


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"window": 3}, []),
        ({"window": 3, "fill": "blur", "rate": 1, "layer": None, "odd": object()}, []),
        ({}, [("window", "my_map needs this parameter", "write window: a value")]),
        ({"window": "3px"}, [("window", "should be int, not '3px'", "write a whole number")]),
        (
            {"window": 3, "fil": "blur"},
            [("fil", "my_map has no parameter 'fil'", "did you mean 'fill'? ")],
        ),
        ({"window": 3, "fill": "x"}, [("fill", "unknown choice 'x'", "known names: blur, mean.")]),
        ({"window": 3, "rate": True}, [("rate", "should be float, not True", "write a number")]),
    ],
)
def test_parameters_are_checked_without_importing(entry, given, expected):
    found = list(mistakes(entry, given))
    assert len(found) == len(expected)
    for (name, what, fix), (name_, what_, fix_) in zip(found, expected, strict=True):
        assert (name, what) == (name_, what_)
        assert fix.startswith(fix_)


def test_the_three_families_of_section_7():
    assert {"saliency", "inversion", "visualization"} <= set(catalog.families())
    assert "networks" not in catalog.families()
    assert {"age", "gender", "expression"} <= set(catalog.names("models"))
    assert catalog.find("occlusion").folder == "saliency"
    assert catalog.find("saliency/occlusion") == catalog.find("occlusion")
    assert "window" in [parameter.name for parameter in catalog.parameters("occlusion")]
    assert catalog.describe("occlusion")


def test_unknown_methods_are_answered_with_the_nearest():
    with pytest.raises(Problems, match="did you mean 'occlusion'"):
        catalog.find("oclusion")


def test_a_name_in_two_families_must_be_told_apart(monkeypatch, entry):
    twin = Entry(entry.name, "other", entry.path)
    monkeypatch.setattr(catalog, "explainers", lambda: (entry, twin))
    with pytest.raises(Problems, match=r"write .*/my_map' or 'other/my_map'"):
        catalog.find("my_map")
    assert catalog.find("other/my_map") == twin


def test_loading_gives_the_class_and_names_its_own_problems(tmp_path, monkeypatch):
    assert catalog.load("occlusion").__name__ == "Occlusion"
    (tmp_path / "catalog_mine.py").write_text("class Mine: pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert catalog.load("catalog_mine:Mine").__name__ == "Mine"
    with pytest.raises(Problems, match="did you mean 'Mine'"):
        catalog.load("catalog_mine:Mina")
    with pytest.raises(Problems, match="No module named 'catalog_none'"):
        catalog.load("catalog_none:X")


def test_a_mistake_inside_your_own_code_is_not_hidden(tmp_path, monkeypatch):
    (tmp_path / "catalog_broken.py").write_text("1 / 0\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(Problems, match=r"ZeroDivisionError[\s\S]*line 1"):
        catalog.load("catalog_broken:X")


def test_looking_around_imports_nothing():
    code = (
        "import sys; from explainers import catalog as c; from pathlib import Path;"
        "[(e.summary, e.parameters) for e in c.explainers()]; c.names('models');"
        "c.find('occlusion'); sys.exit('torch' in sys.modules or 'numpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_parameters_that_share_a_line_share_its_documentation():
    docs = {p.name: p.doc for entry in catalog.entries("targets") for p in entry.parameters}
    assert docs["row"] == docs["column"] != ""
