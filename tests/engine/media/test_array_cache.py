"""What is kept on disk between processes, and which media file it is of."""

from __future__ import annotations

import os
import shutil
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from engine.media import fingerprint
from engine.media.array_cache import ArrayCache
from engine.media.fingerprint import BLOCK_BYTES, EDGE_BYTES, NUM_BLOCKS, WHOLE_BYTES, media_fingerprint

ARRAYS = {"features": np.arange(6, dtype=np.float32).reshape(2, 3) / 7, "hits": np.zeros((0, 2))}


def assert_same(one: dict[str, np.ndarray] | None, other: dict[str, np.ndarray]) -> None:
    assert one is not None and one.keys() == other.keys()
    for name, array in other.items():
        assert one[name].dtype == array.dtype and one[name].tobytes() == array.tobytes()
        assert one[name].shape == array.shape


def test_what_is_kept_comes_back_bit_for_bit_under_its_key_alone(tmp_path: Path) -> None:
    cache = ArrayCache(tmp_path / "not" / "yet")
    assert cache.load(b"a") is None
    cache.store(b"a", ARRAYS)
    assert_same(ArrayCache(tmp_path / "not" / "yet").load(b"a"), ARRAYS)
    assert cache.load(b"b") is None


def test_recall_makes_once(tmp_path: Path) -> None:
    made = []

    def make() -> dict[str, np.ndarray]:
        made.append(1)
        return dict(ARRAYS)

    assert_same(ArrayCache(tmp_path).recall(b"a", make), ARRAYS)
    assert_same(ArrayCache(tmp_path).recall(b"a", make), ARRAYS)
    assert made == [1]


@pytest.mark.parametrize("damage", ["flip", "cut", "empty"])
def test_a_damaged_entry_is_none_and_is_made_again(tmp_path: Path, damage: str) -> None:
    cache = ArrayCache(tmp_path)
    cache.store(b"a", ARRAYS)
    [entry] = tmp_path.iterdir()
    content = bytearray(entry.read_bytes())
    content[-1] ^= 1
    entry.write_bytes({"flip": bytes(content), "cut": bytes(content[:-5]), "empty": b""}[damage])
    assert cache.load(b"a") is None and not entry.exists()
    assert_same(cache.recall(b"a", lambda: dict(ARRAYS)), ARRAYS)
    assert_same(cache.load(b"a"), ARRAYS)


def test_the_longest_unused_entries_go_when_there_is_no_room(tmp_path: Path) -> None:
    big = {"x": np.zeros(1000, np.uint8)}
    cache = ArrayCache(tmp_path, max_bytes=12_000)
    for number in range(10):
        cache.store(bytes([number]), big)
        os.utime(cache._path(bytes([number])), (number, number))
    assert cache.load(b"\x00") is not None  # read just now: young again
    for number in range(10, 13):
        cache.store(bytes([number]), big)
    left = {number for number in range(13) if cache.load(bytes([number])) is not None}
    assert 0 in left and 12 in left and 1 not in left and 2 not in left
    assert sum(entry.stat().st_size for entry in tmp_path.iterdir()) <= 12_000


def test_a_cache_that_cannot_be_written_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"in the way")
    cache = ArrayCache(tmp_path / "file")
    assert_same(cache.recall(b"a", lambda: dict(ARRAYS)), ARRAYS)
    assert cache.load(b"a") is None


def test_the_users_cache_is_where_the_variable_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOLEY_CACHE", str(tmp_path))
    assert ArrayCache.of_user().folder.parent == tmp_path
    monkeypatch.delenv("FOLEY_CACHE")
    assert ArrayCache.of_user().folder.parent.name in ("foley", "Cache")


def written(path: Path, content: bytes, at_ns: int = 2 * 10**9) -> str:
    """The fingerprint of a file with this content and time of change."""
    path.write_bytes(content)
    os.utime(path, ns=(at_ns, at_ns))
    return media_fingerprint(path)


def test_media_is_known_by_its_content_and_not_by_name_or_time(tmp_path: Path) -> None:
    content = np.random.default_rng(0).bytes(50_000)
    first = written(tmp_path / "a.mov", content)
    assert written(tmp_path / "b.mov", content) == first
    os.utime(tmp_path / "a.mov", (1, 1))
    assert media_fingerprint(tmp_path / "a.mov") == first
    for place in (0, 25_000, 49_999):
        changed = bytearray(content)
        changed[place] ^= 1
        assert written(tmp_path / "c.mov", bytes(changed)) != first
    assert written(tmp_path / "c.mov", content + b"\0") != first
    with pytest.raises(OSError):
        media_fingerprint(tmp_path / "none.mov")


def test_of_a_large_file_its_ends_and_blocks_between_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = 40 * EDGE_BYTES
    content = bytearray(np.random.default_rng(1).bytes(size))
    first = written(tmp_path / "a.mov", bytes(content))
    stretch = size // NUM_BLOCKS
    for start in (0, EDGE_BYTES - 1, size // 2, size - EDGE_BYTES, size - stretch):
        changed = content.copy()
        changed[start : start + stretch] = bytes(stretch)
        assert written(tmp_path / "b.mov", bytes(changed)) != first, start
    read = sum(length for _, length in fingerprint._stretches(size))
    assert read == WHOLE_BYTES == 2 * EDGE_BYTES + NUM_BLOCKS * BLOCK_BYTES
    starts = [start for start, _ in fingerprint._stretches(10**10)]
    assert starts == sorted(starts) and starts[-1] == 10**10 - EDGE_BYTES
    assert max(b - a for a, b in pairwise(starts)) < 10**10 / (NUM_BLOCKS - 2)


def test_an_edit_in_place_between_the_blocks_of_a_large_file_is_seen_by_its_time(tmp_path: Path) -> None:
    """And the film on another disk, which keeps times to a second, is the one that was looked at."""
    content = bytearray(np.random.default_rng(1).bytes(40 * EDGE_BYTES))
    looked_at_ns = 1_700_000_000_123_456_789
    first = written(tmp_path / "a.mov", bytes(content), looked_at_ns)
    (between,) = (
        start + length
        for (start, length), (following, _) in pairwise(fingerprint._stretches(len(content))[10:12])
        if start + length + 1000 < following
    )
    content[between : between + 1000] = bytes(1000)
    assert written(tmp_path / "b.mov", bytes(content), looked_at_ns) == first, "no block reaches it"
    assert written(tmp_path / "a.mov", bytes(content), looked_at_ns + 10**9) != first

    moved = tmp_path / "other disk"
    moved.mkdir()
    shutil.copy2(tmp_path / "b.mov", moved / "c.mov")
    os.utime(moved / "c.mov", (looked_at_ns // 10**9,) * 2)
    assert media_fingerprint(moved / "c.mov") == first
    os.utime(moved / "c.mov", (-5, -5))
    assert media_fingerprint(moved / "c.mov") != first
