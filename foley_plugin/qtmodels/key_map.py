"""Which keys ask for which command: the list's own, and what the editor has changed of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PyQt6.QtGui import QKeySequence

PORTABLE = QKeySequence.SequenceFormat.PortableText
NATIVE = QKeySequence.SequenceFormat.NativeText

Keys = tuple[str, ...]


def spelled(keys: str) -> str:
    """One spelling for each key, so that two that are pressed alike compare equal."""
    return QKeySequence(keys, PORTABLE).toString(PORTABLE)


def shown(keys: str) -> str:
    """As it stands on this machine's keyboard."""
    return QKeySequence(keys, PORTABLE).toString(NATIVE)


class KeyMap:
    """Keys by command. Only what differs from the list's own is kept, so that new defaults reach everybody."""

    def __init__(
        self, defaults: Mapping[str, Keys], changed: Mapping[str, Iterable[str]] | None = None
    ) -> None:
        self._defaults = {name: _each_once(keys) for name, keys in defaults.items()}
        self._changed: dict[str, Keys] = {}
        for name, keys in (changed or {}).items():
            if name in self._defaults:
                self.set_keys(name, keys)

    def keys(self, name: str) -> Keys:
        return self._changed.get(name, self._defaults[name])

    def is_changed(self, name: str) -> bool:
        return name in self._changed

    @property
    def stored(self) -> dict[str, list[str]]:
        """What to keep: the changed ones alone."""
        return {name: list(keys) for name, keys in self._changed.items()}

    def user_of(self, keys: str, *, but: str = "") -> str | None:
        """The command that these keys ask for already; None where they are free."""
        wanted = spelled(keys)
        return next((name for name in self._defaults if name != but and wanted in self.keys(name)), None)

    def set_keys(self, name: str, keys: Iterable[str]) -> None:
        wanted = _each_once(keys)
        if wanted == self._defaults[name]:
            self._changed.pop(name, None)
        else:
            self._changed[name] = wanted

    def give(self, name: str, keys: str) -> str | None:
        """Let these keys ask for this command first; who had them loses them, and is named."""
        wanted = spelled(keys)
        loser = self.user_of(wanted, but=name)
        if loser is not None:
            self.set_keys(loser, [each for each in self.keys(loser) if each != wanted])
        self.set_keys(name, [wanted, *self.keys(name)[1:]])
        return loser

    def reset(self, name: str) -> list[str]:
        """The list's own keys again; who had them meanwhile loses them, and is named."""
        self._changed.pop(name, None)
        losers = []
        for keys in self.keys(name):
            loser = self.user_of(keys, but=name)
            if loser is not None:
                self.set_keys(loser, [each for each in self.keys(loser) if each != keys])
                losers.append(loser)
        return losers

    def reset_all(self) -> None:
        self._changed.clear()


def _each_once(keys: Iterable[str]) -> Keys:
    return tuple(dict.fromkeys(filter(None, map(spelled, keys))))
