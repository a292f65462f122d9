"""Rules of the tree that no linter checks: small files, and a wheel that is complete."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("analysis", "db", "explainers", "study_app")
DATA = {".json", ".md", ".yaml", ".css", ".js", ".png", ".txt", ".safetensors", ".jinja", ".dat"}


def sources() -> list[Path]:
    return [p for package in PACKAGES for p in sorted((ROOT / package).rglob("*.py"))]


@pytest.mark.parametrize("path", sources(), ids=lambda p: str(p.relative_to(ROOT)))
def test_one_concept_a_file(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


def test_the_wheel_holds_every_file_of_the_packages(tmp_path):
    subprocess.run(
        [
            *f"{sys.executable} -m pip wheel -q --no-deps --no-build-isolation -w".split(),
            str(tmp_path),
            str(ROOT),
        ],
        check=True,
    )
    (wheel,) = tmp_path.glob("whyface-*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.suffix in {".py", *DATA} and "__pycache__" not in path.parts
    }
    assert wanted <= packed, sorted(wanted - packed)[:10]
