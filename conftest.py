"""What is collected where the neural extra is missing: everything but its modules. And in which order two workers take the files."""

import os
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

import pytest

collect_ignore = ["tests/deep/envs/record_battle.py"]
"""Runs elsewhere, where MAgent2 is."""
NEURAL = ("tests/deep/", "gametheory_rl/deep/", "docs/deep.md", "docs/worlds.md")
NEEDS_JAX = ["gametheory_rl/deep/*", "tests/deep/fitting.py", "docs/deep.md", "docs/worlds.md"]
collect_ignore_glob = [] if all(map(find_spec, ("jax", "optax", "equinox"))) else NEEDS_JAX

LONG = (
    *NEURAL,
    "tests/contracts/",
    "tests/equilibria/",
    "tests/learners/",
    "tests/papers/",
    "tests/diagnosis/",
    "tests/test_cli.py",
    "tests/sweep/",
    "tests/fuzz/",
    "tests/test_demo.py",
    "tests/test_agreement.py",
    "tests/test_compile.py",
    "tests/stochastic/",
    "tests/",
    "README.md",
    "docs/",
)
"""Where the suite spends its time, the longest first, so that both workers end together; the short examples of the package are last."""
TOGETHER = {"tests/equilibria/test_enumeration.py": "peers", "tests/test_catalogue_known.py": "peers"}
"""Files that go to one worker, since QuantEcon compiles what they share anew in every process."""


def pytest_configure(config: pytest.Config) -> None:
    """Have XLA compile quickly, in a third of the time, where short tests run little of it; the slow ones run what users run.

    One test of ``tests/deep/test_contract.py`` compares both. Another XLA may not know the second flag, and would not start.
    """
    if config.getoption("markexpr") == "not slow" and "XLA_FLAGS" not in os.environ and find_spec("jaxlib"):
        fusion = " --xla_cpu_use_fusion_emitters=false" if version("jaxlib").startswith("0.10.") else ""
        os.environ["XLA_FLAGS"] = "--xla_backend_optimization_level=0" + fusion


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long files first; within a file nothing moves."""
    items.sort(key=lambda item: next((k for k, start in enumerate(LONG) if item.nodeid.startswith(start)), len(LONG)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give a worker whole files, in the order above, and to one of them all that is neural.

    So XLA compiles a program once, and JAX fills the memory of one process only.
    """
    if config.getoption("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class _InOrder(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = super()._split_scope(nodeid)
            return "neural" if nodeid.startswith(NEURAL) else TOGETHER.get(file, file)

    config.option.loadscopereorder = False
    return _InOrder(config, log)
