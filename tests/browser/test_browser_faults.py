"""What goes wrong in real life: each answer is stored exactly once, and the person goes on."""

import json
import resource
import sqlite3
from contextlib import closing

import pytest
from playwright.sync_api import expect

from db.store import Store
from study_app.participation import session

HIDE = """(hidden) => {
    Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.fixture(scope="module")
def own(serve):
    """A server of these tests alone."""
    return serve()


@pytest.fixture
def breakable(own):
    """It may be killed; the next test finds it running, and nothing printed yet."""
    if own.process.poll() is not None:
        own.start()
    own.printed.clear()
    return own


def once(person, *chosen: str) -> None:
    """Exactly these answers are stored, in this order, one response for each."""
    expected = [[float(letter in ticked) for letter in "ABC"] for ticked in chosen]
    answers = person.answers()
    assert [answer["values"] for answer in answers] == expected
    assert [answer["position"] for answer in answers] == list(range(1, len(chosen) + 1))


def test_a_reload_keeps_the_place_and_forgets_an_unsent_choice(visit, server):
    person = visit()
    token = person.join()
    person.tick("A")
    assert person.go() == "Question 1 of 9"
    question = person.heading()
    person.tick("B", "C")
    person.page.reload()
    assert person.await_trial() == "Question 1 of 9"
    assert person.heading() == question
    expect(person.page.locator("input:checked")).to_have_count(0)
    person.tick("C")
    assert person.go() == "Question 2 of 9"
    once(person, "A", "C")
    events = server.rows(
        "SELECT e.kind FROM event e JOIN assignment a ON a.id = e.assignment WHERE a.token = ?",
        token,
    )
    assert ("shown_again",) in events, "its response time began anew: the data must tell"


def test_double_and_impatient_clicks_answer_once(visit):
    person = visit()
    person.join()
    label = person.label()
    person.tick("A")
    person.page.locator("button.go").dblclick()
    label = person.await_trial(not_label=label)
    assert label == "Question 1 of 9"
    person.tick("B")
    box = person.page.locator("button.go").bounding_box()
    for _ in range(4):
        person.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert person.await_trial(not_label=label) == "Question 2 of 9"
    person.page.wait_for_timeout(500)
    once(person, "A", "B")


def test_a_second_tab_shows_the_same_and_a_stale_tab_does_no_harm(visit, server):
    person = visit()
    token = person.join()
    stale = person.page
    second = person.tab()
    second.goto(f"{server.url}?p={token}")
    assert person.await_trial(page=second) == "Practice question"
    person.tick("A", page=second)
    assert person.go(page=second) == "Question 1 of 9"
    person.tick("B", page=second)
    assert person.go(page=second) == "Question 2 of 9"
    # the first tab still shows the practice question: its answer comes too late and is no answer
    assert person.label(stale) == "Practice question"
    person.tick("C", page=stale)
    assert person.go(page=stale) == "Question 2 of 9"
    once(person, "A", "B")


def test_the_back_button_leads_to_the_same_place(visit, server):
    person = visit()
    person.page.goto("about:blank")
    person.arrive()
    token = person.token
    person.button("I agree and want to take part")
    person.page.get_by_role("heading", name="About you").wait_for()
    person.page.go_back()
    person.page.go_forward()
    person.page.get_by_role("heading", name="About you").wait_for()
    assert person.token == token
    person.background()
    person.button("Continue")
    person.button("Begin")
    person.await_trial()
    person.tick("A")
    person.go()
    person.page.go_back()
    person.page.go_forward()
    assert person.await_trial() == "Question 1 of 9"
    once(person, "A")
    assert person.token == token


def test_a_killed_server_loses_nothing_and_the_answer_arrives_alone(visit, breakable):
    server = breakable
    person = visit(at=server)
    person.join()
    person.tick("A")
    assert person.go() == "Question 1 of 9"
    person.tick("B", "C")
    server.kill()
    person.page.locator("button.go").click()
    expect(person.page.locator("p.status")).to_contain_text("kept in this browser")
    assert len(person.answers()) == 1
    server.start()
    # nobody touches the page: it finds the server and sends the answer by itself
    other = person.page.locator(".progress span", has_text="Question 2 of 9")
    other.wait_for(timeout=60_000)
    once(person, "A", "BC")
    person.await_trial()
    person.tick("A")
    assert person.go() == "Question 3 of 9"
    once(person, "A", "BC", "A")


def test_an_answer_given_while_the_server_is_down_survives_a_reload(visit, breakable):
    server = breakable
    person = visit(at=server)
    token = person.join()
    person.tick("B")
    server.kill()
    person.page.locator("button.go").click()
    expect(person.page.locator("p.status")).to_contain_text("Saving")
    server.start()
    person.page.goto(f"{server.url}?p={token}")
    person.page.locator(".progress span", has_text="Question 1 of 9").wait_for(timeout=30_000)
    once(person, "B")


def test_answers_and_next_trials_travel_without_running_the_script(visit, server):
    person = visit()
    sent = []
    person.page.on("websocket", lambda line: line.on("framesent", lambda text: sent.append(text)))
    person.join()
    before = len(sent)
    assert before
    for chosen in "ABC":
        person.tick(chosen)
        person.go()
    assert len(sent) == before
    asked = [url for url in person.requests if "/answer" in url]
    assert asked == [f"{server.url}answer"] * 3, "no token in any address"
    assert not person.page.evaluate("document.activeElement === document.body")
    once(person, "A", "B", "C")


def test_a_lost_reply_and_a_slow_line_store_nothing_twice(visit, server):
    person = visit()
    token = person.join()
    lost = []

    def lose(route):
        if lost:
            person.page.wait_for_timeout(500)
            route.continue_()
        else:
            lost.append(route.fetch().json())  # stored, but the browser does not hear of it
            route.abort()

    person.page.route("**/answer", lose)
    person.tick("A")
    assert person.go() == "Question 1 of 9"
    assert lost[0]["trial"]["label"] == "Question 1 of 9"
    person.tick("B")
    box = person.page.locator("button.go").bounding_box()
    for _ in range(4):
        person.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert person.await_trial(not_label="Question 1 of 9") == "Question 2 of 9"
    person.page.wait_for_timeout(700)
    once(person, "A", "B")
    shown = server.rows(
        "SELECT count(*) FROM event e JOIN assignment a ON a.id = e.assignment "
        "WHERE a.token = ? AND e.kind = 'shown_again'",
        token,
    )
    assert shown == [(1,)], "when it was first shown is not certain: the data must tell"


@pytest.mark.slow
def test_where_requests_do_not_get_through_the_page_s_own_connection_does(visit):
    person = visit()
    person.join()
    person.page.route("**/answer", lambda route: route.fulfill(status=403, body="<h1>No</h1>"))
    person.tick("A")
    person.page.locator("button.go").click()
    person.page.locator(".progress span", has_text="Question 1 of 9").wait_for(timeout=30_000)
    person.page.unroute("**/answer")
    person.await_trial()
    person.tick("B")
    assert person.go() == "Question 2 of 9"
    once(person, "A", "B")


@pytest.mark.slow
def test_a_server_killed_at_the_last_answer_still_leads_to_the_end(visit, breakable):
    server = breakable
    person = visit(at=server)
    token = person.enrol()
    with Store(server.database) as store:
        for _ in range(9):
            trial = session.state(store, token).trial
            session.answer(store, token, trial.token, {"answer": {"chosen": [1], "none": False}})
    person.arrive(f"?p={token}")
    assert person.await_trial() == "Question 9 of 9"
    person.tick("A")
    server.kill()
    person.page.locator("button.go").click()
    expect(person.page.locator("p.status")).to_contain_text("kept in this browser")
    server.start()
    person.page.get_by_role("heading", name="You have finished").wait_for(timeout=60_000)
    assert [answer["position"] for answer in person.answers()] == list(range(1, 11))
    kept = person.page.evaluate("Object.keys(sessionStorage)")
    assert not any(key.startswith("whyface") for key in kept)


def test_a_full_disk_is_said_kindly_and_waited_for(visit, breakable):
    server = breakable
    person = visit(at=server)
    person.join()
    person.tick("A")
    assert person.go() == "Question 1 of 9"
    person.tick("B")
    # no file of the server may grow: what it writes fails as on a full disk
    before = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (0, -1))
    replies = []
    person.page.on("response", lambda r: replies.append(r.status) if "/answer" in r.url else None)
    person.page.locator("button.go").click()
    expect(person.page.locator("p.status")).to_contain_text("kept in this browser")
    assert person.label() == "Question 1 of 9"
    assert set(replies) == {503}
    once(person, "A")
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, before)
    person.page.locator(".progress span", has_text="Question 2 of 9").wait_for(timeout=30_000)
    once(person, "A", "B")
    assert not any("Traceback" in line for line in server.printed)


def test_a_database_that_is_away_is_said_kindly_and_waited_for(visit, breakable):
    server = breakable
    person = visit(at=server)
    token = person.join()
    other = visit(at=server)
    person.tick("A")
    with closing(sqlite3.connect(server.database)) as away:
        # the file is there and its tables are not: reads and writes fail as on a broken disk
        away.execute("ALTER TABLE assignment RENAME TO away")
        away.commit()
        person.page.locator("button.go").click()
        expect(person.page.locator("p.status")).to_contain_text("kept in this browser")
        other.page.goto(person.page.url)  # pages say it too
        other.page.get_by_role("heading", name="One moment please").wait_for()
        away.execute("ALTER TABLE away RENAME TO assignment")
        away.commit()
    person.page.locator(".progress span", has_text="Question 1 of 9").wait_for(timeout=30_000)
    other.page.locator(".progress span", has_text="Question 1 of 9").wait_for(timeout=30_000)
    assert person.token == token
    once(person, "A")


def test_a_forged_answer_is_refused_and_the_person_can_answer(visit):
    person = visit()
    token = person.join()
    trial = person.server.rows(
        "SELECT t.token FROM trial t JOIN assignment a ON a.id = t.assignment "
        "WHERE a.token = ? AND t.position = 1",
        token,
    )[0][0]
    forged = {"trial": trial, "attempt": "x", "answer": {"chosen": [7], "none": False}}
    person.page.evaluate(
        "([key, value]) => sessionStorage.setItem(key, value)",
        [f"whyface:answer:{trial}", json.dumps(forged)],
    )
    person.page.reload()
    alert = person.page.get_by_role("alert")
    expect(alert).to_have_text("The answer names an explanation that was not offered.")
    assert person.answers() == []
    person.await_trial()
    person.tick("A")
    assert person.go() == "Question 1 of 9"
    once(person, "A")


def test_time_with_the_tab_hidden_is_taken_off_and_reported(visit):
    person = visit()
    person.join()
    # headless browsers hide no tabs: the page is told what a browser tells it
    person.page.evaluate(HIDE, True)
    person.page.wait_for_timeout(1500)
    person.page.evaluate(HIDE, False)
    person.tick("A")
    person.go()
    (answer,) = person.answers()
    assert 1500 <= answer["hidden_ms"] < 4000
    spent = max(moment for moment, *_ in answer["answer"]["events"])
    assert answer["rt_ms"] + answer["hidden_ms"] >= spent
    assert [event[1:] for event in answer["answer"]["events"]][:2] == [
        ["hidden", True],
        ["hidden", False],
    ]


def test_pictures_that_do_not_load_are_asked_for_again(visit):
    person = visit()
    failing = True
    person.page.route(
        "**/stimuli/*.png*", lambda route: route.abort() if failing else route.continue_()
    )
    token = person.enrol()
    person.page.goto(f"{person.server.url}?p={token}")
    again = person.page.get_by_role("button", name="Try again")
    again.wait_for()
    expect(person.page.locator(".trial h1")).not_to_be_visible()
    failing = False
    again.click()
    assert person.await_trial() == "Practice question"
    person.tick("A")
    person.go()
    once(person, "A")


def test_a_fault_of_ours_is_said_kindly_without_technical_words(visit, breakable):
    server = breakable
    person = visit(at=server)
    token = person.enrol()
    with closing(sqlite3.connect(server.database)) as database:
        database.execute(
            "UPDATE trial SET type = 'no_such_type' WHERE assignment = "
            "(SELECT id FROM assignment WHERE token = ?)",
            (token,),
        )
        database.commit()
    person.arrive(f"?p={token}")
    assert person.heading() == "Something went wrong on our side"
    text = person.page.locator("body").inner_text()
    assert "all your answers so far are stored" in text
    assert "no_such_type" not in text and "Traceback" not in text
    assert any("unknown trial type 'no_such_type'" in line for line in server.printed)
