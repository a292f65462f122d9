"""Balanced orders of options and blocks: Williams designs, Latin squares, and all pairs.

In a Williams design every option is everywhere and follows every other equally often.

Source: E. J. Williams, "Experimental designs balanced for the estimation of residual effects of
treatments", Australian Journal of Scientific Research A 2 (1949) 149-168.
"""

from __future__ import annotations

from random import Random


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


def latin_square(n: int, rng: Random) -> tuple[tuple[int, ...], ...]:
    """The orders of a random Latin square for ``n`` options.

    Each option stands at each position once; neighbours are not balanced, as in `williams`, but
    n orders are enough where those of odd n take 2n.

    Formula: the order i + j modulo n at row i and place j, with rows and places shuffled.

    Source: R. A. Fisher and F. Yates, Statistical Tables (1938), introduction to the Latin squares.

    Example:
        >>> sorted(latin_square(3, Random(1)))
        [(0, 1, 2), (1, 2, 0), (2, 0, 1)]
    """
    if n < 1:
        raise ValueError(f"a design needs at least one option, not {n}")
    rows, places = rng.sample(range(n), n), rng.sample(range(n), n)
    return tuple(tuple((row + place) % n for place in places) for row in rows)


def many(how: str, n: int) -> int:
    """After how many participants the orders that `in_turn` gives begin anew."""
    if how in ("williams", "latin_square") and n > 1:
        return n if how == "latin_square" else len(williams(n))
    return 1


def in_turn(how: str, n: int, number: int, seed: str) -> tuple[int, ...]:
    """The order in which the ``number``-th participant meets ``n`` things, such as blocks.

    The orders of a design are dealt in rounds: in each round every order comes once, in an order
    drawn anew, so that they are balanced after each round and go with nothing else that is taken
    in turn.

    Source: permuted blocks, M. Zelen, J. Chronic Diseases 27 (1974) 365-375.

    Arguments:
        how: ``fixed``, ``shuffled`` (drawn for each participant), ``latin_square`` or ``williams``.
        number: from 1.
        seed: the study's.

    Example:
        >>> sorted(in_turn("williams", 2, number, "seed") for number in (1, 2))
        [(0, 1), (1, 0)]
    """
    if how == "fixed" or n < 2:
        return tuple(range(n))
    if how == "shuffled":
        return tuple(Random(f"{seed} of {number}").sample(range(n), n))
    orders = williams(n) if how == "williams" else latin_square(n, Random(f"{seed} square"))
    turn, place = divmod(number - 1, len(orders))
    return Random(f"{seed} round {turn}").sample(orders, len(orders))[place]


def pairs(n: int, rng: Random) -> list[tuple[int, ...]]:
    """Every ordered pair of ``n`` options, in a sequence to be taken in turn.

    Any n(n-1)/2 in a row hold each pair once, any n(n-1) in a row hold it once each way round;
    already in the first round no option stands on the left more than once more often than another.

    Formula: in a circle, i and i + d for each distance d up to n/2, shuffled; then the same pairs
    in the same order with sides changed.

    Source: H. A. David, The Method of Paired Comparisons (1988), chapter 5 (cyclic designs).

    Example:
        >>> pairs(2, Random(1))
        [(0, 1), (1, 0)]
    """
    if n < 2:
        raise ValueError(f"pairs need at least two options, not {n}")
    first: list[tuple[int, ...]] = [
        (i, (i + d) % n) for d in range(1, n // 2 + 1) for i in range(n if 2 * d < n else n // 2)
    ]
    rng.shuffle(first)
    return first + [order[::-1] for order in first]
