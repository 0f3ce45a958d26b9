import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.special import expit

from verbatim.measures.ordinal import cluster_covariance, cluster_shares, fit_ordinal, likelihood_ratios

# Satisfaction with housing in Copenhagen, `housing` of the R package MASS (Venables and Ripley, *Modern Applied
# Statistics with S*, 4th ed., 2002, section 7.3; from Madsen 1976): respondents of low, medium and high satisfaction,
# by contact (low, high), type (tower, apartment, atrium, terrace) and influence (low, medium, high).
HOUSING = """
21 21 28  34 22 36  10 11 36    61 23 17  43 35 40  26 18 54    13  9 10   8  8 12   6  7  9    18  6  7  15 13 13   7  5 11
14 19 37  17 23 40   3  5 23    78 46 43  48 45 86  15 25 62    20 23 20  10 22 24   7 10 21    57 23 13  31 21 13   5  6 13
"""  # noqa: E501 - one line a contact
# `polr(Sat ~ Infl + Type + Cont, weights = Freq)`: ibid. and `example(polr)`; digits as tested in the R packages
# insight (test-polr.R) and arm (coefplot).
HOUSING_NAMES = ["InflMedium", "InflHigh", "TypeApartment", "TypeAtrium", "TypeTerrace", "ContHigh"]
HOUSING_COEFFICIENTS = [0.566393738890106, 1.28881906381232, -0.572350146429611]
HOUSING_COEFFICIENTS += [-0.366186566153346, -1.09101490767244, 0.360284149947385]
HOUSING_THRESHOLDS = [-0.4961353438375, 0.690708290379271]
HOUSING_ERRORS = [0.104652784933519, 0.127156148851928, 0.119238013698556]
HOUSING_ERRORS += [0.155173338051194, 0.151486024299045, 0.0955357985611663]
HOUSING_THRESHOLD_ERRORS = [0.124847246308485, 0.125471940342996]


def housing():
    rows = [
        [influence == 1, influence == 2, *(kind == number for number in (1, 2, 3)), contact]
        for contact, kind, influence, _ in itertools.product(range(2), range(4), range(3), range(3))
    ]
    return np.array(rows, dtype=float), np.arange(72) % 3, np.array(HOUSING.split(), dtype=float)


def test_satisfaction_with_housing_is_fitted_as_published():
    fit = fit_ordinal(*housing(), ridge=0)
    assert fit.converged
    # R stops a little before the optimum: five digits agree.
    assert fit.coefficients == pytest.approx(HOUSING_COEFFICIENTS, abs=2e-5)
    assert fit.thresholds == pytest.approx(HOUSING_THRESHOLDS, abs=2e-5)
    errors = np.sqrt(np.diag(fit.covariance))
    assert errors == pytest.approx(HOUSING_THRESHOLD_ERRORS + HOUSING_ERRORS, abs=1e-5)


def test_two_classes_are_logistic_regression():
    """Snow's odds: with one binary feature the estimate is the log odds ratio of the 2 × 2 table."""
    fit = fit_ordinal(np.array([[0], [0], [1], [1]]), np.array([0, 1, 0, 1]), np.array([30.0, 10, 20, 40]), ridge=0)
    assert fit.coefficients == pytest.approx([np.log(30 * 40 / (10 * 20))])
    assert fit.thresholds == pytest.approx([np.log(30 / 10)])
    # Woolf's standard error.
    assert fit.covariance[1, 1] == pytest.approx(1 / 30 + 1 / 10 + 1 / 20 + 1 / 40)


def test_without_features_the_thresholds_are_the_cumulative_shares():
    fit = fit_ordinal(np.empty((4, 0)), np.arange(4), np.array([10.0, 20, 30, 40]), ridge=1)
    assert expit(fit.thresholds) == pytest.approx([0.1, 0.3, 0.6])


def test_rows_may_be_put_together_and_features_may_be_sparse():
    x, y, weight = housing()
    each = np.repeat(np.arange(72), weight.astype(int))
    together = fit_ordinal(sparse.csr_array(x), y, weight, ridge=0.16)
    apart = fit_ordinal(x[each], y[each], np.ones(len(each)), ridge=0.16)
    assert together.parameters == pytest.approx(apart.parameters, abs=1e-9)
    assert together.covariance == pytest.approx(apart.covariance, abs=1e-9)


def test_a_feature_that_decides_all_has_a_finite_coefficient():
    fit = fit_ordinal(np.array([[0], [0], [0], [1]]), np.array([0, 1, 2, 2]), np.array([30.0, 30, 30, 20]), ridge=0.16)
    assert fit.converged
    assert 2 < fit.coefficients[0] < 10


def test_the_ridge_shrinks_the_coefficients_and_not_the_thresholds():
    x, y, weight = housing()
    free, shrunk = (fit_ordinal(x, y, weight, ridge=ridge) for ridge in (0, 1e9))
    assert np.abs(shrunk.coefficients).max() < 1e-6 < np.abs(free.coefficients).min()
    assert expit(shrunk.thresholds) == pytest.approx(np.cumsum(np.bincount(y, weight))[:2] / weight.sum(), abs=1e-6)


def test_each_answer_counted_twice_says_no_more_to_the_sandwich():
    x, y, weight = housing()
    each = np.repeat(np.arange(72), weight.astype(int))
    single = fit_ordinal(x[each], y[each], np.ones(len(each)), ridge=0)
    sandwich = cluster_covariance(single, x[each], y[each], cluster_shares(np.arange(len(each)), np.ones(len(each))))
    twice = np.tile(each, 2)
    double = fit_ordinal(x[twice], y[twice], np.ones(len(twice)), ridge=0)
    shares = cluster_shares(np.tile(np.arange(len(each)), 2), np.ones(len(twice)))
    assert cluster_covariance(double, x[twice], y[twice], shares) == pytest.approx(sandwich, rel=1e-6)
    # Under a model that fits, the sandwich is near the model's own covariance; the doubled model's is half of it.
    ratio = np.diag(sandwich) / np.diag(single.covariance)
    assert ratio == pytest.approx(np.ones(8), abs=0.15)
    assert double.covariance == pytest.approx(single.covariance / 2, rel=1e-6)


def test_a_sandwich_of_one_binary_feature_is_known_in_closed_form():
    """Two classes, saturated: White's covariance is the model's own, here as 1/a + 1/b + 1/c + 1/d."""
    x, y, weight = np.array([[0], [0], [1], [1]]), np.array([0, 1, 0, 1]), np.array([30.0, 10, 20, 40])
    each = np.repeat(np.arange(4), weight.astype(int))
    fit = fit_ordinal(x, y, weight, ridge=0)
    shares = sparse.csr_array((np.ones(100), (np.arange(100), each)), shape=(100, 4))
    robust = cluster_covariance(fit, x, y, shares)
    assert robust[1, 1] == pytest.approx((1 / 30 + 1 / 10 + 1 / 20 + 1 / 40) * 100 / 99)


def test_a_likelihood_ratio_is_that_of_a_fit_without_the_feature():
    x, y, weight = housing()
    fit = fit_ordinal(x, y, weight, ridge=0)
    ratios = likelihood_ratios(fit, x, y, weight, ridge=0, features=np.arange(6))
    best = penalised(fit.parameters, x, y, weight, 0)
    for feature, ratio in enumerate(ratios):
        without = np.delete(x, feature, axis=1)
        exact = 2 * (best - penalised(fit_ordinal(without, y, weight, ridge=0).parameters, without, y, weight, 0))
        assert exact <= ratio <= 1.01 * exact


def test_those_who_all_agree_are_evidence_to_the_likelihood_ratio_and_not_to_the_wald_test():
    """Fifteen who have the feature are all of the lowest class, which holds a third of the others."""
    x, y, weight = np.array([[0], [0], [0], [1]]), np.array([0, 1, 2, 0]), np.array([300.0, 300, 300, 15])
    fit = fit_ordinal(x, y, weight, ridge=0.16)
    assert fit.coefficients[0] ** 2 / fit.covariance[2, 2] < 12
    assert likelihood_ratios(fit, x, y, weight, ridge=0.16, features=np.array([0]))[0] > 25


@pytest.mark.parametrize(
    ("y", "weight", "n_classes"),
    [([0, 2], [1.0, 1.0], None), ([0, 1], [1.0, 0.0], None), ([0, 1], [1.0, 1.0], 3), ([0, 0], [1.0, 1.0], None)],
    ids=["class skipped", "class without weight", "highest class empty", "one class"],
)
def test_a_class_without_weight_is_refused(y, weight, n_classes):
    with pytest.raises(ValueError, match="expected two or more, each with some weight"):
        fit_ordinal(np.ones((2, 1)), np.array(y), np.array(weight), ridge=1, n_classes=n_classes)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 4), st.sampled_from([0.04, 0.16, 1.0]))
def test_the_fit_is_the_optimum_whatever_the_data(seed, n_classes, ridge):
    generator = np.random.default_rng(seed)
    y = np.concatenate([np.arange(n_classes), generator.integers(0, n_classes, 20)])
    x = generator.normal(0, 3, (len(y), 3)) * (generator.random((len(y), 3)) < 0.5)
    weight = generator.exponential(2, len(y)) + 0.01
    fit = fit_ordinal(x, y, weight, ridge=ridge)
    assert fit.converged
    assert (np.diff(fit.thresholds) > 0).all()
    best = penalised(fit.parameters, x, y, weight, ridge)
    for step in 1e-3 * np.vstack([np.eye(len(fit.parameters)), -np.eye(len(fit.parameters))]):
        assert penalised(fit.parameters + step, x, y, weight, ridge) < best
    slopes = [numerical_slope(fit.parameters, place, x, y, weight, ridge) for place in range(len(fit.parameters))]
    assert slopes == pytest.approx(np.zeros(len(slopes)), abs=1e-4)


def penalised(parameters, x, y, weight, ridge):
    """The objective as it is written in a textbook."""
    n_thresholds = int(y.max())
    below = np.concatenate([[-np.inf], parameters[:n_thresholds], [np.inf]])
    linear = x @ parameters[n_thresholds:]
    chance = expit(below[y + 1] - linear) - expit(below[y] - linear)
    return weight @ np.log(np.maximum(chance, 1e-300)) - ridge / 2 * (parameters[n_thresholds:] ** 2).sum()


def numerical_slope(parameters, place, *data):
    step = 1e-5 * np.eye(len(parameters))[place]
    return (penalised(parameters + step, *data) - penalised(parameters - step, *data)) / 2e-5
