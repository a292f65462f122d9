"""The native pages by Streamlit's own test harness: no server, no browser, a real database."""

import pytest
from streamlit.testing.v1 import AppTest

from db.records import Mode, Status
from db.store import Store
from study_app import screens
from study_app.participation import session
from study_app.publishing.publish import go_live, publish
from study_app.screens.page import lower_headings
from study_app.web import site

MAIN = f"{screens.__path__[0]}/main.py"


@pytest.fixture
def here(tiny_study, tmp_path):
    with Store(tmp_path / "whyface.db") as store:
        version = publish(store, tiny_study)
        go_live(store, version)
        place = site.Site(store, version, Mode.LIVE, tiny_study / "stimuli")
        site.use(place)
        yield place


def opened(token: str | None) -> AppTest:
    app = AppTest.from_file(MAIN, default_timeout=30)
    if token is not None:
        app.query_params["p"] = token
    return app.run()


def button(app: AppTest, label: str):
    return next(one for one in app.button if one.label == label)


def headings(app: AppTest) -> list[str]:
    return [one.value for one in app.title] + [
        line[2:] for one in app.markdown for line in one.value.splitlines() if line.startswith("# ")
    ]


def test_looking_stores_nothing_and_agreeing_leads_on(here):
    token = session.new_token(here.store)
    app = opened(token)
    assert headings(app) == ["Would you like to take part?"]
    assert here.store.assignment(token) is None
    button(app, "I agree and want to take part").click().run()
    assert headings(app) == ["About you"]
    row = here.store.assignment(token)
    assert (row["mode"], row["state"], row["consent_version"]) == ("live", "background", "1")
    assert headings(opened(token)) == ["About you"]


def test_declining_is_final_for_this_link(here):
    token = session.new_token(here.store)
    button(opened(token), "I do not want to take part").click().run()
    assert headings(opened(token)) == ["Thank you for reading"]
    assert here.store.assignment(token) is None


def test_no_background_answer_is_preselected_and_none_is_lost(here):
    token = session.new_token(here.store)
    session.give_consent(here.store, token, here.version, here.mode, True)
    app = opened(token)
    assert [radio.value for radio in app.radio] == [None] * 4
    assert app.radio[1].options[0] == "I have never heard of them"
    app.radio[1].set_value("user")
    button(app, "Continue").click().run()
    assert [error.value for error in app.error] == ["Please choose one of the answers."] * 3
    assert app.radio[1].value == "user"
    for radio, value in zip(app.radio, ("none", "aware", "18-24", "unsaid"), strict=True):
        radio.set_value(value)
    button(app, "Continue").click().run()
    assert headings(app) == ["What you will see", "What you do"]
    button(app, "Begin").click().run()
    assert here.store.assignment(token)["state"] == "trials"
    assert not app.exception


@pytest.mark.parametrize("token", [None, "", "x", "A" * 22 + "." + "0" * 20, "a\0b", "ü" * 99])
def test_a_link_that_is_not_ours(here, token):
    app = opened(token)
    assert headings(app) == ["This link is not valid"]
    assert not app.exception


def test_a_closed_study_says_so_to_newcomers_alone(here):
    inside, newcomer = session.new_token(here.store), session.new_token(here.store)
    session.give_consent(here.store, inside, here.version, here.mode, True)
    here.store.set_status(here.version, Status.CLOSED)
    assert headings(opened(newcomer)) == ["This study is closed"]
    assert headings(opened(inside)) == ["About you"]


def test_a_study_that_pauses_asks_newcomers_to_come_back(here):
    inside, newcomer, reading = (session.new_token(here.store) for _ in range(3))
    session.give_consent(here.store, inside, here.version, here.mode, True)
    app = opened(reading)
    here.store.pause(here.version)
    assert headings(opened(newcomer)) == ["A short break"]
    assert headings(opened(inside)) == ["About you"]
    next(one for one in app.button if "agree" in one.label).click().run()
    assert headings(app) == ["A short break"] and not app.exception
    here.store.pause(here.version, False)
    assert headings(opened(newcomer)) != ["A short break"]


def test_the_database_is_away(here):
    token = session.new_token(here.store)
    here.store.write(lambda c: c.exec_driver_sql("ALTER TABLE assignment RENAME TO away"))
    app = opened(token)
    assert headings(app) == ["One moment please"]
    assert "Nothing is lost" in app.markdown[0].value
    here.store.write(lambda c: c.exec_driver_sql("ALTER TABLE away RENAME TO assignment"))
    button(app, "Try again now").click().run()
    assert headings(app) == ["Would you like to take part?"]


def test_the_debriefing_shows_both_codes(here):
    token = session.new_token(here.store)
    session.give_consent(here.store, token, here.version, here.mode, True)
    study = session.state(here.store, token).study
    chosen = {question["id"]: next(iter(question["choices"])) for question in study.background}
    session.save_background(here.store, token, chosen)
    session.finish_instructions(here.store, token)
    while trial := session.state(here.store, token).trial:
        sent = {"answer": {"chosen": [1], "none": False}, "rt_ms": 900, "hidden_ms": 0}
        assert session.answer(here.store, token, trial.token, sent).kind == "stored"
    state = session.state(here.store, token)
    app = opened(token)
    assert headings(app) == ["You have finished"]
    assert [code.value for code in app.code] == [state.completion_code, state.withdrawal_code]
    assert session.withdraw(here.store, state.withdrawal_code)
    assert headings(opened(token)) == ["Your answers are deleted"]


def test_headings_of_a_text_below_a_heading():
    assert lower_headings("# A\n\n#no\n## B") == "## A\n\n#no\n### B"


def test_a_text_without_a_heading_gets_the_study_s_title():
    def script():
        from study_app.screens.page import markdown

        markdown("just words", "The study")

    app = AppTest.from_function(script).run()
    assert headings(app) == ["The study"]
