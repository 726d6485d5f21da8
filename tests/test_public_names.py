"""The public names: all there, all documented, and quick to import."""

import ast
import importlib
import inspect
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import gametheory_rl as gt

PACKAGE = Path(gt.__file__).parent
MODULES_IN_FRONT = (
    "equilibria",
    "equilibria.dynamics",
    "equilibria.exact",
    "exercises",
    "families",
    "interchange",
    "learners",
    "papers",
    "plots",
    "stochastic",
)
PUBLIC = ["gametheory_rl", *(f"gametheory_rl.{name}" for name in MODULES_IN_FRONT)]
HEAVY = {"scipy", "numba", "cvxpy", "nashpy", "quantecon", "matplotlib", "jax", "typer", "rich"}
HEAVY |= {"pandas", "xarray", "networkx", "pettingzoo", "gymnasium", "pyspiel"}


@pytest.mark.parametrize("name", PUBLIC)
def test_all_is_complete_and_every_name_resolves(name):
    module = importlib.import_module(name)
    assert len(set(module.__all__)) == len(module.__all__)
    for public in module.__all__:
        assert getattr(module, public) is not None
    ours = {key for key, value in vars(module).items() if not key.startswith("_") and is_ours(value)}
    assert ours <= set(module.__all__)
    assert set(module.__all__) <= set(dir(module))


def is_ours(value):
    """Whether ``value`` was made in this package: a helper imported from elsewhere is no public name of it."""
    return not isinstance(value, ModuleType) and str(getattr(value, "__module__", "")).startswith("gametheory_rl")


def documented_objects():
    for name in PUBLIC:
        module = importlib.import_module(name)
        yield name, module
        for public in module.__all__:
            value = getattr(module, public)
            if inspect.isclass(value) or inspect.isfunction(value):
                yield f"{name}.{public}", value
            if inspect.isclass(value):
                members = (
                    (key, inspect.unwrap(getattr(m, "fget", None) or getattr(m, "func", None) or m)) for key, m in vars(value).items()
                )
                yield from ((f"{name}.{public}.{key}", m) for key, m in members if not key.startswith("_") and inspect.isfunction(m))


def test_every_public_name_says_what_it_is():
    first_lines = {name: (inspect.getdoc(value) or "").partition("\n")[0] for name, value in documented_objects()}
    assert len(first_lines) > 50
    assert {name: line for name, line in first_lines.items() if not line.endswith((".", ":", ";"))} == {}


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'slove'"):
        gt.slove  # noqa: B018  # pyright: ignore[reportAttributeAccessIssue]


def test_importing_the_package_imports_nothing_heavy():
    ask = "import sys, gametheory_rl; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    answer = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert not HEAVY & set(answer.stdout.split())


def imports_of(path):
    """The modules that a file imports anywhere in it, functions included, but for type checking."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in for_types:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


MODULES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("module", MODULES)
def test_only_kernels_are_compiled(module):
    imported = {name for name in imports_of(PACKAGE / module) if name.split(".")[0] == "numba" or "_support._compile." in name}
    compiling = {name for name in imported if not name.endswith("._compile.COMPILED")}
    if "_kernels" in module or module == "_support/_compile.py":
        return
    assert not compiling, f"{module} imports {compiling}: kernels live in modules or folders named _kernels"


@pytest.mark.parametrize("module", [name for name in MODULES if not name.startswith(("cli", "app", "_demo", "papers"))])
def test_the_package_does_not_use_its_own_front(module):
    """The root loads names by string, which the import contracts cannot see through."""
    from_front = {
        name for name in imports_of(PACKAGE / module) if name == "gametheory_rl" or name.removeprefix("gametheory_rl.") in gt.__all__
    }
    public_modules = {f"gametheory_rl.{name}" for name in ("equilibria", "families", "learners", "plots", "stochastic")}
    assert not from_front - public_modules, f"{module} imports {from_front}: take it from where it is defined"
