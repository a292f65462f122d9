"""A study in Persian in a real browser: from right to left, by keyboard, on a phone."""

import os
from pathlib import Path

import pytest
from accessible import sideways
from playwright.sync_api import expect

from study_app.wording import words

EN, FA = words("en"), words("fa")
SHOTS = os.environ.get("WHYFACE_SHOTS")  # a folder for pictures of the pages, for people


@pytest.fixture(scope="module")
def bilingual(serve, two_languages):
    return serve(study=two_languages)


def shot(person, name: str) -> None:
    if SHOTS:
        person.page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


def html(page) -> tuple[str, str]:
    return tuple(page.evaluate("[document.documentElement.lang, document.documentElement.dir]"))


def positions(server, token: str) -> list[list[float]]:
    return [answer["values"] for answer in server.answers(token)]


def test_a_phone_in_persian_from_the_first_page_to_the_last(visit, bilingual):
    phone = {"viewport": {"width": 360, "height": 740}, "device_scale_factor": 2}
    person = visit(bilingual, locale="fa-IR", **phone)
    page = person.page
    person.arrive()
    agree = page.get_by_role("button", name=FA["consent_agree"])
    agree.wait_for()
    expect(page.locator("html[lang=fa][dir=rtl]")).to_have_count(1)
    shot(person, "1_consent")
    assert sideways(page) == 0
    # Each language by its own name; the other one is a key press away, and back again.
    other = page.get_by_role("button", name="English")
    assert other.get_attribute("lang") == "en"
    other.focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name=EN["consent_agree"]).wait_for()
    expect(page.locator("html[lang=en][dir=ltr]")).to_have_count(1)
    assert "lang=en" in page.url
    page.get_by_role("button", name="فارسی").click()
    agree.wait_for()
    agree.click()
    page.get_by_role("heading", name=FA["background_title"]).wait_for()
    expect(page.locator("html[lang=fa][dir=rtl]")).to_have_count(1)
    page.locator(".stRadio [role=radiogroup] label").first.wait_for()
    shot(person, "2_background")
    assert sideways(page) == 0
    page.locator(".stRadio [role=radiogroup] label").last.click()
    person.button(FA["continue"])
    page.get_by_role("button", name=FA["begin"]).click()

    finished = page.get_by_role("heading", name=FA["finished_title"])
    presses = ["a", "b", "a", "a"]
    for number, key in enumerate(presses):  # practice, two questions and a check
        trial = page.locator(".progress span").filter(
            has_text=FA["trial_practice"]
            if number == 0
            else FA["trial_question"].format(number=number, total=5)
        )
        trial.wait_for()
        page.wait_for_timeout(320)
        if number == 1:
            shot(person, "3_trial")
            assert html(page) == ("fa", "rtl")
            assert sideways(page) == 0
            page.keyboard.press("Enter")  # nothing is ticked
            missing = FA["choose_tick_or"].format(other=FA["none_helps"])
            expect(page.locator(".problem")).to_have_text(missing)
            page.reload()  # the language is kept, whatever the address says
            trial.wait_for()
            page.wait_for_timeout(320)
            assert html(page) == ("fa", "rtl")
        page.keyboard.press(key)
        page.keyboard.press("Enter")
    page.locator(".order").wait_for()
    page.wait_for_timeout(320)
    first = page.locator(".order .handle").first.inner_text()
    assert first == "A"  # letters stay
    page.keyboard.press("a")
    page.keyboard.press("ArrowLeft")  # onward is to the left here
    expect(page.locator(".order .handle").first).to_have_text("B")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".order .handle").first).to_have_text("A")
    page.keyboard.press("ArrowLeft")
    shot(person, "4_ranking")
    assert sideways(page) == 0
    page.keyboard.press("Enter")
    page.locator(".slide").wait_for()
    page.wait_for_timeout(320)
    for letter, key in (("a", "End"), ("b", "Home")):
        page.keyboard.press(letter)
        page.keyboard.press(key)
    shot(person, "5_slider")
    assert sideways(page) == 0
    page.keyboard.press("Enter")
    finished.wait_for()
    page.get_by_text(FA["withdrawal_title"]).wait_for()
    shot(person, "6_debriefing")
    assert sideways(page) == 0
    assert [tuple(one["values"]) for one in bilingual.answers(person.token)][-2:] == [
        (2, 1),
        (100, 0),
    ]
    (row,) = bilingual.rows("SELECT language FROM assignment WHERE token = ?", person.token)
    assert row == ("fa",)


def test_the_language_can_be_changed_amid_the_questions(visit, bilingual):
    person = visit(bilingual, viewport={"width": 1280, "height": 800}, locale="en-GB")
    token, page = person.enrol(), person.page
    person.arrive(f"?p={token}")
    practice = page.locator(".progress span").filter(has_text=EN["trial_practice"])
    practice.wait_for()
    page.wait_for_timeout(320)
    page.keyboard.press("a")
    page.keyboard.press("Enter")
    page.locator(".progress span").filter(has_not_text=EN["trial_practice"]).wait_for()
    page.get_by_role("button", name="فارسی").click()
    label = FA["trial_question"].format(number=1, total=5)
    page.locator(".progress span").filter(has_text=label).wait_for()
    expect(page.locator("html[lang=fa][dir=rtl]")).to_have_count(1)
    shot(person, "7_wide")
    face, stage = page.locator(".face").bounding_box(), page.locator(".stage").bounding_box()
    assert face["x"] + face["width"] > stage["x"] + 0.9 * stage["width"]  # begins on the right
    page.wait_for_timeout(320)
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    page.locator(".progress span").filter(
        has_text=FA["trial_question"].format(number=2, total=5)
    ).wait_for()  # the reply to an answer speaks it, too
    kinds = bilingual.rows(
        "SELECT data FROM event e JOIN assignment a ON a.id = e.assignment "
        "WHERE a.token = ? AND kind = 'language'", token,
    )  # fmt: skip
    assert [str(data) for (data,) in kinds] == ['{"from": "en", "to": "fa"}']
    assert len(bilingual.answers(token)) == 2
