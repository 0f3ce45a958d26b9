"""The refit: published opinions of all windows → topics that the codebook does not hold → a file of proposals.

Run by `verbatim refit SETTINGS`, now and then; a codebook changes only by a person's hand.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.settings import get_current_settings
from prefect.tasks import exponential_backoff

from verbatim import night
from verbatim.errors import TransientError
from verbatim.night.proposing import ProposedThemes, propose_themes
from verbatim.settings import Settings, load_settings

LOGGER = logging.getLogger("verbatim.refit")


def is_transient(_task: Any, _run: Any, state: Any) -> bool:
    """Retry what a retry may cure, and nothing else."""
    return isinstance(state.result(raise_on_failure=False), TransientError)


# As the night's tasks. Said again rather than imported: in the wheel `flows` has another name.
REFIT_TASK: dict[str, Any] = {
    "cache_policy": NO_CACHE,
    "persist_result": False,
    "retries": 3,
    "retry_delay_seconds": exponential_backoff(backoff_factor=4),
    "retry_condition_fn": is_transient,
}


@task(name="propose", **REFIT_TASK)
def propose(settings: Settings) -> ProposedThemes:
    """Opinions and embeddings in, a file of proposals out."""
    with night.named_only(debug=get_current_settings().debug_mode):
        proposed = propose_themes(settings)
    LOGGER.info(
        "refit: %s opinions in %s wordings; agreement without a fifth of them %.2f, %d topics too unstable",
        *(f"{count:,}" for count in (proposed.n_opinions, proposed.n_wordings)),
        proposed.agreement,
        proposed.n_unstable,
    )
    return proposed


@flow(name="refit", persist_result=False, validate_parameters=False)
def refit(settings_path: str) -> Path | None:
    """Propose themes that the codebook lacks.

    Parameters
    ----------
    settings_path : str
        Settings file of the survey.

    Returns
    -------
    Path or None
        File of proposals; None where there is nothing to propose.
    """
    LOGGER.setLevel(logging.INFO)
    proposed = propose(load_settings(Path(settings_path)))
    if proposed.file is None:
        LOGGER.info("refit: no topic stands out; nothing was written")
    else:
        LOGGER.info("refit: proposed: %d new themes, %d sub-themes", proposed.n_new, proposed.n_parts)
    return proposed.file
