"""The class behind ``to_gymnasium``: in a file of its own, since it cannot exist without Gymnasium."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import gymnasium
import numpy as np
from gymnasium.spaces import Discrete

from gametheory_rl._games import StochasticGame
from gametheory_rl._support._errors import GameError
from gametheory_rl.interchange._play import MODES, Play


class OnePlayerEnv(gymnasium.Env):
    """One player's side of a StochasticGame; see ``to_gymnasium``."""

    metadata: dict[str, Any] = {"render_modes": list(MODES), "render_fps": 2}  # noqa: RUF012  (as gymnasium declares it)

    def __init__(
        self,
        game: StochasticGame,
        player: int,
        opponents: Mapping[int, Callable[[int], np.ndarray]],
        horizon: int | None,
        render_mode: str | None,
    ) -> None:
        self.game, self.player, self.render_mode = game, player, render_mode
        self.observation_space = Discrete(game.num_states)
        self.action_space = Discrete(game.num_actions[player])
        self._opponents = opponents
        self._play = Play(game, horizon)
        # Gymnasium's checker takes a cut after one step for a mistake, and learners would add a worth of what never comes.
        self._once = horizon == 1 and float(game.discount[player]) == 0.0
        self._over = True

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Begin an episode; without ``seed`` the stream of chance goes on."""
        super().reset(seed=seed, options=options)
        self._play.begin(self.np_random)
        self._over = False
        return np.int64(self._play.state), self._info()

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Take the player's action, and draw the others'."""
        if self._over:
            raise GameError("the episode has not begun or is over: call reset before step")
        joint = [int(action) if i == self.player else self._drawn(i) for i in range(self.game.num_players)]
        payoffs = self._play.move(joint, self.np_random)
        cut = self._play.cut and not self._once
        ended = self._play.ended or (self._play.cut and self._once)
        self._over = ended or cut
        return np.int64(self._play.state), float(payoffs[self.player]), ended, cut, self._info()

    def render(self) -> Any:
        """Print the line, or return the line or the picture ``(height, width, 3)``."""
        return self._play.shown(self.render_mode)

    def _drawn(self, player: int) -> int:
        chances = np.cumsum(self._opponents[player](self._play.state))
        return int(np.searchsorted(chances, self.np_random.random() * chances[-1], side="right"))

    def _info(self) -> dict[str, Any]:
        return {"action_mask": self._play.mask(self.player), "actions": self._play.last}
