"""Signing in to the dashboard by OpenID Connect, at a real provider on the loopback address."""

import base64
import hashlib
import threading
import time
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse
from starlette.routing import Route
from survey_clients import run

from explainers.problems import Problems
from study_app.dashboard.gate import Gate
from study_app.dashboard.oidc import Oidc
from study_app.dashboard.oidc_door import OidcDoor

HOME = "http://localhost:8502"


class Provider:
    """A provider that signs everybody in as ``claims``; it checks secret, redirect and PKCE."""

    def __init__(self):
        self.key, self.stranger = (RSAKey.generate_key(2048, {"kid": "k1"}) for _ in range(2))
        self.claims = {"email": "ann@lab.example", "email_verified": True}
        self.changes, self.codes, self.foreign_key = {}, {}, False
        routes = [
            Route("/.well-known/openid-configuration", self.configuration),
            Route("/authorize", self.authorize),
            Route("/token", self.token, methods=["POST"]),
            Route("/keys", self.keys),
        ]
        config = uvicorn.Config(
            Starlette(routes=routes), host="127.0.0.1", port=0, log_level="error", lifespan="off"
        )
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        until = time.monotonic() + 10
        while not self.server.started:
            assert time.monotonic() < until
            time.sleep(0.01)
        port = self.server.servers[0].sockets[0].getsockname()[1]
        self.issuer = f"http://127.0.0.1:{port}"

    def stop(self):
        self.server.should_exit = True
        self.thread.join(10)

    async def configuration(self, _):
        ends = {
            "authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys",
        }  # fmt: skip
        return JSONResponse(
            {"issuer": self.issuer, "id_token_signing_alg_values_supported": ["RS256"]}
            | {name: f"{self.issuer}/{end}" for name, end in ends.items()}
        )

    async def keys(self, _):
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def authorize(self, request):
        asked = dict(request.query_params)
        assert asked["redirect_uri"] == f"{HOME}/sign-in/back"
        assert asked["code_challenge_method"] == "S256" and asked["response_type"] == "code"
        self.codes["the-code"] = asked
        back = {"code": "the-code", "state": asked["state"]}
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(back)}", 303)

    async def token(self, request):
        form = await form_of(request)
        secret = base64.b64encode(b"board:secret").decode()
        asked = self.codes.pop(form["code"])
        challenge = hashlib.sha256(form["code_verifier"].encode()).digest()
        wanted = base64.urlsafe_b64encode(challenge).rstrip(b"=").decode()
        if request.headers["authorization"] != f"Basic {secret}" or (
            asked["code_challenge"] != wanted
        ):
            return JSONResponse({"error": "invalid_client"}, 401)
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": "board", "sub": "1", "iat": now, "exp": now + 60,
            "nonce": asked["nonce"],
        } | self.claims | self.changes  # fmt: skip
        key = self.stranger if self.foreign_key else self.key
        signed = jwt.encode({"alg": "RS256", "kid": "k1"}, claims, key)
        return JSONResponse({"access_token": "a", "token_type": "Bearer", "id_token": signed})


async def form_of(request):
    fields = parse_qs((await request.body()).decode())
    return {name: values[0] for name, values in fields.items()}


async def inside(scope, receive, send):
    await PlainTextResponse(f"the study at {scope['path']}")(scope, receive, send)


@pytest.fixture
def provider():
    running = Provider()
    yield running
    running.stop()


def oidc(provider, **changes):
    given = {"issuer": provider.issuer, "client_id": "board", "client_secret": "secret"}
    return Oidc(**(given | {"allowed": ("@lab.example", "bob@else.example")} | changes))


def visit(settings, *, tamper=lambda url: url, begin="/results"):
    """Go in by the front door, through the provider and back; all answers, the last one first."""

    async def walk():
        gate = Gate(inside, settings.key, door=OidcDoor(settings, HOME))
        transport = httpx.ASGITransport(app=gate)
        answers = []
        async with httpx.AsyncClient(transport=transport, base_url=HOME) as browser:
            browser.headers["accept"] = "text/html"
            answers.append(await browser.get(begin, follow_redirects=True))
            answers.append(await browser.get("/sign-in/there"))
            if answers[-1].status_code != 302:
                return answers[::-1]
            async with httpx.AsyncClient() as network:
                answers.append(await network.get(answers[-1].headers["location"]))
            back = urlsplit(tamper(answers[-1].headers["location"]))
            answers.append(await browser.get(f"{back.path}?{back.query}", follow_redirects=True))
        return answers[::-1]

    return run(walk())


def test_who_is_allowed_gets_in_and_where_they_wanted(provider):
    last, *_, first = visit(oidc(provider))
    assert "Sign in with your institution" in first.text and "password" not in first.text.lower()
    assert (last.status_code, last.text) == (200, "the study at /results")


@pytest.mark.parametrize(
    ("claims", "enters"),
    [
        ({"email": "BOB@else.example"}, True),
        ({"email": "eve@else.example"}, False),
        ({"email": "eve@sub.lab.example"}, False),
        ({"email": "ann@lab.example", "email_verified": False}, False),
        ({"email": None}, False),
    ],
)
def test_only_verified_addresses_on_the_list_get_in(provider, claims, enters):
    provider.claims |= claims
    last = visit(oidc(provider))[0]
    assert (last.status_code == 200) == enters
    if not enters:
        assert "may not see" in last.text


@pytest.mark.parametrize(
    "changes", [{"aud": "another"}, {"nonce": "another"}, {"exp": 1}, {"iss": "https://evil"}]
)
def test_a_token_that_was_not_meant_for_us_opens_nothing(provider, changes):
    provider.changes = changes
    last = visit(oidc(provider))[0]
    assert last.status_code == 403 and "the study" not in last.text


def test_a_foreign_signature_or_state_opens_nothing(provider):
    state = visit(oidc(provider), tamper=lambda url: url.replace("state=", "state=x"))[0]
    assert state.status_code == 403
    provider.foreign_key = True
    assert visit(oidc(provider))[0].status_code == 403


def test_a_wrong_secret_and_a_provider_that_is_away_say_so(provider):
    assert visit(oidc(provider, client_secret="wrong"))[0].status_code == 403
    away = visit(oidc(provider, issuer="http://127.0.0.1:9"))[0]
    assert away.status_code == 502 and "cannot be reached" in away.text


def test_nobody_is_led_to_a_foreign_place(provider):
    last = visit(oidc(provider), begin="/sign-in?next=https://evil.example")[0]
    assert last.text == "the study at /"


def test_all_mistakes_of_the_file_are_told_at_once(tmp_path):
    file = tmp_path / "oidc.toml"
    file.write_text('issuer = "http://login.example"\nallowed = ["lab"]\nclientid = "x"\n')
    with pytest.raises(Problems) as raised:
        Oidc.read(file)
    text = str(raised.value)
    for part in ("client_id", "client_secret", "not safe", "'lab'", "clientid"):
        assert part in text
    file.write_text("issuer")
    with pytest.raises(Problems, match="cannot be read"):
        Oidc.read(file)
