"""Both ready studies about concepts, from consent to completion, at a desk and on a phone."""

import pytest
from axe_playwright_python.sync_playwright import Axe

WORD = "half-open"


@pytest.fixture(scope="module")
def served(serve, bands_study, tmp_path_factory):
    """A server of each ready study, whose concepts are bands of faces."""
    folder = tmp_path_factory.mktemp("concepts")
    return {
        name: serve(study=bands_study(folder / name, name)) for name in ("intruder", "coherency")
    }


def into(person) -> None:
    """By the pages, from consent to the first question."""
    person.arrive()
    person.button("I agree and want to take part")
    person.page.locator(".stRadio [role=radiogroup]").first.wait_for()
    person.page.get_by_role("radiogroup").locator("label").first.click()
    person.button("Continue")
    person.button("Begin")
    person.await_trial()


def stored(server):
    return server.rows(
        "SELECT t.role, r.correct, o.option, p.value, p.text FROM response r "
        "JOIN trial t ON t.id = r.trial JOIN trial_option o ON o.trial = t.id "
        "JOIN response_option p ON p.trial = t.id AND p.position = o.position "
        "ORDER BY t.id, o.position"
    )


def test_the_intruder_study_at_a_desk(visit, served):
    person = visit(served["intruder"], viewport={"width": 1280, "height": 900})
    into(person)
    page = person.page
    assert page.locator("h1").inner_text() == "One picture does not belong to the others. Which?"
    assert page.locator(".card.face").count() == 0
    boxes = [card.bounding_box() for card in page.locator("label.card img").all()]
    assert len(boxes) == 6
    assert len({round(box["y"]) for box in boxes}) == 2  # two rows of three
    assert all(box["width"] == pytest.approx(box["height"], abs=1) for box in boxes)
    assert min(box["width"] for box in boxes) > 180
    assert max(box["y"] + box["height"] for box in boxes) < 900
    assert "choose a picture" in page.locator(".keys").inner_text()
    assert Axe().run(page).response["violations"] == []
    page.keyboard.press("Enter")
    assert page.locator(".problem").inner_text() == "Please choose one."
    page.keyboard.press(str(person.right_place()))
    page.keyboard.press("Enter")
    assert person.verdict().startswith("Right.")
    page.keyboard.press("Enter")
    label = person.await_trial(not_label=person.label())
    for key in ("f", "c", "2"):
        page.keyboard.press(key)
        page.keyboard.press("Enter")
        label = person.await_trial(not_label=label)
    assert label == "finished"
    rows = stored(served["intruder"])
    assert len(rows) == 4 * 6 and sum(value for *_, value, _ in rows) == 4
    for start in range(0, 24, 6):
        trial = rows[start : start + 6]
        chosen = next(option for _, _, option, value, _ in trial if value)
        assert {correct for _, correct, *_ in trial} == {int(chosen == "intruder")}


def test_the_coherency_study_on_a_phone(visit, served):
    phone = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
    person = visit(served["coherency"], **phone)
    into(person)
    page = person.page
    halves = [half.bounding_box() for half in page.locator("label.row img").all()]
    assert len(halves) == 4
    assert (
        halves[0]["x"] == halves[1]["x"] and halves[1]["y"] > halves[0]["y"]
    )  # one below the other
    assert all(
        half["width"] / half["height"] == pytest.approx(460 / 224, abs=0.02) for half in halves
    )
    assert min(half["width"] for half in halves) > 220
    assert max(half["x"] + half["width"] for half in halves) <= 360
    assert Axe().run(page).response["violations"] == []
    label = person.label()
    rows = [person.right_place(), 2, 2, 2]
    for place in rows:
        page.locator("button.go").tap()
        assert page.locator(".problem").inner_text() == "Please choose a row."
        page.locator("label.row").nth(place - 1).tap()
        page.get_by_role("textbox").fill("two words")
        page.locator("button.go").tap()
        assert page.locator(".problem").inner_text() == "Please write exactly one word."
        page.get_by_role("textbox").fill(WORD)
        page.locator("button.go").tap()
        if label == "Practice question":
            assert person.verdict().startswith("Right.")
            page.locator("button.go").tap()
        label = person.await_trial(not_label=label)
    assert label == "finished"
    told = stored(served["coherency"])
    chosen = [row for place in rows for row in ((place == 1), (place == 2))]
    assert [(value, text) for *_, value, text in told] == [
        (float(one), WORD if one else None) for one in chosen
    ]
    assert all(correct == (option == "concept") for _, correct, option, value, _ in told if value)


def test_rows_by_keyboard_and_a_draft_survives_a_reload(visit, served):
    person = visit(served["coherency"], viewport={"width": 1280, "height": 900})
    person.join()
    page = person.page
    lefts = [half.bounding_box() for half in page.locator("label.row img").all()]
    assert lefts[0]["y"] == lefts[1]["y"] and lefts[1]["x"] > lefts[0]["x"]  # one row, whole
    assert min(half["height"] for half in lefts) > 150
    page.keyboard.press("b")
    page.keyboard.press("t")
    page.keyboard.type("ab 1")  # letters of a word choose no row
    page.reload()
    person.await_trial()
    assert page.get_by_role("textbox").input_value() == "ab 1"
    assert page.get_by_role("radio", name="Row B").is_checked()
    page.get_by_role("textbox").fill("ab1")
    page.keyboard.press("Enter")
    assert person.verdict()
    page.reload()  # what is right stays until one goes on
    assert person.verdict() and page.get_by_role("textbox").input_value() == "ab1"
