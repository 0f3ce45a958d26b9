import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verbatim.measures.symmetry import measure_symmetry
from verbatim.tables import SYMMETRY, SYMMETRY_LINKS, conform

ENVELOPE = {"survey_id", "employees_survey", "window", "run_id"}
PERIODS = ["2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2"]
GROUPS = np.array(["promoter", "passive", "detractor"], dtype=object)
COLUMNS = ["population", "unit", "period", "customer", "nps_group"]


def answers(unit, period, promoters, passives, detractors, *, population="all"):
    """Answers of a unit in a period, everyone another person."""
    groups = np.repeat(GROUPS, [promoters, passives, detractors])
    who = [f"{unit} {period} {place}" for place in range(len(groups))]
    return pd.DataFrame(
        {"population": population, "unit": unit, "period": period, "customer": who, "nps_group": groups},
        columns=COLUMNS,
    )


def together(*frames):
    return pd.concat([pd.DataFrame(columns=COLUMNS, dtype="object"), *frames], ignore_index=True)


def measure(customers, employees, *, lag=0, minimum=10, periods=PERIODS, **options):
    return measure_symmetry(customers, employees, periods=periods, lag=lag, minimum=minimum, **options)


def known(level, n):
    """Answers of n people a unit and period with exactly this NPS, shape (U, P); no passives."""
    up = np.rint((level / 100 + 1) / 2 * n).astype(int)
    cells = [
        answers(f"u{unit:02d}", PERIODS[period], up[unit, period], 0, n - up[unit, period])
        for unit, period in np.ndindex(*level.shape)
    ]
    return together(*cells)


def polled(rng, level, n, *, panel=False):
    """Answers of n people a unit and period around this NPS; panel: each answers with the same leaning every time."""
    n_units, n_periods = level.shape
    unit, period, person = np.meshgrid(*(np.arange(size) for size in (n_units, n_periods, n)), indexing="ij")
    lean = np.repeat(rng.random((n_units, 1, n)), n_periods, axis=1) if panel else rng.random(unit.shape)
    half = level[unit, period] / 200
    group = np.where(lean < 0.35 + half, 0, np.where(lean > 0.65 + half, 2, 1))
    who = unit * n + person if panel else np.arange(unit.size)
    columns = {
        "population": "all",
        "unit": np.array([f"u{number:02d}" for number in range(n_units)], dtype=object)[unit.ravel()],
        "period": np.array(PERIODS, dtype=object)[period.ravel()],
        "customer": who.ravel(),
        "nps_group": GROUPS[group.ravel()],
    }
    return pd.DataFrame(columns)


def levels(rng, *, units=30, periods=6, slope=0.0, lag=1):
    """True NPS and eNPS: lasting differences of units, common seasons, and a slope on the eNPS of `lag` before."""
    shape = (units, periods)
    staff = rng.normal(0, 12, (units, 1)) + rng.normal(0, 12, shape) + rng.normal(0, 8, (1, periods))
    shop = rng.normal(0, 12, (units, 1)) + rng.normal(0, 4, shape) + rng.normal(0, 8, (1, periods))
    shop[:, lag:] += slope * staff[:, : periods - lag]
    return np.clip(shop, -60, 60), np.clip(staff, -60, 60)


def test_the_columns_are_those_of_the_tables():
    some = measure(answers("a", "2025-Q1", 8, 2, 0), answers("a", "2025-Q1", 5, 5, 5))
    for frames in (some, measure(together(), together())):
        for frame, table in zip(frames, (SYMMETRY, SYMMETRY_LINKS), strict=True):
            assert list(frame.columns) == [name for name in table.column_names if name not in ENVELOPE]
            conform(frame.assign(**dict.fromkeys(ENVELOPE, "x")), table)


def test_units_stand_side_by_side_in_order_of_name():
    customers = together(*(answers(unit, "2025-Q1", up, 0, 20 - up) for unit, up in (("b", 20), ("a", 5), ("c", 10))))
    employees = together(
        answers("b", "2025-Q1", 0, 5, 5), answers("a", "2025-Q1", 9, 1, 0), answers("d", "2025-Q1", 9, 9, 9)
    )
    frame, _ = measure(customers, employees)
    assert frame["unit"].tolist() == ["a", "b", "c"]
    assert frame["nps"].tolist() == [-50.0, 100.0, 0.0]
    assert frame["enps"].fillna(999).tolist() == [90.0, -50.0, 999]
    assert frame["n_employees"].tolist() == [10, 10, 0]
    assert not frame["suppressed"].any()


def suppressed(n, n_employees, *, elsewhere=0):
    """Suppressed units a, b, … of these bases; some customers of no unit."""
    customers = [answers(name, "2025-Q1", count, 0, 0) for name, count in zip("abcd", n, strict=False)]
    employees = [answers(name, "2025-Q1", count, 0, 0) for name, count in zip("abcd", n_employees, strict=False)]
    frame, _ = measure(together(*customers, answers(None, "2025-Q1", elsewhere, 0, 0)), together(*employees))
    hidden = frame["suppressed"].to_numpy(bool)
    assert frame.loc[hidden, ["n", "nps", "n_employees", "enps"]].isna().all(axis=None)
    return "".join(frame["unit"][hidden])


@pytest.mark.parametrize(
    ("n", "n_employees", "elsewhere", "expected"),
    [
        ((30, 30, 30), (12, 12, 12), 0, ""),
        ((9, 20, 30), (12, 12, 12), 0, "ab"),
        ((9, 20, 30), (12, 12, 12), 1, "a"),
        ((30, 40, 50), (9, 30, 20), 0, "ac"),
        ((30, 40, 50), (0, 30, 20), 0, ""),
        ((9, 20, 30, 40), (12, 9, 30, 20), 0, "ab"),
        ((9, 9, 30), (12, 12, 12), 0, "ab"),
    ],
    ids=[
        "enough",
        "few customers and the next smallest",
        "few customers among others of no unit",
        "few employees and the next smallest",
        "no employees tell nothing",
        "few of either",
        "two hide each other",
    ],
)
def test_small_units_are_suppressed_with_those_that_would_give_them_away(n, n_employees, elsewhere, expected):
    assert suppressed(n, n_employees, elsewhere=elsewhere) == expected


def test_a_team_that_serves_two_brands_is_hidden_in_both():
    customers = together(*(answers(unit, "2025-Q1", 30, 0, 0, population=brand) for unit in "abc" for brand in "xy"))
    employees = together(*(answers(unit, "2025-Q1", count, 0, 0) for unit, count in (("a", 5), ("b", 30), ("c", 20))))
    frame, links = measure(customers, employees)
    hidden = frame[frame["suppressed"].to_numpy(bool)]
    assert (hidden["population"] + hidden["unit"]).tolist() == ["xa", "xc", "ya", "yc"]
    assert links["population"].tolist() == ["x", "y"]


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 25), st.integers(0, 25)), min_size=1, max_size=5))
def test_what_is_left_by_subtraction_is_nobody_or_many(units):
    customers = together(*(answers(f"u{place}", "2025-Q1", n, 0, 0) for place, (n, _) in enumerate(units)))
    employees = together(*(answers(f"u{place}", "2025-Q1", n, 0, 0) for place, (_, n) in enumerate(units)))
    frame, _ = measure(customers, employees)
    for base, everyone in (("n", len(customers)), ("n_employees", len(employees))):
        shown = frame[base].dropna()
        assert not ((shown > 0) & (shown < 10)).any()
        # Employees of units without customers stand in no row, but in the whole.
        left = everyone - shown.sum()
        assert left == 0 or left >= 10 or frame["suppressed"].all() or len(shown[shown > 0]) == 0


def test_the_slope_is_that_of_changes_within_units():
    """Known levels: NPS = a unit's own + a season's + ½ eNPS of one period before. Levels themselves are opposed."""
    rng = np.random.default_rng(3)
    own = np.linspace(-20, 20, 24)[:, None]
    staff = own + rng.integers(-10, 11, (24, 6)) * 2.0
    shop = -own + np.array([0, 5, -5, 10, 0, 3]) + 0.5 * np.roll(staff, 1, axis=1)
    _, links = measure(known(shop, 1000), known(staff, 1000), lag=1)
    link = links.iloc[0]
    assert link[["lag", "units", "changes", "slope_in_literature", "verdict"]].tolist() == [
        1,
        24,
        96,
        0.5,
        "move_together",
    ]
    # 1000 employees leave (10 % of noise in) the changes of eNPS, which the known levels do not have.
    assert 0.49 < link["slope"] < 0.58
    assert 0 < link["ci_low"] <= link["slope"] <= link["ci_high"]
    assert measure(known(-shop, 1000), known(staff, 1000), lag=1)[1]["verdict"].tolist() == ["inconclusive"]


def test_the_same_people_with_the_same_leaning_are_no_noise():
    """Everyone answers each time: what changes is known, and nothing is taken off."""
    rng = np.random.default_rng(5)
    shop, staff = levels(rng, slope=0.5)
    customers, employees = polled(rng, shop, 400), polled(rng, staff, 120, panel=True)
    strangers = employees.assign(customer=np.arange(len(employees)))
    slopes = [measure(customers, who, lag=1)[1]["slope"].iloc[0] for who in (employees, strangers)]
    assert 0.35 < slopes[0] < 0.7
    assert slopes[1] > 1.3 * slopes[0]


@pytest.mark.parametrize("units", [19, 20])
def test_twenty_units_at_least(units):
    rng = np.random.default_rng(1)
    shop, staff = levels(rng, units=units, slope=0.8)
    link = measure(polled(rng, shop, 200), polled(rng, staff, 100), lag=1)[1].iloc[0]
    assert link["units"] == units
    assert pd.isna(link[["slope", "ci_low", "ci_high"]]).all() == (units < 20)
    assert link["verdict"] == ("inconclusive" if units < 20 else "move_together")


def test_changes_that_are_mere_chance_have_no_slope():
    rng = np.random.default_rng(2)
    shop, staff = levels(rng)
    link = measure(polled(rng, shop, 50), polled(rng, np.zeros_like(staff), 12), lag=1)[1].iloc[0]
    assert (link["units"], link["verdict"]) == (30, "inconclusive")
    assert pd.isna(link["slope"])


def test_small_cells_and_missing_periods_make_no_change():
    rng = np.random.default_rng(4)
    shop, staff = levels(rng, units=3)
    customers, employees = polled(rng, shop, 10), polled(rng, staff, 10)
    first = customers[(customers["unit"] != "u00") | (customers["period"] != "2025-Q3")]
    few = employees[(employees["unit"] != "u01") | (employees["customer"] % 10 > 0)]
    assert measure(customers, employees, lag=1)[1][["units", "changes"]].to_numpy().tolist() == [[3, 12]]
    assert measure(first, employees, lag=1)[1][["units", "changes"]].to_numpy().tolist() == [[3, 10]]
    assert measure(customers, few, lag=1)[1][["units", "changes"]].to_numpy().tolist() == [[2, 8]]
    assert measure(customers, employees, lag=6)[1][["units", "changes"]].to_numpy().tolist() == [[0, 0]]


def test_a_lag_looks_ahead_only():
    with pytest.raises(ValueError, match="lag of -1"):
        measure(together(), together(), lag=-1)


@settings(deadline=None, max_examples=8)
@given(st.integers(0, 1000))
def test_no_figure_hangs_on_the_order_of_the_rows(seed):
    rng = np.random.default_rng(9)
    shop, staff = levels(rng, units=22, slope=0.5)
    frames = polled(rng, shop, 12), polled(rng, staff, 15, panel=True)
    shuffled = [frame.sample(frac=1, random_state=seed) for frame in frames]
    for found, expected in zip(measure(*shuffled, lag=1, draws=50), measure(*frames, lag=1, draws=50), strict=True):
        pd.testing.assert_frame_equal(found, expected, check_exact=True)


@pytest.mark.slow
def test_units_that_do_not_move_together_are_seldom_said_to():
    found = [_simulated(seed, slope=0.0)["verdict"] for seed in range(200)]
    # One side of 95 %: 2.5 % nominal, and three standard errors of 200 simulations.
    assert found.count("move_together") / 200 < 0.025 + 3 * np.sqrt(0.025 * 0.975 / 200)


@pytest.mark.slow
def test_a_planted_slope_is_found_though_teams_are_small():
    links = [_simulated(seed, slope=0.5) for seed in range(100)]
    slopes = pd.Series([link["slope"] for link in links]).dropna().astype(float)
    assert len(slopes) > 80
    # Uncorrected it would be some 0.2.
    assert 0.42 < slopes.median() < 0.58
    assert np.mean([link["verdict"] == "move_together" for link in links]) > 0.4
    covered = [link["ci_low"] <= 0.5 <= link["ci_high"] for link in links if pd.notna(link["slope"])]
    assert np.mean(covered) > 0.88


def _simulated(seed, *, slope):
    rng = np.random.default_rng(seed)
    shop, staff = levels(rng, slope=slope)
    return measure(polled(rng, shop, 60), polled(rng, staff, 20), lag=1)[1].iloc[0]
