"""The preview's server: the participants' look and headers, without a database."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware

from study_app.preview import pages
from study_app.preview.pages import Preview
from study_app.screens import problem
from study_app.web import middleware, options, pictures

_MAIN = Path(__file__).parent / "script" / "main.py"


def application(preview: Preview, ready: Callable[[], None] = lambda: None) -> st.App:
    """The ASGI application of the preview.

    Arguments:
        ready: called once requests are about to be taken.
    """
    pages.use(preview)

    @asynccontextmanager
    async def lifespan(_: st.App) -> AsyncIterator[dict[str, Any] | None]:
        ready()
        yield None

    return st.App(
        _MAIN,
        lifespan=lifespan,
        on_script_error=problem.broken,
        routes=[pictures.route(preview.stimuli)],
        middleware=[Middleware(middleware.Doors), Middleware(middleware.CompressedScripts)],
    )


def run(
    preview: Preview, address: str, port: int, public_url: str, ready: Callable[[], None]
) -> None:
    """Serve until SIGINT or SIGTERM."""
    # The server raises the signal again when it has closed everything: it has been heeded then.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    application(preview, ready).run(config=options.for_server(address, port, public_url))
