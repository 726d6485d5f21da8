"""Eight float64 numbers as one value: the vector type of kernels that solve eight games in lockstep.

Python's ``a if c else b`` is a branch to numba, and loops over eight lanes are vectorised or not as the compiler pleases.
Here the vector is explicit: a numba type whose machine form is LLVM's ``<8 x double>``, which LLVM lowers to whatever the
processor has (one AVX-512 register, two of AVX, four of SSE or NEON). A comparison gives a mask, ``<8 x i1>``.
Arithmetic is ``+ - * /``, lane by lane, without contraction. Uncompiled, the same names are NumPy functions on arrays of
eight, with the same numbers.

=================================  ==================================================================
``splat(a)``                       eight copies of a float
``gather(a, places, k)``           a[places[l] + k] in lane l; a flat float64, places (8,) int64
``scatter(a, places, k, v)``       write lane l to a[places[l] + k]
``load(a, k)``, ``store(a, k, v)``  a[k], ..., a[k + 7]
``store_integers(a, v)``           write whole numbers v to a (8,) int64
``prefetch(a, k)``                 ask for a[k] to be in the cache soon
``less``, ``at_most``, ``equal``   masks of v < w, v <= w, v == w; false where either is NaN
``minimum``, ``maximum``           v where v < w (v > w), else w
``select(c, v, w)``                v where c, else w
``both``, ``either``, ``without``  masks: c and d, c or d, c and not d
``bits(c)``                        the mask as an integer, lane 0 in the lowest bit
``count(c)``                       how many lanes are set
=================================  ==================================================================
"""

import operator
from typing import Any

import numpy as np

from gametheory_rl._support._compile import COMPILED, before_compiling

LANES = 8


def splat(a):
    return np.full(LANES, a, np.float64)


def gather(a, places, k):
    return a[places + k]


def scatter(a, places, k, v):
    a[places + k] = v


def load(a, k):
    return a[k : k + LANES].copy()


def store(a, k, v):
    a[k : k + LANES] = v


def store_integers(a, v):
    a[:] = v


def less(v, w):
    return v < w


def at_most(v, w):
    return v <= w


def equal(v, w):
    return v == w


def minimum(v, w):
    return np.where(v < w, v, w)


def maximum(v, w):
    return np.where(v > w, v, w)


def select(c, v, w):
    return np.where(c, v, w)


def both(c, d):
    return c & d


def either(c, d):
    return c | d


def without(c, d):
    return c & ~d


def bits(c):
    return int(np.packbits(c, bitorder="little")[0])


def count(c):
    return int(c.sum())


def prefetch(a, k):
    del a, k


def _register():
    """Teach numba the two types and the functions above: one LLVM instruction or a few for each."""
    from llvmlite import ir
    from numba.core import types
    from numba.core.imputils import lower_builtin
    from numba.core.typing.templates import ConcreteTemplate, infer_global, signature
    from numba.extending import models, register_model

    int1, int8, int32, int64, double = (*map(ir.IntType, (1, 8, 32, 64)), ir.DoubleType())

    class LanesType(types.Type):
        def __init__(self, name, lane):
            self.lane = lane
            super().__init__(name=name)

    @register_model(LanesType)
    class LanesModel(models.PrimitiveModel):
        def __init__(self, manager, kind):
            super().__init__(manager, kind, ir.VectorType(kind.lane, LANES))

    vector, mask = LanesType("gametheory_rl.vector", double), LanesType("gametheory_rl.mask", int1)
    floats, integers, whole, number = types.Array(types.float64, 1, "C"), types.Array(types.int64, 1, "C"), types.int64, types.float64

    def instruction(function, result, *arguments):
        """Give ``function`` these types, and the body that the decorated (builder, *values) emits; arrays come as pointers."""

        class Template(ConcreteTemplate):
            cases = (signature(result, *arguments),)

        register: Any = infer_global(function)
        register(Template)

        def decorate(emit):
            @lower_builtin(function, *arguments)
            def lower(context, builder, sig, values):
                plain = (
                    context.make_array(kind)(context, builder, value).data if isinstance(kind, types.Array) else value
                    for kind, value in zip(sig.args, values, strict=True)
                )
                found = emit(builder, *plain)
                return context.get_dummy_value() if result is types.void else found

        return decorate

    def pointer(builder, base, k, lane: Any = double):
        return builder.bitcast(builder.gep(base, [k]), ir.VectorType(lane, LANES).as_pointer())

    def lane_pointers(builder, a, places, k):
        for lane in range(LANES):
            place = builder.load(builder.gep(places, [int64(lane)]))
            yield int32(lane), builder.gep(a, [builder.add(place, k)])

    for symbol, method in ((operator.add, "fadd"), (operator.sub, "fsub"), (operator.mul, "fmul"), (operator.truediv, "fdiv")):
        instruction(symbol, vector, vector, vector)(lambda b, v, w, method=method: getattr(b, method)(v, w))
    for function, sign in ((less, "<"), (at_most, "<="), (equal, "==")):
        instruction(function, mask, vector, vector)(lambda b, v, w, sign=sign: b.fcmp_ordered(sign, v, w))
    for function, sign in ((minimum, "<"), (maximum, ">")):
        instruction(function, vector, vector, vector)(lambda b, v, w, sign=sign: b.select(b.fcmp_ordered(sign, v, w), v, w))
    instruction(select, vector, mask, vector, vector)(lambda b, c, v, w: b.select(c, v, w))
    instruction(both, mask, mask, mask)(lambda b, c, d: b.and_(c, d))
    instruction(either, mask, mask, mask)(lambda b, c, d: b.or_(c, d))
    instruction(without, mask, mask, mask)(lambda b, c, d: b.and_(c, b.not_(d)))
    instruction(bits, whole, mask)(lambda b, c: b.zext(b.bitcast(c, int8), int64))
    instruction(count, whole, mask)(lambda b, c: b.zext(b.ctpop(b.bitcast(c, int8)), int64))
    instruction(load, vector, floats, whole)(lambda b, a, k: b.load(pointer(b, a, k), align=8))
    instruction(store, types.void, floats, whole, vector)(lambda b, a, k, v: b.store(v, pointer(b, a, k), align=8))

    @instruction(store_integers, types.void, integers, vector)
    def _store_integers(b, a, v):
        b.store(b.fptosi(v, ir.VectorType(int64, LANES)), pointer(b, a, int64(0), int64), align=8)

    @instruction(prefetch, types.void, floats, whole)
    def _prefetch(b, a, k):
        kind = ir.FunctionType(ir.VoidType(), [int8.as_pointer(), int32, int32, int32])
        hint = b.module.declare_intrinsic("llvm.prefetch", [int8.as_pointer()], kind)
        b.call(hint, [b.bitcast(b.gep(a, [k]), int8.as_pointer()), int32(0), int32(3), int32(1)])

    @instruction(splat, vector, number)
    def _splat(b, a):
        nothing = ir.Constant(ir.VectorType(double, LANES), ir.Undefined)
        first = b.insert_element(nothing, a, int32(0))
        return b.shuffle_vector(first, nothing, ir.Constant(ir.VectorType(int32, LANES), [0] * LANES))

    @instruction(gather, vector, floats, integers, whole)
    def _gather(b, a, places, k):
        found = ir.Constant(ir.VectorType(double, LANES), ir.Undefined)
        for lane, place in lane_pointers(b, a, places, k):
            found = b.insert_element(found, b.load(place), lane)
        return found

    @instruction(scatter, types.void, floats, integers, whole, vector)
    def _scatter(b, a, places, k, v):
        for lane, place in lane_pointers(b, a, places, k):
            b.store(b.extract_element(v, lane), place)


if COMPILED:
    before_compiling(_register)
