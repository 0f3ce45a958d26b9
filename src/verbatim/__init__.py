"""French verbatim text analytics: what drives the NPS, in the customers' own words."""

__version__ = "0.1.0"
