"""Alerts of the windows: subjects that turn up, themes that are gone; each window beside those before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from verbatim.night.models import codebook_of
from verbatim.night.planning import embeddings_file
from verbatim.periods import period_bounds
from verbatim.settings import Settings
from verbatim.tables import ALERTS, UNDATED, empty
from verbatim.warehouse import Warehouse, open_warehouse

if TYPE_CHECKING:
    import pandas as pd

_METHOD = "1"


@dataclass(frozen=True, slots=True)
class Alerted:
    """What looking for alerts came to."""

    windows: tuple[str, ...]
    """Windows that were looked at tonight."""
    n_alerts: int
    """Alerts of these windows."""
    raised: tuple[tuple[str, str], ...]
    """Window and suggested id of each new subject that lasts; a label may hold customers' words."""


def publish_alerts(settings: Settings, *, run_id: str) -> Alerted:
    """Look for alerts where a window, or one of those it is compared with, was published since they were computed.

    What they were computed from stands on the window's own row: a run killed before this is healed by the next.

    Parameters
    ----------
    settings : Settings
        The survey.
    run_id : str
        The run that publishes.
    """
    survey_id, done, raised, n_alerts = settings.survey.id, [], [], 0
    with open_warehouse(settings.warehouse.url) as warehouse:
        windows = warehouse.read("windows", survey_id=survey_id)
        known = dict(zip(windows["window"], windows["alerts_digest"].fillna(""), strict=True))
        for window, digest in _digests(windows, settings).items():
            if known[window] == digest:
                continue
            earlier = _before(window, windows["window"].tolist(), settings)
            alerts = _alerts(settings, warehouse, window, earlier)
            partition = {"survey_id": survey_id, "window": window}
            warehouse.publish_alerts(alerts.assign(run_id=run_id, **partition), partition=partition, digest=digest)
            done.append(window)
            n_alerts += len(alerts)
            lasting = alerts[(alerts["kind"] == "new") & (alerts["state"] == "raised")]
            raised += [(window, theme_id) for theme_id in lasting["theme_id"]]
    return Alerted(tuple(done), n_alerts, tuple(raised))


def _before(window: str, windows: Sequence[str], settings: Settings) -> list[str]:
    """Windows that a window is compared with, oldest first."""
    from verbatim.themes.emergence import EARLIER

    dated = [one for one in windows if one != UNDATED]
    order = sorted(dated, key=lambda one: period_bounds(one, settings.survey.zone))
    return order[max(0, order.index(window) - EARLIER) : order.index(window)]


def _digests(windows: pd.DataFrame, settings: Settings) -> Mapping[str, str]:
    """What the alerts of each window hang on: its own rows and those of the windows before it."""
    prints = dict(zip(windows["window"], windows["fingerprint"], strict=True))
    dated = [window for window in prints if window != UNDATED]
    return {
        window: hashlib.sha256(
            json.dumps([_METHOD, *(prints[one] for one in (*_before(window, dated, settings), window))]).encode()
        ).hexdigest()
        for window in dated
    }


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
