"""A study that pauses: newcomers wait, whoever has begun goes on, and nobody is lost."""

from datetime import UTC, datetime, timedelta

import pytest

from db.errors import ClosedError, StoreError
from db.records import Status
from study_app.participation import session
from study_app.participation.session import Page


def page(store, version, mode="live", token=None):
    token = token or session.new_token(store)
    return session.state(store, token, version, mode).page


def test_newcomers_wait_and_whoever_has_begun_goes_on(store, version):
    begun = session.new_token(store)
    session.give_consent(store, begun, version, "live", agreed=True)
    store.pause(version)
    assert page(store, version) == Page.PAUSED
    assert page(store, version, "pilot") == Page.CONSENT, "a pause is about live participants"
    here = session.state(store, begun)
    assert here.page == Page.BACKGROUND
    given = {question["id"]: next(iter(question["choices"])) for question in here.study.background}
    assert session.save_background(store, begun, given) == {}
    assert session.state(store, begun).page == Page.INSTRUCTIONS
    store.pause(version, False)
    assert page(store, version) == Page.CONSENT


@pytest.mark.parametrize("over", ["paused", "closed"])
def test_whoever_reads_the_consent_when_it_begins_reads_why_and_is_not_stored(store, version, over):
    reading = session.new_token(store)
    assert page(store, version, token=reading) == Page.CONSENT
    if over == "paused":
        store.pause(version)
    else:
        store.set_status(version, Status.CLOSED)
    assert session.give_consent(store, reading, version, "live", agreed=True) == reading
    assert store.assignment(reading) is None
    assert page(store, version, token=reading) == Page(over)
    with pytest.raises(ClosedError):
        session.join(store, version, "live", reading)


def test_a_pause_is_told_since_when_it_began(store, version):
    assert store.paused_at(version) is None
    store.pause(version)
    since = store.paused_at(version)
    assert datetime.now(UTC) - since < timedelta(minutes=1)
    store.pause(version)
    assert store.paused_at(version) == since


def test_closing_and_opening_end_a_pause(store, version):
    store.pause(version)
    store.set_status(version, Status.CLOSED)
    assert page(store, version) == Page.CLOSED
    store.set_status(version, Status.LIVE)
    assert store.paused_at(version) is None and page(store, version) == Page.CONSENT


def test_only_an_open_study_can_pause(store, version):
    store.set_status(version, Status.CLOSED)
    with pytest.raises(StoreError, match="is closed: only a live one can pause"):
        store.pause(version)
    with pytest.raises(StoreError, match="holds no study version"):
        store.pause("0" * 64)
