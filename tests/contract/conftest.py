"""The databases that the store must work with: a SQLite file, and a throw-away PostgreSQL."""

import json
import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import quote

import pytest

from db.store import Store

FROZEN = (Path(__file__).parents[1] / "data" / "frozen_section7.json").read_text("utf-8")
PASSWORD = "p@ss/word"


def _postgresql_programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


@pytest.fixture(scope="session")
def postgresql():
    """Address of a cluster that exists for this test run only; its server runs unprivileged."""
    programs = _postgresql_programs()
    pytest.importorskip("psycopg")
    if programs is None or (os.getuid() == 0 and shutil.which("runuser") is None):
        must = "WHYFACE_REQUIRE_POSTGRES" in os.environ
        (pytest.fail if must else pytest.skip)("PostgreSQL's programs are not installed")
    place = Path(tempfile.mkdtemp(prefix="whyface-pg-"))
    data, secret = place / "data", place / "password"
    secret.write_text(PASSWORD)
    as_user = []
    if os.getuid() == 0:  # PostgreSQL refuses to run as root
        as_user = ["runuser", "-u", "postgres", "--"]
        for path in (place, secret):
            shutil.chown(path, "postgres")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    def run(program: str, *arguments: str) -> None:
        command = [*as_user, str(programs / program), "-D", str(data), *arguments]
        subprocess.run(command, check=True, capture_output=True, cwd=place, timeout=120)

    run("initdb", "-U", "ann", "-A", "scram-sha-256", f"--pwfile={secret}", "-E", "UTF8", "-N")
    options = f"-p {port} -k {place} -c listen_addresses=127.0.0.1 -c fsync=off"
    run("pg_ctl", "-w", "-l", str(place / "log"), "-o", options, "start")
    try:
        yield f"postgresql://ann:{quote(PASSWORD, safe='')}@127.0.0.1:{port}"
    finally:
        run("pg_ctl", "-m", "immediate", "stop")
        shutil.rmtree(place)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path) -> str:
    """An empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/whyface.db"
    import psycopg

    database = f"{request.getfixturevalue('postgresql')}/postgres"
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return database


@pytest.fixture
def store(url):
    """An open store on each kind of database."""
    with Store(url) as opened:
        yield opened


@pytest.fixture
def version(store) -> str:
    """A live version of the Section 7 study, made by hand."""
    added = store.add_version(json.loads(FROZEN)["study"]["id"], FROZEN)
    store.set_status(added, "live")
    return added
