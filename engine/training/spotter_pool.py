"""The scenes that the spotter learns from: a pool that is drawn from at random and slowly renewed.

The pool is one of seeds. A scene is rendered when its seed is first chosen, so a process renders only what falls to
it, and a pool that is written down in a checkpoint is a list of numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

import numpy as np

from engine.training.spotter_scenes import WatchedScene


class ScenePool:
    """Each batch draws from the pool at random, and a few make room for new ones."""

    def __init__(
        self,
        render: Callable[[int], WatchedScene],
        *,
        executor: Executor | None = None,
        batch_scenes: int,
        replays: int,
        pool_scenes: int,
        next_seed: int,
    ) -> None:
        """
        Args:
            executor: renders every new scene at once, long before it is chosen; without one it is rendered when it
                is first chosen.
        """
        self._executor = executor
        self._render, self._batch_scenes = render, batch_scenes
        self._replays, self._pool_scenes = replays, pool_scenes
        self._rng = np.random.default_rng(next_seed)
        self._seeds: list[int] = []
        self._rendered: dict[int, WatchedScene | Future[WatchedScene]] = {}
        self.next_seed = next_seed

    def next_seeds(self) -> list[int]:
        """The scenes of the next batch, after some of the pool have been renewed."""
        is_filling = len(self._seeds) < self._pool_scenes
        fresh = self._batch_scenes if is_filling else max(1, self._batch_scenes // self._replays)
        for _ in range(fresh):
            if is_filling:
                self._seeds.append(self.next_seed)
            else:
                place = int(self._rng.integers(len(self._seeds)))
                self._rendered.pop(self._seeds[place], None)
                self._seeds[place] = self.next_seed
            if self._executor is not None:
                self._rendered[self.next_seed] = self._executor.submit(self._render, self.next_seed)
            self.next_seed += 1
        chosen = self._rng.choice(len(self._seeds), self._batch_scenes, replace=False)
        return [self._seeds[i] for i in chosen]

    def scenes(self, seeds: list[int]) -> list[WatchedScene]:
        """The scenes of these seeds of the pool."""
        return [self._scene(seed) for seed in seeds]

    def _scene(self, seed: int) -> WatchedScene:
        found = self._rendered.get(seed)
        scene = found.result() if isinstance(found, Future) else found or self._render(seed)
        self._rendered[seed] = scene
        return scene

    def state(self) -> dict[str, Any]:
        return {
            "seeds": list(self._seeds),
            "generator": self._rng.bit_generator.state,
            "next_seed": self.next_seed,
        }

    def go_on_from(self, state: dict[str, Any]) -> None:
        """Be the pool that gave `state`, its scenes rendered again as they are chosen."""
        self._seeds, self.next_seed = list(state["seeds"]), state["next_seed"]
        self._rng.bit_generator.state = state["generator"]
        if self._executor is not None:
            self._rendered = {seed: self._executor.submit(self._render, seed) for seed in self._seeds}
