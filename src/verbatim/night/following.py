"""What a survey is followed up by: targets, actions, calls to detractors, customers beside employees."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from verbatim.errors import SourceError
from verbatim.night.computing import measure_options
from verbatim.night.models import codebook_of
from verbatim.periods import label_periods, period_bounds
from verbatim.settings import Settings, load_settings
from verbatim.tables import ALL, TABLES, UNDATED, conform
from verbatim.warehouse import Warehouse, open_warehouse

if TYPE_CHECKING:
    import pandas as pd

_TABLES = tuple(name for name, table in TABLES.items() if table.partition == ("survey_id",))
TO_CALL_DAYS = 92
"""Detractors of so many days stand in the list of calls."""


def publish_follow_up(settings: Settings, *, as_of: dt.datetime, run_id: str) -> Mapping[str, int]:
    """Measure what a survey is followed up by, and publish it whole: one transaction over its tables.

    Employees are not called, and set no one a target here: of a survey of kind `enps` only targets and actions.

    Parameters
    ----------
    settings : Settings
        The survey.
    as_of : datetime
        The moment the run looks from.
    run_id : str
        The run that publishes.

    Returns
    -------
    mapping of str to int
        Rows by table.

    Raises
    ------
    SourceError
        The list of calls cannot be read.
    SettingsError
        An action names a theme or a slice that is not there.
    """
    survey_id = settings.survey.id
    with open_warehouse(settings.warehouse.url) as warehouse:
        responses = warehouse.read("responses", survey_id=survey_id)
        frames = {
            "targets": _targets(settings, warehouse, as_of),
            "actions": _actions(settings, warehouse, responses, as_of),
            **(_calls(settings, warehouse, responses, as_of) if settings.survey.kind == "nps" else {}),
            **_symmetry(settings, responses),
        }
        last = max((one for one in responses["window"] if one != UNDATED), default=UNDATED)
        published = {name: _signed(frame, survey_id, last, run_id) for name, frame in frames.items()}
        if not all(_stands(warehouse, name, published.get(name), survey_id) for name in _TABLES):
            warehouse.publish_survey(published, survey_id=survey_id)
    return {name: len(frame) for name, frame in published.items()}


def _stands(warehouse: Warehouse, name: str, frame: pd.DataFrame | None, survey_id: str) -> bool:
    """Whether a table holds these rows already, whichever run published them."""
    before = warehouse.read(name, survey_id=survey_id).drop(columns="run_id")
    if frame is None:
        return before.empty
    table = TABLES[name]
    rows = conform(frame, table).sort_values(list(table.key), ignore_index=True).drop(columns="run_id")
    return bool(rows.astype(before.dtypes.to_dict()).equals(before))


def _signed(frame: pd.DataFrame, survey_id: str, window: str, run_id: str) -> pd.DataFrame:
    signed = frame.assign(survey_id=survey_id, run_id=run_id)
    return signed if "window" in signed else signed.assign(window=window)


def _targets(settings: Settings, warehouse: Warehouse, as_of: dt.datetime) -> pd.DataFrame:
    import pandas as pd

    from verbatim.measures.targets import Target, measure_targets

    targets = [
        Target(name, one.nps, one.by, one.dimension, one.slice) for name, one in sorted(settings.targets.items())
    ]
    moment = pd.Series([as_of]).astype("datetime64[us, UTC]")
    period = str(label_periods(moment, kind=settings.survey.period, zone=settings.survey.zone).iloc[0])
    return measure_targets(warehouse.read("nps", survey_id=settings.survey.id), targets, as_of_period=period)


def _actions(settings: Settings, warehouse: Warehouse, responses: pd.DataFrame, as_of: dt.datetime) -> pd.DataFrame:
    from verbatim.measures.actions import Action, measure_actions

    actions = [
        Action(name, one.date, one.theme, one.polarity, one.dimension, one.slice, one.days)
        for name, one in sorted(settings.actions.items())
    ]
    options, codebook = measure_options(settings), codebook_of(settings)
    wrote = responses[responses["score"].notna() & responses["verbatim"].notna()].reset_index(drop=True)
    local = wrote["answered_at"].dt.tz_convert(settings.survey.zone).dt.tz_localize(None).dt.normalize()
    people = wrote[["response_id", "population", "weight"]].assign(day=local, customer=wrote["customer_key"])
    for dimension in {action.dimension for action in actions} - {ALL}:
        values = {text: json.loads(text).get(dimension) for text in wrote["dimensions"].unique()}
        people[dimension] = wrote["dimensions"].map(values)
    columns = ["response_id", "theme_id", "polarity"]
    opinions = warehouse.read("opinions", survey_id=settings.survey.id, columns=columns)
    named = opinions[~opinions["theme_id"].isin(options.unranked_themes)]
    return measure_actions(
        people,
        named,
        actions,
        as_of=as_of.astimezone(settings.survey.zone).date(),
        themes=[theme.id for theme in codebook.themes],
        codebook=codebook.name,
        minimum=settings.privacy.min_respondents,
    )


def _calls(
    settings: Settings, warehouse: Warehouse, responses: pd.DataFrame, as_of: dt.datetime
) -> dict[str, pd.DataFrame]:
    """Whom to call, and, where a list of calls is read, what came of calling."""
    import pandas as pd

    from verbatim.measures.callbacks import first_calls, measure_inner_loop, plan_callbacks
    from verbatim.measures.nps import scored_base
    from verbatim.measures.respondents import read_respondents
    from verbatim.measures.suppression import suppress

    calls, _ = first_calls(responses, _read_calls(settings), as_of=as_of)
    opinions = warehouse.read(
        "opinions", survey_id=settings.survey.id, columns=["response_id", "start", "polarity", "theme_id", "window"]
    )
    planned = plan_callbacks(responses, opinions, calls, as_of=as_of)
    planned["window"] = planned["response_id"].map(responses.set_index("response_id")["window"])
    recent = planned["answered_at"] >= pd.Timestamp(as_of) - pd.Timedelta(days=TO_CALL_DAYS)
    tables = {"callbacks": planned[recent]}
    if settings.callbacks.path is None:
        return tables
    options, loops = measure_options(settings), []
    for window, own in responses.groupby("window"):
        if period_bounds(str(window), settings.survey.zone)[1] > as_of:
            continue
        respondents = read_respondents(own, options)
        hidden = suppress(scored_base(respondents), respondents.slices, minimum=options.min_respondents)
        mine = planned[planned["window"] == window]
        later = responses[responses["answered_at"] >= own["answered_at"].min()]
        loop = measure_inner_loop(respondents, mine, later, hidden, minimum=options.min_respondents)
        loops.append(loop.assign(period=window, window=window))
    return tables | ({"inner_loop": pd.concat(loops, ignore_index=True)} if loops else {})


def _read_calls(settings: Settings) -> pd.DataFrame:
    """Calls as the team's tool exports them: response_id, called_at (UTC)."""
    import pandas as pd

    wanted = settings.callbacks
    if wanted.path is None:
        return pd.DataFrame({"response_id": pd.array([], "string"), "called_at": pd.array([], "datetime64[us, UTC]")})
    file = Path(wanted.path)
    try:
        table = (
            pd.read_excel(file, dtype=str)
            if file.suffix == ".xlsx"
            else pd.read_csv(file, sep=None, engine="python", dtype=str, encoding="utf-8-sig")
        )
    except (OSError, ValueError):
        # from None: the cause quotes the file.
        raise SourceError(
            "the list of calls cannot be read",
            where=f"callbacks.path, {file.name}",
            expected="a csv in UTF-8 or an xlsx file",
        ) from None
    lacking = [name for name in (wanted.response_id, wanted.called_at) if name not in table]
    if lacking:
        raise SourceError(
            f"the list of calls lacks columns: {', '.join(lacking)}",
            where=f"callbacks.path, {file.name}",
            next_step="name its columns in callbacks.response_id and callbacks.called_at",
        )
    times = pd.to_datetime(table[wanted.called_at], errors="coerce", dayfirst=not _is_iso(table[wanted.called_at]))
    local = (
        times
        if times.dt.tz is not None
        else times.dt.tz_localize(settings.survey.zone, ambiguous=True, nonexistent="shift_forward")
    )
    called_at = local.dt.tz_convert("UTC").astype("datetime64[us, UTC]")
    return pd.DataFrame({"response_id": table[wanted.response_id].astype("string"), "called_at": called_at})


def _placed(times: pd.Series, zone: ZoneInfo) -> pd.Series:
    """Times without an offset are the survey's; the hour that comes twice is taken as summer time."""
    placed: pd.Series = times.dt.tz_localize(zone, ambiguous=True, nonexistent="shift_forward")
    return placed


def _is_iso(times: pd.Series) -> bool:
    return bool(times.dropna().str.match(r"\d{4}-").all())


def _symmetry(settings: Settings, responses: pd.DataFrame) -> dict[str, pd.DataFrame]:
    from verbatim.measures.symmetry import measure_symmetry

    if settings.survey.employees is None:
        return {}
    other = load_settings(settings.survey.employees)
    with open_warehouse(other.warehouse.url, create=False) as warehouse:
        employees = warehouse.read("responses", survey_id=other.survey.id)
    sides = [_unit_answers(rows, settings) for rows in (responses, employees)]
    periods = sorted(set(sides[0]["period"]), key=lambda label: period_bounds(label, settings.survey.zone))
    tables = measure_symmetry(
        sides[0], sides[1], periods=periods, lag=settings.symmetry.lag, minimum=settings.privacy.min_respondents
    )
    return {
        name: frame.assign(employees_survey=other.survey.id)
        for name, frame in zip(("symmetry", "symmetry_links"), tables, strict=True)
    }


def _unit_answers(responses: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    from verbatim.measures.respondents import number_customers

    scored = responses[responses["score"].notna()]
    period = label_periods(scored["answered_at"], kind=settings.survey.period, zone=settings.survey.zone)
    customer = number_customers(scored["customer_key"], scored["response_id"])
    return scored[["population", "unit", "nps_group"]].assign(period=period, customer=customer)
