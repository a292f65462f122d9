"""What a page costs the server, and how long it takes: answers by the route, by Streamlit, bare.

All three in one run, with the same participants: *bare* is a Starlette application with the same
database code (the floor), *route* is `POST /answer` beside Streamlit, *script* is a script run of
Streamlit for each answer, as pages without a route of their own need. Participants speak its
protocol up to the first trial, and keep the connection for their answers open as browsers do. For
800 and 1,200 people on a quiet machine (minutes each):

    run="pytest -m benchmark -s -p no:xdist tests/benchmark/test_benchmark_load.py"
    WHYFACE_LOAD_PEOPLE=800 WHYFACE_LOAD_THINK=5 $run
    WHYFACE_LOAD_PEOPLE=1200 WHYFACE_LOAD_THINK=5 WHYFACE_LOAD_WAYS=route $run

The participants take one of the machine's processors themselves.
"""

import asyncio
import os
import resource
import socket
import sys
import time
from pathlib import Path
from random import Random

import pytest
import sqlalchemy as sa
from survey_clients import Line, Person, Served, run

from db import schema
from db.store import Store
from study_app.participation import session
from study_app.participation.trial_data import trial_data
from study_app.publishing.publish import go_live, publish

PEOPLE = int(os.environ.get("WHYFACE_LOAD_PEOPLE", "50"))
THINK = float(os.environ.get("WHYFACE_LOAD_THINK", "1"))
WAYS = os.environ.get("WHYFACE_LOAD_WAYS", "bare,route,script").split(",")
BARE = Path(__file__).parents[1] / "support" / "bare_server.py"
ARRIVING = 16  # at once; their pages cost more than all trials do


class Enrolled(Person):
    """Before the first trial without any page, for a server that has none."""

    store: Store

    async def arrive(self) -> None:
        self.token = session.new_token(self.store)
        session.join(self.store, self.store.versions()[0]["hash"], "live", self.token)
        questions = session.state(self.store, self.token).study.background
        chosen = {question["id"]: next(iter(question["choices"])) for question in questions}
        assert session.save_background(self.store, self.token, chosen) == {}
        session.finish_instructions(self.store, self.token)
        data = trial_data(session.state(self.store, self.token))
        self.line = type("Page", (Line,), {"trial": data})(self.ports[0], self.token)

    async def leave(self) -> None:
        self.kept.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def measured(people: list[Person], server: Served, post: bool) -> tuple[float, float]:
    """Milliseconds of processor time a page, and seconds that all of it took."""
    gate = asyncio.Semaphore(ARRIVING)

    async def arrive(person: Person) -> None:
        async with gate:
            await person.arrive()

    await asyncio.gather(*(arrive(person) for person in people))
    before, began = server.cpu_ms(), time.perf_counter()
    await asyncio.gather(*(person.answer_all(post) for person in people))
    spent, took = server.cpu_ms() - before, time.perf_counter() - began
    await asyncio.gather(*(person.leave() for person in people))
    return spent / sum(len(person.waits) for person in people), took


@pytest.mark.benchmark
@pytest.mark.timeout(3600)
def test_milliseconds_a_page(tiny_study, tmp_path):
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    cpu: dict[str, float] = {}
    print(f"\n{PEOPLE} people, {THINK:g} s to think, the commits safe on the disk")
    for way in WAYS:
        file, port = tmp_path / f"{way}.db", free_port()
        with Store(file) as store:
            go_live(store, publish(store, tiny_study))
            bare = Served(sys.executable, str(BARE), str(file), str(port), port=port)
            server = bare if way == "bare" else Served.survey(tiny_study, str(file), port)
            kind = Enrolled if way == "bare" else Person
            Enrolled.store = store
            people = [kind((port,), Random(n), THINK, keeps=True) for n in range(PEOPLE)]
            server.start()
            try:
                cpu[way], took = run(measured(people, server, way != "script"))
                memory = server.memory_mb()
            finally:
                server.stop()
            with store.reading() as connection:
                count = sa.select(sa.func.count()).select_from(schema.response)
                rows = connection.execute(count).scalar()
        waits = sorted(1000 * wait for person in people for wait in person.waits)
        p50, p95, worst = (waits[int(share * (len(waits) - 1))] for share in (0.5, 0.95, 1))
        print(
            f"{way:7} {cpu[way]:6.2f} ms of processor a page   answer to next page: "
            f"p50 {p50:6.1f}  p95 {p95:6.1f}  longest {worst:6.1f} ms   "
            f"{len(waits) / took:5.0f} pages/s   {memory:4.0f} MB"
        )
        assert rows == len(waits) == PEOPLE * 10, "every answer once"
    if {"bare", "route"} <= cpu.keys():
        print(f"the route costs {cpu['route'] / cpu['bare']:.2f} x the bare application")
        assert cpu["route"] < 2 * cpu["bare"]
    if {"bare", "script"} <= cpu.keys():
        print(f"a script run costs {cpu['script'] / cpu['bare']:.2f} x the bare application")
