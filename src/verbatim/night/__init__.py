"""One night as plain functions: what the flows orchestrate, and what runs without Prefect just as well.

ingest → :func:`plan_night` → per window :func:`read_window`, :func:`measure_window`, :func:`publish_window` →
:func:`write_due_reports`. Between them travel paths of Parquet files, hashes and counts, never frames.
"""

from verbatim.night.comparing import Compared, publish_comparisons
from verbatim.night.computing import (
    MeasuredWindow,
    ReadWindow,
    measure_window,
    publish_window,
    read_window,
    remove_window,
)
from verbatim.night.extract import Extract, read_survey
from verbatim.night.failures import UnexpectedError, named_only
from verbatim.night.folder import night_folder
from verbatim.night.following import publish_follow_up
from verbatim.night.headline import Headline, chosen_period, published_periods, read_headline
from verbatim.night.inspecting import Inspected, inspect_source
from verbatim.night.models import codebook_of, encoder_of
from verbatim.night.moment import headline_period, is_open, parse_as_of
from verbatim.night.planning import NightPlan, plan_night
from verbatim.night.reporting import published_tables, report_file, write_due_reports, write_report_of
from verbatim.night.spanning import Spanned, publish_spans

__all__ = [
    "Compared",
    "Extract",
    "Headline",
    "Inspected",
    "MeasuredWindow",
    "NightPlan",
    "ReadWindow",
    "Spanned",
    "UnexpectedError",
    "chosen_period",
    "codebook_of",
    "encoder_of",
    "headline_period",
    "inspect_source",
    "is_open",
    "measure_window",
    "named_only",
    "night_folder",
    "parse_as_of",
    "plan_night",
    "publish_comparisons",
    "publish_follow_up",
    "publish_spans",
    "publish_window",
    "published_periods",
    "published_tables",
    "read_headline",
    "read_survey",
    "read_window",
    "remove_window",
    "report_file",
    "write_due_reports",
    "write_report_of",
]
