"""What is stored is whole or not there."""

import numpy as np
import pytest

from explainers.building.cache import Cache, write_whole
from explainers.problems import Problems


def test_values_come_back_bit_by_bit(tmp_path):
    cache = Cache(tmp_path / "cache")
    values = np.random.default_rng(1).random((3, 5, 4)).astype(np.float32)
    cache.put("ab", values, {"kind": "image", "checks": {"loss": 0.1}})
    found, record = cache.get("ab")
    assert found.dtype == np.float32
    assert np.array_equal(found, values)
    assert record == {"kind": "image", "checks": {"loss": 0.1}}
    assert cache.get("cd") is None


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04", b"not a zip"])
def test_a_damaged_file_counts_as_missing(tmp_path, damage):
    (tmp_path / "ab.npz").write_bytes(damage)
    assert Cache(tmp_path).get("ab") is None


def test_every_cut_of_a_file_counts_as_missing(tmp_path):
    cache = Cache(tmp_path)
    cache.put("ab", np.arange(6.0), {})
    content = (tmp_path / "ab.npz").read_bytes()
    for length in range(0, len(content), 7):
        (tmp_path / "ab.npz").write_bytes(content[:length])
        assert cache.get("ab") is None, length


def test_a_flipped_byte_is_noticed(tmp_path):
    cache = Cache(tmp_path)
    cache.put("ab", np.random.default_rng(1).random(1000), {})
    content = bytearray((tmp_path / "ab.npz").read_bytes())
    content[2000] ^= 1
    (tmp_path / "ab.npz").write_bytes(content)
    assert cache.get("ab") is None


def test_stale_files_are_those_nobody_names(tmp_path):
    cache = Cache(tmp_path)
    for key in ("ab", "cd"):
        cache.put(key, np.zeros(1), {})
    (tmp_path / "ef.npz.77.part").write_bytes(b"left by a killed build")
    assert [path.name for path in cache.stale(["ab"])] == ["cd.npz", "ef.npz.77.part"]
    assert Cache(tmp_path / "none").stale([]) == []


def test_a_folder_that_cannot_be_made_is_a_problem_and_leaves_nothing(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Problems, match="cannot be written") as caught:
        write_whole(tmp_path / "file" / "a.png", b"x")
    assert "free some space" in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_full_disk_leaves_the_old_file_and_no_half_one(tmp_path, monkeypatch):
    import errno
    import os

    path = tmp_path / "a.png"
    write_whole(path, b"old")

    def full(handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("explainers.building.cache.os.fsync", full)
    with pytest.raises(Problems, match="No space left on device"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["a.png"]
