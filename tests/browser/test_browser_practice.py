"""Practice with feedback and a gate, in a browser: wrong, told, once more, right, and on."""

import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe

DESK = {"viewport": {"width": 1280, "height": 1000}}


@pytest.fixture(scope="module")
def gated(serve, bands_study, tmp_path_factory):
    """The ready intruder study, whose concepts are bands of faces: one question of practice."""
    return serve(study=bands_study(tmp_path_factory.mktemp("practice") / "intruder", "intruder"))


@pytest.fixture(scope="module")
def strict(serve, bands_study, tmp_path_factory):
    """Its practice has one round, and ends the study for whoever fails."""
    folder = bands_study(tmp_path_factory.mktemp("strict") / "intruder", "intruder")
    file = folder / "study.yaml"
    data = yaml.safe_load(file.read_text("utf-8"))
    data["blocks"][0]["practice"] = {"attempts": 1, "on_fail": "end"}
    data["recruitment"] = {"codes": {"failed_checks": "N0TPASSED"}}
    file.write_text(yaml.safe_dump(data, sort_keys=False), "utf-8")
    return serve(study=folder)


def choose(person, right: bool) -> int:
    """Choose the intruder or another picture, by keyboard; where the intruder stands."""
    place = person.right_place()
    person.page.keyboard.press(str(place if right else place % 6 + 1))
    person.page.keyboard.press("Enter")
    return place


def letter(place: int) -> str:
    return "ABCDEF"[place - 1]


def test_wrong_told_once_more_right_and_on(visit, gated, tmp_path):
    person = visit(gated, **DESK)
    person.join()
    page = person.page
    assert person.label() == "Practice question"
    boxes = [card.bounding_box() for card in page.locator("label.card").all()]
    place = choose(person, right=False)
    words = person.verdict()
    assert words.startswith(f"Not quite. The right answer: Picture {letter(place)}.")
    assert words.endswith("round 2 of at most 3.")
    status = page.locator(".verdict")
    assert status.get_attribute("role") == "status"
    assert [card.bounding_box() for card in page.locator("label.card").all()] == boxes
    assert page.locator(".keys").inner_text() == "Keyboard: Enter continues."
    marked = page.locator("label.card.marked")
    assert marked.count() == 1 and "Right answer" in marked.inner_text()
    assert marked.get_by_role("radio").get_attribute("aria-label") == f"Picture {letter(place)}"
    assert page.locator("input:checked").count() == 1  # one's own answer stays in sight
    assert page.locator("input:not(:disabled)").count() == 0
    assert page.evaluate(FOCUS) == "go"
    assert Axe().run(page).response["violations"] == []
    page.screenshot(path=str(tmp_path / "wrong.png"))

    other = person.tab()  # a second tab shows the same, and so does a reload
    other.goto(page.url)
    other.locator(".verdict:not(:empty)").wait_for()
    page.reload()
    assert person.verdict() == words
    page.keyboard.press("1")  # keys change nothing any more
    page.keyboard.press("Enter")
    assert person.await_trial(not_label="Practice question") == "Practice question, round 2"
    assert page.locator(".verdict").inner_text() == ""
    other.locator("button.go").click()  # the stale tab follows
    other.locator(".progress span", has_text="round 2").wait_for()
    other.close()
    page.bring_to_front()
    page.wait_for_timeout(320)

    choose(person, right=True)
    assert person.verdict() == "Right. The practice is over. Now the questions begin."
    assert "right" in status.get_attribute("class")
    page.keyboard.press("Enter")
    label = person.await_trial(not_label="Practice question, round 2")
    assert label == "Question 1 of 3"
    for _ in range(3):
        page.keyboard.press("1")
        page.keyboard.press("Enter")
        label = person.await_trial(not_label=label)
    assert label == "finished"
    told = person.answers()
    assert [answer["role"] for answer in told] == ["practice"] * 2 + ["main"] * 3
    assert [answer["position"] for answer in told] == [1, 2, 4, 5, 6]


def test_a_row_on_a_phone(visit, serve, bands_study, tmp_path):
    server = serve(study=bands_study(tmp_path / "coherency", "coherency"))
    person = visit(server, viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    person.join()
    page = person.page
    place = person.right_place()
    page.locator("label.row").nth(2 - place).tap()
    page.get_by_role("textbox").fill("eyes")
    page.locator("button.go").tap()
    assert f"Row {letter(place)}" in person.verdict()
    assert "Right answer" in page.locator("label.row").nth(place - 1).inner_text()
    button = page.locator("button.go").bounding_box()
    assert button["y"] + button["height"] < 740  # brought into sight by its focus
    assert page.get_by_role("textbox").input_value() == "eyes"
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert Axe().run(page).response["violations"] == []
    page.screenshot(path=str(tmp_path / "row.png"))
    page.locator("button.go").tap()
    assert "round 2" in person.await_trial(not_label="Practice question")


def test_impatient_clicks_do_not_skip_what_is_right(visit, gated):
    person = visit(gated, **DESK)
    person.join()
    page = person.page
    page.keyboard.press(str(person.right_place()))
    go = page.locator("button.go")
    go.dblclick()
    assert person.verdict().startswith("Right.")
    assert len(person.answers()) == 1


@pytest.mark.slow
def test_it_goes_on_without_the_route(visit, gated):
    """A proxy that lets no requests through: answers and going on take the page's connection."""
    person = visit(gated, **DESK)
    person.join()
    person.page.route("**/answer", lambda route: route.abort())
    choose(person, right=True)
    person.page.locator(".verdict:not(:empty)").wait_for(timeout=30_000)
    assert person.verdict().startswith("Right.")
    person.page.keyboard.press("Enter")
    person.page.locator(".progress span", has_text="Question 1 of 3").wait_for(timeout=30_000)


@pytest.mark.slow
def test_a_killed_server_loses_neither_answer_nor_feedback(visit, serve, gated):
    server = serve(study=gated.study)
    person = visit(server, **DESK)
    person.join()
    choose(person, right=False)
    words = person.verdict()
    server.kill()
    person.page.keyboard.press("Enter")
    person.page.get_by_text("will be sent by itself").wait_for()
    assert person.page.locator(".verdict").inner_text() == words
    server.start()
    person.page.locator(".progress span", has_text="round 2").wait_for(timeout=30_000)
    assert [answer["position"] for answer in person.answers()] == [1]
    assert server.rows("SELECT count(*) FROM trial WHERE position = 2") == [(1,)]


def test_the_end_for_who_fails_is_kind(visit, strict, tmp_path):
    person = visit(strict, **DESK)
    person.join()
    choose(person, right=False)
    page = person.page
    page.get_by_role("heading", name="Thank you for trying").wait_for()
    assert "nothing that you did wrong" in page.locator("[data-testid=stMain]").inner_text()
    assert "N0TPASSED" in page.locator(".stCode").first.inner_text()
    assert Axe().run(page).response["violations"] == []
    page.reload()
    page.get_by_role("heading", name="Thank you for trying").wait_for()
    page.screenshot(path=str(tmp_path / "end.png"))


FOCUS = """() => {
  let active = document.activeElement;
  while (active && active.shadowRoot) active = active.shadowRoot.activeElement;
  return active.className;
}"""
