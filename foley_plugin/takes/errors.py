"""What can be wrong with a project folder."""

from __future__ import annotations

from engine.errors import FoleyError


class ProjectError(FoleyError):
    """A project folder that cannot be used as it stands."""

    code = "project"


class ProjectLocked(ProjectError):
    """Another process has the project open for writing."""

    code = "project_locked"


class ProjectTooNew(ProjectError):
    """Written by a later version of this program."""

    code = "project_too_new"


class ProjectReadOnly(ProjectError):
    """A change was asked of a project that is open for reading only."""

    code = "project_read_only"


class TakeMissing(ProjectError):
    """A take was announced, but its WAV is not there or is not what was announced."""

    code = "take_missing"
