"""The numbers: NPS, score distribution, indicators and drivers of one survey and period.

Frames in, frames out: nothing here knows of text, flows or databases, and nothing reads the clock.
"""

from verbatim.measures.change import measure_change
from verbatim.measures.options import MeasureOptions
from verbatim.measures.period import measure_period
from verbatim.measures.watch import watch_weeks

__all__ = ["MeasureOptions", "measure_change", "measure_period", "watch_weeks"]
