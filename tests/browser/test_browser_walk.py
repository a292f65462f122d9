"""From consent to completion code in a real browser: by mouse, by keyboard, at phone width."""

import re

from accessible import sideways
from playwright.sync_api import expect


def at_top(page) -> bool:
    return page.evaluate("""document.querySelector('[data-testid="stMain"]').scrollTop""") == 0


def test_by_mouse(visit, server):
    person = visit()
    person.arrive()
    assert person.heading() == "Would you like to take part?"
    token = person.token
    assert server.rows("SELECT count(*) FROM assignment WHERE token = ?", token) == [(0,)]

    person.button("I agree and want to take part")
    person.page.get_by_role("heading", name="About you").wait_for()
    person.button("Continue")
    expect(person.page.get_by_role("alert")).to_have_count(4)
    person.page.get_by_role("radiogroup").nth(1).locator("label").nth(2).click()
    person.button("Continue")
    expect(person.page.get_by_role("alert")).to_have_count(3)
    kept = person.page.get_by_role("radiogroup").nth(1).get_by_role("radio").nth(2)
    expect(kept).to_be_checked()
    person.background()
    person.button("Continue")
    person.page.get_by_role("heading", name="What you will see").wait_for()
    person.button("Begin")

    assert person.await_trial() == "Practice question"
    assert at_top(person.page)
    labels, expected = [], []
    for number in range(10):
        labels.append(person.label())
        chosen = [(), ("A",), ("B", "C"), ("A", "B", "C")][number % 4]
        person.tick(*(chosen or ("None of them helps",)))
        expected.append([float(letter in chosen) for letter in "ABC"])
        person.go()
    assert labels == ["Practice question"] + [f"Question {n} of 9" for n in range(1, 10)]

    assert person.heading() == "You have finished"
    expect(person.page.locator("code")).to_have_count(2)
    shown = person.page.locator("code").all_inner_texts()
    row = "SELECT state, completion_code, mode FROM assignment WHERE token = ?"
    assert server.rows(row, token) == [("completed", shown[0], "live")]
    assert re.fullmatch(r"([0-9A-F]{4}-){3}[0-9A-F]{4}", shown[1])
    answers = person.answers()
    assert [answer["values"] for answer in answers] == expected
    assert all(100 < answer["rt_ms"] < 15_000 for answer in answers)
    assert all(answer["hidden_ms"] == 0 for answer in answers)
    stored = server.rows("SELECT count(*) FROM background b JOIN assignment a "
                         "ON a.id = b.assignment WHERE a.token = ?", token)  # fmt: skip
    assert stored == [(4,)]


def test_by_keyboard_alone(visit):
    person = visit()
    person.arrive()
    keys = person.page.keyboard

    def tab_to(name: str) -> None:
        for _ in range(40):
            if person.page.evaluate("document.activeElement.innerText || ''").strip() == name:
                return
            keys.press("Tab")
        raise AssertionError(f"Tab does not lead to {name}")

    person.page.wait_for_function("document.activeElement.tagName === 'H1'")
    tab_to("I agree and want to take part")
    keys.press("Enter")
    person.page.get_by_role("heading", name="About you").wait_for()
    person.page.wait_for_function("document.activeElement.tagName === 'H1'")
    person.questions()
    for _ in range(4):
        keys.press("Tab")
        keys.press("Space")
    tab_to("Continue")
    keys.press("Enter")
    person.page.get_by_role("heading", name="What you will see").wait_for()
    person.page.wait_for_function("document.activeElement.tagName === 'H1'")
    tab_to("Begin")
    keys.press("Enter")

    label = person.await_trial()
    expected = []
    for number in range(10):
        pressed = ["1", "b", "3a", "0", "n", "cc2", "10", "01", "Tab Space", "123"][number]
        for key in pressed.split() if " " in pressed else pressed:
            keys.press(key)
        ticked = ["A", "B", "AC", "", "", "B", "", "A", "A", "ABC"][number]
        expected.append([float(letter in ticked) for letter in "ABC"])
        keys.press("Enter")
        label = person.await_trial(not_label=label)
    assert label == "finished"
    assert [answer["values"] for answer in person.answers()] == expected


def test_an_empty_answer_is_asked_for_and_nothing_is_sent(visit):
    person = visit()
    person.join()
    person.page.keyboard.press("Enter")
    alert = person.page.get_by_role("alert")
    expect(alert).to_have_text("Please tick at least one explanation, or “None of them helps”.")
    person.tick("B")
    expect(alert).to_have_text("")
    person.tick("B")
    person.page.locator("button.go").click()
    expect(alert).to_contain_text("at least one")
    assert person.answers() == []


def test_on_a_phone(visit):
    person = visit(viewport={"width": 360, "height": 640}, has_touch=True, is_mobile=True)
    person.arrive()
    assert sideways(person.page) == 0
    person.button("I agree and want to take part")
    person.page.get_by_role("heading", name="About you").wait_for()
    person.questions()
    small = [box for box in person.page.locator(".stRadio [role=radiogroup] label").all()
             if box.bounding_box()["height"] < 44]  # fmt: skip
    assert small == []
    assert sideways(person.page) == 0
    person.background()
    person.button("Continue")
    person.page.get_by_role("heading", name="What you will see").wait_for()
    assert sideways(person.page) == 0
    person.button("Begin")
    person.await_trial()
    for _ in range(10):
        assert at_top(person.page)
        assert sideways(person.page) == 0
        images = [image.bounding_box() for image in person.page.locator(".trial img").all()]
        assert len(images) == 4
        assert all(image["width"] >= 220 for image in images)
        for touched in person.page.locator("label.card, button.go").all():
            assert touched.bounding_box()["height"] >= 44
        person.page.locator("label.card").first.tap()
        person.go()
    assert person.heading() == "You have finished"
    assert sideways(person.page) == 0
    assert [answer["values"] for answer in person.answers()] == [[1, 0, 0]] * 10


def test_at_twice_the_size_nothing_is_cut_off(visit):
    # 200 % zoom of a 1280 pixel wide window is a window of 640 CSS pixels
    person = visit(viewport={"width": 640, "height": 360}, device_scale_factor=2)
    person.join()
    assert sideways(person.page) == 0
    person.tick("C")
    assert person.go() == "Question 1 of 9"
