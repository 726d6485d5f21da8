"""A real Dask scheduler and two workers, programs of their own on loopback; a worker and the scheduler are killed on the way."""

import socket
import threading
import time

import pytest

import gametheory_rl as gt

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
