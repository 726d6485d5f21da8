"""``gametheory-rl solve`` on a stochastic game: what it is, who picked the method, what it is worth, and how far that is to be trusted."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gametheory_rl.cli import _exits
from gametheory_rl.cli._describe import (
    CLASSES,
    gain_text,
    joint_text,
    kind_of,
    mixed_text,
    sizes_of,
    stage_rows,
    start_states,
    told_classes,
)
from gametheory_rl.cli._output import certified, note, print_facts, print_json, print_table, print_text
from gametheory_rl.cli._paths import default_name
from gametheory_rl.cli._questions import refuse_settings

MOST_STATES = 12
"""Start states that a table lists unasked."""
NAMED_STATES = 3
"""States that a sentence names."""
EXPECTS = {
    "friend_iteration": "what each player earns if all others help it",
    "foe_iteration": "what each player secures against all others together",
    "stackelberg_iteration": "what both earn if player 1 commits before every stage",
}
"""What the values of a method are, where they are no equilibrium's."""
CLASSIFIED_CELLS = 1_000_000
"""General-sum games with more payoffs a player are not looked at for their classes unasked."""


def solve_values(game: Any, settings: Mapping[str, Any], states: list[int], *, json: bool, save: Path | None, plot: Path | None) -> int:
    """Solve a stochastic game and show the answer; ``settings``: what ``gametheory_rl.solve`` takes."""
    from gametheory_rl.stochastic._solve import default_method, solve

    given = dict(settings)
    asked = given.pop("method", None)
    client = given.pop("dask", None)
    if client is not None:
        method, why = asked, "on the cluster that was asked for"
    else:
        method, why = (asked, "as asked") if asked is not None else default_method(game, given)
        refuse_settings(method, given)
    solution = solve(game, method, throw=False, client=client, **given)
    interrupted = solution.status.name == "INTERRUPTED"
    if save is not None or interrupted:
        # Before anything else that takes time: this is what an interrupted run must not lose.
        note(f"saved {solution.save(save or default_name(game, solution.method))}")
    shown = states or start_states(game)
    says = ending(game, solution)
    if json:
        print_json(_document(game, solution, shown, why, says))
    else:
        _print_facts(game, solution, why, says)
        _print_states(game, solution, shown if states else shown[:MOST_STATES], len(shown))
        for s in states:
            _print_stage(game, solution, s)
    if plot is not None:
        from gametheory_rl.plots._sheets import solution_sheet, write_picture

        note(f"drew {write_picture(solution_sheet(game, solution, shown[0]), plot)}")
    if not solution.status.ok:
        note(f"gametheory-rl: {says}")
        return _exits.INTERRUPTED if interrupted else _exits.FELL_SHORT
    return _exits.OK


def ending(game: Any, solution: Any) -> str:
    """Return how the solver ended, as a sentence: cycles with their period, and states in which players do not agree."""
    name, said = solution.status.name, solution.status.value
    round_and_round = f"cycles with period {solution.period}: " if solution.period else ""
    if name == "MISMATCH":
        return f"{round_and_round}{apart(game, solution.trace['mismatch'])}; {said.partition(', and ')[2]}"
    if name == "SOLVED" and solution.method == "stackelberg_iteration":
        return "the values stand still, with regard to the next stage alone; the certificate says how far from equilibrium that is."
    if name == "SOLVED" and solution.error_bound is None:
        return "solved: the certified regret is within the tolerance."
    return round_and_round + said


def apart(game: Any, mismatch: Any) -> str:
    """Return in which states ``(S,)`` bool the two players have different equilibria in mind."""
    states = mismatch.nonzero()[0].tolist()
    names = ", ".join(game.labels.state(s) for s in states[:NAMED_STATES]) + (", ..." if len(states) > NAMED_STATES else "")
    named = [game.labels.player(player) for player in range(game.num_players)]
    who = f"players {' and '.join(named)}" if all(name.isdigit() for name in named) else " and ".join(named)
    return f"{who} have different equilibria in mind in {len(states)} state{'s' if len(states) > 1 else ''}: {names}"


def _classes(game: Any) -> list[str]:
    """Return the classes of a game that is neither zero-sum nor a decision process, where looking for them costs little."""
    if game.num_players == 1 or game.zero_sum or game.num_states * game.num_joint_actions > CLASSIFIED_CELLS:
        return []
    from gametheory_rl import classify

    return list(classify(game).names)


def _told(names: list[str]) -> list[str]:
    """Return classes in words, those left out that follow from others; of a game that is not small there are none."""
    return [words for name, words in told_classes({name: name in names for name in CLASSES}).items() if name in names]


def _is(game: Any) -> str:
    classes = [words for words in _told(_classes(game)) if words != CLASSES["one_state"]]
    size = f"{game.num_states} state{'s' if game.num_states > 1 else ''}"
    players = "" if game.num_players == 1 else f", {game.num_players} players"
    return f"{kind_of(game)}{players}, {size}, {sizes_of(game)} actions" + (f"; {', '.join(classes)}" if classes else "")


def _document(game: Any, solution: Any, states: list[int], why: str, says: str) -> dict[str, Any]:
    cert = solution.certificate
    return {
        "game": game.name,
        "kind": kind_of(game),
        "classes": _classes(game),
        "method": solution.method,
        "why": why,
        "status": solution.status.name.lower(),
        "message": says,
        "iterations": solution.iterations,
        "period": solution.period,
        "mismatch": [int(s) for s in solution.trace["mismatch"].nonzero()[0]] if "mismatch" in solution.trace else [],
        "error_bound": solution.error_bound,
        "concept": cert.concept,
        "epsilon": cert.epsilon,
        "start_gap": cert.start_gap,
        "start_values": solution.values @ game.start,
        "states": [_at(game, solution, s) for s in states],
        "trace": {name: column for name, column in solution.trace.items() if column.ndim == 1 and name != "mismatch"},
    }


def _at(game: Any, solution: Any, state: int) -> dict[str, Any]:
    profile = solution.profile
    play = [policy[state] for policy in profile] if isinstance(profile, tuple) else profile[state]
    return {"state": state, "label": game.labels.state(state), "values": solution.values[:, state], "policy": play}


def _print_facts(game: Any, solution: Any, why: str, says: str) -> None:
    cert, bound = solution.certificate, solution.error_bound
    facts = {game.name or "the game": says, "it is": _is(game)}
    facts["method"] = f"{solution.method}, {why}; {solution.iterations} iteration{'s' if solution.iterations > 1 else ''}"
    if not solution.status.ok and bound is None and "mismatch" in solution.trace:
        facts["values"] = "what the rule for stage games expected last, not what the play below earns"
    elif solution.method in EXPECTS:
        facts["values"] = EXPECTS[solution.method]
    if bound is not None:
        facts["error bound"] = f"{bound:.2g} on every value, proved"
    deviating = "by disobeying" if cert.concept == "correlated" else "by deviating"
    facts["certificate"] = (
        f"nobody gains more than {gain_text(cert.epsilon)} {deviating} anywhere, {gain_text(cert.start_gap)} at the start"
    )
    print_facts(facts)


def _print_states(game: Any, solution: Any, states: list[int], count: int) -> None:
    rows = [row for s in states for row in _rows(game, solution, s)]
    columns = ("state", "player", "value", "plays")
    one = game.num_states == 1
    print_table(columns[one:], [row[one:] for row in rows], right=("value",), whole=("value", "player"))
    if count > len(states):
        print_text(f"the first {len(states)} of {count} start states; others with --state, all with --json or --save")


def _rows(game: Any, solution: Any, state: int) -> list[list[str]]:
    rows = []
    for player, plays in enumerate(plays_at(game, solution.profile, state)):
        name = "" if player else game.labels.state(state)
        rows.append([name, game.labels.player(player), certified(float(solution.values[player, state]), solution.error_bound), plays])
    return rows


def plays_at(game: Any, profile: Any, at: Any) -> list[str]:
    """Return what each player plays at a state, or at a stage and state; a common signal is said once."""
    if isinstance(profile, tuple):
        return [mixed_text(game, player, policy[at]) for player, policy in enumerate(profile)]
    return [joint_text(game, profile[at]), *[""] * (game.num_players - 1)]


def _print_stage(game: Any, solution: Any, state: int) -> None:
    table = stage_rows(game, game.stage(state, solution.values), state)
    if table is not None:
        to_whom = f"payoff to {game.labels.player(0)}" if game.zero_sum else "payoffs"
        print_table(*table, title=f"stage game at {game.labels.state(state)}: {to_whom}, continuation included", right=table[0][1:])
