"""PRISM's texts as the tests see them: explicit files written, and the language read, without the package's own readers and writers."""

import re
from fractions import Fraction
from itertools import product

import numpy as np

COMMAND = re.compile(r"\[([^\]]*)\] (.+) -> (.+);")
REWARD = re.compile(r"\[([^\]]*)\] s=(\d+) : (\S+);")


def explicit_files(game, folder, stem="model"):
    """Write ``game`` as PRISM would: choices in the order of joint actions, rewards of states none."""
    offsets, states, chances = game.successors
    rows, rewards, choices = [], [[] for _ in range(game.num_players)], 0
    for state in range(game.num_states):
        choice = 0
        for joint in product(*map(range, game.num_actions)):
            row = int(np.ravel_multi_index((state, *joint), (game.num_states, *game.num_actions)))
            if offsets[row] == offsets[row + 1]:
                continue
            names = ",".join(f"p{i}a{a}" for i, a in enumerate(joint))
            for k in range(offsets[row], offsets[row + 1]):
                rows.append(f"{state} {choice} {states[k]} {float(chances[k])!r} [{names}]")
                for player, mine in enumerate(rewards):
                    mine.append(f"{state} {choice} {states[k]} {float(game.payoff[(player, state, *joint)])!r}")
            choice += 1
        choices += choice
    head = f"# Transitions (CSG)\n{game.num_states}:{game.num_players} {choices} {len(rows)}\n"
    (folder / f"{stem}.tra").write_text(head + "\n".join(rows) + "\n")
    for player, mine in enumerate(rewards):
        text = f'# Reward structure "r{player + 1}"\n# Transition rewards\n{game.num_states} {choices} {len(mine)}\n'
        (folder / f"{stem}{player + 1}.trew").write_text(text + "\n".join(mine) + "\n")
    return folder / f"{stem}.tra"


class Model:
    """A ``csg`` in PRISM's language, as far as the package writes it; joint actions are enumerated from the players' modules alone."""

    def __init__(self, text):
        lines = [line.split("//")[0].strip() for line in text.splitlines()]
        assert next(filter(None, lines)) == "csg"
        self.discount = next((float(x) for x in re.findall(r"const double discount = (\S+);", text)), None)
        self.last = int(re.search(r"s : \[0\.\.(\d+)\]", text)[1])
        self.owners = dict(re.findall(r"player (\w+) (\w+) endplayer", text))
        self.modules = {}
        for name, body in re.findall(r"module (\w+)\n(.*?)endmodule", "\n".join(lines), re.DOTALL):
            self.modules[name] = [match.groups() for match in map(COMMAND.fullmatch, body.split("\n")) if match]
        self.rewards = {}
        for name, body in re.findall(r'rewards "(\w+)"\n(.*?)endrewards', text, re.DOTALL):
            self.rewards[name] = {(int(s), joint): float(x) for joint, s, x in REWARD.findall(body)}
            assert len(self.rewards[name]) == len(body.splitlines())

    def menu(self, player, state):
        """Return the actions whose guard holds."""
        return [name for name, guard, update in self.modules[self.owners[player]] if update == "true" and holds(guard, state)]

    def moves(self, state):
        """Return ``{joint action: {target: probability}}``, an exact dict; sure that the world has one command for each."""
        found = {}
        for joint in product(*(self.menu(player, state) for player in self.owners)):
            wanted = ",".join(joint)
            (update,) = [u for name, guard, u in self.modules["world"] if name == wanted and holds(guard, state)]
            found[wanted] = {state: (1.0,)} if update == "true" else targets(update)
        return found

    def tensors(self):
        """Return the game's own numbers: ``(discount, {(state, joint): {target: probability}})``, the end left out."""
        guards = [guard for _, guard, _ in self.modules["world"]]
        end = self.last if self.discount is not None else sum(any(holds(g, s) for g in guards) for s in range(self.last + 1))
        table = {}
        for state in range(end):
            for joint, moves in self.moves(state).items():
                chances = {target: parts[-1] for target, parts in moves.items() if target != end}
                if self.discount is not None:
                    assert moves[end] == ("1-discount",) if self.discount else moves == {end: (1.0,)}
                table[state, joint] = chances
        return self.discount if self.discount is not None else 1.0, table

    def probability(self, parts):
        """Return the product that ``parts`` say, as an exact fraction."""
        value = Fraction(1)
        for part in parts:
            value *= {"discount": Fraction(self.discount or 0), "1-discount": 1 - Fraction(self.discount or 0)}.get(part) or Fraction(part)
        return value


def holds(guard, state):
    """Return whether a condition on ``s`` holds."""
    return any(all(compare(term, state) for term in part.strip("()").split("&")) for part in guard.split("|"))


def compare(term, state):
    """Return whether ``s=3``, ``s<=3``, ... or ``true`` holds."""
    if term == "true":
        return True
    sign, number = re.fullmatch(r"s(<=|>=|=|<)(\d+)", term).groups()
    return {"=": state == int(number), "<=": state <= int(number), ">=": state >= int(number), "<": state < int(number)}[sign]


def targets(update):
    """Return ``{target: factors}``."""
    found = {}
    for part in update.split(" + "):
        chance, _, move = part.rpartition(" : ")
        target = int(re.fullmatch(r"\(s'=(\d+)\)", move)[1])
        assert target not in found
        factors = [x if x in ("discount", "1-discount") else float(x) for x in (chance or "1.0").split("*")]
        found[target] = tuple(factors)
    return found
