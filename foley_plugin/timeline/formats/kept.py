"""What a project keeps of a cut: the timeline without the media that a bundle holds."""

from __future__ import annotations

import zipfile
from pathlib import Path

from foley_plugin.timeline.formats.content import BUNDLE_CONTENT, FCPXML_BUNDLE_CONTENT, ZIP_MAGICS


def timeline_to_keep(source: Path) -> tuple[bytes, str]:
    """The bytes of a cut that was read, and the suffix that fits them.

    Raises:
        OSError: it cannot be read any more.
    """
    if source.is_dir():
        names = (BUNDLE_CONTENT, FCPXML_BUNDLE_CONTENT)
        inner = next((source / name for name in names if (source / name).is_file()), source / BUNDLE_CONTENT)
        return inner.read_bytes(), inner.suffix
    with source.open("rb") as file:
        is_zip = file.read(4).startswith(ZIP_MAGICS)
    if not is_zip:
        return source.read_bytes(), source.suffix.lower()
    try:
        with zipfile.ZipFile(source) as archive:
            return archive.read(BUNDLE_CONTENT), Path(BUNDLE_CONTENT).suffix
    except (zipfile.BadZipFile, KeyError) as error:
        raise OSError(0, f"it is no bundle any more: {error}") from error
