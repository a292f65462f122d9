"""The dashboard's password: salted, kept so that only the owner reads it, slow to guess."""

import stat

import pytest

from explainers.problems import Problems
from study_app.dashboard.password import (
    FILE,
    VARIABLE,
    find_password,
    generate,
    hash_password,
    matches,
)
from study_app.dashboard.sign_in_cookie import LIFETIME, Cookies
from study_app.dashboard.throttle import Throttle


def test_a_hash_is_salted_and_does_not_hold_the_password():
    first, second = hash_password("open sesame"), hash_password("open sesame")
    assert first != second
    assert "sesame" not in first
    assert matches("open sesame", first) and matches("open sesame", second)
    assert not matches("open sesamE", first)


def test_the_hash_is_scrypt_as_the_rfc_computes_it():
    # RFC 7914, section 12, third vector: N = 16384, r = 8, p = 1, first 32 of 64 bytes. PBKDF2's
    # blocks do not depend on how many are asked for, so the first 32 bytes are the same.
    import base64

    hashed = hash_password("pleaseletmein", b"SodiumChloride")
    digest = base64.b64decode(hashed.rpartition("$")[2])
    assert digest.hex() == "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"


@pytest.mark.parametrize("broken", ["", "plain text", "scrypt$16384$8$1$x$", "md5$1$1$1$AA==$AA=="])
def test_a_damaged_hash_is_an_error_and_never_a_match(broken):
    with pytest.raises(ValueError, match="not a password hash"):
        matches("", broken)


def test_a_new_password_is_shown_once_and_kept_for_the_owner_alone(tmp_path, monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    first = find_password(tmp_path)
    assert first.fresh and matches(first.fresh, first.hashed)
    kept = tmp_path / FILE
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert first.fresh not in kept.read_text()
    again = find_password(tmp_path)
    assert again.fresh == ""
    assert matches(first.fresh, again.hashed)
    assert list(tmp_path.iterdir()) == [kept], "a temporary file was left"


def test_file_before_environment_before_kept_hash(tmp_path, monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    find_password(tmp_path)
    monkeypatch.setenv(VARIABLE, "from the environment")
    file = tmp_path / "secret.txt"
    file.write_text("from the file\nsecond line\n")
    assert matches("from the environment", find_password(tmp_path).hashed)
    assert matches("from the file", find_password(tmp_path, file).hashed)


def test_bad_passwords_say_where_what_and_how(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, "short")
    with pytest.raises(Problems) as short:
        find_password(tmp_path)
    assert str(short.value) == (
        f"{VARIABLE}\n  the password has 5 characters\n  fix: use at least 8, better a sentence"
    )
    with pytest.raises(Problems, match="cannot be read"):
        find_password(tmp_path, tmp_path / "missing.txt")
    monkeypatch.delenv(VARIABLE)
    (tmp_path / FILE).write_text("garbage")
    with pytest.raises(Problems, match="delete the file"):
        find_password(tmp_path)


def test_new_passwords_differ():
    assert len({generate() for _ in range(100)}) == 100


def test_waits_double_up_to_the_longest_and_success_forgets():
    now = [0.0]
    throttle = Throttle(free=2, longest=8, clock=lambda: now[0])
    waits = []
    for _ in range(7):
        throttle.failed("a")
        waits.append(throttle.wait("a"))
    assert waits == [0, 0, 1, 2, 4, 8, 8]
    assert throttle.wait("b") == 0, "another address does not pay for it"
    now[0] = 8.0
    assert throttle.wait("a") == 0
    throttle.succeeded("a")
    throttle.failed("a")
    assert throttle.wait("a") == 0


def test_the_throttle_does_not_grow_without_bound_and_survives_many_failures():
    throttle = Throttle(free=0, known=10)
    for number in range(1000):
        throttle.failed(f"10.0.0.{number}")
    assert len(throttle._failures) == 10
    for _ in range(3000):
        throttle.failed("same")
    assert 0 < throttle.wait("same") <= 60


def test_cookies_run_out_and_cannot_be_made_up():
    now = [1_000_000.0]
    cookies = Cookies("hash", clock=lambda: now[0])
    value = cookies.issue()
    assert cookies.valid(value)
    expiry, _, signature = value.partition(".")
    for forged in (None, "", ".", "x", expiry, f"{int(expiry) + 1}.{signature}", f"é.{signature}"):
        assert not cookies.valid(forged)
    assert not Cookies("another hash", clock=lambda: now[0]).valid(value)
    now[0] += LIFETIME
    assert not cookies.valid(value)
