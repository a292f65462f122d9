"""Fixtures that several packages' tests share."""

import hashlib
import os
import re
import shutil
import signal
import sys
from pathlib import Path

import pytest

# Tests run beside each other, and threads of small networks mostly wait: read when torch loads.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A shell starts background jobs with Ctrl-C ignored, and so would every process of the tests be.
signal.signal(signal.SIGINT, signal.default_int_handler)

# What the tests ask for is on this machine, whatever way the environment names to the world.
for proxies in ("no_proxy", "NO_PROXY"):
    os.environ[proxies] = "localhost,127.0.0.1,::1"

ROOT = Path(__file__).resolve().parents[1]


def picture(folder: Path, seed: str) -> str:
    """A small picture that differs from all others; its hash."""
    import numpy as np
    from PIL import Image

    rng = np.random.default_rng(list(seed.encode()))
    y, x = np.mgrid[0:112, 0:112] / 112
    waves = np.stack([np.sin(rng.uniform(2, 20) * (x * c + y * (1 - c))) for c in rng.random(3)])
    image = Image.fromarray(((waves.transpose(1, 2, 0) + 1) * 127).astype("uint8"))
    temporary = folder / "new.png"
    image.save(temporary)
    sha256 = hashlib.sha256(temporary.read_bytes()).hexdigest()
    temporary.replace(folder / f"{sha256}.png")
    return sha256


def build_tiny(folder: Path, name: str = "section7") -> Path:
    """The ready study ``name`` in ``folder``, with small real pictures instead of explanations."""
    from explainers.manifest import Manifest, Prediction, Stimulus
    from study_app.questions.items import pairs
    from study_app.study_file.load import load_study

    shutil.copytree(ROOT / "study_app" / "studies" / name, folder)
    for place in ("stimuli", "faces"):
        (folder / place).mkdir()
    for number in range(1, 19):
        sha256 = picture(folder / "faces", f"face {number}")
        (folder / "faces" / f"{sha256}.png").rename(folder / "faces" / f"f{number:02}.png")
    file = folder / "study.yaml"
    file.write_text(file.read_text("utf-8").replace("from: rendered", "from: faces"), "utf-8")
    for path in folder.glob("*.md"):  # what a researcher fills in before people come
        text = re.sub(
            r"\(Researcher:[^)]*\)", "Ann Example, ann@university.example", path.read_text("utf-8")
        )
        path.write_text(text, "utf-8")
    study = load_study(folder)
    labels = {"gender": "female", "age": "40s", "expression": "happy"}
    stimuli, predictions = [], []
    seen: dict[str, str] = {}

    def stimulus(kind: str, family: str, model: str, face: str) -> Stimulus:
        seed = f"{kind} {family} {model} {face}"
        if seed not in seen:
            seen[seed] = picture(folder / "stimuli", seed)
        return Stimulus(seen[seed], kind, family, model, face, labels[model], 224, 224)

    for _, model, face in pairs(study):
        predictions.append(Prediction(model, face, labels[model], 0.9))
        stimuli.append(stimulus("face", "", model, face))
        stimuli += [stimulus("explanation", family, model, face) for family in study.stimuli]
    Manifest(tuple(stimuli), tuple(predictions)).save(folder / "stimuli")
    return folder


FINDER = """
from dataclasses import dataclass

import numpy as np

from explainers.concept_finding.discovery import Discovery, FoundConcept, Patch


@dataclass(frozen=True)
class Bands:
    \"\"\"The n-th band of every face is a concept.\"\"\"

    bands: int = 4
    classes: tuple = ("happy",)

    def __call__(self, model, faces, seed):
        size, found = model.input_size, []
        for label in self.classes:
            for band in range(self.bands):
                patches = []
                for n, face in enumerate(list(faces)[:6]):
                    mask = np.zeros((size, size), bool)
                    top = band * size // self.bands
                    mask[top : top + size // self.bands, n : size // 2 + n] = True
                    patches.append(Patch(face, mask, 1 - n / 10))
                scores = {"importance": 1 / (band + 1)}
                found.append(FoundConcept("dense2", label, tuple(patches), scores=scores))
        return Discovery(tuple(found), ({"concepts": len(found)},), {"seed": seed})
"""


def build_bands(folder: Path, name: str, **changes) -> Path:
    """The ready study ``name`` about bands of rendered faces, really built.

    Arguments:
        changes: of what the block that counts says.
    """
    import io

    import yaml

    from explainers.building.build import build
    from explainers.building.options import Options
    from study_app.questions.planning import plan_of
    from study_app.study_file.load import load_study

    shutil.copytree(ROOT / "study_app" / "studies" / name, folder)
    (folder / "bands.py").write_text(FINDER, "utf-8")
    data = yaml.safe_load((folder / "study.yaml").read_text("utf-8"))
    data["concepts"]["ace"] = {"method": "bands:Bands", "model": "expression"}
    data["blocks"][0] |= {"items": 1}
    data["blocks"][1] |= {"items": 3} | changes
    (folder / "study.yaml").write_text(yaml.safe_dump(data, sort_keys=False), "utf-8")
    for path in folder.glob("*.md"):
        text = re.sub(r"\(Researcher:[^)]*\)", "Ann Example", path.read_text("utf-8"))
        path.write_text(text, "utf-8")
    build(plan_of(load_study(folder), folder), Options(workers=1, stream=io.StringIO()))
    return folder


@pytest.fixture(scope="session")
def bands_study(tmp_path_factory):
    """`build_bands`, for tests that change the study: each gets a copy of one that was built."""
    built: dict[tuple[str, str], Path] = {}

    def copy(folder: Path, name: str, **changes) -> Path:
        key = name, repr(sorted(changes.items()))
        if key not in built:
            built[key] = build_bands(tmp_path_factory.mktemp("bands") / name, name, **changes)
        return Path(shutil.copytree(built[key], folder))

    return copy


@pytest.fixture(scope="session")
def tiny_study(tmp_path_factory) -> Path:
    """A built study for reading and serving; do not change it."""
    return build_tiny(tmp_path_factory.mktemp("tiny") / "section7")


@pytest.fixture(scope="session")
def every_trial_type(tmp_path_factory) -> Path:
    """A built study that asks in every way; do not change it."""
    return build_tiny(tmp_path_factory.mktemp("tiny") / "trial_types", "trial_types")


def build_every_page(folder: Path) -> Path:
    """The study of `tests/data/every_page.yaml`, with small pictures also of concepts."""
    from explainers.concept import Collection, Concept, Row, Segment

    source = folder / "source"
    shutil.copytree(ROOT / "study_app" / "studies" / "two_languages", source)
    shutil.copy(ROOT / "tests" / "data" / "every_page.yaml", source / "study.yaml")
    built = build_tiny(folder / "study", str(source))
    stimuli, concepts = built / "stimuli", []
    for n in range(4):
        segments = tuple(
            Segment(picture(stimuli, f"concept {n} {i}"), f"f{i + 1:02}", (64 * n, 0, 64, 64), 1.0)
            for i in range(8)
        )
        rows = tuple(
            Row(picture(stimuli, f"row {n} {k}"), tuple(one.sha256 for one in segments[k : k + 4]))
            for k in (0, 4)
        )
        about = (f"found-happy-{n}", "found", "expression", "dense2", "happy", "", n == 3)
        concepts.append(Concept(*about, segments, rows=rows))
    Collection(tuple(concepts)).save(stimuli)
    return built


@pytest.fixture(scope="session")
def every_page(tmp_path_factory) -> Path:
    """A built study in which participants meet every page; do not change it."""
    return build_every_page(tmp_path_factory.mktemp("every_page"))


@pytest.fixture(scope="session")
def two_languages(tmp_path_factory) -> Path:
    """A built study in English and Persian; do not change it."""
    return build_tiny(tmp_path_factory.mktemp("tiny") / "two_languages", "two_languages")


@pytest.fixture(autouse=True)
def own_main_module():
    """Streamlit's AppTest leaves its page as ``__main__``, which spawned processes would run."""
    before = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = before
