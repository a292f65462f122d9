"""Signing in to the dashboard with an account of the institution (OpenID Connect)."""

from __future__ import annotations

import logging

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.starlette_client import OAuth
from joserfc.errors import JoseError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from study_app.dashboard import sign_in_page
from study_app.dashboard.oidc import Oidc
from study_app.dashboard.sign_in_cookie import Cookies

_WORDS = "Sign in with your institution"
_SCOPE = "openid email"
_MINUTES = 10  # to come back from the provider


class OidcDoor:
    """The way to the provider and back, with a code that only this server can redeem (PKCE).

    Authlib checks state, nonce, signature, issuer, audience and expiry; this class decides who may
    enter, and issues the dashboard's own cookie.

    Source: OpenID Connect Core 1.0, section 3.1; RFC 7636.

    Arguments:
        oidc: the provider, and who may enter.
        home: where researchers reach the dashboard; the provider must know
            ``<home>/sign-in/back`` as a redirect address.
    """

    def __init__(self, oidc: Oidc, home: str) -> None:
        self._oidc, self._home = oidc, home.rstrip("/")
        self._cookies = Cookies(oidc.key)
        self._provider = OAuth().register(
            "provider",
            client_id=oidc.client_id,
            client_secret=oidc.client_secret,
            server_metadata_url=oidc.issuer.rstrip("/") + "/.well-known/openid-configuration",
            client_kwargs={"scope": _SCOPE, "code_challenge_method": "S256"},
        )
        # What is remembered between the way there and back: a signed cookie of these pages alone.
        remembered = Middleware(
            SessionMiddleware,
            secret_key=f"{oidc.key} way",
            session_cookie="whyface_sign_in",
            max_age=_MINUTES * 60,
            path="/sign-in",
            https_only=self._home.startswith("https://"),
        )
        self._pages = Starlette(
            routes=[
                Route("/sign-in", self._page),
                Route("/sign-in/there", self._there),
                Route("/sign-in/back", self._back),
            ],
            middleware=[remembered],
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One of the three pages: the button, the way there, the way back."""
        await self._pages(scope, receive, send)

    async def _page(self, request: Request) -> Response:
        request.session["next"] = sign_in_page.local(request.query_params.get("next", "/"))
        return self._form()

    async def _there(self, request: Request) -> Response:
        try:
            back = f"{self._home}/sign-in/back"
            answer: Response = await self._provider.authorize_redirect(request, back)
            return answer
        except (httpx.HTTPError, AuthlibBaseError, ValueError) as error:
            return self._failed("The sign-in service cannot be reached just now.", 502, error)

    async def _back(self, request: Request) -> Response:
        try:
            token = await self._provider.authorize_access_token(request)
        except httpx.HTTPError as error:
            return self._failed("The sign-in service cannot be reached just now.", 502, error)
        except (AuthlibBaseError, JoseError, ValueError, KeyError) as error:
            return self._failed("That did not work. Please try again.", 403, error)
        target = request.session.pop("next", "/")
        if not self._oidc.lets_in(dict(token.get("userinfo") or {})):
            return self._form("This account may not see this study's dashboard.", 403)
        return sign_in_page.signed_in(request, target, self._cookies)

    def _failed(self, words: str, status: int, error: Exception) -> Response:
        logging.getLogger(__name__).warning("a sign-in failed: %s", error)
        return self._form(words, status)

    def _form(self, problem: str = "", status: int = 200) -> Response:
        return sign_in_page.form("/", problem, status, link="/sign-in/there", words=_WORDS)
