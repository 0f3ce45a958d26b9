"""One frozen, typed description of a survey and of how it is run, read from a TOML file.

Relative paths are resolved from the file's folder. Every key can be overridden by an environment
variable: ``VERBATIM_`` + section + ``__`` + key, such as ``VERBATIM_WAREHOUSE__URL``.
"""

from verbatim.settings.file import load_settings
from verbatim.settings.model import (
    ColumnSettings,
    Dimension,
    EmbeddingSettings,
    Indicator,
    Language,
    ModelSettings,
    Precision,
    PrivacySettings,
    ReportSettings,
    SentimentSettings,
    Settings,
    SourceSettings,
    SurveyKind,
    SurveySettings,
    ThemeSettings,
    WarehouseSettings,
)

__all__ = [
    "ColumnSettings",
    "Dimension",
    "EmbeddingSettings",
    "Indicator",
    "Language",
    "ModelSettings",
    "Precision",
    "PrivacySettings",
    "ReportSettings",
    "SentimentSettings",
    "Settings",
    "SourceSettings",
    "SurveyKind",
    "SurveySettings",
    "ThemeSettings",
    "WarehouseSettings",
    "load_settings",
]
