"""The door of the dashboard: without the password not even Streamlit's scripts are served."""

from __future__ import annotations

import math
import threading
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

from jinja2 import Environment
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from study_app.dashboard import sign_in_cookie
from study_app.dashboard.password import matches
from study_app.dashboard.sign_in_cookie import LIFETIME, Cookies
from study_app.dashboard.throttle import Throttle

_OPEN = ("/health",)
_LONGEST_FORM = 4096  # bytes
_PAGE = Path(__file__).with_name("sign_in.html")


class Gate:
    """Lets those pass who have signed in; everybody else gets the sign-in page.

    A gate before the application and not a page of it: nothing of the study is rendered, loaded
    or even asked for before the password is right, on the websocket as well.

    Arguments:
        app: the next application.
        hashed: the password's hash.
        throttle: slows guessing down.
    """

    def __init__(self, app: ASGIApp, hashed: str, throttle: Throttle | None = None) -> None:
        self.app = app
        self._hashed = hashed
        self._cookies = Cookies(hashed)
        self._throttle = throttle or Throttle()
        # One guess at a time: a flood of them takes one core at most, and 16 MB.
        self._one_guess = threading.Lock()
        self._page = Environment(autoescape=True).from_string(_PAGE.read_text(encoding="utf-8"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer for the door itself, else pass the request on if its cookie is valid."""
        kind = scope["type"]
        if kind not in ("http", "websocket") or (kind == "http" and scope["path"] in _OPEN):
            await self.app(scope, receive, send)
            return
        if kind == "http" and scope["path"] in ("/sign-in", "/sign-out"):
            await (await self._door(Request(scope, receive)))(scope, receive, send)
            return
        if self._signed_in(scope):
            await self.app(scope, receive, send)
        elif kind == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await self._refused(Request(scope, receive))(scope, receive, send)

    def _signed_in(self, scope: Scope) -> bool:
        # Request reads headers and cookies of a websocket's handshake just as well.
        cookies = Request({**scope, "type": "http"}).cookies
        return self._cookies.valid(cookies.get(sign_in_cookie.NAME))

    def _refused(self, request: Request) -> Response:
        if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
            path = request.url.path
            target = "/sign-in" if path == "/" else f"/sign-in?next={quote(path)}"
            return RedirectResponse(target, 303, headers={"Cache-Control": "no-store"})
        return PlainTextResponse("Sign in first.\n", 401)

    async def _door(self, request: Request) -> Response:
        if request.url.path == "/sign-out":
            answer: Response = RedirectResponse("/sign-in", 303)
            answer.delete_cookie(sign_in_cookie.NAME, httponly=True, samesite="lax")
            return answer
        if request.method == "POST":
            return await self._try(request)
        if request.method in ("GET", "HEAD"):
            return self._form(_local(request.query_params.get("next", "/")))
        return Response(status_code=405)

    async def _try(self, request: Request) -> Response:
        form = await _form(request)
        if form is None:
            return Response(status_code=413)
        target = _local(form.get("next", "/"))
        address = request.client.host if request.client else ""
        wait = self._throttle.wait(address)
        if wait > 0:
            seconds = math.ceil(wait)
            text = f"Too many wrong passwords. Wait {seconds} s, then try again."
            return self._form(target, text, 429, {"Retry-After": str(seconds)})
        if not await run_in_threadpool(self._guess, form.get("password", "")):
            self._throttle.failed(address)
            return self._form(target, "That is not the password.", 403)
        self._throttle.succeeded(address)
        answer = RedirectResponse(target, 303)
        answer.set_cookie(
            sign_in_cookie.NAME,
            self._cookies.issue(),
            max_age=LIFETIME,
            httponly=True,
            samesite="lax",
            secure="https" in (request.url.scheme, request.headers.get("x-forwarded-proto")),
        )
        return answer

    def _guess(self, password: str) -> bool:
        with self._one_guess:
            return matches(password, self._hashed)

    def _form(
        self, target: str, problem: str = "", status: int = 200, more: dict[str, str] | None = None
    ) -> Response:
        headers = {"Cache-Control": "no-store", **(more or {})}
        text = self._page.render(next=target, problem=problem)
        return HTMLResponse(text, status, headers=headers)


def _local(target: str) -> str:
    # Only a path of this very server: `//elsewhere.org` and `https://...` lead away from it.
    parts = urlsplit(target)
    safe = target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if safe and not parts.scheme and not parts.netloc else "/"


async def _form(request: Request) -> dict[str, str] | None:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LONGEST_FORM:
            return None
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[0] for name, values in fields.items()}
