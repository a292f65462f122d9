"""Participants without a browser: they speak Streamlit's own protocol and the route of answers.

`Served` is a survey in a process of its own, `Line` a page's connection to Streamlit, and `Person`
somebody who walks through a study over both.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

T = TypeVar("T")
LOST = (OSError, EOFError, ConnectionClosed, asyncio.IncompleteReadError, TimeoutError)


def run(walk: Coroutine[Any, Any, T]) -> T:
    """`asyncio.run` in a thread: another test's browser may have a loop running in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, walk).result()


class Served:
    """A server as a process of its own; it can be killed and started again on its port."""

    def __init__(self, *command: str, port: int, ready: str = "Ctrl-C") -> None:
        self.command, self.port, self.ready = command, port, ready
        self.process: subprocess.Popen[bytes] | None = None

    @classmethod
    def survey(cls, study: Path, url: str, port: int) -> Served:
        """`whyface serve`."""
        program = str(Path(sys.executable).with_name("whyface"))
        return cls(program, "serve", str(study), "--port", str(port), "--database", url, port=port)

    def start(self) -> None:
        """Start it; returns once it takes requests."""
        self.process = subprocess.Popen(
            self.command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1", "OMP_NUM_THREADS": "1"},
        )
        said = []
        for line in self.process.stdout:
            said.append(line.decode())
            if said[-1].startswith(self.ready):
                return
        raise AssertionError("".join(said))

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """Ask it to stop; kill it when it takes too long."""
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.kill()

    def cpu_ms(self) -> float:
        """Processor time of the process so far, from Linux' process table."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_mb(self) -> float:
        """Resident memory."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


async def request(
    port: int, path: str, body: dict | None = None, *, cut: bool = False
) -> tuple[int, dict, dict[str, str]]:
    """One HTTP request on a connection of its own: status, JSON and headers.

    Arguments:
        cut: break the connection once all is sent, without reading: `ConnectionResetError`.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(_sent(port, path, body, "close"))
        await writer.drain()
        if cut:
            raise ConnectionResetError("cut on purpose")
        return await _received(reader)
    finally:
        writer.close()


def _sent(port: int, path: str, body: dict | None, connection: str) -> bytes:
    content = b"" if body is None else json.dumps(body).encode()
    head = [f"{'GET' if body is None else 'POST'} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
    head += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
    head += [f"Origin: http://127.0.0.1:{port}", f"Connection: {connection}", "", ""]
    return "\r\n".join(head).encode() + content


async def _received(reader: asyncio.StreamReader) -> tuple[int, dict, dict[str, str]]:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    pairs = (line.split(": ", 1) for line in lines if line)
    headers = {name.lower(): value for name, value in pairs}
    is_json = headers.get("content-type", "").startswith("application/json")
    if not is_json:
        return int(first.split()[1]), {}, headers
    told = await reader.readexactly(int(headers["content-length"]))
    return int(first.split()[1]), json.loads(told), headers


class Kept:
    """A connection as browsers have: kept between requests, opened anew once it was closed."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, path: str, body: dict) -> dict:
        """The JSON of the reply."""
        was_open = self.streams is not None
        try:
            if self.streams is None:
                self.streams = await asyncio.open_connection("127.0.0.1", self.port)
            reader, writer = self.streams
            writer.write(_sent(self.port, path, body, "keep-alive"))
            await writer.drain()
            return (await _received(reader))[1]
        except LOST:
            self.close()
            if was_open:  # the server does not wait for ever
                return await self.post(path, body)
            raise

    def close(self) -> None:
        """Close it."""
        if self.streams is not None:
            self.streams[1].close()
            self.streams = None


class Line:
    """A page's connection to Streamlit: runs its script and knows the elements that it showed."""

    def __init__(self, port: int, token: str) -> None:
        self.port, self.token = port, token
        self.elements: list = []
        self.kept: dict[str, ForwardMsg] = {}

    async def open(self) -> None:
        """Connect and run the script for the first time, as a page that was just loaded does."""
        self.socket = await connect(
            f"ws://127.0.0.1:{self.port}/_stcore/stream",
            subprotocols=["streamlit"],
            origin=f"http://127.0.0.1:{self.port}",
            max_size=None,
            compression=None,
            ping_interval=None,  # as browsers, which ask nothing by themselves
        )
        await self.run()

    async def close(self) -> None:
        """Close the page."""
        await self.socket.close()

    async def run(self, *states: WidgetState) -> None:
        """Run the script with these widgets' values, until it has finished and not begun anew."""
        message = BackMsg()
        message.rerun_script.query_string = f"p={self.token}"
        message.rerun_script.widget_states.widgets.extend(states)
        await self.socket.send(message.SerializeToString())
        while True:
            got = ForwardMsg.FromString(await self.socket.recv())
            if got.WhichOneof("type") == "ref_hash":
                got = self.kept[got.ref_hash]
            elif got.metadata.cacheable:
                self.kept[got.hash] = ForwardMsg.FromString(got.SerializeToString())
            kind = got.WhichOneof("type")
            if kind == "new_session":
                self.elements = []
            elif kind == "delta" and got.delta.WhichOneof("type") == "new_element":
                self.elements.append(got.delta.new_element)
            elif kind == "script_finished" and got.script_finished == 0:
                return

    def all(self, kind: str) -> list:
        """The elements of one kind, as Streamlit describes them."""
        return [getattr(e, kind) for e in self.elements if e.WhichOneof("type") == kind]

    @property
    def trial(self) -> dict | None:
        """What the trial's component was given; None on other pages."""
        shown = [c for c in self.all("bidi_component") if c.component_name.endswith("trial")]
        return json.loads(shown[-1].json) if shown else None

    async def trigger(self, event: str, value: object) -> None:
        """Hand a value from the trial's component to the script."""
        (own,) = [c for c in self.all("bidi_component") if c.component_name.endswith("trial")]
        name = f"$$STREAMLIT_INTERNAL_KEY_{own.id}__events"
        told = json.dumps([{"event": event, "value": value}])
        await self.run(WidgetState(id=name, json_trigger_value=told))

    async def to_the_trials(self) -> None:
        """Agree, answer about oneself with the first choices, read, begin."""
        for _ in range(8):
            if self.trial is not None:
                return
            radios = [
                WidgetState(id=radio.id, string_value=radio.options[0])
                for radio in self.all("radio")
            ]
            (button,) = [one for one in self.all("button") if one.type == "primary"]
            await self.run(*radios, WidgetState(id=button.id, trigger_value=True))
        raise AssertionError([e.WhichOneof("type") for e in self.elements])


@dataclass
class Faults:
    """How often, out of all answers, something goes wrong on the way."""

    double: float = 0.0
    cut: float = 0.0
    twin: float = 0.0


@dataclass
class Person:
    """Somebody who takes part.

    Arguments:
        ports: of the survey's processes; each request goes to any of them.
        think: mean seconds between a page and its answer.
        faults: what goes wrong on the way.
        keeps: the connection for answers is kept open, as browsers do, to the first port.
        sent: trial's token → every choice that was sent for it; the first is the person's own.
        waits: seconds from each answer to the next page.
        lost: how often a request got no reply.
    """

    ports: tuple[int, ...]
    rng: Random
    think: float = 0.0
    faults: Faults = field(default_factory=Faults)
    keeps: bool = False
    sent: dict[str, list[list[int]]] = field(default_factory=dict)
    waits: list[float] = field(default_factory=list)
    lost: int = 0
    token: str = ""
    end: str = ""

    def __post_init__(self) -> None:
        self.kept = Kept(self.ports[0])

    async def arrive(self) -> None:
        """Follow the link, agree, and come to the first trial."""
        port = self.rng.choice(self.ports)
        status, _, headers = await request(port, "/")
        assert status == 303
        query = urllib.parse.urlsplit(headers["location"]).query
        self.token = urllib.parse.parse_qs(query)["p"][0]
        self.line = Line(port, self.token)
        await self.line.open()
        await self.line.to_the_trials()

    async def answer_all(self, post: bool = True) -> None:
        """Answer every trial: by the route, or by the page's own connection."""
        trial = self.line.trial
        begun = self.rng.random()  # people are anywhere in their thoughts, not all at the start
        while trial is not None:
            if self.think:
                await asyncio.sleep(begun * self.rng.uniform(0.5, 1.5) * self.think)
            begun = 1.0
            began = time.perf_counter()
            trial = await (self._post(trial) if post else self._hand_over(trial))
            self.waits.append(time.perf_counter() - began)

    async def leave(self) -> None:
        """Close the page."""
        self.kept.close()
        await self.line.close()

    def _choice(self, trial: dict) -> dict:
        chosen = sorted(self.rng.sample([1, 2, 3], self.rng.randint(1, 3)))
        self.sent.setdefault(trial["token"], []).append(chosen)
        return {
            "trial": trial["token"],
            "attempt": str(self.rng.random()),
            "answer": {"chosen": chosen, "none": False},
            "rt_ms": 1234.5,
            "hidden_ms": 0,
            "onset": 1_700_000_000_000,
            "events": [[100.0 * n, "+", n] for n in chosen],
        }

    async def _hand_over(self, trial: dict) -> dict | None:
        await self.line.trigger("answer", self._choice(trial))
        return self.line.trial

    async def _post(self, trial: dict) -> dict | None:
        body = {"participant": self.token, **self._choice(trial)}
        others = []
        if self.rng.random() < self.faults.double:
            others.append(self._once(body))
        if self.rng.random() < self.faults.twin:  # a second tab, with another choice
            others.append(self._once({"participant": self.token, **self._choice(trial)}))
        if self.rng.random() < self.faults.cut:
            others.append(self._once(body, cut=True))
        if others:
            reply, *_ = await asyncio.gather(self._until_through(body), *others)
        else:
            reply = await self._until_through(body)
        if "page" in reply:
            self.end = reply["page"]
            return None
        return reply["trial"]

    async def _once(self, body: dict, cut: bool = False) -> dict:
        try:
            if self.keeps:
                return await self.kept.post("/answer", body)
            return (await request(self.rng.choice(self.ports), "/answer", body, cut=cut))[1]
        except LOST:
            self.lost += 1
            return {}

    async def _until_through(self, body: dict) -> dict:
        """As the browser's outbox: again and again until the server replies."""
        for attempt in range(200):
            reply = await self._once(body)
            assert "refused" not in reply, reply
            if "trial" in reply or "page" in reply:
                return reply
            await asyncio.sleep(min(0.05 * 2**attempt, 1))
        raise AssertionError("no reply")
