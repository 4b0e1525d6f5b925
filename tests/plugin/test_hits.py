"""Files of hits: three forms, and what is told where none of them fits."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.protocol import Hit
from foley_plugin.jobs.errors import BadHits
from foley_plugin.jobs.hits import GivenHits, read_hits


def given(tmp_path: Path, text: str) -> GivenHits:
    path = tmp_path / "hits.txt"
    path.write_text(text, encoding="utf-8")
    return read_hits(path)


@pytest.mark.parametrize(
    "text",
    [
        '[{"time_s": 1.5, "strength": 0.25}, {"time_s": 0.5}]',
        "1.5 0.25\n0.5\n",
        "# by hand\n\n0.5, 1\n1.5,0.25  # the second\n",
        "\ufeff0.5 1\r\n1.5 0.25\r\n",
        '\n {"clips": [{"name": "x", "track": "V1", "index": 3, "hits": [{"time_s": 0.5, "strength": 1}, '
        '{"time_s": 1.5, "strength": 0.25}]}]}',
    ],
)
def test_all_forms_say_the_same(tmp_path: Path, text: str) -> None:
    assert given(tmp_path, text).for_clip("V1", 3) == [Hit(0.5, 1.0), Hit(1.5, 0.25)]


def test_a_file_that_names_clips_serves_only_these(tmp_path: Path) -> None:
    hits = given(tmp_path, '{"clips": [{"track": "V1", "index": 3, "hits": []}]}')
    assert hits.for_clip("V1", 3) == []
    with pytest.raises(BadHits, match="V1:4"):
        hits.for_clip("V1", 4)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0.5 hard", "Line 1 .*hard"),
        ("0.5\n1 2 3\n", "Line 2"),
        ("0.5 1.5", "between 0 and 1"),
        ("nan", "between 0 and 1"),
        ('[{"time": 1}]', "time_s"),
        ('{"clips": 3}', "list of hits"),
        ("[0.5", "list of hits"),
    ],
)
def test_what_is_no_list_of_hits_is_told(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(BadHits, match=words):
        given(tmp_path, text)


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    (tmp_path / "hits.wav").write_bytes(b"RIFF\xff\xfe\x00\x80")
    with pytest.raises(BadHits, match="UTF-8"):
        read_hits(tmp_path / "hits.wav")
