"""What a database must be before it is used; each refusal says what to do."""

import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy.exc import IntegrityError

from db.errors import StoreError
from db.store import Store

ROOT = Path(__file__).parents[3]


def refusal(url, **options) -> str:
    with pytest.raises(StoreError) as error:
        Store(url, **options)
    text = str(error.value)
    assert "\n  fix: " in text
    return text


def test_a_file_that_is_no_database(tmp_path):
    path = tmp_path / "study.yaml"
    path.write_text("id: section7\n" * 200)
    assert "is not a database" in refusal(path)
    assert path.read_text() == "id: section7\n" * 200


def test_a_database_of_another_application_is_left_alone(tmp_path):
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE moz_bookmarks (id)")
    assert "belongs to another application (tables moz_bookmarks)" in refusal(path)
    with sqlite3.connect(path) as other:
        tables = other.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    assert tables == [("moz_bookmarks",)]


def test_a_damaged_database(tmp_path):
    path = tmp_path / "whyface.db"
    Store(path).close()
    content = bytearray(path.read_bytes())
    content[100:4096] = bytes(3996)  # the first page, which holds the schema
    path.write_bytes(content)
    assert "damaged" in refusal(path)


def test_a_folder_that_does_not_exist(tmp_path):
    assert "does not exist" in refusal(tmp_path / "nowhere" / "whyface.db")
    assert not (tmp_path / "nowhere").exists()


def test_a_folder_in_place_of_a_file(tmp_path):
    assert "is a folder" in refusal(tmp_path)


@contextmanager
def nobody():
    """Root may write everywhere, so the test steps down for a moment."""
    if os.getuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_place_that_is_not_writable():
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        with nobody():
            Store(folder / "whyface.db").close()
            (folder / "whyface.db").chmod(0o444)
            assert "is not writable" in refusal(folder / "whyface.db")
            assert "fix: change the file's permissions" in refusal(folder / "whyface.db")
        folder.chmod(0o555)
        with nobody():
            assert "SQLite writes beside its file" in refusal(folder / "new.db")
            assert not (folder / "new.db").exists()


def test_a_missing_database_is_not_made_unless_asked(tmp_path):
    assert "does not exist" in refusal(tmp_path / "whyface.db", create=False)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_file_is_refused_unless_asked_to_migrate(tmp_path):
    (tmp_path / "whyface.db").touch()
    assert "is empty" in refusal(tmp_path / "whyface.db", create=False)
    Store(tmp_path / "whyface.db").close()


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("sqlite://", "answers would be lost"),
        ("sqlite:///:memory:", "answers would be lost"),
        ("mysql://ann:secret@host/x", "'mysql' is not supported"),
        ("oracle+nothing://ann:secret@host/x", "'oracle' is not supported"),
        ("postgresql://ann:secret@host:port/x", "cannot be read as a URL"),
        ("postgresql://ann:secret@127.0.0.1:1/x", "cannot be opened"),
    ],
)
def test_addresses_that_cannot_work(url, what):
    text = refusal(url)
    assert what in text
    assert "secret" not in text


def test_only_the_owner_can_read_a_new_database(tmp_path):
    Store(tmp_path / "whyface.db").close()
    assert stat.S_IMODE((tmp_path / "whyface.db").stat().st_mode) == 0o600


@pytest.mark.parametrize("synchronous", ["FULL", "NORMAL"])
def test_how_a_file_is_opened(tmp_path, synchronous):
    numbers = {"FULL": 2, "NORMAL": 1}
    with Store(tmp_path / "a.db", synchronous=synchronous) as store, store.reading() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert found == {
        "journal_mode": "wal",
        "synchronous": numbers[synchronous],
        "foreign_keys": 1,
        "busy_timeout": 30000,
    }


def test_reading_changes_nothing_and_a_failed_write_leaves_nothing(tmp_path):
    with Store(tmp_path / "a.db") as store:

        def work(connection):
            connection.exec_driver_sql("INSERT INTO setting VALUES ('a', '1')")
            connection.exec_driver_sql("INSERT INTO background VALUES (7, 'q', 'v')")

        with pytest.raises(IntegrityError, match="FOREIGN KEY"):
            store.write(work)
        with store.reading() as connection:
            assert connection.exec_driver_sql("SELECT * FROM setting").all() == []


def test_a_writer_waits_for_another_process_and_then_gives_up_clearly(tmp_path, monkeypatch):
    with Store(tmp_path / "a.db") as store:
        monkeypatch.setattr("db.database._TRIES", 2)
        with sqlite3.connect(tmp_path / "a.db", isolation_level=None) as other:
            other.execute("BEGIN IMMEDIATE")

            def impatient(connection):
                raise AssertionError("the write began although another process holds the lock")

            with store.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA busy_timeout=10")
            with pytest.raises(StoreError, match="is locked"):
                store.write(impatient)
            other.execute("ROLLBACK")
        store.add_version("s", "{}")


def test_it_works_from_any_folder(tmp_path):
    code = "from db.store import Store\nprint(Store('whyface.db').versions())"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.stdout == "[]\n", done.stderr


def test_a_database_that_is_damaged_while_it_is_open_is_named(tmp_path):
    path = tmp_path / "whyface.db"
    with Store(path) as store:
        store.add_version("s", '{"study": {"id": "s"}}')
        with store.reading() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        store.engine.dispose()
        content = path.read_bytes()
        path.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
        for use in (store.versions, lambda: store.add_version("t", '{"study": {"id": "t"}}')):
            with pytest.raises(StoreError, match=r"whyface\.db\n  cannot be used: .*malformed"):
                use()
