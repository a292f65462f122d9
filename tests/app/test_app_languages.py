"""The native pages in the participant's language, by Streamlit's own test harness."""

import pytest
from streamlit.testing.v1 import AppTest

from db.records import Mode
from db.store import Store
from study_app import screens
from study_app.participation import session
from study_app.publishing.publish import go_live, publish
from study_app.web import site
from study_app.wording import words

MAIN = f"{screens.__path__[0]}/main.py"
FA = words("fa")


@pytest.fixture
def here(two_languages, tmp_path):
    with Store(tmp_path / "whyface.db") as store:
        version = publish(store, two_languages)
        go_live(store, version)
        place = site.Site(store, version, Mode.LIVE, two_languages / "stimuli")
        site.use(place)
        yield place


def opened(token: str, language: str | None = None) -> AppTest:
    app = AppTest.from_file(MAIN, default_timeout=30)
    app.query_params["p"] = token
    if language:
        app.query_params["lang"] = language
    return app.run()


def button(app: AppTest, label: str):
    return next(one for one in app.button if one.label == label)


def test_the_way_of_a_participant_in_persian(here):
    token = session.new_token(here.store)
    assert opened(token).button[0].label == words("en")["consent_agree"]
    app = opened(token, "fa")
    assert any("آیا مایل به شرکت هستید؟" in one.value for one in app.markdown)
    assert here.store.assignment(token) is None
    button(app, FA["consent_agree"]).click().run()
    assert [one.value for one in app.title] == [FA["background_title"]]
    assert here.store.assignment(token)["language"] == "fa"
    button(app, FA["continue"]).click().run()
    assert [error.value for error in app.error] == [FA["background_missing"]]
    assert app.radio[0].options[2] == "از آن‌ها استفاده کرده‌ام"
    app.radio[0].set_value("user")
    button(app, FA["continue"]).click().run()
    assert button(app, FA["begin"])
    # Another device, whose address and browser say nothing: what was chosen is kept.
    elsewhere = opened(token)
    assert button(elsewhere, FA["begin"])
    assert elsewhere.query_params["lang"] == "fa"
    assert not app.exception and not elsewhere.exception


def test_an_address_in_no_language_of_the_study_is_in_its_first(here):
    app = opened(session.new_token(here.store), "<script>")
    assert app.button[0].label == words("en")["consent_agree"]
    assert app.query_params["lang"] == "en"


def test_a_link_that_is_not_ours_is_said_in_the_language_of_the_address(here):
    app = opened("nobody", "fa")
    assert [one.value for one in app.title] == [FA["link_title"]]
