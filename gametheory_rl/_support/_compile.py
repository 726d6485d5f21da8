"""Compiling kernels, and the disk cache that outlives the process.

A kernel is a plain Python function of plain arrays. ``@kernel`` compiles it with numba where numba is installed; elsewhere
the same source runs as it stands, slowly, with the same numbers. Set ``GAMETHEORY_RL_COMPILE=0`` to run the plain source.

Only modules named ``_kernels`` (or inside a folder of that name) import this one: numba takes a third of a second to import.
"""

import hashlib
import importlib
import importlib.util
import os
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

PACKAGE = Path(__file__).resolve().parent.parent


def kernel_sources() -> list[Path]:
    """Every file whose text decides what a compiled kernel does, in a fixed order."""
    found = [p for p in PACKAGE.rglob("*.py") if any("_kernels" in part for part in p.relative_to(PACKAGE).parts)]
    return sorted([*found, *(PACKAGE / "_support").glob("*.py")])


@cache
def cache_folder() -> Path:
    """Return the folder that holds compiled kernels, named by a hash of all kernel sources.

    numba does not notice that a function called from another file has changed, so one changed kernel
    starts a new folder for all of them. ``GAMETHEORY_RL_CACHE`` moves the parent folder.
    """
    digest = hashlib.sha256()
    for path in kernel_sources():
        digest.update(path.relative_to(PACKAGE).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return _cache_home() / digest.hexdigest()[:16]


def _cache_home() -> Path:
    explicit = os.environ.get("GAMETHEORY_RL_CACHE")
    if explicit:
        return Path(explicit)
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    home = Path(base) / "gametheory_rl"
    try:
        home.mkdir(parents=True, exist_ok=True)
        if os.access(home, os.W_OK):
            return home
    except OSError:
        pass
    return Path(tempfile.gettempdir()) / f"gametheory_rl-{os.getuid() if hasattr(os, 'getuid') else 'user'}"


def _import_numba() -> Any:
    if os.environ.get("GAMETHEORY_RL_COMPILE", "1") == "0":
        return None
    try:
        import numba
    except ImportError:
        return None
    return numba


_on_compiling: list[Callable[[], None]] = []


def before_compiling(prepare: Callable[[], None]) -> None:
    """Have ``prepare`` called once, when the first kernel is compiled; a process that finds all its kernels on disk is spared it."""
    _on_compiling.append(prepare)


def _prepare_compiling() -> None:
    while _on_compiling:
        _on_compiling.pop(0)()


def _skip_blas_probe() -> None:
    """Spare every process that compiles a kernel 0.2 CPU-seconds.

    numba's first compile imports ``arraymath``, which imports all of scipy.linalg to learn whether there is a BLAS. scipy is
    installed with this package, so the answer is known; who uses BLAS in a kernel still loads it then.
    """
    name = "numba.np.arraymath"
    try:
        linalg: Any = importlib.import_module("numba.np.linalg")
        probe = linalg.ensure_blas
    except (ImportError, AttributeError):
        return
    if name in sys.modules or importlib.util.find_spec("scipy") is None:
        return
    linalg.ensure_blas = lambda: None
    try:
        arraymath: Any = importlib.import_module(name)
        arraymath.ensure_blas = probe
    finally:
        linalg.ensure_blas = probe


before_compiling(_skip_blas_probe)


@cache
def _cache_class() -> Any:
    """Return a disk cache that looks before it prepares for compiling, which takes numba 0.15 CPU-seconds.

    numba's own cache loads all that a compiler needs, and only then looks whether anything is to be compiled. To run a kernel that
    was compiled before, its run-time library is enough: kernels take numbers and arrays, nothing else.
    """
    from numba.core.caching import FunctionCache
    from numba.core.runtime.nrt import rtsys

    class _LookFirst(FunctionCache):
        def load_overload(self, sig: Any, target_context: Any) -> Any:
            rtsys.initialize(target_context)
            with self._guard_against_spurious_io_errors():
                found = self._load_overload(sig, target_context)
                if found is not None:
                    return found
            _prepare_compiling()
            return None

    return _LookFirst


@cache
def _cache_file_class() -> Any:
    """Return a store with a file for each overload, named by what it was compiled for.

    numba numbers the files of a kernel and keeps an index of them. Two processes that compile a kernel at once, for other types
    of arguments, take the same number, and the index of one then leads to the code of the other. Here they share nothing.
    """
    from numba.core.caching import IndexDataCacheFile

    class _FileEach(IndexDataCacheFile):
        def _name_of(self, key: Any) -> str:
            return f"{self._index_name.removesuffix('.nbi')}.{hashlib.sha256(repr(key).encode()).hexdigest()[:24]}.nbc"

        def save(self, key: Any, data: Any) -> None:
            self._save_data(self._name_of(key), (self._version, self._source_stamp, key, data))

        def load(self, key: Any) -> Any:
            try:
                version, stamp, stored, data = self._load_data(self._name_of(key))
            except FileNotFoundError:
                return None
            return data if (version, stamp, stored) == (self._version, self._source_stamp, key) else None

    return _FileEach


_numba = _import_numba()
COMPILED = _numba is not None
"""Whether kernels are compiled in this process."""


def kernel(function: F) -> F:
    """Compile ``function`` in nopython mode, without the GIL, cached on disk; its source stays in ``.py_func``."""
    return _jit(function)


def inline_kernel(function: F) -> F:
    """Compile a ``function`` that only other kernels call; LLVM decides whether to inline it.

    It has no entry from Python, which saves a fifth of its compile time; its plain source is in ``.py_func``.
    """
    return _jit(function, cache=False, no_cpython_wrapper=True)


def fused_kernel(function: F) -> F:
    """Compile a small ``function`` into every kernel that calls it: for the body of a hot loop, where a call costs too much."""
    return _jit(function, cache=False, forceinline=True)


def linked_kernel(function: F) -> F:
    """Compile a large ``function`` by itself, cached on disk; other kernels call it without its code.

    numba optimises every function again in each kernel that calls it, and in each that calls that one. Nothing of a linked
    kernel is optimised with its callers: for a solver in a loop, where the call costs little beside the work.
    """
    dispatcher = _jit(function)
    if _numba is not None:
        _link_by_name(dispatcher)
    return dispatcher


def _link_by_name(dispatcher: Any) -> None:
    """Have compiled callers find each overload by a name that is the same in every process, and load it before they are loaded."""
    import llvmlite.binding
    from numba.core import types

    publish, typed = dispatcher.add_overload, dispatcher.get_call_template

    def add_overload(compiled: Any) -> None:
        publish(compiled)
        of = _Overload(dispatcher.py_func.__module__, dispatcher.py_func.__qualname__, compiled.fndesc.argtypes)
        llvmlite.binding.add_symbol(of.symbol, compiled.library.get_pointer_to_function(compiled.fndesc.llvm_func_name))
        context = compiled.target_context
        context.remove_user_function(compiled.entry_point)
        call = _call_of(of, compiled.fndesc.restype)
        context._defns[compiled.entry_point].append(call, call.signature)

    def get_call_template(arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        # A constant in a call would make an overload of its own.
        return typed(tuple(map(types.unliteral, arguments)), {name: types.unliteral(kind) for name, kind in keywords.items()})

    dispatcher.add_overload, dispatcher.get_call_template = add_overload, get_call_template


class _Overload(NamedTuple):
    """A linked kernel for certain types of arguments; called, it loads or compiles it."""

    module: str
    name: str
    types: tuple[Any, ...]

    @property
    def symbol(self) -> str:
        text = f"{cache_folder().name} {self.module} {self.name} {self.types}"
        return f"{self.name}.{hashlib.sha256(text.encode()).hexdigest()[:32]}"

    def __call__(self) -> None:
        getattr(importlib.import_module(self.module), self.name).compile(self.types)


def _call_of(of: _Overload, returned: Any) -> Any:
    """Return what numba generates for a call of a linked kernel: its own ``user_function``, but for the name and the library."""
    from numba.core import cgutils
    from numba.core.imputils import impl_ret_new_ref

    def call(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del signature
        convention = context.call_conv
        function = cgutils.get_or_insert_function(builder.module, convention.get_function_type(returned, of.types), of.symbol)
        status, value = convention.call_function(builder, function, returned, of.types, arguments)
        with cgutils.if_unlikely(builder, status.is_error):
            convention.return_status_propagate(builder, status)
        # Run before a caller is loaded from disk, and inherited by its callers.
        context.active_code_library._reload_init.add(of)
        return impl_ret_new_ref(context, builder, returned, value)

    call.signature, call.libs = of.types, ()  # type: ignore[attr-defined] -- as numba wants it
    return call


def _jit(function: F, *, cache: bool = True, **options: bool) -> F:
    if _numba is None:
        return function
    _watch_compiling()
    config = _numba.config
    before = config.CACHE_DIR
    # The locator reads CACHE_DIR once, while the decorator runs; other packages' caches stay where they are.
    config.CACHE_DIR = str(cache_folder())
    try:
        dispatcher = _numba.njit(nogil=True, cache=cache, error_model="numpy", no_cfunc_wrapper=True, **options)(function)
    finally:
        config.CACHE_DIR = before
    if cache:
        dispatcher._cache.__class__ = _cache_class()
        dispatcher._cache._cache_file.__class__ = _cache_file_class()
    return dispatcher


@cache
def _watch_compiling() -> None:
    """Say once per process, on a terminal, that the wait is for a compiler."""
    from numba.core import event

    class _SayOnce(event.Listener):
        said = False

        def on_start(self, event: Any) -> None:
            module = getattr(getattr(event.data.get("dispatcher"), "py_func", None), "__module__", "") or ""
            if module.startswith("gametheory_rl") and not self.said and announce_compiling():
                self.said = True
                print("compiling kernels, once ...", file=sys.stderr, flush=True)

        def on_end(self, event: Any) -> None:
            del event

    event.register("numba:compile", _SayOnce())


def announce_compiling() -> bool:
    """Whether the line about compiling is wanted: on a terminal, or where ``GAMETHEORY_RL_ANNOUNCE`` is 1."""
    wish = os.environ.get("GAMETHEORY_RL_ANNOUNCE")
    return wish == "1" if wish is not None else sys.stderr.isatty()
