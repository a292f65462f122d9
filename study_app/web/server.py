"""The participants' server: an ASGI application around Streamlit, and how it starts and stops."""

from __future__ import annotations

import gc
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware

from study_app import screens
from study_app.participation.tokens import new_token
from study_app.screens import problem
from study_app.web import answers, health, middleware, options, pictures, site
from study_app.web.site import Site

# Python's own thresholds look through all sessions' objects every few hundred new ones: with a
# thousand people a third of a second at a time, in which nobody gets a page.
_GARBAGE = (20_000, 20, 20)
_MAIN = Path(screens.__file__).parent / "main.py"


def application(serving: Site, ready: Callable[[], None] = lambda: None) -> st.App:
    """The ASGI application of one study.

    Arguments:
        serving: the study, its database and its pictures.
        ready: called once everything is loaded and requests are about to be taken.
    """
    site.use(serving)

    @asynccontextmanager
    async def lifespan(_: st.App) -> AsyncIterator[dict[str, Any] | None]:
        import_module("study_app.screens.participant")
        # What is loaded now stays: the collector need not look through it again after each page.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*_GARBAGE)
        ready()
        yield None

    return st.App(
        _MAIN,
        on_script_error=problem.broken,
        lifespan=lifespan,
        routes=[pictures.route(serving.stimuli), health.route(serving)],
        middleware=[
            Middleware(middleware.Doors),
            Middleware(middleware.First, routes=[answers.route(serving)]),
            Middleware(middleware.PersonalLinks, new_token=partial(new_token, serving.store)),
            Middleware(middleware.CompressedScripts),
        ],
    )


def run(serving: Site, address: str, port: int, public_url: str, ready: Callable[[], None]) -> None:
    """Serve until SIGINT or SIGTERM, then let running pages finish and return."""
    # The server raises the signal again when it has closed everything: it has been heeded then.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    application(serving, ready).run(config=options.for_server(address, port, public_url))
