"""Two compared faces are shown whole, beside each other, as large as the explanations."""

import io

import pytest
from PIL import Image

from explainers.manifest import Manifest


def two_faces() -> bytes:
    both = Image.new("RGB", (688, 336), "white")
    for left, colour in ((0, "gray"), (352, "brown")):
        both.paste(colour, (left, 0, left + 336, 336))
    kept = io.BytesIO()
    both.save(kept, "PNG")
    return kept.getvalue()


def test_neither_face_is_squeezed_in_any_window(visit, tiny_study):
    person = visit(viewport={"width": 1280, "height": 800})
    page, body = person.page, two_faces()
    for stimulus in Manifest.load(tiny_study / "stimuli").stimuli:
        if stimulus.kind == "face":  # in place of each face a picture of two
            page.route(f"**/{stimulus.file}", lambda route: route.fulfill(body=body))
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
