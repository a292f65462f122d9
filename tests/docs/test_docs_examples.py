"""The examples in the docstrings of every module are true."""

import doctest
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Scripts that run when they are imported: Streamlit's pages and Alembic's environment.
SCRIPTS = {"screens", "script", "migrations"}


def modules() -> list[str]:
    packages = ("analysis", "db", "explainers", "study_app")
    paths = [path for name in packages for path in (ROOT / name).rglob("*.py")]
    names = [path.relative_to(ROOT) for path in paths if not SCRIPTS & set(path.parts)]
    dotted = (".".join(name.with_suffix("").parts) for name in names)
    return sorted(name.removesuffix(".__init__") for name in dotted)


@pytest.mark.parametrize("name", modules())
def test_examples_are_true(name):
    assert doctest.testmod(import_module(name)).failed == 0


def test_there_are_examples():
    written = [path for path in (ROOT / "explainers").glob("*.py") if ">>> " in path.read_text()]
    assert len(written) > 10
