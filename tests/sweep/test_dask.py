"""A real Dask scheduler and two workers, programs of their own on loopback; a worker and the scheduler are killed on the way."""

import socket
import threading
import time

import pytest

import gametheory_rl as gt
from gametheory_rl._sweep import _dask, _perform
from gametheory_rl._sweep._task import Task

from .. import sweep_faults
from ..dask_programs import running_cluster

pytest.importorskip("distributed")
pytestmark = pytest.mark.filterwarnings("ignore")  # Dask's own, of sockets that its dead peers left open

DESIGN = {
    "name": "afar",
    "games": ["climbing", gt.StochasticGame.from_matrix_game([[1, -1], [-1, 1]], name="mine")],
    "learners": [{"name": "independent_q", "exploration": [0.1, 0.3]}],
    "steps": 100_000,
    "records": 3,
    "seeds": 12,
}


@pytest.fixture
def cluster():
    with running_cluster() as found:
        yield found


def when(folder, count, act):
    """Have ``act`` called when so many runs are kept."""
    deadline = time.monotonic() + 60
    while sweep_faults.count(folder) < count and time.monotonic() < deadline:
        time.sleep(0.005)
    act()


def test_a_sweep_survives_its_workers_and_its_scheduler(cluster, tmp_path):
    gt.sweep(DESIGN, out=tmp_path / "calm", workers=0)
    expected = sweep_faults.fingerprint(tmp_path / "calm")

    def disturb():
        when(tmp_path / "afar", 4, cluster.workers[0].kill)

        def lose():
            cluster.scheduler.kill()
            cluster.scheduler.wait()
            cluster.begin()
            cluster.join(1)

        when(tmp_path / "afar", 10, lose)

    storm = threading.Thread(target=disturb)
    storm.start()
    results = gt.sweep(DESIGN, out=tmp_path / "afar", dask=cluster.address)
    storm.join()
    assert results.counts == {"done": 48, "failed": 0, "missing": 0}
    assert sweep_faults.fingerprint(tmp_path / "afar") == expected


def test_a_scheduler_that_does_not_answer_is_refused_at_once(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(gt.GameError, match="no Dask scheduler answers"):
            gt.sweep(DESIGN, out=tmp_path, dask=address)
    with pytest.raises(gt.GameError, match="HOST:PORT"):
        gt.sweep(DESIGN, out=tmp_path, dask="here")


def test_without_dask_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr("gametheory_rl._sweep._dask.find_spec", lambda name: None)
    with pytest.raises(gt.GameError, match=r"pip install 'gametheory-rl\[sweep\]'"):
        gt.sweep(DESIGN, out=tmp_path, dask="local")


class Inline:
    """A client whose workers perform at once, here; a batch with the seed 3 takes its worker with it, again and again."""

    def __init__(self):
        self.sizes = []

    def nthreads(self):
        return {"here": 2}

    def submit(self, function, tasks, *rest, key, pure):
        self.sizes.append(len(tasks))
        return Ended(function, tasks, rest, key)

    def cancel(self, remotes, force):
        pass

    def close(self, timeout):
        pass


class KilledWorker(Exception):
    """Called as Dask calls it."""


class Ended:
    status = "finished"

    def __init__(self, function, tasks, rest, key):
        self.key, self._function, self._tasks, self._rest = key, function, tasks, rest

    def add_done_callback(self, call):
        threading.Thread(target=call, args=(self,)).start()

    def result(self, timeout):
        if any(task.seed == 3 for task in self._tasks):
            raise KilledWorker
        return self._function(self._tasks, *self._rest)


def test_short_runs_travel_together_and_a_deadly_one_takes_no_other_with_it(tmp_path, monkeypatch):
    client = Inline()

    def connect(self, patience, *, again=False):
        self._client, self._held = client, {}
        client.scheduler = type("Scheduler", (), {"address": "here"})

    monkeypatch.setattr(_dask.DaskExecutor, "_connect", connect)
    results = gt.sweep(
        {"games": "climbing", "learners": "independent_q", "steps": 100, "seeds": 60, "name": "many"}, out=tmp_path, dask="tcp://here:1"
    )
    assert results.counts == {"done": 59, "failed": 1, "missing": 0}
    (failure,) = [row for row in results.rows if row.state == "failed"]
    assert (failure.seed, failure.sentence) == (3, "its worker died again and again")
    assert client.sizes[0] == client.sizes[-1] == 1  # nothing is known of the first, and none waits at the end
    assert max(client.sizes) > 1
    assert len(client.sizes) < 60


def test_a_batch_that_takes_long_is_not_gone_through_with(monkeypatch):
    task = Task("climbing", "independent_q", 10, 0, 1)
    monkeypatch.setattr(_perform, "LONGEST", -1.0)
    assert len(_perform.perform_batch([task, task], None, [])[1]) == 1
    monkeypatch.setattr(_perform, "LONGEST", 1e9)
    monkeypatch.setattr(_perform, "ENOUGH", 1e9)
    assert len(_perform.perform_batch([task, task], None, [])[1]) == 2
