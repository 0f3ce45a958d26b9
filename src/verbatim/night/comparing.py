"""Windows beside those before them: alerts, and the bridge from the period before."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from verbatim.night.computing import measure_options
from verbatim.night.models import codebook_of
from verbatim.night.planning import embeddings_file
from verbatim.periods import period_bounds
from verbatim.settings import Settings
from verbatim.tables import ALERTS, NPS_BRIDGE, UNDATED, empty
from verbatim.warehouse import Warehouse, open_warehouse

if TYPE_CHECKING:
    import pandas as pd

_METHOD = "3"
_MARKS = ("codebook_hash", "model_revision", "method_version")


@dataclass(frozen=True, slots=True)
class Compared:
    """What comparing came to."""

    windows: tuple[str, ...]
    """Windows that were compared tonight."""
    n_alerts: int
    """Alerts of these windows."""
    raised: tuple[tuple[str, str], ...]
    """Window and suggested id of each new subject that lasts; a label may hold customers' words."""


def publish_comparisons(settings: Settings, *, as_of: dt.datetime, run_id: str) -> Compared:
    """Compare where a window, or one of those it is compared with, was published since that was done.

    What it was computed from stands on the window's own row: a run killed before this is healed by the next.

    Parameters
    ----------
    settings : Settings
        The survey.
    as_of : datetime
        The moment the run looks from.
    run_id : str
        The run that publishes.
    """
    import pandas as pd

    survey_id, done, raised, n_alerts = settings.survey.id, [], [], 0
    with open_warehouse(settings.warehouse.url) as warehouse:
        windows = warehouse.read("windows", survey_id=survey_id)
        known = dict(zip(windows["window"], windows["alerts_digest"].fillna(""), strict=True))
        for window, digest in _digests(windows, settings, as_of).items():
            if known[window] == digest:
                continue
            earlier = _before(window, windows["window"].tolist(), settings)
            alerts = _alerts(settings, warehouse, window, earlier)
            moved = _movements(settings, warehouse, window, windows["window"].tolist(), as_of)
            alerts = pd.concat([alerts, moved], ignore_index=True) if len(moved) else alerts
            bridge = bridge_between(settings, warehouse, windows, (earlier[-1:], (window,)), (earlier[-1:], [window]))
            partition = {"survey_id": survey_id, "window": window}
            frames = {
                name: frame.assign(run_id=run_id, **partition)
                for name, frame in (("alerts", alerts), ("nps_bridge", bridge))
            }
            warehouse.publish_comparisons(frames, partition=partition, digest=digest)
            done.append(window)
            n_alerts += len(alerts)
            lasting = alerts[(alerts["kind"] == "new") & (alerts["state"] == "raised")]
            raised += [(window, theme_id) for theme_id in lasting["theme_id"]]
    return Compared(tuple(done), n_alerts, tuple(raised))


def bridge_between(
    settings: Settings,
    warehouse: Warehouse,
    windows: pd.DataFrame,
    held: tuple[Sequence[str], Sequence[str]],
    periods: tuple[Sequence[str], Sequence[str]],
) -> pd.DataFrame:
    """Bridge from one closed period to the next; no rows where either is open or missing, or a gap lies between.

    Parameters
    ----------
    settings, warehouse
        The survey and where it is published.
    windows : DataFrame
        The survey's rows of `windows`.
    held : pair of sequences of str
        Windows that the earlier and the later period hold.
    periods : pair of sequences of str
        Label of each, or none.
    """
    from verbatim.measures import measure_change

    nothing = empty(NPS_BRIDGE).drop(columns=["window", "run_id"])
    rows = windows[windows["window"].isin([*held[0], *held[1]])]
    if not all(periods) or not all(held) or rows["provisional"].any():
        return nothing
    before, after = (period[0] for period in periods)
    (_, end), (start, _) = (period_bounds(label, settings.survey.zone) for label in (before, after))
    if end != start:
        return nothing
    return measure_change(
        *(rows_between(settings, warehouse, own, label) for own, label in zip(held, (before, after), strict=True)),
        survey_id=settings.survey.id,
        periods=(before, after),
        same_method=len(rows[list(_MARKS)].drop_duplicates()) == 1,
        options=measure_options(settings),
    )


def rows_between(
    settings: Settings, warehouse: Warehouse, windows: Sequence[str], label: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Responses and opinions of a period; a week may lie in two months."""
    import pandas as pd

    survey_id = settings.survey.id
    start, end = period_bounds(label, settings.survey.zone)
    responses, opinions = (
        pd.concat([warehouse.read(name, survey_id=survey_id, window=window) for window in windows])
        for name in ("responses", "opinions")
    )
    responses = responses[(responses["answered_at"] >= start) & (responses["answered_at"] < end)]
    return responses, opinions[opinions["response_id"].isin(responses["response_id"])]


def _before(window: str, windows: Sequence[str], settings: Settings) -> list[str]:
    """Windows that a window is compared with, oldest first."""
    from verbatim.themes.emergence import EARLIER

    dated = [one for one in windows if one != UNDATED]
    order = sorted(dated, key=lambda one: period_bounds(one, settings.survey.zone))
    return order[max(0, order.index(window) - EARLIER) : order.index(window)]


def _digests(windows: pd.DataFrame, settings: Settings, as_of: dt.datetime) -> Mapping[str, str]:
    """What the comparisons of each window hang on: its own rows, those of the windows before it, and the last week."""
    prints = dict(zip(windows["window"], windows["fingerprint"], strict=True))
    dated = [window for window in prints if window != UNDATED]
    rate = settings.measures.false_alerts_per_year
    digests = {}
    for window in dated:
        held = sorted({*_before(window, dated, settings), *_looked_back(window, dated, settings, as_of), window})
        week = str(_last_week(window, settings, as_of))
        basis = [_METHOD, rate, week, *(prints[one] for one in held)]
        digests[window] = hashlib.sha256(json.dumps(basis).encode()).hexdigest()
    return digests


def _last_week(window: str, settings: Settings, as_of: dt.datetime) -> dt.date:
    """Sunday on which the last week ends that was complete at the end of a window, or at `as_of` while it is open."""
    from verbatim.measures.watch import last_week_end

    zone = settings.survey.zone
    moment = min(period_bounds(window, zone)[1], as_of) - dt.timedelta(microseconds=1)
    # The day of `as_of` is not over.
    day = moment.astimezone(zone).date() - dt.timedelta(days=int(moment >= as_of - dt.timedelta(microseconds=1)))
    return last_week_end(day)


def _looked_back(window: str, windows: Sequence[str], settings: Settings, as_of: dt.datetime) -> list[str]:
    """Windows that hold the two years up to the last week of a window; none where that week ends before it begins."""
    from verbatim.measures.watch import LONGEST

    zone = settings.survey.zone
    week = _last_week(window, settings, as_of)
    first, behind = period_bounds(window, zone)
    if first > dt.datetime.combine(week, dt.time(), zone):
        return []
    start = dt.datetime.combine(week - dt.timedelta(weeks=LONGEST), dt.time(), zone)
    bounds = {one: period_bounds(one, zone) for one in windows if one != UNDATED}
    return [one for one, (begin, end) in bounds.items() if end > start and begin < behind]


def _movements(
    settings: Settings, warehouse: Warehouse, window: str, windows: Sequence[str], as_of: dt.datetime
) -> pd.DataFrame:
    """Alerts on themes that move, and those of before that late answers cancel."""
    import pandas as pd

    from verbatim.measures import watch_weeks
    from verbatim.measures.movements import withdraw

    survey_id, held = settings.survey.id, _looked_back(window, windows, settings, as_of)
    if not held:
        return empty(ALERTS).drop(columns=["window", "run_id"])
    responses = pd.concat([warehouse.read("responses", survey_id=survey_id, window=one) for one in held])
    opinions = pd.concat([warehouse.read("opinions", survey_id=survey_id, window=one) for one in held])
    found = watch_weeks(
        responses,
        opinions,
        survey_id=survey_id,
        period=window,
        until=_last_week(window, settings, as_of),
        zone=settings.survey.zone,
        rate=settings.measures.false_alerts_per_year,
        options=measure_options(settings),
    )
    # A window published anew has lost its alerts: only those of the same rows and a later week are there.
    return withdraw(found, warehouse.read("alerts", survey_id=survey_id, window=window))


def _alerts(settings: Settings, warehouse: Warehouse, window: str, earlier: Sequence[str]) -> pd.DataFrame:
    import pandas as pd

    from verbatim.themes.alerts import find_alerts

    if not earlier:
        return empty(ALERTS).drop(columns=["window", "run_id"])
    spans = (*earlier, window)
    survey_id = settings.survey.id
    opinions = pd.concat([warehouse.read("opinions", survey_id=survey_id, window=one) for one in spans])
    columns = ["response_id", "population", "verbatim", "window"]
    responses = pd.concat(
        [warehouse.read("responses", survey_id=survey_id, window=one, columns=columns) for one in spans]
    )
    files = [file for file in (embeddings_file(settings, one) for one in spans) if file.exists()]
    vectors = [pd.read_parquet(file, columns=["text_hash", "k", "embedding"]) for file in files]
    return find_alerts(
        opinions,
        responses,
        pd.concat(vectors) if vectors else pd.DataFrame({"text_hash": [], "k": [], "embedding": []}),
        survey_id=survey_id,
        window=window,
        earlier=earlier,
        codebook=codebook_of(settings),
        min_respondents=settings.privacy.min_respondents,
        spacy=settings.models.spacy,
    )
