"""Two compared faces are shown whole, beside each other, as large as the explanations."""

import hashlib
import shutil
from dataclasses import replace

import pytest
from PIL import Image

from explainers.manifest import Manifest


@pytest.fixture(scope="module")
def pairs(serve, tiny_study, tmp_path_factory):
    """The tiny study, with two faces in each question's picture."""
    folder = tmp_path_factory.mktemp("pairs") / "study"
    shutil.copytree(tiny_study, folder)
    made = folder / "stimuli" / "new.png"
    both = Image.new("RGB", (688, 336), "white")
    for left, colour in ((0, "gray"), (352, "brown")):
        both.paste(colour, (left, 0, left + 336, 336))
    both.save(made)
    sha256 = hashlib.sha256(made.read_bytes()).hexdigest()
    made.rename(made.with_name(f"{sha256}.png"))
    manifest = Manifest.load(folder / "stimuli")
    stimuli = tuple(
        replace(s, sha256=sha256, width=688) if s.kind == "face" else s for s in manifest.stimuli
    )
    replace(manifest, stimuli=stimuli).save(folder / "stimuli")
    return serve(study=folder)


def test_neither_face_is_squeezed_in_any_window(visit, pairs):
    person = visit(pairs, viewport={"width": 1280, "height": 800})
    page = person.page
    person.join()
    assert "two faces" in page.locator("figcaption").inner_text()
    for width, beside in ((1280, True), (700, False), (390, False)):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(300)
        face = page.locator(".card.face img").bounding_box()
        map_ = page.locator("label.card img").first.bounding_box()
        assert face["width"] / face["height"] == pytest.approx(688 / 336, abs=0.03)
        assert map_["width"] == pytest.approx(map_["height"], abs=1)
        assert face["x"] >= 0 and face["x"] + face["width"] <= width
        assert (face["x"] + face["width"] < map_["x"]) is beside
        if beside:
            assert face["height"] == pytest.approx(map_["height"], rel=0.05)
