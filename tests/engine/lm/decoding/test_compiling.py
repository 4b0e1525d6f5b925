"""Where machine code is kept, and that it is not outlived by its sources."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("numba", reason="pip install numba")

from engine.lm.decoding.native import compiling


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A kernel's own file, and one of which it calls a function."""
    folder = tmp_path / "native"
    folder.mkdir()
    (folder / "kernels.py").write_text("from .rows import whole\n", encoding="utf-8")
    (folder / "rows.py").write_text("whole = 1\n", encoding="utf-8")
    monkeypatch.setattr(compiling, "SOURCES", folder)
    monkeypatch.setattr(compiling.settings, "CACHE_DIR", "")
    monkeypatch.setattr(compiling.platformdirs, "user_cache_path", lambda *_, **__: tmp_path / "caches")
    return folder


def folder_now() -> Path | None:
    return compiling.code_folder.__wrapped__()


def test_code_is_kept_until_any_of_its_sources_changes(sources: Path) -> None:
    before = folder_now()
    assert before is not None and before.is_relative_to(sources)
    (before / "forward.nbc").touch()
    assert folder_now() == before and (before / "forward.nbc").exists()
    (sources / "rows.py").write_text("whole = 2\n", encoding="utf-8")
    after = folder_now()
    assert after is not None and after != before
    assert not before.exists()


def test_code_of_an_installation_that_may_not_be_written_is_kept_with_the_users_caches(sources: Path) -> None:
    (sources / "__pycache__").touch()  # a file is no folder, also to those who may write anywhere
    found = folder_now()
    assert found is not None and found.is_dir() and not found.is_relative_to(sources)


def test_a_chosen_folder_is_taken(sources: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling.settings, "CACHE_DIR", str(sources / "chosen"))
    found = folder_now()
    assert found is not None and found.parent == sources / "chosen"


def test_where_nothing_can_be_written_code_is_not_kept(
    sources: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (sources / "chosen").touch()
    monkeypatch.setattr(compiling.settings, "CACHE_DIR", str(sources / "chosen"))
    assert folder_now() is None


def test_a_kernel_is_kept_there_and_no_other_librarys_code_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiling, "code_folder", lambda: tmp_path)
    before = compiling.settings.CACHE_DIR

    @compiling.kernel()
    def plus_one(x: int) -> int:
        return x + 1

    assert before == compiling.settings.CACHE_DIR
    assert plus_one(1) == 2
    assert Path(plus_one.stats.cache_path).is_relative_to(tmp_path)
    assert list(tmp_path.rglob("*.nbc"))
