"""What every page must be: kind to strangers, light, and the same picture for everybody."""

import hashlib
import json
import time
import urllib.error
from urllib.parse import urlsplit

import pytest


def test_a_stranger_s_token_is_met_kindly_and_leaves_no_trace(visit, server):
    before = (
        server.rows("SELECT count(*) FROM assignment"),
        server.rows("SELECT count(*) FROM event"),
    )
    person = visit()
    for token in (
        "x",
        "%00",
        "'; DROP TABLE assignment; --",
        "<img src=x onerror=alert(1)>",
        "A" * 22 + "." + "0" * 20,
        "é" * 5000,
    ):
        person.arrive(f"?p={token}")
        assert person.heading() == "This link is not valid"
        assert person.page.locator("img").count() == 0
    after = (
        server.rows("SELECT count(*) FROM assignment"),
        server.rows("SELECT count(*) FROM event"),
    )
    assert after == before


def test_who_declines_is_thanked_and_not_stored(visit, server):
    before = server.rows("SELECT count(*) FROM participant")
    person = visit()
    person.arrive()
    person.button("I do not want to take part")
    person.page.get_by_role("heading", name="Thank you for reading").wait_for()
    person.page.reload()
    assert person.heading() == "Thank you for reading"
    assert server.rows("SELECT count(*) FROM participant") == before


def test_other_parameters_of_the_address_survive(visit, server):
    person = visit()
    person.arrive("?source=poster&empty=")
    assert "source=poster" in person.page.url
    assert "empty=" in person.page.url
    assert person.token


def test_pictures_are_served_as_they_were_built(visit, server, tiny_study):
    person = visit()
    served = {}
    person.page.on(
        "response",
        lambda answer: served.update({answer.url: answer}) if "/stimuli/" in answer.url else None,
    )
    person.join()
    assert len(served) >= 4
    for url, answer in served.items():
        name = urlsplit(url).path.rpartition("/")[2]
        body = answer.body()
        assert body == (tiny_study / "stimuli" / name).read_bytes()
        assert hashlib.sha256(body).hexdigest() + ".png" == name
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-type"] == "image/png"
    # nothing that participants can see tells a method from another
    page = person.page.locator(".trial").evaluate("e => e.outerHTML")
    for word in ("saliency", "inversion", "visualization", "occlusion", "gender", "age-", "f01"):
        assert word not in page


def test_the_next_pictures_are_there_before_they_are_needed(visit):
    person = visit()
    person.join()
    person.page.wait_for_timeout(500)
    person.requests.clear()
    person.tick("A")
    person.page.locator("button.go").click()
    person.page.locator(".progress span", has_text="Question 1 of 9").wait_for()
    now = [image.get_attribute("src") for image in person.page.locator(".trial img").all()]
    assert set(now).isdisjoint(person.requests), "the pictures of this trial were loaded just now"


def test_a_first_visit_is_light_and_fast(visit, server):
    person = visit()
    sizes = []
    person.page.on("response", lambda answer: sizes.append(_size(answer)))
    person.arrive()
    person.page.get_by_role("button", name="I agree").wait_for()
    person.page.wait_for_timeout(500)
    assert sum(sizes) < 1_500_000


def _size(answer) -> int:
    return int(answer.headers.get("content-length") or 0)


def test_health_tells_of_a_missing_picture_and_a_database_without_writes(serve, tiny_study):
    server = serve()
    report = json.load(server.get("health"))
    assert (report["status"], report["database"], report["pictures_missing"]) == ("ok", "ok", 0)
    name = next((tiny_study / "stimuli").glob("*.png"))
    hidden = name.rename(name.with_suffix(".away"))
    try:
        with pytest.raises(urllib.error.HTTPError) as failing:
            server.get("health")
        assert failing.value.code == 503
        assert json.load(failing.value)["pictures_missing"] == 1
    finally:
        hidden.rename(name)
    assert json.load(server.get("health"))["status"] == "ok"


def test_it_starts_quickly_and_stops_when_asked(serve):
    began = time.monotonic()
    server = serve("--mode", "pilot")
    assert time.monotonic() - began < 10  # under load; alone it takes less than three seconds
    assert server.stop() == 0
    assert any("pilot" in line for line in server.printed)
