"""Arrays without their reference counts, for the length of a kernel.

Numba counts references to every array that a kernel touches, by atomic instructions; where the flow branches it cannot take them
out again, and in a loop of tens of nanoseconds a step they cost more than all else. ``borrow`` returns the same arrays
without the counter: safe as long as the caller holds them, which the arguments of a kernel are for as long as it runs.
"""

from typing import Any, TypeVar

from gametheory_rl._support._compile import COMPILED

T = TypeVar("T")


def borrow(arguments: T) -> T:
    """Return ``arguments``, an array or a (nested) tuple of arrays and numbers, without reference counts."""
    return arguments


if COMPILED:
    from numba import types
    from numba.extending import intrinsic, overload

    @intrinsic
    def _uncounted(typing_context: Any, arguments: Any) -> Any:
        del typing_context

        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            return _strip(context, builder, signature.args[0], values[0])

        return arguments(arguments), generate

    def _strip(context: Any, builder: Any, kind: Any, value: Any) -> Any:
        if isinstance(kind, types.Array):
            array = context.make_array(kind)(context, builder, value=value)
            for owner in ("meminfo", "parent"):
                setattr(array, owner, getattr(array, owner).type(None))
            return array._getvalue()
        if isinstance(kind, types.BaseTuple):
            for index, inner in enumerate(kind):  # type: ignore[arg-type] -- a tuple of types
                stripped = _strip(context, builder, inner, builder.extract_value(value, index))
                value = builder.insert_value(value, stripped, index)
        return value

    @overload(borrow)
    def _borrow(arguments: Any) -> Any:
        def impl(arguments: Any) -> Any:
            return _uncounted(arguments)  # pyright: ignore[reportCallIssue] -- numba adds the typing context

        return impl
