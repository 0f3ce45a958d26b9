"""What people read: the driver report of a survey and period, from published tables and nothing else."""

from verbatim.reports.page import render_report
from verbatim.reports.publication import ReportError
from verbatim.reports.typography import (
    format_count,
    format_decimal,
    format_points,
    format_share,
    name_period,
)
from verbatim.reports.writing import write_report

__all__ = [
    "ReportError",
    "format_count",
    "format_decimal",
    "format_points",
    "format_share",
    "name_period",
    "render_report",
    "write_report",
]
