"""The route `POST /answer`: stores an answer and replies with the next trial.

Answers do not ride on Streamlit's connection: a script run for each page costs several times the
database's work, and a request that fails is one that the browser can send again.

The browser sends JSON: ``{"participant": token, "trial": token, "answer": …, "rt_ms": …, …}``, see
`study_app.participation.answering`. It gets one of

==== ==============================================================================================
200  ``{"trial": {…}}``, the next one as trial.js shows it, or ``{"page": "debriefing"}``: another
     page comes next. The same for an answer that came before.
     For practice the same trial again, with ``feedback``; ``{…, "onward": true}`` leads on from it.
4xx  ``{"refused": "why"}`` in words for the participant; nothing was stored.
503  ``{"retry": seconds}``: the database takes no writes just now; the browser sends it again.
==== ==============================================================================================
"""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import streamlit as st
from anyio import CapacityLimiter, to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from db.errors import StoreError
from study_app.languages import accepted, preferred
from study_app.participation import session
from study_app.participation.session import Page
from study_app.participation.tokens import is_ours
from study_app.participation.trial_data import trial_data
from study_app.web.site import Site
from study_app.wording import DEFAULT, languages, words

_MOST_BYTES = 131_072  # the longest texts and 300 events fit four times
_AT_ONCE = 4  # measured: more threads wait for one interpreter and one writer, and win nothing
_RETRY_SECONDS = 2

Reply = tuple[int, dict[str, Any]]


def route(site: Site) -> Route:
    """The route for one study's answers."""
    limiter = CapacityLimiter(_AT_ONCE)

    async def answer(request: Request) -> JSONResponse:
        status, reply = _unwelcome(request) or (0, {})
        if not status:
            body = await _body(request)
            if body is None:
                status, reply = _refused(request, 413, "too_long")
            else:
                status, reply = await to_thread.run_sync(
                    partial(replied, site, body, _language(request)), limiter=limiter
                )
        headers = {"Cache-Control": "no-store"}
        if status == 503:
            headers["Retry-After"] = str(_RETRY_SECONDS)
        return JSONResponse(reply, status, headers=headers)

    return Route("/answer", answer, methods=["POST"])


def replied(site: Site, body: bytes, language: str = DEFAULT) -> Reply:
    """Store the answer in a request's body, and what to reply.

    Arguments:
        language: for somebody whose own language is not known.
    """
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        sent = None
    if not isinstance(sent, dict):
        return 400, {"refused": words(language)["unreadable"]}
    token = sent.get("participant")
    try:
        if not is_ours(site.store, token):
            return 403, {"refused": words(language)["unknown_link"]}
        return _stored(site, str(token), sent)
    except StoreError:
        return 503, {"retry": _RETRY_SECONDS}


def _stored(site: Site, token: str, sent: dict[str, Any]) -> Reply:
    known = False
    if sent.get("onward") is True:
        session.go_on(site.store, token, sent.get("trial"))
    else:
        outcome = session.answer(site.store, token, sent.get("trial"), sent, show_next=True)
        if outcome.kind == "refused":
            return 422, {"refused": outcome.reason}
        known = outcome.kind == "already"
    state = session.state(site.store, token)
    if state is None or state.trial is None:
        return 200, {"page": state.page if state else Page.CONSENT}
    if not state.trial.shown:
        session.mark_shown(site.store, token, state.trial.token)
    elif known and state.feedback is None:
        # A stale tab, or a reply that was lost: its time begins now.
        session.log_event(site.store, token, "shown_again", {"position": state.trial.position})
    return 200, {"trial": trial_data(state)}


def _unwelcome(request: Request) -> Reply | None:
    """Why a request is turned away before its body is read; None for our own pages'."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        return _refused(request, 415, "unreadable")
    if not _is_ours(request):
        return _refused(request, 403, "strange_page")
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or len(length) > 9 or int(length) > _MOST_BYTES:
        return _refused(request, 413, "too_long")
    return None


def _refused(request: Request, status: int, key: str) -> Reply:
    return status, {"refused": words(_language(request))[key]}


def _language(request: Request) -> str:
    """What the browser asks for: who sent it is not known yet."""
    wishes = accepted(request.headers.get("accept-language"))
    return preferred(wishes, (DEFAULT, *languages()))


def _is_ours(request: Request) -> bool:
    """Whether a browser sent it from a page of this server; other programs name no page."""
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return False
    origin = request.headers.get("origin")
    # A proxy may speak to us under another name than the participants' browsers do to it.
    if origin is None or origin in (st.get_option("server.corsAllowedOrigins") or ()):
        return True
    return origin.partition("://")[2] == request.headers.get("host")


async def _body(request: Request) -> bytes | None:
    """The body; None when it is too long, whatever its header claims."""
    body = bytearray()
    try:
        async for part in request.stream():
            body += part
            if len(body) > _MOST_BYTES:
                return None
    except ClientDisconnect:
        return b""
    return bytes(body)
