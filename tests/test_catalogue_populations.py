"""Populations in the catalogue, in files and on the command line."""

import json

import numpy as np
import pytest

from gametheory_rl import (
    GameError,
    PopulationGame,
    ising_order,
    list_games,
    load_game,
    load_payoffs,
    population_gap,
    save_game,
    squeeze_optimum,
)
from gametheory_rl._catalogue import game_info

POPULATIONS = list_games("population")
PARTS = ("num_agents", "neighbours", "pair", "own", "load", "kinds", "payoff", "discount", "start", "actions", "name")
GAMES = {
    **{name: load_game(name) for name in POPULATIONS},
    "ragged": PopulationGame(
        agents=5,
        load=[[1, 2, 0], [0, 1, 3], [1, 2, 0]],
        payoff=np.random.default_rng(0).normal(size=(3, 16)),
        discount=0.3,
        start=[0.2, 0.3, 0.5],
        actions=["a", "b", 'c "quoted"'],
        name="ragged",
    ),
    "pair": PopulationGame(neighbours=[[1], [0]], pair=[[1e-320, 0.1], [1 / 3, -7]], name="pair"),
}


def test_the_catalogue_lists_both_kinds():
    assert POPULATIONS == ["congestion_population", "gaussian_squeeze", "ising"]
    assert not set(POPULATIONS) & set(list_games())
    assert list_games("all") == sorted([*list_games(), *POPULATIONS])
    with pytest.raises(GameError, match="kind of game"):
        list_games("large")


@pytest.mark.parametrize("name", POPULATIONS)
def test_every_population_says_where_it_is_from_and_what_is_known(name):
    info, game = game_info(name), load_game(name)
    assert isinstance(game, PopulationGame)
    assert game.name == info.family == name
    assert info.title
    assert info.notes
    assert any(year in info.source for year in map(str, range(1900, 2030)))
    assert info.known


def test_what_is_known_is_so():
    known = game_info("ising").known
    assert known["critical_temperature"] == pytest.approx(1 / np.log(1 + np.sqrt(2)), rel=1e-15)
    assert {float(t): order for t, order in known["order"].items()} == pytest.approx(
        {t: ising_order(t) for t in (0.6, 0.8, 1.0, 1.1)}, abs=5e-4
    )
    known = game_info("gaussian_squeeze").known
    load, best = squeeze_optimum()
    assert known["load"] == pytest.approx(load, rel=1e-12)
    assert known["optimum"] == pytest.approx(best, abs=known["tolerance"])
    assert load_game("gaussian_squeeze").payoff.max() == pytest.approx(best, rel=1e-5)
    users = game_info("congestion_population").known["users"]
    assert population_gap(load_game("congestion_population"), np.repeat(np.arange(3), users)) == 0


def test_parameters_replace_those_of_the_file():
    assert load_game("ising", size=6, field=0.5).own.tolist() == [-0.5, 0.5]
    assert load_game("gaussian_squeeze", agents=30).num_agents == 30
    with pytest.raises(GameError, match="did you mean 'size'"):
        load_game("ising", sizes=6)


@pytest.mark.parametrize("ending", [".toml", ".json", ".npz"])
@pytest.mark.parametrize("name", GAMES)
def test_files_give_the_same_population_back(name, ending, tmp_path):
    game = GAMES[name]
    again = load_game(save_game(game, tmp_path / f"game{ending}"))
    for part in PARTS:
        ours, theirs = getattr(game, part), getattr(again, part)
        assert np.array_equal(ours, theirs)
        assert type(ours) is type(theirs)


def test_other_forms_are_refused(tmp_path):
    for ending in (".nfg", ".gam", ".csv"):
        with pytest.raises(GameError, match="no table of joint actions"):
            save_game(GAMES["ising"], tmp_path / f"game{ending}")
        assert not list(tmp_path.iterdir())
    with pytest.raises(GameError, match="is a population"):
        load_payoffs("ising")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"population": 3}, "population is int"),
        ({"population": {"neighbors": [[1], [0]]}}, "unknown entry 'neighbors'"),
        ({"population": {"neighbours": [[1], [0]], "pair": [["x"]]}}, "population.pair is not an array"),
        ({"population": {"neighbours": [[1.5], [0]], "pair": [[1]]}}, "neighbours"),
        ({"population": {"neighbours": [[1], [0]]}}, "no other parts go together"),
        ({"population": {"agents": 2.5, "load": [1], "payoff": [0, 1, 2]}}, "agents is 2.5"),
        ({"actions": [["a"], ["b"]]}, "one list of names"),
        ({"actions": [["a", "b"]]}, "actions has 2 names"),
        ({"payoff": [[1]]}, "payoff and population was found"),
        ({"discount": 0.5}, "discount beside population"),
        ({"parameters": {"size": 3}}, "parameters beside population"),
    ],
)
def test_damaged_documents_are_refused_in_a_sentence(change, says, tmp_path):
    document = {"population": {"neighbours": [[1], [0]], "pair": [[1]]}} | change
    path = tmp_path / "game.json"
    path.write_text(json.dumps(document))
    with pytest.raises(GameError, match=says) as caught:
        load_game(path)
    assert "\n" not in str(caught.value)
    with pytest.raises(GameError, match="takes no parameters"):
        path.write_text(json.dumps({"population": {"neighbours": [[1], [0]], "pair": [[1]]}}))
        load_game(path, size=3)


def test_the_command_lists_shows_and_trains(call, tmp_path):
    listed = {entry["name"]: entry for entry in json.loads(call("games", "--json").out)}
    assert listed["ising"]["kind"] == "population"
    assert listed["ising"]["players"] == 400
    shown = call("show", "ising", "-p", "size=6").out
    assert "36 agents" in shown
    assert "critical temperature" in shown
    assert json.loads(call("show", "congestion_population", "--json").out)["known"]["users"] == [0, 40, 60]
    picture = tmp_path / "order.png"
    done = call("learn", "ising", "mean_field_q", "-p", "size=6", "--steps", "50", "--records", "3", "--plot", str(picture))
    assert done.code == 0
    assert "order parameter" in done.out
    assert picture.stat().st_size > 10_000


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("solve", "ising"), "learn ising mean_field_q"),
        (("verify", "ising", "run.npz"), "learn ising mean_field_q"),
        (("show", "ising", "--state", "0"), "--state is for a state's stage game"),
        (("learn", "ising", "minimax_q", "--steps", "9"), "does not play populations"),
        (("show", "isin"), "did you mean 'ising'"),
        (("show", "ising", "-p", "size=1"), "size is 1"),
    ],
)
def test_the_command_says_what_to_do_instead(call, arguments, says):
    done = call(*arguments)
    assert done.code == 2
    assert says in done.err
    assert done.err.count("\n") == 1
