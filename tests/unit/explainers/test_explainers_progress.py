"""How long a build still takes, and how it is told."""

import io

import pytest

from explainers.building.progress import Countdown, Report, duration


def test_each_kind_counts_with_its_own_time():
    countdown = Countdown(["fast"] * 3 + ["slow"] * 2, workers=1)
    assert countdown.seconds_left is None
    countdown.done("fast", 1.0)
    assert countdown.seconds_left == 4.0, "a kind that has not run counts as the mean of all"
    countdown.done("slow", 10.0)
    assert countdown.seconds_left == 2 * 1.0 + 1 * 10.0
    assert (countdown.finished, countdown.total) == (2, 5)


def test_workers_share_the_time_and_failures_take_none():
    countdown = Countdown(["a"] * 5, workers=2)
    countdown.done("a", 4.0)
    countdown.done("a", None)
    assert countdown.seconds_left == 3 * 4.0 / 2


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, ""),
        (0, ""),
        (0.2, "1 s left"),
        (90, "90 s left"),
        (91, "2 min left"),
        (601, "11 min left"),
    ],
)
def test_durations_are_rounded_up(seconds, text):
    assert duration(seconds) == text


def test_without_a_terminal_there_are_plain_lines(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr("explainers.building.progress.EVERY", 0.0)
    with Report(["a", "a"], 1, stream) as report:
        report.say("[2] explanations")
        report.done("a", 60.0)
        report.done("a", 60.0)
    assert stream.getvalue().splitlines() == [
        "[2] explanations",
        "1 of 2 explanations, 60 s left",
        "2 of 2 explanations",
    ]


def test_lines_come_every_few_seconds_and_at_the_end():
    stream = io.StringIO()
    with Report(["a"] * 50, 1, stream) as report:
        for _ in range(50):
            report.done("a", 0.1)
    assert stream.getvalue() == "50 of 50 explanations\n"


def test_on_a_terminal_there_is_a_bar(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    with Report(["a", "a"], 1, stream) as report:
        report.done("a", 30.0)
        report.done("a", 30.0)
    assert "2/2" in stream.getvalue()
    assert "\x1b[" in stream.getvalue()
