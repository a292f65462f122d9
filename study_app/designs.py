"""Williams designs: orders in which every option is everywhere and follows every other equally.

Source: E. J. Williams, "Experimental designs balanced for the estimation of residual effects of
treatments", Australian Journal of Scientific Research A 2 (1949) 149-168.
"""

from __future__ import annotations


def williams(n: int) -> tuple[tuple[int, ...], ...]:
    """The orders of a Williams design for ``n`` options.

    Each option stands equally often at each position, and each ordered pair of options stands
    side by side equally often.

    Formula: the first order zigzags, 0, n-1, 1, n-2, ...; order i adds i to it modulo n. For odd
    n the mirrored orders are needed as well.

    Arguments:
        n: how many options, at least 1.

    Returns: n orders for even n, 2n for odd n (1 for n = 1), each a permutation of 0..n-1.

    Example:
        >>> williams(4)
        ((0, 3, 1, 2), (1, 0, 2, 3), (2, 1, 3, 0), (3, 2, 0, 1))
        >>> len(williams(3))
        6
    """
    if n < 1:
        raise ValueError(f"a design needs at least one option, not {n}")
    if n == 1:
        return ((0,),)
    first = [step // 2 if step % 2 == 0 else n - 1 - step // 2 for step in range(n)]
    square = tuple(tuple((option + shift) % n for option in first) for shift in range(n))
    return square if n % 2 == 0 else square + tuple(order[::-1] for order in square)
