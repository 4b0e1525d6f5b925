"""Writing a cut's cue sheet to a new file, in the format that the file's name tells."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from engine.errors import OutputError
from foley_plugin.services.delivery.cue_page import html_page
from foley_plugin.services.delivery.cue_sheet import csv_sheet
from foley_plugin.services.delivery.cues import read_cues
from foley_plugin.timeline.atomic import AlreadyThere, write_new_file
from foley_plugin.timeline.records import CutRecord


def write_cue_sheet(cut: CutRecord, project: Path, target: Path, today: date) -> None:
    """A table (.csv), or a page to print (.html). The project may be open elsewhere.

    Raises:
        OutputError: the file is there already, cannot be written, or has another ending.
        NothingToDo: no take lies on the timeline.
        ProjectError: the project cannot be read.
    """
    suffix = target.suffix.lower()
    if suffix not in (".csv", ".html"):
        raise OutputError(f"{target.name} is no name that tells its format; end it in .csv or .html.")
    cues = read_cues(cut, project)
    content = csv_sheet(cues) if suffix == ".csv" else html_page(cues, today)
    try:
        write_new_file(target.absolute(), content)
    except AlreadyThere:
        raise OutputError(f"{target} is there already and is not overwritten; choose another name.") from None
    except OSError as error:
        raise OutputError(
            f"{target} cannot be written ({error.strerror or error}); choose another place."
        ) from error
