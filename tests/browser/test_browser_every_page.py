"""Every page that participants can meet, in a language of either direction: one study, to its ends.

Each page is looked at by axe, at 320 CSS pixels (a window of 1280 pixels at 400 %), and for what
axe cannot see: where Tab leads, whether the focus is in sight, how large targets are.
"""

import re
import sqlite3
from contextlib import closing, contextmanager

import pytest
from accessible import misplaced, sideways, small_targets, tab_through, violations
from playwright.sync_api import expect

from db.records import Status
from db.store import Store
from study_app.participation import session
from study_app.participation.pages import Page
from study_app.participation.tokens import withdrawal_code
from study_app.wording import words

# What each question is answered with: its control, then keys, then a text for each field.
ANSWERS = [
    ("choose", "3", ()),  # for practice: what is right is told
    ("choose", "a c", ()),
    ("choose", "check", ()),  # pick_one, and an attention check before or after it
    ("choose", "check", ()),
    ("choose", "2", ()),
    ("arrange", "c ArrowUp ArrowUp", ()),
    ("rate", "5 2 4", ()),
    ("rate", "4 1", ()),
    ("slide", "a End b Home c ArrowUp ArrowUp", ()),
    ("write", "", ("eyes", "چشم‌ها")),
    ("write", "", ("The eyes, and then the mouth.",)),
    ("choose", "3", ()),
    ("choose-row", "b", ("mouth",)),
    ("write", "", ("They show where to look.",)),
]
CALM = {"reduced_motion": "reduce"}  # colours change at once
WIDE = {"viewport": {"width": 1100, "height": 800}, "color_scheme": "dark", **CALM}
# 200 % of a window of 1280 pixels
ZOOMED = {"viewport": {"width": 640, "height": 360}, "device_scale_factor": 2, **CALM}


@pytest.fixture(scope="module")
def everything(serve, every_page):
    return serve(study=every_page)


class Look:
    """Looks at pages in one language, and remembers which there were and what was wrong."""

    def __init__(self, person, language: str) -> None:
        self.page, self.url, self.language = person.page, person.server.url, language
        self.told, self.size = words(language), person.page.viewport_size
        self.wrong: dict[str, list[str]] = {}

    def __call__(self, name: str) -> None:
        wrong = self.wrong.setdefault(name, [])
        wrong += violations(self.page) + misplaced(self.page)
        self.page.set_viewport_size({"width": 320, "height": 640})
        self.page.wait_for_timeout(50)
        if sideways(self.page):
            wrong.append(f"scrolls sideways by {sideways(self.page)} pixels")
        wrong += [f"a small target: {small}" for small in small_targets(self.page)]
        self.page.set_viewport_size(self.size)

    def along(self, name: str, last: str) -> None:
        """Tab leads to the button ``last``, and what has the focus can be seen at each step."""
        for at in tab_through(self.page, self.told[last]):
            if not (at["seen"] and at["uncovered"]):
                self.wrong.setdefault(name, []).append(f"focus not in sight: {at}")

    def await_title(self, name: str) -> None:
        title = self.told[f"{name}_title"]
        self.page.get_by_role("heading", name=title, exact=True).wait_for()

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=self.told[name]).click()

    def end(self, page: Page, query: str, title: str = "") -> None:
        """Come by an address and look at the page that it leads to."""
        self.page.goto(f"{self.url}?{query}&lang={self.language}")
        self.await_title(title or page)
        self(page)


@pytest.mark.parametrize(
    ("language", "check", "options"),
    [("fa", "a", ZOOMED), ("en", "b", WIDE)],  # “please tick only explanation B”
)
def test_everybody_can_use_every_page(visit, everything, language, check, options):
    person = visit(everything, locale={"fa": "fa-IR", "en": "en-GB"}[language], **options)
    look = Look(person, language)
    look.end(Page.INCOMPLETE, "")
    _not_agreeing(person, look)
    _to_the_questions(person, look)
    token = person.token
    _through_the_questions(person, look, check)
    look.await_title("finished")
    if check == "b":
        back = person.page.get_by_role("link", name=look.told["code_back"])
        assert back.get_attribute("href") == "https://panel.example/done?who=en-1"
    else:
        person.page.get_by_text("FAILED-42").wait_for()
    look(Page.DEBRIEFING)
    look.end(Page.ALREADY, f"person={language}-1&visit=2")
    _stored_once(everything, token)
    _other_ends(everything, look)
    _faults(everything, look, token)
    assert {name: wrong for name, wrong in look.wrong.items() if wrong} == {}
    assert set(Page) <= {*look.wrong, Page.TRIAL}  # a new page is looked at, too
    hosts = {url.split("/")[2] for url in person.requests if url.startswith("http")}
    assert hosts == {f"127.0.0.1:{everything.port}"}  # nobody else hears of a participant


def _not_agreeing(person, look: Look) -> None:
    """By the keyboard."""
    page = person.page
    page.goto(f"{look.url}?person={look.language}-0&visit=0")
    page.get_by_role("button", name=look.told["consent_decline"]).wait_for()
    look(Page.CONSENT)
    expect(page.locator("h1")).to_be_focused()
    look.along(Page.CONSENT, "consent_decline")
    page.keyboard.press("Enter")
    look.await_title("declined")
    look(Page.DECLINED)


def _to_the_questions(person, look: Look) -> None:
    """From consent to the first question; each complaint is met once."""
    page = person.page
    page.goto(f"{look.url}?person={look.language}-1&visit=1")
    look.press("consent_agree")
    look.await_title("background")
    questions = page.locator(".stRadio [role=radiogroup]")
    expect(questions).to_have_count(2)
    expect(page.locator("h1")).to_be_focused()
    look.along(Page.BACKGROUND, "continue")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_count(2)
    look(Page.BACKGROUND)
    questions.nth(0).locator("label").nth(1).click()
    questions.nth(1).locator("label").nth(2).click()
    look.press("continue")
    page.get_by_role("button", name=look.told["begin"]).wait_for()
    expect(questions).to_have_count(1)
    questions.locator("label").first.click()
    look.press("begin")
    expect(page.get_by_role("alert")).to_have_text(look.told["instructions_wrong"])
    look(Page.INSTRUCTIONS)
    questions.locator("label").last.click()
    look.press("begin")


def _through_the_questions(person, look: Look, check: str) -> None:
    """By the keyboard alone. Nothing is answered beforehand, and it is said."""
    page, label = person.page, "none"
    problem = page.locator(".problem")
    for number, (control, keys, texts) in enumerate(ANSWERS):
        shown = page.locator(".progress span").filter(has_not_text=re.compile(f"^{label}$"))
        shown.wait_for()
        label, name = shown.inner_text(), f"question {number}: {control}"
        assert page.locator(f".answers.{control}").count() == 1, name
        expect(page.locator(".trial h1")).to_be_focused()
        for _ in range(20):  # its first moments take no answers, on purpose
            page.keyboard.press("Enter")
            if problem.inner_text():
                break
            page.wait_for_timeout(100)
        expect(problem).not_to_be_empty()
        expect(problem).to_be_in_viewport(ratio=1)
        if number == 1:
            look("complaint")
        page.locator(".trial h1").focus()
        look.along(name, "continue")
        for key in keys.replace("check", check).split():
            page.keyboard.press(key)
        for field, text in zip(page.get_by_role("textbox").all(), texts, strict=True):
            field.fill(text)
        look(name)
        page.locator("button.go").focus()
        page.keyboard.press("Enter")
        if number == 0:
            expect(page.locator(".verdict")).not_to_be_empty()
            expect(page.locator("button.go")).to_be_focused()
            look("feedback")
            page.wait_for_timeout(250)
            page.keyboard.press("Enter")


def _stored_once(server, token: str) -> None:
    rows = server.rows(
        "SELECT t.type, t.role, count(r.trial) FROM trial t JOIN assignment a ON a.id = "
        "t.assignment LEFT JOIN response r ON r.trial = t.id WHERE a.token = ? "
        "GROUP BY t.id ORDER BY t.position",
        token,
    )
    assert [count for *_, count in rows] == [1] * len(ANSWERS)
    assert [name for name, *_ in rows] == [
        "intruder", "pick_any", "pick_one", "pick_one", "pairwise", "ranking", "rating", "rating",
        "slider", "one_word", "free_text", "intruder", "coherency", "free_text",
    ]  # fmt: skip
    assert sorted({(name, role) for name, role, _ in rows if role != "main"}) == [
        ("intruder", "practice"), ("pick_one", "attention"),
    ]  # fmt: skip
    values = [answer["values"] for answer in server.answers(token)]
    assert values[1] == [1, 0, 1]
    assert values[5:9] == [[2, 3, 1], [5, 2, 4], [4, 1], [100, 0, 52]]
    state = server.rows("SELECT state FROM assignment WHERE token = ?", token)
    assert state == [("completed",)]


def _other_ends(server, look: Look) -> None:
    """Everything else that can end a study, each met by somebody of their own."""
    with Store(server.database) as store:
        version = store.versions()[0]["hash"]

        def join(age: str, explainability: str) -> str:
            token = session.new_token(store)
            session.join(store, version, "live", token)
            said = {"age_range": age, "explainability": explainability}
            session.save_background(store, token, said)
            return token

        failed = join("adult", "never")
        for _ in range(2):
            session.finish_instructions(store, failed, "all")
        look.end(Page.FAILED_CHECKS, f"p={failed}", "not_passed")
        look.end(Page.SCREENED_OUT, f"p={join('under_18', 'never')}")
        join("adult", "aware")
        look.end(Page.FULL, f"p={join('adult', 'aware')}")
        late = join("adult", "never")
        change = "UPDATE assignment SET consented_at = '2020-01-01 00:00:00' WHERE token = ?"
        with closing(sqlite3.connect(server.database)) as database:
            database.execute(change, (late,))
            database.commit()
        look.end(Page.TIMED_OUT, f"p={late}")
        gone = join("adult", "never")
        assert session.withdraw(store, withdrawal_code(store, gone))
        look.end(Page.WITHDRAWN, f"p={gone}")
        store.pause(version)
        look.end(Page.PAUSED, "person=late&visit=1")
        store.set_status(version, Status.CLOSED)
        look.end(Page.CLOSED, "person=late&visit=1")
        store.set_status(version, Status.LIVE)


def _faults(server, look: Look, token: str) -> None:
    """What stands there when it does not go on."""
    look.page.goto(f"{server.url}?p=somebody")
    look.await_title("link")
    look("unknown link")
    with _away(server, "assignment"):
        look.page.goto(f"{server.url}?p={token}")
        look.await_title("away")
        look("database away")


@contextmanager
def _away(server, table: str):
    with closing(sqlite3.connect(server.database)) as database:
        database.execute(f"ALTER TABLE {table} RENAME TO elsewhere")
        database.commit()
        yield
        database.execute(f"ALTER TABLE elsewhere RENAME TO {table}")
        database.commit()
