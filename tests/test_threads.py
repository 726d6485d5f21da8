"""Threads over chunks: every range once, in order, and errors come through."""

import threading

import pytest

from gametheory_rl._support._threads import chunks, num_threads, run_chunks


@pytest.mark.parametrize("threads", ["1", "2", "5"])
def test_every_range_is_done_once_and_answers_come_in_order(threads, monkeypatch):
    monkeypatch.setenv("GAMETHEORY_RL_THREADS", threads)
    assert num_threads() == int(threads)
    done, lock = [], threading.Lock()

    def work(first, last):
        with lock:
            done.append((first, last))
        return first

    ranges = chunks(1003, 10)
    assert run_chunks(work, ranges) == [first for first, _ in ranges]
    assert sorted(done) == ranges
    assert ranges[-1] == (1000, 1003)


@pytest.mark.parametrize("threads", ["1", "3"])
def test_an_error_in_any_range_is_raised(threads, monkeypatch):
    monkeypatch.setenv("GAMETHEORY_RL_THREADS", threads)

    def work(first, last):
        if first == 70:
            raise IndexError(f"at {first}")
        return last

    with pytest.raises(IndexError, match="at 70"):
        run_chunks(work, chunks(200, 10))
    assert run_chunks(lambda first, last: last - first, chunks(20, 10)) == [10, 10]
