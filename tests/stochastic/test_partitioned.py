"""Games whose states are shared out over a Dask cluster: the answer without one, to the certified bounds, whoever dies on the way."""

import contextlib
import importlib
import socket
import threading

import numpy as np
import pytest
from scipy.sparse import csr_array

import gametheory_rl as gt
from gametheory_rl.stochastic import _partition_cluster

from ..dask_programs import running_cluster

distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.filterwarnings("ignore")  # Dask's own, of sockets that its dead peers left open


@pytest.fixture(scope="module")
def client():
    make = distributed.LocalCluster
    with make(n_workers=3, threads_per_worker=1, processes=False, dashboard_address=None) as cluster, distributed.Client(cluster) as found:
        yield found


@pytest.fixture(scope="module")
def programs():
    with running_cluster() as cluster:
        yield cluster


def agrees(solution, game, method=None):
    expected = gt.solve(game, method, progress=False)
    assert solution.status is gt.Status.SOLVED
    assert solution.method == "partitioned"
    assert np.abs(solution.values - expected.values).max() <= solution.error_bound + expected.error_bound
    # The judge shares nothing with the solver: a profile this good needs the right policies in the right states.
    assert gt.verify(game, solution.profile).epsilon <= 4 * solution.error_bound / (1.0 - game.discount[0])


def corridor(first, last):
    """Return the rows of some states of a ring, on which two players push in opposite directions."""
    states = np.arange(first, last)
    payoff = np.sin(states)[:, None, None] * np.array([[1.0, -0.5], [-0.25, 0.75]])
    push = np.array([[2, 0], [-1, 1]])
    following = (states[:, None, None] + push).ravel() % 90, (states[:, None, None] - 3 * push).ravel() % 90
    rows = np.arange(4 * len(states))
    entries = np.full(len(rows), 0.75), np.full(len(rows), 0.25)
    return payoff, csr_array((np.concatenate(entries), (np.tile(rows, 2), np.concatenate(following))), shape=(len(rows), 90))


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("garnet", {"states": 100, "discount": 0.95}),
        ("garnet", {"states": 100, "discount": 0.98, "branching": 1}),  # slow to mix: bold steps
        ("garnet", {"states": 2, "branching": 2}),  # fewer states than workers
        ("soccer", {}),  # most states flat: starts from uniform play; states where not everything is legal
    ],
)
def test_the_answer_is_that_of_one_machine(client, name, parameters):
    game = gt.load_game(name, **parameters)
    agrees(gt.solve(game, client=client), game)


def test_blocks_do_most_by_themselves_where_states_lead_to_neighbours(client, monkeypatch):
    asked = []
    ask = _partition_cluster.Blocks.ask
    monkeypatch.setattr(
        _partition_cluster.Blocks,
        "ask",
        lambda self, method, *rest, **options: (asked.append(method), ask(self, method, *rest, **options))[1],
    )
    game = gt.families.ring(states=240, discount=0.98)
    agrees(gt.solve(game, client=client), game)
    assert "settle_inside" in asked
    assert "follow" not in asked


def test_a_decision_process(client):
    game = gt.load_game("garnet", states=50, players=1, zero_sum=False)
    agrees(gt.solve(game, client=client), game, "policy_iteration")


def test_menus_that_differ_by_state(client):
    given = gt.load_game("garnet", states=40, seed=3)
    masks = np.random.default_rng(0).random((2, 40, 3)) < 0.6
    masks[:, :, 0] = True
    game = gt.StochasticGame(given.payoff, given.transition, 0.9, legal=tuple(masks))
    solution = gt.solve(game, client=client)
    agrees(solution, game)
    assert not solution.profile[0][~masks[0]].any()


def test_rows_that_are_built_where_they_live(client):
    game = gt.PartitionedGame(corridor, 90, (2, 2), 0.97)
    solution = gt.solve(game, client=client)
    agrees(solution, game.gathered())
    assert solution.certificate.epsilon == gt.verify(game.gathered(), solution.profile).epsilon


def test_nothing_stays_on_the_cluster(client, monkeypatch):
    def held():
        return sum(client.run(lambda dask_worker: len(dask_worker.state.actors)).values())

    def interrupted(self, method, arguments, **options):
        seen.append(held())
        raise KeyboardInterrupt

    seen = []
    monkeypatch.setattr(_partition_cluster.Blocks, "ask", interrupted)
    with pytest.raises(KeyboardInterrupt):
        gt.solve(gt.load_game("garnet", states=30), client=client)
    assert seen == [3]
    deadline = 200
    while held() and deadline:
        deadline -= 1
    assert not held()


class Elsewhere:
    """A function of a module that workers have not."""

    def __call__(self, first, last):
        raise AssertionError

    def __reduce__(self):
        return (importlib.import_module, ("no_such_module_anywhere",))


def test_what_is_built_wrongly_is_said_with_its_states(client):
    def build(first, last):
        payoff, transition = corridor(first, last)
        return payoff, 0.5 * transition

    with pytest.raises(gt.GameError, match=r"states 0 to 29, counted from 0: transition row 0 sums to 0\.5"):
        gt.solve(gt.PartitionedGame(build, 90, (2, 2), 0.9), client=client)
    with pytest.raises(gt.GameError, match="states 0 to 29 failed: ZeroDivisionError"):
        gt.solve(gt.PartitionedGame(lambda first, last: 1 // 0, 90, (2, 2), 0.9), client=client)
    guard = threading.Lock()
    with pytest.raises(gt.GameError, match="cannot be sent to workers"):
        gt.solve(gt.PartitionedGame(lambda first, last: guard, 90, (2, 2), 0.9), client=client)
    with pytest.raises(gt.GameError, match="a worker cannot load the function that builds rows: ModuleNotFoundError"):
        gt.solve(gt.PartitionedGame(Elsewhere(), 90, (2, 2), 0.9), client=client)
    with pytest.raises(gt.GameError, match="payoff has shape"):
        gt.solve(gt.PartitionedGame(corridor, 90, (3, 2), 0.9), client=client)


def test_what_a_cluster_does_not_solve(client, monkeypatch):
    with pytest.raises(gt.GameError, match="general-sum; solve it without client"):
        gt.solve(gt.load_game("garnet", states=5, zero_sum=False), client=client)
    with pytest.raises(gt.GameError, match="3-player; solve it without client"):
        gt.solve(gt.load_game("garnet", states=5, players=3, zero_sum=False), client=client)
    with pytest.raises(gt.GameError, match="discount below 1, got 1; solve it without client"):
        gt.solve(gt.load_game("garnet", states=5, discount=1.0), client=client)
    game = gt.load_game("garnet", states=5)
    with pytest.raises(gt.GameError, match="method 'newton'"):
        gt.solve(game, "newton", client=client)
    with pytest.raises(gt.GameError, match=r"a float, a distributed\.Client"):
        gt.solve(game, client=1.5)
    with pytest.raises(gt.GameError, match="give client"):
        gt.solve(gt.PartitionedGame(corridor, 90, (2, 2), 0.9))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(gt.GameError, match="no Dask scheduler answers"):
            gt.solve(game, client=address)
    monkeypatch.setattr("gametheory_rl.stochastic._partitioned.find_spec", lambda name: None)
    with pytest.raises(gt.GameError, match=r"pip install 'gametheory-rl\[sweep\]'"):
        gt.solve(game, client="local")


@contextlib.contextmanager
def at_request(count, act, monkeypatch):
    """Have ``act`` called while the workers have so many requests behind them; yields the blocks in use."""
    asked, blocks = [], []
    send = _partition_cluster.Blocks._send

    def counted(self, k, method, arguments):
        blocks[:] = [self]
        future = send(self, k, method, arguments)
        asked.append(method)
        if len(asked) == count:
            act()
        return future

    with monkeypatch.context() as patch:
        patch.setattr(_partition_cluster.Blocks, "_send", counted)
        yield blocks


def test_a_worker_that_is_killed_is_replaced(programs, monkeypatch):
    game = gt.load_game("garnet", states=3000, discount=0.98, branching=1)
    calm = gt.solve(game, client=programs.address)
    with at_request(41, programs.workers[0].kill, monkeypatch) as blocks:
        solution = gt.solve(game, client=programs.address)
    assert blocks[0].replaced >= 1
    assert programs.workers[0].wait() == -9
    agrees(solution, game)
    assert np.abs(solution.values - calm.values).max() <= solution.error_bound + calm.error_bound
    programs.join(1)
    with distributed.Client(programs.address, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)
    built = gt.PartitionedGame(corridor, 90, (2, 2), 0.97)
    with at_request(12, programs.workers[1].kill, monkeypatch) as blocks:
        solution = gt.solve(built, client=programs.address)
    assert blocks[0].replaced >= 1
    agrees(solution, built.gathered())


def test_the_command(programs, call):
    said = call("solve", "garnet", "-p", "states=40", "--dask", programs.address, "--json").document
    assert (said["method"], said["status"]) == ("partitioned", "solved")
    refused = call("solve", "chicken", "--dask", programs.address)
    assert refused.code == 2
    assert "general-sum; solve it without client" in refused.err


@pytest.mark.slow
def test_two_hundred_thousand_states(programs):
    with distributed.Client(programs.address, set_as_default=False) as client:
        programs.join(max(0, 2 - len(client.nthreads())))
        client.wait_for_workers(2, timeout=60)
        game = gt.load_game("garnet", states=200_000)
        agrees(gt.solve(game, client=client), game)
