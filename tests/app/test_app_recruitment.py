"""A panel's participants on the native pages: let in, known again, screened out, sent back."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from db.records import Mode
from db.store import Store
from study_app import screens
from study_app.participation import session
from study_app.publishing.publish import go_live, publish
from study_app.web import site

MAIN = f"{screens.__path__[0]}/main.py"
ANN = {"PROLIFIC_PID": "ann-5f", "SESSION_ID": "s-1", "STUDY_ID": "x"}
PANEL = {
    "source": "prolific",
    "parameters": {"id": "PROLIFIC_PID", "session": "SESSION_ID"},
    "codes": {"complete": "D0NE", "screened_out": "N0T4Y0U", "no_consent": "N0", "full": "FU11"},
    "cap": 2,
}


@pytest.fixture
def here(tiny_study, tmp_path):
    with Store(tmp_path / "whyface.db") as store:
        data = json.loads(store.frozen(publish(store, tiny_study)))
        data["study"]["recruitment"] = PANEL
        data["study"]["screen_out"] = [{"question": "age_range", "is": ["65+"]}]
        version = store.add_version("section7", json.dumps(data))
        go_live(store, version)
        place = site.Site(store, version, Mode.LIVE, tiny_study / "stimuli")
        site.use(place)
        yield place


def opened(here, address=ANN, token=None) -> AppTest:
    app = AppTest.from_file(MAIN, default_timeout=30)
    for name, value in {**address, "p": token or session.new_token(here.store)}.items():
        app.query_params[name] = value
    return app.run()


def press(app: AppTest, label: str) -> AppTest:
    return next(one for one in app.button if one.label == label).click().run()


def title(app: AppTest) -> str:
    assert not app.exception
    found = [one.value for one in app.title]
    return found[0] if found else app.markdown[0].value.splitlines()[0]


def links(app: AppTest) -> list[str]:
    return [one.proto.url for one in app.get("link_button")]


def token_of(app: AppTest) -> str:
    value = app.query_params["p"]
    return value if isinstance(value, str) else value[0]


def agree(app: AppTest) -> AppTest:
    return press(app, "I agree and want to take part")


def test_a_person_comes_back_by_the_panels_link_and_nobody_else_does(here):
    first = agree(opened(here))
    assert title(first) == "About you"
    again = opened(here)
    assert title(again) == "About you"
    assert token_of(again) == token_of(first)
    guess = opened(here, {**ANN, "SESSION_ID": "s-2"})
    assert title(guess) == "You have been here before"
    assert title(opened(here, {"PROLIFIC_PID": "{{%PROLIFIC_PID%}}"})) == (
        "This link is not complete"
    )
    assert here.store.progress(version=here.version)["joined"] == 1


def test_screened_out_kindly_and_for_good_with_code_and_way_back(here):
    app = agree(opened(here))
    for radio, value in zip(app.radio, ("none", "aware", "65+", "unsaid"), strict=True):
        radio.set_value(value)
    press(app, "Continue")
    for page in (app, opened(here), opened(here, token=token_of(app))):
        assert title(page) == "Thank you for your answers"
        code, withdrawal = (one.value for one in page.code)
        assert code == "N0T4Y0U" and len(withdrawal) == 19
        assert links(page) == ["https://app.prolific.com/submissions/complete?cc=N0T4Y0U"]
        assert not page.radio


def test_a_full_study_says_so_and_takes_the_next_when_a_place_is_free(here):
    inside = agree(opened(here))
    agree(opened(here, {"PROLIFIC_PID": "bob", "SESSION_ID": "1"}))
    late = {"PROLIFIC_PID": "cy", "SESSION_ID": "1"}
    app = opened(here, late)
    assert title(app) == "All places are taken"
    assert [one.value for one in app.code] == ["FU11"]
    token = token_of(inside)
    session.withdraw(here.store, session.state(here.store, token).withdrawal_code)
    assert title(agree(opened(here, late))) == "About you"


def test_who_agrees_as_the_last_place_goes_reads_so(here):
    waiting = opened(here, {"PROLIFIC_PID": "cy", "SESSION_ID": "1"})
    for name in ("ann", "bob"):
        agree(opened(here, {"PROLIFIC_PID": name, "SESSION_ID": "1"}))
    assert title(agree(waiting)) == "All places are taken"
    assert here.store.progress(version=here.version)["joined"] == 2


def test_who_does_not_agree_takes_a_code_back(here):
    app = press(opened(here), "I do not want to take part")
    assert title(app) == "Thank you for reading"
    assert [one.value for one in app.code] == ["N0"]
