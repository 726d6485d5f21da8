"""Progress without a terminal: silent by default, lines where asked for."""

import pytest

from gametheory_rl._support import _progress


@pytest.fixture(autouse=True)
def _no_wish(monkeypatch):
    monkeypatch.delenv("GAMETHEORY_RL_PROGRESS", raising=False)


def advanced(**knobs):
    with _progress.progress_bar("solving", 4.0, **knobs) as advance:
        for done in range(1, 5):
            advance(done, f"note {done}")


def test_it_is_silent_by_default(capsys):
    advanced()
    assert capsys.readouterr() == ("", "")


def test_lines_where_there_is_no_terminal(capsys, monkeypatch):
    monkeypatch.setattr(_progress, "LINE_EVERY", 0.0)
    advanced(show=True)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == ["solving: 25%  note 1", "solving: 50%  note 2", "solving: 75%  note 3", "solving: 100%  note 4"]


def test_lines_say_how_long_the_rest_takes(capsys, monkeypatch):
    clock = iter([0.0, 60.0, 60.0, 180.0, 180.0, 420.0, 420.0])
    monkeypatch.setattr(_progress.time, "monotonic", lambda: next(clock))
    with _progress.progress_bar("solving", 10.0, show=True) as advance:
        for done in (4.0, 5.0, 7.0):  # what was there already took no time
            advance(done)
    assert capsys.readouterr().err.splitlines() == ["solving: 40%", "solving: 50% (about 15 min left)", "solving: 70% (about 7 min left)"]


def test_quick_work_prints_nothing(capsys):
    advanced(show=True)
    assert capsys.readouterr() == ("", "")


def test_the_environment_can_ask(capsys, monkeypatch):
    monkeypatch.setenv("GAMETHEORY_RL_PROGRESS", "1")
    monkeypatch.setattr(_progress, "LINE_EVERY", 0.0)
    advanced()
    assert "solving: 100%" in capsys.readouterr().err
