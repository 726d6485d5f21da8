"""The public names, their registry lines, and the promise that nothing below draws."""

import subprocess
import sys

from gametheory_rl import _registry, plots


def test_every_plot_is_registered_and_public():
    registered = {name: target for name, target in _registry.TABLES["plot"].items() if target.startswith("gametheory_rl.")}
    assert sorted(registered) == sorted(plots.__all__)
    for name in registered:
        assert _registry.resolve("plot", name) is getattr(plots, name)


def test_matplotlib_waits_until_something_is_drawn():
    code = "import sys, gametheory_rl, gametheory_rl.stochastic; assert not any(m.startswith('matplotlib') for m in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_pyplot_waits_for_a_figure():
    code = "import sys, gametheory_rl.plots; assert 'matplotlib.pyplot' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
