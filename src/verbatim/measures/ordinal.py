"""Proportional odds: how features move an ordered answer up or down.

The cumulative logit model of McCullagh, *Regression models for ordinal data*, JRSS B 42 (1980):
logit P(class ≤ k) = threshold_k − x · coefficients, so that a coefficient above 0 goes with higher classes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import expit, log_expit

from verbatim.measures.arrays import Floats, Ints

_ITERATIONS = 100
_HALVINGS = 40
_DECREMENT = 1e-10  # Newton converges quadratically: a last step from here lands on the optimum to rounding


@dataclass(frozen=True, slots=True)
class OrdinalFit:
    """A fitted model of K classes and p features."""

    thresholds: Floats
    """Ascending, on the logit scale, shape (K − 1,)."""
    coefficients: Floats
    """Log odds ratios, shape (p,)."""
    covariance: Floats
    """Inverse penalised Hessian, thresholds first, shape (K − 1 + p, K − 1 + p)."""
    converged: bool
    """False: the figures are those of the last step, and nothing may be said with them."""

    @property
    def parameters(self) -> Floats:
        """Thresholds, then coefficients."""
        return np.concatenate([self.thresholds, self.coefficients])


@dataclass(frozen=True, slots=True)
class _Rows:
    """n rows: features (n, p) as a sparse matrix, class (n,) and weight (n,)."""

    x: Any
    y: Ints
    weight: Floats
    class_weight: Floats


@dataclass(frozen=True, slots=True)
class _Point:
    """A row's place between the thresholds of its class, at some parameters.

    log P(class) = log σ(above) + log σ(−below) + log(1 − exp(−gap)). The linear predictor stands in the first two
    terms alone, and all three are concave.
    """

    above: Floats
    """Threshold above the class less the linear predictor, shape (n,); ∞ for the highest class."""
    below: Floats
    """Threshold below the class less the linear predictor, shape (n,); −∞ for the lowest class."""
    gap: Floats
    """Distance of each class's two thresholds, shape (K,); ∞ for the outer classes."""


def fit_ordinal(x: Any, y: Ints, weight: Floats, *, ridge: float, n_classes: int | None = None) -> OrdinalFit:
    """Fit the model by Newton's method with step halving.

    What is maximised is Σ weight · log P(y) − ridge / 2 · Σ coefficients², which is concave. The thresholds carry no
    penalty. Rows of equal features and class may be put together, their weights added: the fit is the same.

    Parameters
    ----------
    x : array or sparse matrix of shape (n, p)
        Features.
    y : array of shape (n,)
        Class, 0 … K − 1; each class must hold some weight.
    weight : array of shape (n,)
        Above 0.
    ridge : float
        1 / (standard deviation of the coefficients' normal prior)²; 0 for maximum likelihood.
    n_classes : int, optional
        K; by default one more than the highest class.

    Raises
    ------
    ValueError
        A class holds no weight: the thresholds around it have no estimate.
    """
    rows = _rows_of(x, y, weight, int(y.max(initial=-1)) + 1 if n_classes is None else n_classes)
    n_thresholds = len(rows.class_weight) - 1
    shares = np.cumsum(rows.class_weight)[:-1] / rows.class_weight.sum()
    parameters = np.concatenate([np.log(shares) - np.log1p(-shares), np.zeros(rows.x.shape[1])])
    value, converged = _objective(rows, parameters, ridge), False
    for _ in range(_ITERATIONS):
        gradient, hessian = _derivatives(rows, parameters, ridge)
        step = np.linalg.solve(hessian, gradient).astype(np.float64)
        if converged := bool(gradient @ step < _DECREMENT):
            parameters = parameters + step
            break
        parameters, value, moved = _climb(rows, parameters, step, value, ridge)
        if not moved:
            break
    covariance = np.linalg.inv(_derivatives(rows, parameters, ridge)[1])
    return OrdinalFit(parameters[:n_thresholds], parameters[n_thresholds:], (covariance + covariance.T) / 2, converged)


def cluster_covariance(fit: OrdinalFit, x: Any, y: Ints, shares: Any) -> Floats:
    """Covariance of the parameters where rows of one cluster go together: the sandwich estimator.

    A · B · A with A the inverse penalised Hessian and B the sum over clusters of the outer product of their scores,
    times C / (C − 1). Liang and Zeger, *Longitudinal data analysis using generalized linear models*, Biometrika 73
    (1986); for weighted surveys Binder, *On the variances of asymptotically normal estimators from complex surveys*,
    International Statistical Review 51 (1983).

    Parameters
    ----------
    fit : OrdinalFit
        Fitted on these rows.
    x, y
        Rows of the fit.
    shares : array or sparse matrix of shape (C, n)
        What each cluster weighs in each row; the columns add up to the weights of the fit. See :func:`cluster_shares`.

    Returns
    -------
    array of shape (K − 1 + p, K − 1 + p)
    """
    from scipy import sparse

    rows = _rows_of(x, y, np.ones(len(y)), len(fit.thresholds) + 1)
    scores = _scores(rows, fit.parameters)
    shares = sparse.csr_array(shares)
    # Clusters × clusters, and rows × rows, stay sparse: nothing of size n × n.
    meat = (scores.T @ (shares.T @ (shares @ scores))).toarray()
    n_clusters = shares.shape[0]
    robust = fit.covariance @ meat @ fit.covariance * (n_clusters / max(n_clusters - 1, 1))
    result: Floats = (robust + robust.T) / 2
    return result


def likelihood_ratios(fit: OrdinalFit, x: Any, y: Ints, weight: Floats, *, ridge: float, features: Ints) -> Floats:
    """Twice what the objective loses when a coefficient is 0, for some features.

    Penalised likelihood ratio statistics: unlike a Wald test they grow with the evidence where a few who have the
    feature are all of one class (Hauck and Donner, *Wald's test as applied to hypotheses in logit analysis*, JASA 72
    (1977); Heinze and Schemper, *A solution to the problem of separation in logistic regression*, Statistics in
    Medicine 21 (2002)). The other parameters follow the coefficient to 0 along their regression on it, which is their
    optimum to the first order: the statistic is a little too large, never too small.

    Parameters
    ----------
    fit : OrdinalFit
        Fitted on these rows.
    x, y, weight, ridge
        As in :func:`fit_ordinal`.
    features : array of shape (k,)
        Columns of x.

    Returns
    -------
    array of shape (k,)
        From 0 up; chi-square with 1 degree of freedom where the coefficient is 0.
    """
    rows = _rows_of(x, y, weight, len(fit.thresholds) + 1)
    best = _objective(rows, fit.parameters, ridge)
    lost = []
    for place in len(fit.thresholds) + features:
        follow = fit.covariance[place] / fit.covariance[place, place]
        lost.append(best - _objective(rows, fit.parameters - follow * fit.parameters[place], ridge))
    return 2 * np.maximum(np.array(lost, dtype=np.float64), 0)


def cluster_shares(cluster: Ints, weight: Floats) -> Any:
    """What each cluster weighs in each row, where a row belongs to one cluster.

    Parameters
    ----------
    cluster : array of shape (n,)
        Number of the cluster, any integers.
    weight : array of shape (n,)
        Weights of the rows.

    Returns
    -------
    sparse matrix of shape (C, n)
    """
    from scipy import sparse

    names, number = np.unique(cluster, return_inverse=True)
    return sparse.csr_array((weight, (number, np.arange(len(weight)))), shape=(len(names), len(weight)))


def _rows_of(x: Any, y: Ints, weight: Floats, n_classes: int) -> _Rows:
    from scipy import sparse

    class_weight = _sums(y, weight, n_classes)
    if n_classes < 2 or not (class_weight > 0).all():
        empty = np.flatnonzero(class_weight <= 0).tolist()
        raise ValueError(f"{n_classes} classes, without weight: {empty}; expected two or more, each with some weight")
    return _Rows(sparse.csr_array(x, dtype=np.float64), np.asarray(y), np.asarray(weight, np.float64), class_weight)


def _point(rows: _Rows, parameters: Floats) -> _Point:
    n_thresholds = len(rows.class_weight) - 1
    thresholds = np.concatenate([[-np.inf], parameters[:n_thresholds], [np.inf]])
    linear = rows.x @ parameters[n_thresholds:]
    return _Point(thresholds[rows.y + 1] - linear, thresholds[rows.y] - linear, np.diff(thresholds))


def _objective(rows: _Rows, parameters: Floats, ridge: float) -> float:
    point = _point(rows, parameters)
    if not (point.gap > 0).all():
        return -np.inf
    inside = rows.weight @ (log_expit(point.above) + log_expit(-point.below))
    between = rows.class_weight @ np.log(-np.expm1(-point.gap))
    return float(inside + between - ridge / 2 * np.sum(parameters[len(rows.class_weight) - 1 :] ** 2))


def _climb(rows: _Rows, parameters: Floats, step: Floats, value: float, ridge: float) -> tuple[Floats, float, bool]:
    """Take the longest of the halved steps that does not go down."""
    for _ in range(_HALVINGS):
        tried = parameters + step
        reached = _objective(rows, tried, ridge)
        if reached >= value:
            return tried, reached, True
        step = step / 2
    return parameters, value, False


def _derivatives(rows: _Rows, parameters: Floats, ridge: float) -> tuple[Floats, Floats]:
    """Gradient of the objective, shape (q,), and its negative Hessian, shape (q, q)."""
    n_thresholds = len(rows.class_weight) - 1
    point = _point(rows, parameters)
    above, below = rows.weight * expit(-point.above), -rows.weight * expit(point.below)
    up, down = _by_threshold(rows, above, below)
    steepness = rows.class_weight / np.expm1(point.gap)
    slopes = -(rows.x.T @ (above + below)) - ridge * parameters[n_thresholds:]
    gradient = np.concatenate([up + down + steepness[:-1] - steepness[1:], slopes])
    return gradient, _negative_hessian(rows, point, ridge)


def _negative_hessian(rows: _Rows, point: _Point, ridge: float) -> Floats:
    n_thresholds, n_features = len(rows.class_weight) - 1, rows.x.shape[1]
    above = rows.weight * expit(point.above) * expit(-point.above)
    below = rows.weight * expit(point.below) * expit(-point.below)
    spread = rows.class_weight * np.exp(-point.gap) / np.expm1(-point.gap) ** 2
    up, down = _by_threshold(rows, above, below)
    hessian = np.zeros((n_thresholds + n_features, n_thresholds + n_features))
    hessian[:n_thresholds, :n_thresholds] = (
        np.diag(up + down + spread[:-1] + spread[1:]) - np.diag(spread[1:-1], 1) - np.diag(spread[1:-1], -1)
    )
    for threshold in range(n_thresholds):
        crossing = -(rows.x.T @ (above * (rows.y == threshold) + below * (rows.y == threshold + 1)))
        hessian[threshold, n_thresholds:] = hessian[n_thresholds:, threshold] = crossing
    square = (rows.x.T @ _scale_rows(rows.x, above + below)).toarray()
    hessian[n_thresholds:, n_thresholds:] = square + ridge * np.eye(n_features)
    return hessian


def _by_threshold(rows: _Rows, above: Floats, below: Floats) -> tuple[Floats, Floats]:
    """Sums at each threshold, shape (K − 1,): over the class under it, and over the class on top of it."""
    n_classes = len(rows.class_weight)
    return _sums(rows.y, above, n_classes)[:-1], _sums(rows.y, below, n_classes)[1:]


def _sums(y: Ints, values: Floats, n_classes: int) -> Floats:
    return np.bincount(y, values, minlength=n_classes).astype(np.float64)


def _scores(rows: _Rows, parameters: Floats) -> Any:
    """Gradient of each row's log-likelihood, per unit of weight: sparse, shape (n, q)."""
    from scipy import sparse

    n_thresholds = len(rows.class_weight) - 1
    point = _point(rows, parameters)
    above, below = expit(-point.above), -expit(point.below)
    steepness = 1 / np.expm1(point.gap)[rows.y]
    columns = [
        (above + steepness) * (rows.y == threshold) + (below - steepness) * (rows.y == threshold + 1)
        for threshold in range(n_thresholds)
    ]
    slopes = _scale_rows(rows.x, -(above + below))
    return sparse.hstack([sparse.csr_array(np.stack(columns, axis=1)), slopes], format="csr")


def _scale_rows(x: Any, factor: Floats) -> Any:
    """Multiply each row of a sparse matrix by a number."""
    scaled = x.copy()
    scaled.data = x.data * np.repeat(factor, np.diff(x.indptr))
    return scaled
