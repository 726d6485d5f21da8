"""What players lose by disobeying a device, as dense constraints on the distribution of joint actions."""

from gametheory_rl._support._compile import inline_kernel, kernel


@kernel
def incentive_rows(payoffs, actions, noise, coarse, rows):
    """Fill ``rows`` with the constraints of all players and return how many there are.

    payoffs (n, cells): each player's, in [0, 1], joint actions in C order; actions (n,) int64; noise (n,): rows with no entry above
    it are left out; rows (>= sum of own (own - 1), or of own where ``coarse``, cells): zeros; all float64, C-contiguous.
    Recommendation by recommendation, and action by action that is played instead; each row is divided by its largest entry.
    """
    kept, stride = 0, payoffs.shape[1]
    for i in range(len(actions)):
        own = actions[i]
        stride //= own
        for told in range(1 if coarse else own):
            for played in range(own):
                if not coarse and played == told:
                    continue
                row, size = rows[kept], 0.0
                for action in range(own) if coarse else range(told, told + 1):
                    size = max(size, _loses(payoffs[i], action, played, own, stride, row))
                if size > noise[i]:
                    for cell in range(row.size):
                        row[cell] /= size
                    kept += 1
                else:
                    row[:] = 0.0
    return kept


@inline_kernel
def _loses(payoff, action, played, own, stride, row):
    """Write what ``played`` instead of ``action`` loses, whatever the others do; returns the largest such loss or gain."""
    size, block = 0.0, own * stride
    for left in range(payoff.size // block):
        for right in range(left * block, left * block + stride):
            loses = payoff[right + action * stride] - payoff[right + played * stride]
            row[right + action * stride] = loses
            size = max(size, abs(loses))
    return size
