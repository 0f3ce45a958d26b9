import numpy as np
import pytest
from scipy.special import gammaln
from scipy.stats import t

from verbatim.measures.estimates import (
    Z_95,
    effective_base,
    mean_interval,
    newcombe_interval,
    nps_interval,
    wilson_interval,
)


def one(*values):
    return [np.array([float(value)]) for value in values]


def plain_wald(promoters, detractors, base):
    nps = promoters - detractors
    half = Z_95 * np.sqrt(np.maximum(promoters + detractors - nps**2, 0) / base)
    return 100 * (nps - half), 100 * (nps + half)


def coverage(interval, n, promoter, detractor):
    """Probability that the interval holds the true NPS: all outcomes of a trinomial law, each with its probability."""
    promoters, detractors = (counts.ravel() for counts in np.meshgrid(np.arange(n + 1), np.arange(n + 1)))
    possible = promoters + detractors <= n
    promoters, detractors = promoters[possible], detractors[possible]
    passives = n - promoters - detractors
    logs = [(promoters, promoter), (detractors, detractor), (passives, 1 - promoter - detractor)]
    log_probability = gammaln(n + 1) + sum(k * np.log(p) - gammaln(k + 1) for k, p in logs)
    low, high = interval(promoters / n, detractors / n, np.full(len(passives), float(n)))
    true = 100 * (promoter - detractor)
    # A bound that equals the truth holds it; rounding decides otherwise.
    return np.exp(log_probability)[(low <= true + 1e-9) & (true <= high + 1e-9)].sum()


@pytest.mark.parametrize("n", [10, 20, 30, 100])
@pytest.mark.parametrize(("promoter", "detractor"), [(0.4, 0.3), (0.9, 0.02)], ids=["40/30/30", "90/8/2"])
def test_the_nps_interval_covers_where_plain_wald_does_not(n, promoter, detractor):
    adjusted = coverage(nps_interval, n, promoter, detractor)
    assert adjusted >= 0.925
    assert coverage(plain_wald, n, promoter, detractor) < adjusted


def test_plain_wald_is_as_bad_as_published():
    assert coverage(plain_wald, 10, 0.9, 0.02) == pytest.approx(0.65, abs=0.005)


def test_the_nps_interval_holds_what_it_is_about_and_stays_within_100():
    shares = np.array([(p, d, n) for n in range(1, 40) for p in range(n + 1) for d in range(n + 1 - p)], dtype=float)
    promoters, detractors = shares[:, 0] / shares[:, 2], shares[:, 1] / shares[:, 2]
    low, high = nps_interval(promoters, detractors, shares[:, 2])
    nps = 100 * (promoters - detractors)
    assert ((low >= -100) & (low <= nps) & (nps <= high) & (high <= 100)).all()
    assert (low < high).all()


@pytest.mark.parametrize(
    ("counts", "bounds"),
    [
        ((56, 70, 48, 80), (0.0524, 0.3339)),
        ((9, 10, 3, 10), (0.1705, 0.8090)),
        ((6, 7, 2, 7), (0.0582, 0.8062)),
        ((5, 56, 0, 29), (-0.0381, 0.1926)),
        ((0, 10, 0, 20), (-0.1611, 0.2775)),
        ((0, 10, 0, 10), (-0.2775, 0.2775)),
        ((10, 10, 0, 20), (0.6791, 1.0)),
        ((10, 10, 0, 10), (0.6075, 1.0)),
    ],
    ids=str,
)
def test_newcombe_s_own_examples(counts, bounds):
    """Newcombe (1998), Statistics in Medicine 17:873-890, table II, method 10."""
    said, base, other_said, other_base = counts
    low, high = newcombe_interval(*one(said / base, base, other_said / other_base, other_base))
    assert (low[0], high[0]) == pytest.approx(bounds, abs=5e-5)


@pytest.mark.parametrize(
    ("said", "base", "bounds"),
    [(81, 263, (0.2553, 0.3662)), (15, 148, (0.0624, 0.1605)), (0, 20, (0, 0.1611)), (1, 29, (0.0061, 0.1718))],
)
def test_wilson_s_interval_as_newcombe_tabled_it(said, base, bounds):
    """Newcombe (1998), Statistics in Medicine 17:857-872, table I, method 3."""
    low, high = wilson_interval(*one(said / base, base))
    assert (low[0], high[0]) == pytest.approx(bounds, abs=5e-5)


def test_a_mean_has_student_s_interval():
    answers = np.array([1, 2, 2, 3, 5, 5, 4])
    low, high = mean_interval(*one(answers.mean(), answers.var(), 7), (1, 5))
    expected = t.interval(0.95, 6, answers.mean(), answers.std(ddof=1) / np.sqrt(7))
    assert (low[0], high[0]) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("mean", "base", "bounds"), [(4, 1, (1, 5)), (4, 12, (3.817, 4.183)), (5, 12, (4.817, 5))], ids=str
)
def test_answers_that_all_agree_keep_some_uncertainty(mean, base, bounds):
    low, high = mean_interval(*one(mean, 0, base), (1, 5))
    assert (low[0], high[0]) == pytest.approx(bounds, abs=1e-3)


@pytest.mark.parametrize(("weights", "base"), [([1, 1, 1, 1], 4), ([0.5, 0.5], 2), ([1, 3], 1.6), ([5], 1)], ids=str)
def test_equal_weights_are_worth_their_number(weights, base):
    values = np.array(weights, dtype=float)
    assert effective_base(*one(values.sum(), (values**2).sum()))[0] == pytest.approx(base)
