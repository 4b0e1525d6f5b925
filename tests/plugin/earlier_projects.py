"""Projects as earlier versions of foley left them."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from foley_plugin.takes.schema import _STEPS, DATABASE_NAME, SCHEMA_VERSION

_TABLE = re.compile(r"^CREATE TABLE (\w+)", re.MULTILINE)


def take_back(project: Path, version: int) -> None:
    """Without what the versions after `version` added, in a project that nobody has open."""
    with closing(sqlite3.connect(project / DATABASE_NAME, isolation_level=None)) as database:
        for number in range(SCHEMA_VERSION, version, -1):
            for table in reversed(_TABLE.findall(_STEPS[number])):
                database.execute(f"DROP TABLE {table}")
        database.execute(f"PRAGMA user_version={version}")
