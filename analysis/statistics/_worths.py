"""From a fitted choice model to estimates of worths, for Bradley–Terry and Plackett–Luce."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import stats

from analysis.errors import AnalysisError
from analysis.estimate import Estimate
from analysis.statistics._choices import Fit, Floats
from analysis.statistics._results import Results


def estimates(
    fit: Fit, names: list[str], reference: str, extras: list[tuple[str, bool]], results: Results
) -> Iterator[Estimate]:
    """Worths (they sum to 1), log worths against the reference, and the further coefficients.

    Arguments:
        fit: the model; its first m - 1 coefficients are the log worths of ``names[1:]`` against
            ``names[0]``, the others are those of ``extras``.
        names: the m options.
        reference: the option whose log worth is 0.
        extras: name of each further coefficient, and whether its exponential is reported.
        results: what the estimates share.
    """
    m = len(names)
    z = stats.norm.ppf(0.5 + results.level / 2)
    log_worth = np.concatenate([[0.0], fit.beta[: m - 1]])
    covariance = np.zeros((m, m))
    covariance[1:, 1:] = fit.covariance[: m - 1, : m - 1]
    worth = np.exp(log_worth - log_worth.max())
    worth /= worth.sum()
    slope = np.diag(worth) - np.outer(worth, worth)
    error = _errors(slope @ covariance @ slope.T)
    for name, value, spread in zip(names, worth, error, strict=True):
        # On the logit scale the interval stays within 0 and 1.
        half = z * spread / (value * (1 - value))
        odds = np.log(value / (1 - value))
        low, high = 1 / (1 + np.exp(half - odds)), 1 / (1 + np.exp(-half - odds))
        yield results.give("worth", value, name, low=low, high=high, error=spread)
    against = np.eye(m)
    against[:, names.index(reference)] -= 1
    shifted = against @ log_worth
    error = _errors(against @ covariance @ against.T)
    for name, value, spread in zip(names, shifted, error, strict=True):
        if name == reference:
            yield results.give("log_worth", 0.0, name, note="the reference")
            continue
        p = 2 * stats.norm.sf(abs(value / spread))
        low, high = value - z * spread, value + z * spread
        yield results.give("log_worth", value, name, low=low, high=high, error=spread, p=p)
    error = _errors(fit.covariance)
    for n, (name, exponential) in enumerate(extras, start=m - 1):
        value, spread = fit.beta[n], error[n]
        low, high = value - z * spread, value + z * spread
        if exponential:
            yield results.give(
                name,
                np.exp(value),
                low=np.exp(low),
                high=np.exp(high),
                error=np.exp(value) * spread,
            )
        else:
            p = 2 * stats.norm.sf(abs(value / spread))
            yield results.give(name, value, low=low, high=high, error=spread, p=p)
    yield results.give("log_likelihood", fit.loglik)


def equal_worths(fit: Fit, m: int, results: Results) -> Estimate:
    """Wald's chi-square on m - 1 degrees of freedom that all worths are equal."""
    beta, covariance = fit.beta[: m - 1], fit.covariance[: m - 1, : m - 1]
    if np.linalg.matrix_rank(covariance, hermitian=True) < m - 1:
        return results.give("equal_worths", np.nan, p=np.nan, note="too few people to test")
    value = float(beta @ np.linalg.solve(covariance, beta))
    return results.give("equal_worths", value, p=stats.chi2.sf(value, m - 1))


def nothing(names: list[str], results: Results, why: str) -> list[Estimate]:
    """The estimates where there are none, with the reason."""
    found = [results.give("worth", np.nan, name, note=why) for name in names]
    return [*found, results.give("equal_worths", np.nan, p=np.nan, note=why)]


def check(statistic: str, names: list[str], reference: str | None, errors: str) -> str:
    """The reference, checked.

    Errors:
        AnalysisError: a reference that is no option, or unknown ``errors``.
    """
    where = f"statistic '{statistic}'"
    if errors not in ("information", "participants"):
        fix = "use one of: information, participants"
        raise AnalysisError(where, f"unknown errors '{errors}'", fix)
    if reference is None:
        return names[0] if names else ""
    if str(reference) not in names:
        raise AnalysisError(where, f"no option '{reference}'", f"use one of: {', '.join(names)}")
    return str(reference)


def _errors(covariance: Floats) -> Floats:
    return np.sqrt(np.maximum(np.diag(covariance), 0.0))
