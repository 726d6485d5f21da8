"""Schedules: their values, their limits, and the same bits in both loops."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gametheory_rl import GameError
from gametheory_rl.learners import Schedule
from gametheory_rl.learners._rules_kernels import plain
from gametheory_rl.learners._schedule_kernels import inverse_power, rate
from gametheory_rl.learners._schedules import as_schedule

UNIT = st.floats(0.001, 1.0)
SCHEDULES = st.one_of(
    st.builds(Schedule.constant, UNIT),
    st.builds(Schedule.by_visits, st.sampled_from([0.5, 0.6, 0.75, 0.9, 1.0]), start=UNIT, scale=st.floats(0.1, 1e4)),
    st.builds(Schedule.by_steps, st.floats(0.1, 2.0), start=UNIT, end=st.floats(0, 0.5)),
    st.builds(Schedule.exponential, UNIT, UNIT, st.integers(1, 10**6)),
    st.builds(Schedule.linear, UNIT, UNIT, st.integers(1, 10**6)),
)


def test_values():
    assert Schedule.constant(0.3).at(10**6, 10**6) == 0.3
    assert [Schedule.by_visits().at(visits=n) for n in range(3)] == [1.0, 0.5, 1 / 3]
    assert Schedule.by_visits(0.75).at(visits=15) == 0.125
    assert Schedule.by_visits(0.5, start=0.5, scale=3).at(visits=9) == 0.25
    assert Schedule.by_steps(end=0.2).at(step=100) == 0.2
    assert Schedule.linear(1.0, 0.0, 10).at(step=5) == 0.5
    assert Schedule.linear(1.0, 0.0, 10).at(step=50) == 0.0


def test_littman_decays_by_his_factor():
    schedule, factor = Schedule.exponential(1.0, 0.01, 10**6), 10 ** (math.log10(0.01) / 10**6)
    for step in (0, 1, 1000, 999_999):
        assert schedule.at(step=step) == pytest.approx(factor**step, rel=1e-12)
    assert schedule.at(step=2 * 10**6) == 0.01


@given(SCHEDULES, st.integers(0, 10**9), st.integers(0, 10**9))
def test_stays_in_the_unit_interval_with_the_same_bits_uncompiled(schedule, step, visits):
    value = schedule.at(step, visits)
    assert 0 <= value <= 1
    assert value == plain(rate)(schedule.floats, step, visits)


@given(st.floats(1.0, 1e12), st.floats(0.01, 3.0))
def test_inverse_power_has_the_same_bits_uncompiled(base, power):
    assert inverse_power(base, power) == plain(inverse_power)(base, power) == pytest.approx(base**-power, rel=1e-12)


@pytest.mark.parametrize("bad", [-0.1, 1.1, math.nan, math.inf, "half", None, True])
def test_refuses_what_is_no_probability(bad):
    with pytest.raises(GameError, match="exploration"):
        as_schedule(bad, "exploration")


@pytest.mark.parametrize(
    ("build", "complaint"),
    [
        (lambda: Schedule.constant(1.5), "start"),
        (lambda: Schedule.by_visits(-1.0), "power"),
        (lambda: Schedule.by_visits(math.nan), "power"),
        (lambda: Schedule.linear(1.0, 0.0, 0), "positive"),
        (lambda: Schedule.exponential(1.0, 0.0, 10), "positive"),
        (lambda: Schedule("sine", 0.5), "sine"),  # type: ignore[arg-type]
    ],
)
def test_refuses_bad_schedules(build, complaint):
    with pytest.raises(GameError, match=complaint):
        build()
