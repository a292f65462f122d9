"""The researchers' server: Streamlit behind the gate, pictures and downloads as own routes."""

from __future__ import annotations

import gc
import logging
import signal
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from db.errors import StoreError
from study_app.dashboard import board, download, views, warm
from study_app.dashboard.board import Board
from study_app.dashboard.gate import Gate
from study_app.web import middleware, options, pictures
from study_app.web.ports import home

_MAIN = Path(__file__).parent / "script" / "main.py"
# Researchers may take tables away, and the bar holds the navigation on phones.
_OPTIONS = {
    "client.disableDataExport": False,
    "ui.hideTopBar": False,
    "theme.headingFontSizes": ["2rem", "1.4rem", "1.1rem", "1rem", "1rem", "1rem"],
}


def application(shown: Board, ready: Callable[[], None] = lambda: None, where: str = "") -> st.App:
    """The ASGI application of the dashboard.

    Arguments:
        shown: the study, its database and its pictures.
        ready: called once everything is loaded and requests are about to be taken.
        where: the address by which researchers reach it; a provider of sign-ins leads back there.
    """
    board.use(shown)

    @asynccontextmanager
    async def lifespan(_: st.App) -> AsyncIterator[dict[str, Any] | None]:
        views.load()
        gc.collect()
        gc.freeze()
        ready()
        threading.Thread(target=warm.up, args=(shown,), daemon=True).start()
        yield None

    return st.App(
        _MAIN,
        lifespan=lifespan,
        on_script_error=_unforeseen,
        routes=[
            pictures.route(shown.stimuli),
            Route("/health", _health, methods=["GET"]),
            Route("/download/{name}", download.answer, methods=["GET"]),
        ],
        middleware=[
            Middleware(middleware.Doors),
            Middleware(Gate, hashed=shown.hashed, door=_door(shown, where)),
            Middleware(middleware.CompressedScripts),
        ],
    )


def _door(shown: Board, where: str) -> ASGIApp | None:
    if shown.oidc is None:
        return None
    from study_app.dashboard.oidc_door import OidcDoor  # an optional extra

    return OidcDoor(shown.oidc, where)


def _unforeseen(error: Exception) -> bool:
    """Kind words instead of a traceback, which goes to the console of ``whyface dashboard``."""
    logging.getLogger(__name__).error("a page failed", exc_info=error)
    st.error("This page could not be shown.")
    st.write(
        "The answers are not touched. Reload the page; if it fails again, the console of "
        "`whyface dashboard` tells why, and `whyface doctor` looks for the cause."
    )
    return True


async def _health(_: Request) -> Response:
    """200 while the database can be read."""
    try:
        await run_in_threadpool(board.current().store.versions)
    except StoreError as error:
        return PlainTextResponse(f"{error}\n", 503)
    return PlainTextResponse("ok\n")


def run(shown: Board, address: str, port: int, public_url: str, ready: Callable[[], None]) -> None:
    """Serve until SIGINT or SIGTERM."""
    # The server raises the signal again when it has closed everything: it has been heeded then.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    config = options.for_server(address, port, public_url) | _OPTIONS
    application(shown, ready, home(address, port, public_url)).run(config=config)
