"""What all ways to sign in share: the page, and the cookie at the end of it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, Template
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from study_app.dashboard import sign_in_cookie
from study_app.dashboard.sign_in_cookie import LIFETIME, Cookies

_PAGE = Path(__file__).with_name("sign_in.html")


def form(
    target: str,
    problem: str = "",
    status: int = 200,
    headers: dict[str, str] | None = None,
    *,
    link: str = "",
    words: str = "",
) -> Response:
    """The sign-in page.

    Arguments:
        target: where to go afterwards; a path of this server, else the first page.
        problem: what went wrong.
        link: where signing in begins elsewhere; a password is asked for without it.
        words: the words on that link.
    """
    text = _page().render(next=local(target), problem=problem, link=link, words=words)
    return HTMLResponse(text, status, headers={"Cache-Control": "no-store", **(headers or {})})


def signed_in(request: Request, target: str, cookies: Cookies) -> Response:
    """Go on to ``target`` with the cookie that opens the gate."""
    answer = RedirectResponse(local(target), 303, headers={"Cache-Control": "no-store"})
    answer.set_cookie(
        sign_in_cookie.NAME,
        cookies.issue(),
        max_age=LIFETIME,
        httponly=True,
        samesite="lax",
        secure="https" in (request.url.scheme, request.headers.get("x-forwarded-proto")),
    )
    return answer


def local(target: str) -> str:
    """``target`` if it is a path of this very server, else ``/``.

    Example:
        >>> local("/results"), local("//elsewhere.org"), local("https://elsewhere.org")
        ('/results', '/', '/')
    """
    parts = urlsplit(target)
    safe = target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if safe and not parts.scheme and not parts.netloc else "/"


@cache
def _page() -> Template:
    return Environment(autoescape=True).from_string(_PAGE.read_text(encoding="utf-8"))
