"""People who answer while servers die and lines break: every answer once, everybody finishes.

The participants speak Streamlit's own protocol up to the first trial, and then to the route of
answers, as the page does. On SQLite one process serves them, on PostgreSQL two without sticky
sessions.
"""

import asyncio
import socket
from collections import defaultdict
from random import Random

import sqlalchemy as sa
from survey_clients import Faults, Person, Served, run

from db import schema
from db.store import Store

PEOPLE = 12
FAULTS = Faults(double=0.10, cut=0.10, twin=0.05)


def free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def stored(store: Store) -> dict[str, list[list[int]]]:
    """Trial's token → the chosen positions of each response that is stored for it."""
    t, r, v = schema.trial, schema.response, schema.response_option
    query = (
        sa.select(t.c.token, v.c.position, v.c.value)
        .join(r, r.c.trial == t.c.id)
        .join(v, v.c.trial == r.c.trial)
        .order_by(v.c.position)
    )
    values = defaultdict(list)
    with store.reading() as connection:
        for token, position, value in connection.execute(query):
            values[token].append((position, value))
    assert all([position for position, _ in rows] == [1, 2, 3] for rows in values.values())
    return {token: [place for place, value in rows if value] for token, rows in values.items()}


async def walk(people: list[Person], servers: list[Served]) -> None:
    """Everybody takes part at once; in the middle the first server is killed and started again."""
    await asyncio.gather(*(person.arrive() for person in people))
    walking = asyncio.gather(*(person.answer_all() for person in people))
    middle = PEOPLE * 4
    while sum(len(person.waits) for person in people) < middle:
        await asyncio.sleep(0.01)
    await asyncio.to_thread(servers[0].kill)
    await asyncio.sleep(0.3)
    await asyncio.to_thread(servers[0].start)
    await walking
    await asyncio.gather(*(person.leave() for person in people))


def test_every_answer_is_stored_once_and_everybody_finishes(url, tiny_study):
    ports = free_ports(1 if url.startswith("sqlite") else 2)
    servers = [Served.survey(tiny_study, url, port) for port in ports]
    people = [Person(tuple(ports), Random(n), think=0.02, faults=FAULTS) for n in range(PEOPLE)]
    try:
        for server in servers:
            server.start()
        run(walk(people, servers))
    finally:
        for server in servers:
            if server.process is not None:
                server.stop()
    assert sum(person.lost for person in people) > 5, "nothing went wrong"
    assert [person.end for person in people] == ["debriefing"] * PEOPLE
    sent = {trial: choices for person in people for trial, choices in person.sent.items()}
    assert len(sent) == PEOPLE * 10, "each of them saw all ten trials, none twice"
    assert sum(len(choices) for choices in sent.values()) > len(sent), "nobody had a second tab"
    with Store(url) as store:
        kept = stored(store)
        rows = store.participants(mode="live").dicts()
        with store.reading() as connection:
            count = sa.select(sa.func.count())
            responses = connection.execute(count.select_from(schema.response)).scalar()
            codes = sa.select(schema.assignment.c.completion_code)
            codes = list(connection.execute(codes).scalars())
    assert responses == PEOPLE * 10
    assert kept.keys() == sent.keys()
    # what is stored is one of the choices that were sent, whole, and the own one without a twin
    assert all(kept[trial] in choices for trial, choices in sent.items())
    assert [row["state"] for row in rows] == ["completed"] * PEOPLE
    assert len(set(codes)) == PEOPLE and None not in codes
