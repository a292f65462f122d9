"""Signing in to the dashboard with its password."""

from __future__ import annotations

import math
import threading
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from study_app.dashboard import sign_in_page
from study_app.dashboard.password import matches
from study_app.dashboard.sign_in_cookie import Cookies
from study_app.dashboard.throttle import Throttle

_LONGEST_FORM = 4096  # bytes


class PasswordDoor:
    """The form, and what is typed into it.

    Arguments:
        hashed: the password's hash.
        throttle: slows guessing down.
    """

    def __init__(self, hashed: str, throttle: Throttle) -> None:
        self._hashed = hashed
        self._cookies = Cookies(hashed)
        self._throttle = throttle
        # One guess at a time: a flood of them takes one core at most, and 16 MB.
        self._one_guess = threading.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The form for a GET, an attempt for a POST."""
        answer = await self._answer(Request(scope, receive))
        await answer(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if request.url.path != "/sign-in":
            return Response(status_code=404)
        if request.method == "POST":
            return await self._try(request)
        if request.method in ("GET", "HEAD"):
            return sign_in_page.form(request.query_params.get("next", "/"))
        return Response(status_code=405)

    async def _try(self, request: Request) -> Response:
        form = await _form(request)
        if form is None:
            return Response(status_code=413)
        target = form.get("next", "/")
        address = request.client.host if request.client else ""
        wait = self._throttle.wait(address)
        if wait > 0:
            seconds = math.ceil(wait)
            text = f"Too many wrong passwords. Wait {seconds} s, then try again."
            return sign_in_page.form(target, text, 429, {"Retry-After": str(seconds)})
        if not await run_in_threadpool(self._guess, form.get("password", "")):
            self._throttle.failed(address)
            return sign_in_page.form(target, "That is not the password.", 403)
        self._throttle.succeeded(address)
        return sign_in_page.signed_in(request, target, self._cookies)

    def _guess(self, password: str) -> bool:
        with self._one_guess:
            return matches(password, self._hashed)


async def _form(request: Request) -> dict[str, str] | None:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LONGEST_FORM:
            return None
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[0] for name, values in fields.items()}
