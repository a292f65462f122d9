"""A study as large as the dashboard must bear: a million rows of answers, inserted in seconds."""

import json
from pathlib import Path

import numpy as np
import pytest

from db.store import Store

FROZEN = (Path(__file__).parents[1] / "data" / "frozen_section7.json").read_text("utf-8")
OPTIONS = ("saliency", "inversion", "visualization")
PICKED = ((0.60, 0.40, 0.25), (0.55, 0.40, 0.30), (0.35, 0.40, 0.60))  # by explainability
ICC = 0.21
MAIN = 8
NOW = "2026-11-23 10:00:00.000000"
DONE = "2026-11-23 10:09:00.000000"

COLUMNS = {
    "participant": "id created_at",
    "assignment": "id participant version mode number arm state token consent_version "
    "consented_at started_at completed_at completion_code receipt lease_until",
    "background": "assignment question value",
    "trial": "id assignment position token block role type item config required shown_at",
    "trial_option": "trial position option sha256",
    "response": "trial answered_at rt_ms hidden_ms rt_source scale correct answer",
    "response_option": "trial position value",
}


def build(file: Path, people: int, seed: int = 0) -> str:
    """A SQLite database of simulated people: eight main questions and one check each.

    Rows go past the store's own functions, whose one transaction for each answer would take hours;
    the schema and its constraints are the store's. Four in a hundred fail the check, two in a
    hundred leave early, some answers are faster than the study allows.

    Arguments:
        file: where; must not be there.
        people: how many; each brings 27 option rows.

    Returns: the version.
    """
    frozen = json.loads(FROZEN)
    rng = np.random.default_rng(seed)
    items = {
        role: [item for item in frozen["items"] if item["role"] == role]
        for role in ("main", "attention")
    }
    questions = [list(question["choices"]) for question in frozen["study"]["background"]]
    names = [question["id"] for question in frozen["study"]["background"]]
    given = np.stack([rng.integers(len(choices), size=people) for choices in questions])
    group = given[names.index("explainability")] % len(PICKED)
    mean = np.asarray(PICKED)[group]
    even = (1 - ICC) / ICC
    taste = rng.beta(mean * even, (1 - mean) * even)
    trials = MAIN + 1
    picks = rng.random((people, trials, len(OPTIONS))) < taste[:, None]
    places = rng.permuted(np.tile([1, 2, 3], (people, trials, 1)), axis=2)
    asked = rng.permuted(np.tile(np.arange(len(items["main"])), (people, 1)), axis=1)
    rt = rng.lognormal(9, 0.35, people)[:, None] * rng.lognormal(0, 0.45, (people, trials))
    rt[rng.random((people, trials)) < 0.01] = 100.0
    rt[rng.random(people) < 0.01] /= 100
    passed = rng.random(people) < 0.96
    reached = np.where(rng.random(people) < 0.02, rng.integers(trials, size=people), trials)

    with Store(file, synchronous="OFF") as store:
        version = store.add_version(frozen["study"]["id"], FROZEN)
        store.set_status(version, "live")

        def assignment(n: int) -> tuple:
            done = reached[n] == trials
            return (
                n + 1, f"p{n:031}", version, "simulated", n + 1, "",
                "completed" if done else "trials", f"t{n}", "1", NOW, NOW,
                DONE if done else None, f"C{n:014}" if done else None, f"r{n:063}", NOW,
            )  # fmt: skip

        def trial(n: int, k: int) -> tuple:
            check = k == MAIN
            item = items["attention"][0] if check else items["main"][asked[n, k]]
            role = "attention" if check else "main"
            return (
                n * trials + k + 1, n + 1, k + 1, f"{n}-{k}", 0, role, "pick_any", item["id"],
                "{}", 1, NOW,
            )  # fmt: skip

        def response(n: int, k: int) -> tuple:
            right = bool(passed[n]) if k == MAIN else None
            return (
                n * trials + k + 1,
                DONE,
                seconds[n][k],
                0.0,
                "client",
                "selection",
                right,
                "{}",
            )

        everyone = range(people)
        every_trial = [(n, k) for n in everyone for k in range(trials)]
        answered = [(n, k) for n, k in every_trial if k < reached[n]]
        place, pick, seconds = places.tolist(), picks.astype(float).tolist(), rt.tolist()
        with store.engine.begin() as connection:
            raw = connection.connection.cursor()
            tables = {
                "participant": ((f"p{n:031}", NOW) for n in everyone),
                "assignment": map(assignment, everyone),
                "background": (
                    (n + 1, name, choices[here[n]])
                    for name, choices, here in zip(names, questions, given.tolist(), strict=True)
                    for n in everyone
                ),
                "trial": (trial(n, k) for n, k in every_trial),
                "trial_option": (
                    (n * trials + k + 1, place[n][k][o], option, "0" * 64)
                    for n, k in every_trial
                    for o, option in enumerate(OPTIONS)
                ),
                "response": (response(n, k) for n, k in answered),
                "response_option": (
                    (n * trials + k + 1, place[n][k][o], pick[n][k][o])
                    for n, k in answered
                    for o in range(len(OPTIONS))
                ),
            }
            for table, rows in tables.items():
                names = COLUMNS[table].split()
                marks = ", ".join("?" * len(names))
                into = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"
                raw.executemany(into, rows)
    return version


@pytest.fixture(scope="session")
def million(tmp_path_factory):
    """File and version of a study with a million rows of answers, one for each offered option."""
    file = tmp_path_factory.mktemp("million") / "whyface.db"
    return file, build(file, 37_038)


@pytest.fixture(scope="session")
def hundred_thousand(tmp_path_factory):
    """File and version of a study with a hundred thousand responses."""
    file = tmp_path_factory.mktemp("hundred") / "whyface.db"
    return file, build(file, 11_112)


@pytest.fixture
def small(tmp_path):
    """The same with fifty people."""
    file = tmp_path / "whyface.db"
    return file, build(file, 50)
