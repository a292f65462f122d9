"""What stands before Streamlit: personal links, headers, closed doors, and compressed scripts."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import streamlit
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Streamlit answers on these paths although no page of ours uses them.
_CLOSED = ("/_stcore/upload_file", "/_stcore/metrics", "/_stcore/agent", "/media", "/component")
_POLICY = "; ".join(
    (
        "default-src 'self'",  # no third party learns who takes part
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",  # Streamlit's components are blobs
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self' ws: wss:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "no-referrer",  # the address holds the participant's token
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}


_SCRIPT = re.compile(r"/static/(?:js|css)/[\w.-]+\.(?:js|css)")
_TYPES = {"js": "text/javascript", "css": "text/css"}


class Doors:
    """Closes the unused paths, and sends the headers above with every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 404 for a closed path, else pass the request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif scope["path"].startswith(_CLOSED):
            await Response(status_code=404)(scope, receive, send)
        else:

            async def with_headers(message: Message) -> None:
                if message["type"] == "http.response.start":
                    headers = MutableHeaders(scope=message)
                    for name, value in _HEADERS.items():
                        headers.setdefault(name, value)
                await send(message)

            await self.app(scope, receive, with_headers)


class First:
    """Routes that are answered before anybody else is asked.

    Streamlit's own layers (sessions, compression, checks of paths) do nothing for an answer and
    cost it a seventh of its time.

    Arguments:
        app: the next application.
        routes: by exact path.
    """

    def __init__(self, app: ASGIApp, routes: list[Route]) -> None:
        self.app = app
        self._routes = {route.path: route for route in routes}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request to its route, else pass it on."""
        route = self._routes.get(scope["path"]) if scope["type"] == "http" else None
        await (self.app if route is None else route.handle)(scope, receive, send)


class PersonalLinks:
    """Gives a visitor without a token one of their own: `/` leads to `/?p=<token>`.

    A redirect and not a rewritten address, because the browser's back button would otherwise
    lead to the bare address and make the same person a second participant.

    Arguments:
        app: the next application.
        new_token: makes an unguessable token; the database hears of it when the page is shown,
            so that link previews are no participants.
    """

    def __init__(self, app: ASGIApp, new_token: Callable[[], str]) -> None:
        self.app = app
        self.new_token = new_token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Redirect the bare address, keeping other parameters, else pass the request on."""
        if scope["type"] != "http" or scope["path"] not in ("", "/"):
            await self.app(scope, receive, send)
            return
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        if any(name == "p" for name, _ in query):
            await self.app(scope, receive, send)
            return
        target = "?" + urlencode([*query, ("p", self.new_token())])
        answer = RedirectResponse(target, 303, headers={"Cache-Control": "no-store"})
        await answer(scope, receive, send)


class CompressedScripts:
    """Sends Streamlit's scripts and styles compressed: 1.4 instead of 3.2 MB for a first visit.

    Each file is compressed once and kept. The files' names hold their hashes, so nothing can
    become stale.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.folder = Path(streamlit.__file__).parent / "static"
        self.kept: dict[str, bytes] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request for a script from memory where the browser takes gzip."""
        path = scope.get("path", "")
        if scope["type"] == "http" and _SCRIPT.fullmatch(path) and _takes_gzip(scope):
            if path not in self.kept and (self.folder / path[1:]).is_file():
                self.kept[path] = await run_in_threadpool(self._compress, path)
            if path in self.kept:
                headers = {
                    "Content-Encoding": "gzip",
                    "Vary": "Accept-Encoding",
                    "Cache-Control": "public, max-age=31536000, immutable",
                }
                kind = _TYPES[path.rpartition(".")[2]]
                answer = Response(self.kept[path], media_type=kind, headers=headers)
                await answer(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _compress(self, path: str) -> bytes:
        return gzip.compress((self.folder / path[1:]).read_bytes(), 6, mtime=0)


def _takes_gzip(scope: Scope) -> bool:
    return any(name == b"accept-encoding" and b"gzip" in value for name, value in scope["headers"])
