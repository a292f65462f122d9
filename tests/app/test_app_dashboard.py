"""Each page of the dashboard with ordinary data, none, one person, unanimous and excluded ones."""

import json
import math
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from db.records import Mode
from db.store import Store
from study_app.dashboard import board, data, download, sign_in_cookie, views
from study_app.dashboard.board import Board
from study_app.dashboard.sign_in_cookie import Cookies
from study_app.frozen import frozen
from study_app.participation import session
from study_app.participation.answering import trial_of
from study_app.publishing.publish import go_live
from study_app.simulate import simulate

FROZEN = (Path(__file__).parents[1] / "data" / "frozen_section7.json").read_text("utf-8")
MAIN = Path(views.__file__).parents[1] / "script" / "main.py"
HASHED = "scrypt$of$a$password"
PAGES = views.names()


def empty(folder: Path) -> Store:
    store = Store(folder / "whyface.db", synchronous="OFF")
    version = store.add_version(json.loads(FROZEN)["study"]["id"], FROZEN)
    go_live(store, version)
    board.use(Board(store, folder, HASHED))
    return store


def the_version(store: Store) -> str:
    return store.versions()[0]["hash"]


def walk(
    store: Store, chosen: tuple[str, ...], questions: int = 99, attentive: bool = True
) -> None:
    """One live person who always picks the same options, and may leave early."""
    token = session.new_token(store)
    session.join(store, the_version(store), "live", token)
    study = frozen(store, the_version(store))
    session.save_background(
        store, token, {q["id"]: next(iter(q["choices"])) for q in study.background}
    )
    session.finish_instructions(store, token)
    for _ in range(questions):
        here = session.state(store, token)
        if here.trial is None:
            return
        trial = trial_of(study, store.trial(token, here.trial.token))
        picked = [offer.position for offer in trial.options if offer.option in chosen]
        if trial.expected is not None and attentive:
            picked = list(trial.expected)
        sent = {"answer": {"chosen": picked, "none": not picked}, "rt_ms": 4000, "hidden_ms": 0}
        assert session.answer(store, token, here.trial.token, sent).kind == "stored"


@pytest.fixture(scope="module")
def simulated(tmp_path_factory):
    with empty(tmp_path_factory.mktemp("simulated")) as store:
        simulate(store, the_version(store), 40)
        yield store


@pytest.fixture
def crowd(simulated):
    board.use(Board(simulated, Path(), HASHED, "simulated"))
    return simulated


@pytest.fixture
def nobody(tmp_path):
    with empty(tmp_path) as store:
        yield store


def draw(name: str, mode: str = "live") -> AppTest:
    def script(name: str, mode: str) -> None:
        from study_app.dashboard import data, layout, views

        layout._page(dict(views.load())[name], data.versions()[0], mode)

    at = AppTest.from_function(script, args=(name, mode), default_timeout=60).run()
    assert not at.exception, at.exception[0].stack_trace
    return at


def words(at: AppTest) -> str:
    kinds = (at.title, at.header, at.subheader, at.markdown, at.caption, at.info, at.warning)
    parts = [element.value for kind in (*kinds, at.error, at.text) for element in kind]
    parts += [table.value.to_string() for table in at.table]
    parts += [element.proto.body for element in at.get("html")]
    return "\n".join(parts)


# The sign-in's check on every run


def arrive(monkeypatch, cookies: dict[str, str]) -> AppTest:
    monkeypatch.setattr(
        "streamlit.runtime.context.ContextProxy.cookies", property(lambda self: cookies)
    )
    return AppTest.from_file(str(MAIN), default_timeout=60).run()


@pytest.mark.parametrize("cookie", [None, "", "1.x", "of another password"])
def test_without_a_valid_cookie_nothing_is_read_or_shown(cookie, nobody, monkeypatch):
    def touched(*args, **options):
        raise AssertionError("the database was asked")

    if cookie == "of another password":
        cookie = Cookies("another hash").issue()
    monkeypatch.setattr(Store, "versions", touched)
    monkeypatch.setattr(Store, "progress", touched)
    at = arrive(monkeypatch, {} if cookie is None else {sign_in_cookie.NAME: cookie})
    assert not at.exception
    assert [w.value for w in at.warning] == ["Your sign-in has ended."]
    assert not at.title and not at.radio
    assert "section7" not in words(at)


def test_with_the_cookie_the_first_page_is_shown(crowd, monkeypatch):
    at = arrive(monkeypatch, {sign_in_cookie.NAME: Cookies(HASHED).issue()})
    assert not at.exception
    assert at.title[0].value == "Progress"
    assert at.radio(key="mode").value == "simulated"


def test_another_mode_shows_other_people_only(crowd, monkeypatch):
    at = arrive(monkeypatch, {sign_in_cookie.NAME: Cookies(HASHED).issue()})
    at.radio(key="mode").set_value("live").run()
    assert not at.exception
    shown = words(at)
    assert "Nobody has taken part in mode live yet" in shown
    assert "40 in simulated" in shown
    assert "planted" not in shown


# Ordinary data


@pytest.mark.parametrize("name", PAGES)
def test_every_page_with_simulated_data_says_that_they_are(name, crowd):
    at = draw(name, "simulated")
    assert not at.error
    assert "no human being answered" in words(at)
    assert len(at.title) == 1


def test_live_answers_bear_no_banner(nobody):
    walk(nobody, ("saliency",))
    for name in PAGES:
        assert "whyface-banner" not in "".join(e.proto.body for e in draw(name).get("html"))


def test_the_numbers_are_those_of_the_database(crowd):
    shown = words(draw("progress", "simulated"))
    assert "<dt>Completed</dt><dd>40 (100%)</dd>" in shown
    found = data.summary(data.look(the_version(crowd), "simulated"))
    assert found.findings[0] in words(draw("results", "simulated"))
    left = len(found.before.participants) - len(found.frames.participants)
    assert f"<dt>Left out</dt><dd>{left} (" in words(draw("quality", "simulated"))


def test_new_answers_show_although_analyses_are_kept(nobody):
    walk(nobody, ("saliency",))
    assert "1 participant finished" in words(draw("participants"))
    walk(nobody, ("inversion",))
    assert "2 participants finished" in words(draw("participants"))


def test_the_pictures_of_a_question_are_the_ones_people_saw(crowd):
    item = frozen(crowd, the_version(crowd)).of_role("main")[0]
    shown = words(draw("questions", "simulated"))
    for sha256 in (item["picture"], *(option["sha256"] for option in item["options"])):
        assert f'src="/stimuli/{sha256}.png"' in shown
    assert item["question"] in shown


# Too few, too alike


def test_nobody(nobody):
    for name in PAGES:
        at = draw(name)
        assert not at.error and not at.warning
        assert "nobody" in words(at).lower()


def test_consent_and_nothing_else(nobody):
    token = session.new_token(nobody)
    session.join(nobody, the_version(nobody), "live", token)
    for name in PAGES:
        assert not draw(name).error


def test_one_person_gets_no_interval(nobody):
    walk(nobody, ("saliency",))
    shown = {name: draw(name) for name in PAGES}
    assert not any(at.error for at in shown.values())
    text = words(shown["results"])
    assert "one participant" in text.lower()
    assert "95 % interval" not in text
    assert "1 (100%)" in words(shown["progress"])


def test_unanimous_people_do_not_make_certainty(nobody):
    for _ in range(6):
        walk(nobody, ("saliency",))
    for name in PAGES:
        assert not draw(name).error
    shares = data.summary(data.look(the_version(nobody), "live")).result(
        "selection_share", "expertise"
    )
    for e in shares.of("all"):
        assert e.value in (0, 1) and 0.3 < e.high - e.low < 0.6, "six people are no certainty"
    assert all(math.isnan(e.low) for e in shares.of("user")), "nobody is in this group"


def test_everybody_left_out_is_said_with_the_reason(nobody):
    for _ in range(3):
        walk(nobody, ("saliency", "inversion", "visualization"), attentive=False)
    shown = {name: draw(name) for name in PAGES}
    assert not any(at.error for at in shown.values())
    assert "The rules leave no answers." in words(shown["quality"])
    for name in ("results", "participants", "downloads"):
        assert "attention check: 3" in words(shown[name])


def test_people_who_left_are_counted_where_they_left(nobody):
    walk(nobody, ("saliency",))
    walk(nobody, ("saliency",), questions=3)
    from study_app.dashboard.ways import ways

    steps = ways(data.look(the_version(nobody), "live"), frozenset()).reached()
    steps = steps.set_index("step")["people"]
    assert steps["Consent"] == 2
    assert steps["Question 3 answered"] == 2
    assert steps["Question 4 answered"] == 1


# When the database fails


def test_a_database_that_fails_gets_kind_words(nobody, monkeypatch):
    from db.errors import StoreError

    def fails(*args, **options):
        raise StoreError("whyface.db", "is locked", "end other programs that use it")

    entry = nobody.versions()[0]
    monkeypatch.setattr(Store, "progress", fails)
    monkeypatch.setattr(data, "versions", lambda: [entry])
    for name in PAGES:
        at = draw(name)
        assert "is locked" in at.error[0].value
        assert "The answers are not touched" in words(at)


# Downloads


def test_every_file_can_be_made_and_holds_what_its_name_says(crowd):
    shown = data.look(the_version(crowd), "simulated")
    files = {name: download.content(shown, name) for name in download.FILES}
    table = pd.read_json(pd.io.common.BytesIO(files["estimates.json"]), typ="series")
    assert table["mode"] == "simulated"
    answers = pd.read_csv(pd.io.common.BytesIO(files["responses.csv"]))
    assert len(answers) == shown.progress["answers"] * 3
    assert answers["counts"].any() and not answers["counts"].all()
    people = pd.read_csv(pd.io.common.BytesIO(files["participants.csv"]))
    assert len(people) == 40
    assert "token" not in people and "token" not in answers
    assert b"no human being answered" in files["report.html"]
    assert files["report.zip"][:2] == b"PK"
    starts = {"png": b"\x89PNG", "svg": b"<svg", "pdf": b"%PDF"}
    for form, start in starts.items():
        assert download.content(shown, f"models.{form}").startswith(start)


@pytest.mark.parametrize("name", ["", "nothing.csv", "nothing.svg", "../whyface.db", "models.exe"])
def test_there_is_no_other_file(name, crowd):
    shown = data.look(the_version(crowd), "simulated")
    with pytest.raises(KeyError):
        download.content(shown, name)


def test_modes_are_never_mixed(nobody):
    simulate(nobody, the_version(nobody), 5)
    walk(nobody, ("saliency",))
    for mode, count in ((Mode.LIVE, 1), (Mode.SIMULATED, 5)):
        people = data.everybody(data.look(the_version(nobody), mode)).participants
        assert len(people) == count and set(people["mode"]) == {mode}


# Groups of the visitor's choice, and large studies


def test_any_question_or_a_crossing_can_be_the_groups_and_is_called_explored(crowd):
    at = draw("results", "simulated")
    assert "Explored, not planned" in words(at)
    at.selectbox(key="groups").set_value("deep_learning").run()
    assert "By deep learning" in [header.value for header in at.subheader]
    at.selectbox(key="crossed").set_value("gender").run()
    assert not at.exception and not at.error
    assert "By deep learning × gender" in [header.value for header in at.subheader]
    shown = data.look(the_version(crowd), "simulated")
    found = data.glance(shown, "deep_learning x gender")
    people = found.frames.participants
    one = people[(people["deep_learning"] == "aware") & (people["gender"] == "woman")]
    [share, *_] = found.result("selection_share", "deep_learning x gender").of("aware x woman")
    assert share.participants == len(one) > 0
    assert all(not r.planned for r in found._made.values())
    name = "preference_deep_learning x gender.csv"
    assert f"aware x woman,{share.value!r}" in download.content(shown, name).decode()


@pytest.mark.parametrize("within", ["shoe_size", "gender x shoe_size", "gender x age x expertise"])
def test_there_are_no_groups_that_nobody_was_asked_for(within, crowd):
    shown = data.look(the_version(crowd), "simulated")
    with pytest.raises(KeyError):
        download.content(shown, f"preference_{within}.svg")


def test_a_glance_never_mixes_modes(nobody):
    simulate(nobody, the_version(nobody), 5)
    walk(nobody, ("saliency",))
    for mode, count in ((Mode.LIVE, 1), (Mode.SIMULATED, 5)):
        before = data.glance(data.look(the_version(nobody), mode)).before
        assert len(before.participants) == count and set(before.participants["mode"]) == {mode}
        assert set(before.responses["participant"]) == set(before.participants["participant"])
    with pytest.raises(data.AnalysisError, match="nobody has answered in mode pilot"):
        data.glance(data.look(the_version(nobody), "pilot"))


def test_a_large_study_shows_its_first_charts_before_everything_is_computed(crowd, monkeypatch):
    import threading

    release = threading.Event()
    whole = data._summary

    def slow(*arguments):
        assert release.wait(60)
        return whole(*arguments)

    monkeypatch.setattr(data, "LARGE", 1)
    monkeypatch.setattr(data, "_summary", slow)
    data._beside.cache_clear()
    at = draw("results", "simulated")
    text = words(at)
    assert "are being computed" in text and "preference_expertise.svg" in text
    assert "Every result" not in text
    release.set()
    shown = data.look(the_version(crowd), "simulated")
    data._beside(shown, shown.marker).result(60)
    at.run()
    assert "Every result" in words(at) and not at.exception
    data._beside.cache_clear()


def test_the_glance_agrees_with_the_whole(crowd):
    shown = data.look(the_version(crowd), "simulated")
    whole, found = data.summary(shown), data.glance(shown, "expertise")
    assert found.leads("expertise") == whole.leads("expertise")
    assert found.frames.questions == whole.frames.questions
    assert found.frames.collapsed and not whole.frames.collapsed
