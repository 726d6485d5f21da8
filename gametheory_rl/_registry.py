"""Names and where they live: adding a method is one line here, or an entry point of another distribution.

Nothing is imported until it is asked for. An outside distribution adds to a table by an entry point in the group
``gametheory_rl.<table>``, for example ``gametheory_rl.learners``.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from gametheory_rl._support._errors import GameError, UnknownNameError

TABLES: dict[str, dict[str, str]] = {
    "solver": {
        "value_iteration": "gametheory_rl.stochastic._value_iteration:value_iteration",
        "modified_policy_iteration": "gametheory_rl.stochastic._modified_policy_iteration:modified_policy_iteration",
        "policy_iteration": "gametheory_rl.stochastic._policy_iteration:policy_iteration",
        "newton": "gametheory_rl.stochastic._newton:newton",
        "homotopy": "gametheory_rl.stochastic._homotopy:homotopy",
        "linear_program": "gametheory_rl.stochastic._linear_program:linear_program",
        "team": "gametheory_rl.stochastic._team:team",
        "potential": "gametheory_rl.stochastic._potential:potential",
        "stage_game": "gametheory_rl.stochastic._stage_game:stage_game",
        "nash_iteration": "gametheory_rl.stochastic._stage_methods:nash_iteration",
        "correlated_iteration": "gametheory_rl.stochastic._stage_methods:correlated_iteration",
        "friend_iteration": "gametheory_rl.stochastic._stage_methods:friend_iteration",
        "foe_iteration": "gametheory_rl.stochastic._stage_methods:foe_iteration",
        "stackelberg_iteration": "gametheory_rl.stochastic._stage_methods:stackelberg_iteration",
    },
    "learner": {
        "minimax_q": "gametheory_rl.learners._minimax_q:MinimaxQ",
        "nash_q": "gametheory_rl.learners._nash_q:NashQ",
        "correlated_q": "gametheory_rl.learners._correlated_q:CorrelatedQ",
        "friend_q": "gametheory_rl.learners._friend_q:FriendQ",
        "foe_q": "gametheory_rl.learners._foe_q:FoeQ",
        "stackelberg_q": "gametheory_rl.learners._stackelberg_q:StackelbergQ",
        "independent_q": "gametheory_rl.learners._independent_q:IndependentQ",
        "hysteretic_q": "gametheory_rl.learners._hysteretic_q:HystereticQ",
        "decentralised_q": "gametheory_rl.learners._decentralised_q:DecentralisedQ",
        "independent_policy_gradient": "gametheory_rl.learners._independent_policy_gradient:IndependentPolicyGradient",
        "fictitious_play_q": "gametheory_rl.learners._fictitious_play_q:FictitiousPlayQ",
        "wolf_phc": "gametheory_rl.learners._wolf_phc:WoLFPHC",
        "phc": "gametheory_rl.learners._wolf_phc:PHC",
        "pr2_q": "gametheory_rl.learners._pr2_q:PR2Q",
        "centralised_q": "gametheory_rl.learners._centralised_q:CentralisedQ",
        "mean_field_q": "gametheory_rl.learners._mean_field_q:MeanFieldQ",
    },
    "world": {
        "adversary": "gametheory_rl.deep.envs._adversary:Adversary",
        "battle": "gametheory_rl.deep.envs._battle:Battle",
        "crypto": "gametheory_rl.deep.envs._crypto:Crypto",
        "differential": "gametheory_rl.deep.envs._differential:Differential",
        "levers": "gametheory_rl.deep.envs._levers:Levers",
        "push": "gametheory_rl.deep.envs._push:Push",
        "speaker_listener": "gametheory_rl.deep.envs._speaker_listener:SpeakerListener",
        "spread": "gametheory_rl.deep.envs._spread:Spread",
        "tag": "gametheory_rl.deep.envs._tag:Tag",
        "traffic_junction": "gametheory_rl.deep.envs._traffic_junction:TrafficJunction",
    },
    # Neural learners; "learner" has the tabular ones, and learn takes both.
    "deep": {
        "ippo": "gametheory_rl.deep:IPPO",
        "mappo": "gametheory_rl.deep:MAPPO",
        "centralised_ppo": "gametheory_rl.deep:CentralisedPPO",
        "commnet": "gametheory_rl.deep:CommNet",
        "maddpg": "gametheory_rl.deep:MADDPG",
        "ddpg": "gametheory_rl.deep:DDPG",
        "pr2": "gametheory_rl.deep:PR2",
        "deep_independent_q": "gametheory_rl.deep:DeepIndependentQ",
        "deep_mean_field_q": "gametheory_rl.deep:DeepMeanFieldQ",
        "mean_field_ac": "gametheory_rl.deep:MeanFieldAC",
        "factorized_q": "gametheory_rl.deep:FactorizedQ",
    },
    "family": {
        "soccer": "gametheory_rl.families._soccer:soccer",
        "greenwald_hall_soccer": "gametheory_rl.families._greenwald_hall_soccer:greenwald_hall_soccer",
        "grid_game": "gametheory_rl.families._grid_game:grid_game",
        "garnet": "gametheory_rl.families._garnet:garnet",
        "ring": "gametheory_rl.families._ring:ring",
        "dual_cyclic": "gametheory_rl.families._dual_cyclic:dual_cyclic",
        "sandholm_gilpin_conitzer": "gametheory_rl.families._sandholm_gilpin_conitzer:sandholm_gilpin_conitzer",
        "unit_vector": "gametheory_rl.families._unit_vector:unit_vector",
        "tournament": "gametheory_rl.families._tournament:tournament",
        "ranking": "gametheory_rl.families._ranking:ranking",
        "blotto": "gametheory_rl.families._blotto:blotto",
        "covariant": "gametheory_rl.families._covariant:covariant",
        "congestion": "gametheory_rl.families._congestion:congestion",
        "coordination": "gametheory_rl.families._coordination:coordination",
        "polymatrix": "gametheory_rl.families._polymatrix:polymatrix",
    },
    "population": {
        "ising": "gametheory_rl.families._ising:ising",
        "gaussian_squeeze": "gametheory_rl.families._gaussian_squeeze:gaussian_squeeze",
        "congestion_population": "gametheory_rl.families._congestion_population:congestion_population",
    },
    "concept": {
        "nash": "gametheory_rl.equilibria._concepts:nash",
        "pure": "gametheory_rl.equilibria._concepts:pure",
        "minimax": "gametheory_rl.equilibria._concepts:minimax",
        "correlated": "gametheory_rl.equilibria._concepts:correlated",
        "coarse": "gametheory_rl.equilibria._concepts:coarse",
        "stackelberg": "gametheory_rl.equilibria._concepts:stackelberg",
        "logit": "gametheory_rl.equilibria._concepts:logit",
        "dominance": "gametheory_rl.equilibria._concepts:dominance",
        "rationalizable": "gametheory_rl.equilibria._concepts:rationalizable",
        "security": "gametheory_rl.equilibria._concepts:security",
    },
    "dynamic": {
        "replicator": "gametheory_rl.equilibria.dynamics:replicator",
        "best_response": "gametheory_rl.equilibria.dynamics:best_response",
        "logit": "gametheory_rl.equilibria.dynamics:logit",
        "iga": "gametheory_rl.equilibria.dynamics:iga",
        "wolf_iga": "gametheory_rl.equilibria.dynamics:wolf_iga",
        "fictitious_play": "gametheory_rl.equilibria.dynamics:fictitious_play",
        "smooth_fictitious_play": "gametheory_rl.equilibria.dynamics:smooth_fictitious_play",
        "regret_matching": "gametheory_rl.equilibria.dynamics:regret_matching",
        "regret_matching_plus": "gametheory_rl.equilibria.dynamics:regret_matching_plus",
        "conditional_regret_matching": "gametheory_rl.equilibria.dynamics:conditional_regret_matching",
        "hedge": "gametheory_rl.equilibria.dynamics:hedge",
        "optimistic_hedge": "gametheory_rl.equilibria.dynamics:optimistic_hedge",
        "extra_gradient": "gametheory_rl.equilibria.dynamics:extra_gradient",
    },
    "paper": {
        "littman1994": "gametheory_rl.papers._littman1994:PAPER",
        "greenwald_hall2003": "gametheory_rl.papers._greenwald_hall2003:PAPER",
        "hu_wellman2003": "gametheory_rl.papers._hu_wellman2003:PAPER",
        "littman2001": "gametheory_rl.papers._littman2001:PAPER",
        "sayin2021": "gametheory_rl.papers._sayin2021:PAPER",
        "zinkevich2005": "gametheory_rl.papers._zinkevich2005:PAPER",
        "bowling_veloso2002": "gametheory_rl.papers._bowling_veloso2002:PAPER",
        "pr2_2019": "gametheory_rl.papers._pr2_2019:PAPER",
        "yang2018_ising": "gametheory_rl.papers._yang2018_ising:PAPER",
        "maddpg2017": "gametheory_rl.papers._maddpg2017:PAPER",
        "commnet2016": "gametheory_rl.papers._commnet2016:PAPER",
        "mean_field2018": "gametheory_rl.papers._mean_field2018:PAPER",
        "fql2018": "gametheory_rl.papers._fql2018:PAPER",
        "ippo2020": "gametheory_rl.papers._ippo2020:PAPER",
        "yang2018_squeeze": "gametheory_rl.papers._yang2018_squeeze:PAPER",
    },
    "format": {
        ".nfg": "gametheory_rl.interchange._nfg:FORMAT",
        ".gam": "gametheory_rl.interchange._gam:FORMAT",
        ".csv": "gametheory_rl.interchange._csv:FORMAT",
        ".tra": "gametheory_rl.interchange._prism_explicit:FORMAT",
        ".prism": "gametheory_rl.interchange._prism_language:FORMAT",
    },
    "plot": {
        "convergence_matrix": "gametheory_rl.plots:convergence_matrix",
        "value_trace": "gametheory_rl.plots:value_trace",
        "world_animation": "gametheory_rl.plots:world_animation",
        "world_scene": "gametheory_rl.plots:world_scene",
        "world_image": "gametheory_rl.plots:world_image",
        "nash_gap": "gametheory_rl.plots:nash_gap",
        "value_error": "gametheory_rl.plots:value_error",
        "episode_return": "gametheory_rl.plots:episode_return",
        "paradigms": "gametheory_rl.plots:paradigms",
        "deep_paradigms": "gametheory_rl.plots:deep_paradigms",
        "policy_grid": "gametheory_rl.plots:policy_grid",
        "value_grid": "gametheory_rl.plots:value_grid",
        "solution_path": "gametheory_rl.plots:solution_path",
        "population_trace": "gametheory_rl.plots:population_trace",
        "mean_field_remainder": "gametheory_rl.plots:mean_field_remainder",
        "stage_game": "gametheory_rl.plots:stage_game",
        "game_image": "gametheory_rl.plots:game_image",
        "game_state": "gametheory_rl.plots:game_state",
        "recurrence": "gametheory_rl.plots:recurrence",
        "selection_shares": "gametheory_rl.plots:selection_shares",
        "horizon_trace": "gametheory_rl.plots:horizon_trace",
        "best_responses": "gametheory_rl.plots:best_responses",
        "logit_branch": "gametheory_rl.plots:logit_branch",
        "payoff_polygon": "gametheory_rl.plots:payoff_polygon",
        "payoff_table": "gametheory_rl.plots:payoff_table",
        "payoff_table_text": "gametheory_rl.plots:payoff_table_text",
        "polytopes": "gametheory_rl.plots:polytopes",
        "selection": "gametheory_rl.plots:selection",
        "simplex": "gametheory_rl.plots:simplex",
        "unit_square": "gametheory_rl.plots:unit_square",
        "animate_play": "gametheory_rl.plots:animate_play",
        "contraction": "gametheory_rl.plots:contraction",
        "order_parameter": "gametheory_rl.plots:order_parameter",
        "policy_bars": "gametheory_rl.plots:policy_bars",
        "visits": "gametheory_rl.plots:visits",
        "sweep_groups": "gametheory_rl.plots:sweep_groups",
    },
}


@cache
def table(kind: str) -> dict[str, str]:
    """Return name -> "module:attribute" of a kind, entry points of other distributions included."""
    from importlib.metadata import entry_points  # slow to import, and needed only for names that are not in TABLES

    outside = {entry.name: entry.value for entry in entry_points(group=f"gametheory_rl.{kind}s")}
    return outside | TABLES[kind]


def resolve_learner(name: str) -> Any:
    """Return the tabular or neural learner registered as ``name``; an unknown name is refused with the nearest of both."""
    for kind in ("learner", "deep"):
        if name in TABLES[kind] or name in table(kind):
            return resolve(kind, name)
    raise UnknownNameError("learner", str(name), {**table("learner"), **table("deep")})


def resolve(kind: str, name: str) -> Any:
    """Return the object registered as ``name``; an unknown name is refused with the nearest one."""
    if not isinstance(name, str):
        raise GameError(f"the name of a {kind} was expected, not {name!r}: one of {', '.join(sorted(table(kind)))}")
    known = TABLES[kind] if name in TABLES[kind] else table(kind)
    if name not in known:
        raise UnknownNameError(kind, name, known)
    module, _, attribute = known[name].partition(":")
    return getattr(import_module(module), attribute)
