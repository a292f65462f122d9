"""The door of the dashboard: without a sign-in not even Streamlit's scripts are served."""

from __future__ import annotations

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from study_app.dashboard import sign_in_cookie
from study_app.dashboard.password_door import PasswordDoor
from study_app.dashboard.sign_in_cookie import Cookies
from study_app.dashboard.throttle import Throttle

_OPEN = ("/health",)


class Gate:
    """Lets those pass who have signed in; everybody else gets the sign-in page.

    A gate before the application and not a page of it: nothing of the study is rendered, loaded
    or even asked for before the sign-in, on the websocket as well.

    Arguments:
        app: the next application.
        hashed: the password's hash, or another secret of this dashboard; the cookies' key.
        throttle: slows guessing down.
        door: another way to sign in than the password: an application that answers below
            ``/sign-in`` and issues the cookie.
    """

    def __init__(
        self,
        app: ASGIApp,
        hashed: str,
        throttle: Throttle | None = None,
        door: ASGIApp | None = None,
    ) -> None:
        self.app = app
        self._cookies = Cookies(hashed)
        self._door: ASGIApp = door or PasswordDoor(hashed, throttle or Throttle())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer for the door itself, else pass the request on if its cookie is valid."""
        kind = scope["type"]
        if kind not in ("http", "websocket") or (kind == "http" and scope["path"] in _OPEN):
            await self.app(scope, receive, send)
            return
        if kind == "http" and scope["path"] == "/sign-out":
            await _signed_out()(scope, receive, send)
            return
        if kind == "http" and f"{scope['path']}/".startswith("/sign-in/"):
            await self._door(scope, receive, send)
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


def _signed_out() -> Response:
    answer = RedirectResponse("/sign-in", 303)
    answer.delete_cookie(sign_in_cookie.NAME, httponly=True, samesite="lax")
    return answer
