"""The shipped nginx configuration before two real survey processes, and the compose file."""

import http.client
import os
import shutil
import socket
import subprocess
import time
from base64 import b64encode
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from study_app import children
from study_app.cli import whyface

DEPLOY = Path(__file__).parents[2] / "deploy"
NGINX = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def nginx(folder: Path, ports: list[int]):
    """nginx with our configuration: other addresses and folders, the same rules; gives its port."""
    listen = free_port()
    ours = (DEPLOY / "nginx.conf").read_text()
    for shipped, here in (
        ("listen 80;", f"listen 127.0.0.1:{listen};"),
        (
            "server survey:8501 max_fails=1 fail_timeout=5s;",
            "\n".join(f"server 127.0.0.1:{port} max_fails=1 fail_timeout=5s;" for port in ports),
        ),
        ("/var/cache/nginx/whyface", str(folder / "cache")),
    ):
        assert ours.count(shipped) == 1
        ours = ours.replace(shipped, here)
    places = "\n".join(
        f"{kind}_temp_path {folder / kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"{'user root;' if os.getuid() == 0 else ''}\n"
        f"daemon off; pid {folder / 'pid'}; error_log {folder / 'errors'};\n"
        f"events {{}}\nhttp {{\n{places}\n{ours}\n}}\n"
    )
    command = [NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "errors"]
    tried = subprocess.run([*command, "-t"], capture_output=True, text=True)
    assert tried.returncode == 0, tried.stderr
    process = subprocess.Popen(command)
    try:
        until = time.monotonic() + 10
        while not children.healthy(listen):
            assert time.monotonic() < until, (folder / "errors").read_text()
            time.sleep(0.05)
        yield listen
    finally:
        process.terminate()
        process.wait(10)


def ask(port: int, path: str, **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    answer.body = answer.read() if answer.status != 101 else b""
    connection.close()
    return answer


@pytest.fixture(scope="module")
def two_processes(tiny_study, tmp_path_factory):
    """Two survey processes on one database."""
    folder = tmp_path_factory.mktemp("processes")
    url = f"sqlite:///{folder / 'answers.db'}"
    servers = [
        children.Server(
            f"survey {port}",
            ["serve", str(tiny_study), "--port", str(port), "--mode", "test", "--database", url],
            port,
            folder / f"{port}.log",
        )
        for port in (free_port(), free_port())
    ]
    with children.running(*servers) as processes:
        yield servers, processes


@pytest.mark.skipif(
    NGINX is None and "WHYFACE_REQUIRE_NGINX" not in os.environ, reason="nginx is not installed"
)
def test_nginx_passes_on_pages_pictures_and_websockets_and_survives_a_lost_process(
    two_processes, tiny_study, tmp_path
):
    servers, processes = two_processes
    with nginx(tmp_path, [server.port for server in servers]) as port:
        link = ask(port, "/")
        assert link.status == 303 and link.headers["Location"].startswith("?p=")
        page = ask(port, "/" + link.headers["Location"])
        assert page.status == 200 and page.headers["Content-Security-Policy"]
        name = next((tiny_study / "stimuli").glob("*.png")).name
        for _ in range(2):
            picture = ask(port, f"/stimuli/{name}")
            assert picture.body == (tiny_study / "stimuli" / name).read_bytes()
            assert "immutable" in picture.headers["Cache-Control"]
        assert any(path.is_file() for path in (tmp_path / "cache").rglob("*"))
        assert ask(port, "/_stcore/metrics").status == 404
        handshake = {
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": b64encode(os.urandom(16)).decode(),
            "Sec-WebSocket-Protocol": "streamlit",
            "Origin": f"http://127.0.0.1:{port}",
        }
        assert ask(port, "/_stcore/stream", **handshake).status == 101
        assert (
            ask(
                port,
                "/_stcore/stream",
                **handshake,
            ).status
            == 101
        )
        processes[0].kill()
        processes[0].wait()
        assert {ask(port, "/health").status for _ in range(8)} == {200}
        assert ask(port, "/_stcore/stream", **handshake).status == 101


def services() -> dict:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]


@pytest.mark.parametrize("name", ["survey", "dashboard"])
def test_compose_starts_verbs_that_exist_with_options_they_have(name, tiny_study, monkeypatch):
    command = services()[name]["command"]
    verb, folder, *options = [word.replace("${MODE:-live}", "live") for word in command]
    assert folder == "/study"
    for variable, value in services()[name]["environment"].items():
        monkeypatch.setenv(variable, value)
    group = whyface.make_context("whyface", ["list"])
    context = whyface.get_command(group, verb).make_context(verb, [str(tiny_study), *options])
    assert context.params["address"] == "0.0.0.0"
    assert context.params["url"].startswith("postgresql://")


def test_compose_and_the_image_name_files_that_are_there():
    for service in services().values():
        if "build" in service:
            build = service["build"]
            assert (DEPLOY / build["context"] / build["dockerfile"]).is_file()
    assert services()["nginx"]["volumes"][0].startswith("./nginx.conf:")
    kept = [
        line[1:]
        for line in (DEPLOY.parent / ".dockerignore").read_text().splitlines()
        if line.startswith("!")
    ]
    assert all((DEPLOY.parent / name).exists() for name in kept)
    steps = [line.split() for line in (DEPLOY / "Dockerfile").read_text().splitlines()]
    assert ["USER", "whyface"] in steps  # nobody serves the public as root
