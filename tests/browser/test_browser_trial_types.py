"""Every way of asking in a real browser: by keyboard by finger on a phone."""

import json

import pytest
from accessible import sideways
from playwright.sync_api import expect

TYPES = [
    "pick_any", "pick_one", "pick_one", "pick_one", "pairwise", "pairwise", "pairwise", "ranking",
    "rating", "rating", "slider", "one_word", "free_text",
]  # fmt: skip
HOSTILE = '<img src=x onerror="window.hacked=1"> =1+1'


@pytest.fixture(scope="module")
def asking(serve, every_trial_type):
    return serve(study=every_trial_type)


def stored(server, token: str) -> list[tuple[str, list]]:
    """Each trial of one participant in order: its type, and its values or texts."""
    rows = server.rows(
        "SELECT t.position, t.type, coalesce(o.text, o.value) FROM trial t "
        "JOIN response_option o ON o.trial = t.id JOIN assignment a ON a.id = t.assignment "
        "WHERE a.token = ? ORDER BY t.position, o.position",
        token,
    )
    found: dict[int, tuple[str, list]] = {}
    for position, name, value in rows:
        found.setdefault(position, (name, []))[1].append(value)
    return [found[position] for position in sorted(found)]


@pytest.mark.slow
def test_by_keyboard_at_twice_the_size(visit, asking):
    # 200 % zoom of a 1280 pixel wide window is a window of 640 CSS pixels
    zoomed = {"viewport": {"width": 640, "height": 360}, "device_scale_factor": 2}
    person = visit(asking, reduced_motion="reduce", **zoomed)
    token, page = person.join(), person.page
    presses = [
        "b", "c", "0", "2", "b", "1", "0", "c ArrowUp ArrowLeft a 3", "5 2 4", "4 1",
        "a End b Home c ArrowRight", "", "",
    ]  # fmt: skip
    words = {11: ["eyes", "half-open"], 12: [f"c r 1 {HOSTILE}"]}
    label = person.label()
    for number, keys in enumerate(presses):
        assert sideways(page) == 0
        if number not in (0, 1, 4):
            page.keyboard.press("Enter")  # nothing is answered beforehand, and it is said
            expect(page.locator(".problem")).not_to_be_empty()
            assert person.label() == label
        for place, text in enumerate(words.get(number, [])):
            if place:  # the complaint has led into the first field
                page.keyboard.press("Tab")
            page.keyboard.type(text)
        if number == 12:
            page.reload()
            assert person.await_trial() == label
            expect(page.get_by_role("textbox")).to_have_value(f"c r 1 {HOSTILE}")
            page.keyboard.press("t")
            page.keyboard.press("Control+Home")
            page.keyboard.press("Enter")  # a new line in a text, not the end of it
            assert person.label() == label
            page.locator("button.go").focus()
        for key in keys.split():
            page.keyboard.press(key)
        if number == 7:
            assert page.locator(".unseen").inner_text() == "Explanation A is at place 3 of 3."
        page.keyboard.press("Enter")
        label = person.await_trial(not_label=label)
    assert label == "finished"
    answers = stored(asking, token)
    assert [name for name, _ in answers] == TYPES
    assert [values for _, values in answers] == [
        [0, 1, 0], [0, 0, 1], [0, 0, 0], [0, 1, 0], [0, 1], [1, 0], [0.5, 0.5], [3, 2, 1],
        [5, 2, 4], [4, 1], [100, 0, 51], ["eyes", "half-open"], [f"c r 1 {HOSTILE}"],
    ]  # fmt: skip
    assert page.evaluate("window.hacked") is None


@pytest.mark.slow
def test_by_finger_on_a_phone(visit, asking):
    person = visit(asking, viewport={"width": 360, "height": 640}, has_touch=True, is_mobile=True)
    token, page = person.join(), person.page
    label = person.label()
    for number, name in enumerate(TYPES):
        assert sideways(page) == 0, name
        touched = page.locator("label.card, .point, .trial button:visible, .trial textarea")
        small = [
            box.evaluate("e => e.outerHTML.slice(0, 120)")
            for box in touched.all()
            if box.bounding_box()["height"] < 44
        ]
        assert small == []
        if name in ("pick_any", "pick_one", "pairwise"):
            page.locator("label.card").first.tap()
        elif name == "ranking":
            # the last one to the top: one step by its button, one by dragging its letter
            page.get_by_role("button", name="Better: Explanation C").tap()
            page.locator("button.go").tap()
        elif name == "rating":
            for scale in page.locator("fieldset.scale").all():
                scale.locator(".point").nth(number - 8).tap()
        elif name == "slider":
            for slider in page.get_by_role("slider").all():
                assert slider.get_attribute("aria-valuetext") == "not set"
                slider.tap()
        else:
            for field in page.get_by_role("textbox").all():
                field.fill("mouth" if name == "one_word" else "The mouth, and the eyes.")
        if name != "ranking":
            page.locator("button.go").tap()
        label = person.await_trial(not_label=label)
    assert label == "finished"
    assert [values for _, values in stored(asking, token)] == [
        [1, 0, 0], [1, 0, 0], [1, 0, 0], [1, 0, 0], [1, 0], [1, 0], [1, 0], [1, 3, 2],
        [1, 1, 1], [2, 2], [50, 50, 50], ["mouth", "mouth"], ["The mouth, and the eyes."],
    ]  # fmt: skip


def test_dragging_and_an_answer_that_was_on_its_way(visit, asking):
    person = visit(asking)
    token, page = person.join(), person.page
    for _ in range(7):
        page.keyboard.press("1")
        person.go()
    last = page.locator(".order li").nth(2)
    end, start = page.locator(".order li").nth(0).bounding_box(), last.bounding_box()
    page.mouse.move(start["x"] + 40, start["y"] + 90)
    page.mouse.down()
    for step in range(1, 9):
        to = start["x"] + (end["x"] - start["x"]) * step / 8
        page.mouse.move(to + 40, start["y"] + 90)
    page.mouse.up()
    assert [one[0] for one in page.locator(".order .handle").all_inner_texts()] == ["C", "A", "B"]
    asking.kill()
    page.locator("button.go").click()
    expect(page.locator(".status")).to_contain_text("Saving")
    asking.start()
    person.await_trial(not_label=r"Question 7 of 12")
    assert stored(asking, token)[7] == ("ranking", [2, 3, 1])
    kept = [json.loads(row) for (row,) in asking.rows("SELECT answer FROM response")]
    assert sum(answer["answer"] == {"order": [3, 1, 2]} for answer in kept) >= 1


def test_letters_and_digits_answer_only_as_long_as_they_are_wanted(visit, asking):
    person = visit(asking)
    person.join()
    page, box = person.page, person.page.get_by_role("checkbox", name="Explanation A")
    page.keyboard.press("a")
    expect(box).to_be_checked()
    page.get_by_role("button", name="Turn off letter and number keys").click()
    expect(page.locator(".keys")).to_have_text("Keyboard: Enter continues.")
    page.locator(".trial h1").focus()
    for key in "a1b0":
        page.keyboard.press(key)
    expect(box).to_be_checked()
    assert page.locator("input:checked").count() == 1
    label = person.label()
    page.keyboard.press("Enter")
    person.await_trial(not_label=label)
    page.reload()  # and the next questions, too
    person.await_trial()
    page.keyboard.press("a")
    assert page.locator("input:checked").count() == 0
    page.get_by_role("button", name="Turn on letter and number keys").click()
    page.keyboard.press("a")
    assert page.locator("input:checked").count() == 1
