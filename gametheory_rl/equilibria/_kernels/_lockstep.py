"""Eight zero-sum games of any one size in lockstep: the condensed tableau in memory, eight lanes to an entry.

The same steps as the generated kernels for small sizes. Columns and rows to exchange differ from lane to lane: they are
gathered into ``entering`` and ``leaving``, and then one rule, t -= factor * row, updates every entry of every lane.
"""

import numpy as np

from gametheory_rl._support._compile import inline_kernel, kernel
from gametheory_rl.equilibria._kernels._certify import EPS, GAP_ACCEPTED, NARROWEST, SMALLEST, WIDEST
from gametheory_rl.equilibria._kernels._lanes import (
    LANES,
    at_most,
    bits,
    both,
    either,
    equal,
    gather,
    less,
    load,
    maximum,
    minimum,
    scatter,
    select,
    splat,
    store,
    store_integers,
    without,
)
from gametheory_rl.equilibria._kernels._simplex import COST_TOLERANCE, PIVOT_TOLERANCE


@kernel
def solve_lockstep(games, count, rows, columns, x, y, value, gap):
    """Solve ``count`` games; a game that rounding or cycling spoiled gets minus its gap, or inf or NaN where that is not known.

    All arrays are flat float64: games (count * rows * columns), x (count * rows), y (count * columns), the others (count).
    """
    width = columns + 1
    tableau = np.empty((rows + 1) * width * LANES)
    factors, row = np.empty((rows + 1) * LANES), np.empty(width * LANES)
    payoffs = np.empty(rows * columns * LANES)
    keys = np.empty(columns * LANES)
    labels = np.empty((rows + columns) * LANES, np.int64)
    numbers, at_game, at_x, at_y = _places(), _places(), _places(), _places()
    p, q, at = _places(), _places(), _places()
    for first in range(0, count, LANES):
        for lane in range(LANES):
            numbers[lane] = min(first + lane, count - 1)
        _scaled(numbers, rows * columns, 0, at_game)
        _scaled(numbers, rows, 0, at_x)
        _scaled(numbers, columns, 0, at_y)
        low, high = _collect(games, at_game, rows * columns, payoffs)
        span = select(equal(high, low), splat(1.0), high - low)
        _fill(payoffs, rows, columns, low, splat(1.0) / span, tableau, keys, labels)
        stuck = less(splat(1.0), splat(0.0))
        for _ in range(6 * (rows + columns) + 10):
            active = without(_entering(keys, columns, q), stuck)
            if bits(active) == 0:
                break
            found = both(_leaving(tableau, rows, width, q, p, factors, at), active)
            stuck = either(stuck, without(active, found))
            _prepare(tableau, rows, width, q, p, found, factors, row, labels, at)
            _update(tableau, rows, width, factors, row, keys)
        _read(tableau, rows, columns, at_x, at_y, labels, x, y)
        _judge(payoffs, at_x, at_y, numbers, rows, columns, low, high, x, y, row, value, gap)


@inline_kernel
def _places():
    return np.empty(LANES, np.int64)


@inline_kernel
def _scaled(numbers, factor, step, places):
    """Write numbers * factor + step * lane, without an allocation."""
    for lane in range(LANES):
        places[lane] = numbers[lane] * factor + step * lane


@inline_kernel
def _collect(games, at_game, size, payoffs):
    """Bring the lanes' payoffs together; returns the range of each lane, NaN where some payoff is not finite."""
    low, high, mass = splat(np.inf), splat(-np.inf), splat(0.0)
    for k in range(size):
        a = gather(games, at_game, k)
        store(payoffs, k * LANES, a)
        low, high, mass = minimum(a, low), maximum(a, high), mass + a
    poison = mass - mass  # zero, or NaN
    return low + poison, high + poison


@inline_kernel
def _fill(payoffs, rows, columns, low, inverse, tableau, keys, labels):
    """Write the first tableau; keys stand in for the costs once, so that the best pure strategy enters first."""
    one = splat(1.0)
    for j in range(columns):
        top = splat(0.0)
        for i in range(rows):
            t = (load(payoffs, (i * columns + j) * LANES) - low) * inverse + one
            store(tableau, (i * (columns + 1) + j) * LANES, t)
            top = maximum(t, top)
        store(tableau, (rows * (columns + 1) + j) * LANES, splat(-1.0))
        store(keys, j * LANES, top - splat(3.0))
    for i in range(rows):
        store(tableau, (i * (columns + 1) + columns) * LANES, one)
    store(tableau, (rows * (columns + 1) + columns) * LANES, splat(0.0))
    for k in range(rows + columns):
        for lane in range(LANES):
            labels[k * LANES + lane] = k


@inline_kernel
def _entering(keys, columns, q):
    """Write each lane's column with the least key; returns the lanes that are not at their optimum."""
    best, where = load(keys, 0), splat(0.0)
    for j in range(1, columns):
        key = load(keys, j * LANES)
        where = select(less(key, best), splat(float(j)), where)
        best = minimum(key, best)
    store_integers(q, where)
    return less(best, splat(-COST_TOLERANCE))


@inline_kernel
def _leaving(tableau, rows, width, q, p, factors, at):
    """Gather each lane's column into ``factors`` and write the row that leaves; returns the lanes that have one."""
    _scaled(q, LANES, 1, at)
    top, pivot, where = splat(1.0), splat(0.0), splat(0.0)
    for i in range(rows):
        u, b = gather(tableau, at, i * width * LANES), load(tableau, (i * width + width - 1) * LANES)
        store(factors, i * LANES, u)
        # b / u < top / pivot, without division.
        better = both(less(b * pivot, top * u), less(splat(PIVOT_TOLERANCE), u))
        top, pivot, where = select(better, b, top), select(better, u, pivot), select(better, splat(float(i)), where)
    store(factors, rows * LANES, gather(tableau, at, rows * width * LANES))
    store_integers(p, where)
    return less(splat(0.0), pivot)


@inline_kernel
def _prepare(tableau, rows, width, q, p, found, factors, row, labels, at):
    """Write the factors and the pivot row of the update, zeros in lanes that are done, and exchange the labels.

    The row is made pivot + 1 in the entering column and the factor 1 - 1 / pivot in the leaving row: then the one rule
    t -= factor * row is the whole Tucker exchange.
    """
    _scaled(p, width * LANES, 1, at)
    zero, one = splat(0.0), splat(1.0)
    for j in range(width):
        store(row, j * LANES, select(found, gather(tableau, at, j * LANES), zero))
    _scaled(p, LANES, 1, at)
    pivot = select(found, gather(factors, at, 0), one)
    shrink = one / pivot
    for i in range(rows + 1):
        store(factors, i * LANES, select(found, load(factors, i * LANES) * shrink, zero))
    moving = bits(found)
    for lane in range(LANES):
        if (moving >> lane) & 1:
            of_row, of_column = p[lane] * LANES + lane, (rows + q[lane]) * LANES + lane
            pivoted = tableau[(p[lane] * width + q[lane]) * LANES + lane]
            row[q[lane] * LANES + lane] = pivoted + 1.0
            factors[of_row] = 1.0 - 1.0 / pivoted
            labels[of_row], labels[of_column] = labels[of_column], labels[of_row]


@inline_kernel
def _update(tableau, rows, width, factors, row, keys):
    step = width * LANES
    for i in range(0, rows, 2):
        factor, other = load(factors, i * LANES), load(factors, (i + 1) * LANES)
        for j in range(width):
            k, r = i * step + j * LANES, load(row, j * LANES)
            store(tableau, k, load(tableau, k) - factor * r)
            store(tableau, k + step, load(tableau, k + step) - other * r)
    if rows % 2 == 0:
        factor = load(factors, rows * LANES)
        for j in range(width):
            k = rows * step + j * LANES
            store(tableau, k, load(tableau, k) - factor * load(row, j * LANES))
    for j in range(width - 1):
        store(keys, j * LANES, load(tableau, (rows * width + j) * LANES))


@inline_kernel
def _read(tableau, rows, columns, at_x, at_y, labels, x, y):
    """Write both strategies of every lane, clipped and divided by their sums."""
    width = columns + 1
    for lane in range(LANES):
        in_x, in_y = at_x[lane], at_y[lane] - rows
        for i in range(rows):
            label = labels[i * LANES + lane]
            if label < rows:
                x[in_x + label] = 0.0
            else:
                y[in_y + label] = max(tableau[(i * width + columns) * LANES + lane], 0.0)
        for j in range(columns):
            label = labels[(rows + j) * LANES + lane]
            if label < rows:
                x[in_x + label] = max(tableau[(rows * width + j) * LANES + lane], 0.0)
            else:
                y[in_y + label] = 0.0
    _divide_by_sums(x, at_x, rows)
    _divide_by_sums(y, at_y, columns)


@inline_kernel
def _divide_by_sums(weights, at, size):
    total = splat(0.0)
    for k in range(size):
        total = total + gather(weights, at, k)
    for k in range(size):
        scatter(weights, at, k, gather(weights, at, k) / total)


@inline_kernel
def _judge(payoffs, at_x, at_y, numbers, rows, columns, low, high, x, y, sums, value, gap):
    """Write value and gap of every lane from the payoffs and the strategies alone; see ``_certify.settle``."""
    zero, width = splat(0.0), high - low
    for j in range(columns):
        store(sums, j * LANES, zero)
    upper = zero
    for i in range(rows):
        weight, earned = gather(x, at_x, i), zero
        for j in range(columns):
            a = load(payoffs, (i * columns + j) * LANES) - low
            earned = earned + gather(y, at_y, j) * a
            store(sums, j * LANES, load(sums, j * LANES) + weight * a)
        upper = maximum(earned, upper)
    lower = load(sums, 0)
    for j in range(1, columns):
        lower = minimum(load(sums, j * LANES), lower)
    difference = maximum(upper - lower, zero)
    plain = either(equal(width, zero), both(less(splat(NARROWEST), width), less(width, splat(WIDEST))))
    good = both(at_most(difference, width * splat(GAP_ACCEPTED)), plain)
    middle = low + (lower + splat(0.5) * difference)
    size = maximum(middle, zero - middle) + difference
    rounding = width * splat((rows + columns + 8) * EPS) + size * splat(2.0 * EPS) + splat(4.0 * SMALLEST)
    scatter(value, numbers, 0, middle)
    total = difference + rounding
    scatter(gap, numbers, 0, select(good, total, select(plain, zero - total, splat(np.inf))))
