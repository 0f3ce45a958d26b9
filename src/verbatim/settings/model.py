"""What a survey's settings hold: one frozen object, each key documented under it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from verbatim.periods import PeriodKind, period_kind

SurveyKind = Literal["nps", "enps"]
Language = Literal["fr", "en"]
Profile = Literal["embedded", "camembert"]
Precision = Literal["fp32", "bf16"]

ENVIRONMENT_PREFIX = "VERBATIM_"


class _Section(BaseModel):
    # hide_input: a value may be a password or a customer's text.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, use_attribute_docstrings=True)


def _column_only(value: object) -> object:
    """Let ``channel = "canal"`` stand for ``channel = { column = "canal" }``."""
    return {"column": value} if isinstance(value, str) else value


class Dimension(_Section):
    """A closed question or an attribute that the tables are sliced by."""

    column: str
    """Column of the source."""
    bins: tuple[float, ...] = ()
    """Lower bounds of numeric classes: `[1, 2, 5]` gives 1, 2-4 and 5 or more. Empty: take the values as they are."""

    @field_validator("bins")
    @classmethod
    def _ascending(cls, bins: tuple[float, ...]) -> tuple[float, ...]:
        if list(bins) != sorted(set(bins)):
            raise ValueError("bins must be strictly ascending")
        return bins


class Indicator(_Section):
    """Another closed question with an ordered numeric scale (satisfaction, effort, …)."""

    column: str
    """Column of the source."""
    scale: tuple[int, int] = (0, 10)
    """Lowest and highest answer; what lies outside counts as no answer."""


class SurveySettings(_Section):
    """What is asked, of whom."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")
    """Short stable name: lower-case letters, digits, `-` and `_`; first key of every table."""
    kind: SurveyKind = "nps"
    """`nps` asks customers, `enps` employees."""
    title: str = ""
    """Title of the report; the id by default."""
    question: str = ""
    """The open question, as it was asked."""
    scale: tuple[int, int] = (0, 10)
    """Lowest and highest score; a score outside is quarantined."""
    timezone: str = "Europe/Paris"
    """IANA time zone in which periods begin and end, and in which dates without an offset are read."""
    language: str = "fr"
    """Language of the answers."""
    period: PeriodKind = "month"
    """Length of a window."""
    employees: Path | None = None
    """Settings file of the employees' survey that this one is looked at beside."""

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError("unknown time zone; an IANA name such as Europe/Paris is expected")
        return name

    @property
    def zone(self) -> ZoneInfo:
        """Time zone as an object."""
        return ZoneInfo(self.timezone)


class SourceSettings(_Section):
    """Where the responses come from."""

    path: str | None = None
    """File, glob or fsspec URL: csv, tsv, xlsx, jsonl, parquet."""
    url: SecretStr | None = None
    """Database URL (`postgresql://…`, `duckdb:///…`) to run `query` on, instead of `path`."""
    query: str | None = None
    """SQL that returns one row a response."""
    missing: tuple[str, ...] = ()
    """Cells that mean "no answer"; the empty cell always does. "NA" is a customer's text unless it stands here."""
    max_rejected_share: float = Field(default=0.2, ge=0, le=1)
    """Share of quarantined rows above which a run stops and publishes nothing."""
    full_snapshot: bool = False
    """True: the source holds every response, so one that is absent now was deleted."""
    answered_at: dt.datetime | dt.date | None = None
    """Date of every response; only where the source has no date."""
    encoding: str | None = None
    """Declared encoding; by default it is recognised (BOM, UTF-8, cp1252, UTF-16)."""
    separator: str | None = Field(default=None, min_length=1, max_length=1)
    """Field separator of a csv; recognised by default."""
    sheet: str | None = None
    """Sheet of a workbook; the first by default."""
    batch_rows: int = Field(default=20_000, ge=1)
    """Rows held in memory at a time."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.path is None) == (self.url is None):
            raise ValueError("give either path, or url with query")
        if (self.url is None) != (self.query is None):
            raise ValueError("url and query go together")
        return self


class ColumnSettings(_Section):
    """Which column of the source holds what. A recognised survey tool's own columns need not be named."""

    response_id: str | None = None
    """Identifier that the survey tool gave the response."""
    score: str | None = None
    """Likelihood to recommend."""
    verbatim: str | None = None
    """Open answer."""
    answered_at: str | None = None
    """When the response was given."""
    customer_id: str | None = None
    """Identifier of the customer; stored as a keyed hash only."""
    weight: str | None = None
    """Survey weight, above 0."""
    invited: str | None = None
    """How many were invited (for the response rate)."""
    brand: str | None = None
    """Brand, where one source holds several; becomes the population."""
    unit: str | None = None
    """Shop, agency or team."""
    value: str | None = None
    """What the customer is worth, in the company's currency."""
    dimensions: dict[str, Annotated[Dimension, BeforeValidator(_column_only)]] = {}
    """What the tables are sliced by."""
    indicators: dict[str, Annotated[Indicator, BeforeValidator(_column_only)]] = {}
    """Other closed questions."""

    @field_validator("dimensions")
    @classmethod
    def _no_reserved_name(cls, dimensions: dict[str, Dimension]) -> dict[str, Dimension]:
        if "all" in dimensions:
            raise ValueError("'all' names the whole survey and cannot name a dimension")
        return dimensions


class PrivacySettings(_Section):
    """What may be shown."""

    min_respondents: int = Field(default=10, ge=1)
    """A published cell with a smaller base is suppressed."""


class SentimentSettings(_Section):
    """A sequence classifier that judges the polarity of each opinion."""

    model: str = Field(min_length=1)
    """Hub id or folder of a sequence classifier."""
    labels: dict[str, Literal["positive", "negative", "neutral"]] = {}
    """Polarity of each of its labels, where these are neither stars nor polarities: `{ "LABEL_0" = "negative" }`."""


class EmbeddingSettings(_Section):
    """A model whose sentence embeddings stand in for the encoder's."""

    model: str = Field(min_length=1)
    """Hub id or folder of a transformer."""
    pooling: Literal["mean", "cls"] = "mean"
    """How the states of a clause's tokens become one vector: their mean, or the first token's."""


class ModelSettings(_Section):
    """What reads the text."""

    profile: Profile = "embedded"
    """`embedded`: the models that ship with the package; `camembert`: beside them, the models named below."""
    folder: Path | None = None
    """Folder of another opinion encoder of the same kind, such as `verbatim train` writes."""
    precision: Precision = "fp32"
    """Arithmetic of the models; part of the fingerprint of a window."""
    sentiment: SentimentSettings | None = None
    """Judges the polarity of the opinions (profile `camembert`)."""
    embedding: EmbeddingSettings | None = None
    """Places the opinions for topics (profile `camembert`)."""
    spacy: str | None = None
    """spaCy pipeline or folder that gives topics their words (profile `camembert`)."""

    @model_validator(mode="after")
    def _parts_of_the_profile(self) -> Self:
        parts = [name for name in ("sentiment", "embedding", "spacy") if getattr(self, name) is not None]
        if self.profile == "embedded" and parts:
            raise ValueError(f'{", ".join(parts)}: only with profile = "camembert"')
        if self.profile == "camembert" and not parts:
            raise ValueError('profile "camembert" names no model; expected sentiment, embedding or spacy')
        return self


class ThemeSettings(_Section):
    """How opinions are named."""

    codebook: str | None = None
    """`cx-fr`, `ex-fr` or a TOML file; by default the one of the survey's kind."""


class MeasureSettings(_Section):
    """What is measured beyond the usual."""

    mix: str | None = None
    """Dimension whose mix the account and the bridge allow for (a name of `columns.dimensions`)."""
    cross: tuple[tuple[str, str], ...] = ()
    """Pairs of dimensions to cross: `[["channel", "journey_step"]]`."""
    effect_margin: float = Field(default=1.0, gt=0)
    """An effect on the NPS that surely lies within this many points is called none."""
    false_alerts_per_year: float = Field(default=2.0, gt=0)
    """Alerts a year that may be raised without any cause, over all themes, slices and nights."""


class TargetSettings(_Section):
    """An NPS to reach."""

    nps: float = Field(ge=-100, le=100)
    """Points to reach."""
    by: str
    """Period in which it is to be reached: `2026-12`, `2026-Q4`."""
    dimension: str = "all"
    """Dimension of the slice that it is set for; `all`: the whole survey."""
    slice: str = "all"
    """Slice that it is set for."""

    @field_validator("by")
    @classmethod
    def _a_period(cls, by: str) -> str:
        period_kind(by)
        return by


class ActionSettings(_Section):
    """Something that was done about a theme."""

    date: dt.date
    """First day on which it was in force."""
    theme: str
    """Theme that it is about."""
    polarity: Literal["positive", "negative", "neutral"] = "negative"
    """Which opinions of the theme it should change."""
    dimension: str = "all"
    """Dimension of the slice that it was taken in; `all`: the whole survey."""
    slice: str = "all"
    """Slice that it was taken in."""
    days: int = Field(default=90, ge=14)
    """Days that are looked at before it, and after it."""


class CallbackSettings(_Section):
    """Calls to detractors: what was done, as the team's own tool exports it."""

    path: str | None = None
    """File of calls, csv or xlsx; without one all calls are due."""
    response_id: str = "response_id"
    """Column that names the response called about."""
    called_at: str = "called_at"
    """Column that says when."""


class SymmetrySettings(_Section):
    """Customers and employees side by side, unit by unit."""

    lag: int = Field(default=1, ge=0)
    """Periods by which customers are looked at after employees. Declared once, before looking."""


class WarehouseSettings(_Section):
    """Where tables are published."""

    url: SecretStr = SecretStr("duckdb:///verbatim.duckdb")
    """`duckdb:///file` or `postgresql://user:password@host/database`."""

    @field_validator("url")
    @classmethod
    def _known_scheme(cls, url: SecretStr) -> SecretStr:
        if url.get_secret_value().split(":", 1)[0] not in {"duckdb", "postgresql"}:
            raise ValueError("unknown warehouse; known: duckdb:///FILE, postgresql://USER:PASSWORD@HOST/DATABASE")
        return url


class ReportSettings(_Section):
    """What people read."""

    folder: Path = Path("reports")
    """Reports are written to `folder/<survey>/<period>/index.html`."""
    language: Language = "fr"
    """Language of the report."""


class Settings(BaseSettings):
    """A survey and its run. Built once by :func:`load_settings` and passed down."""

    model_config = SettingsConfigDict(
        env_prefix=ENVIRONMENT_PREFIX,
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
    )

    survey: SurveySettings
    """What is asked, of whom."""
    source: SourceSettings
    """Where the responses come from."""
    columns: ColumnSettings = ColumnSettings()
    """Which column holds what."""
    privacy: PrivacySettings = PrivacySettings()
    """What may be shown."""
    models: ModelSettings = ModelSettings()
    """What reads the text."""
    themes: ThemeSettings = ThemeSettings()
    """How opinions are named."""
    measures: MeasureSettings = MeasureSettings()
    """What is measured beyond the usual."""
    targets: dict[str, TargetSettings] = {}
    """NPS to reach, by name."""
    actions: dict[str, ActionSettings] = {}
    """What was done about themes, by name."""
    callbacks: CallbackSettings = CallbackSettings()
    """Calls to detractors."""
    symmetry: SymmetrySettings = SymmetrySettings()
    """Customers and employees side by side."""
    warehouse: WarehouseSettings = WarehouseSettings()
    """Where tables are published."""
    reports: ReportSettings = ReportSettings()
    """What people read."""
    work_folder: Path = Path(".verbatim")
    """Batches, caches and embeddings of the survey: `work_folder/<survey>/`. Redacted text only."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment override the file."""
        # The file comes in as init arguments; the environment goes before it.
        return env_settings, init_settings

    @model_validator(mode="after")
    def _one_date(self) -> Self:
        if self.columns.answered_at is not None and self.source.answered_at is not None:
            raise ValueError("columns.answered_at and source.answered_at exclude each other")
        return self

    @model_validator(mode="after")
    def _known_dimensions(self) -> Self:
        named = [name for pair in self.measures.cross for name in pair]
        named += [] if self.measures.mix is None else [self.measures.mix]
        scoped = [target.dimension for target in self.targets.values()]
        scoped += [action.dimension for action in self.actions.values()]
        named += [dimension for dimension in scoped if dimension != "all"]
        if unknown := sorted(set(named) - self.columns.dimensions.keys()):
            known = ", ".join(self.columns.dimensions) or "none"
            raise ValueError(
                "measures, targets or actions name dimensions that columns.dimensions lacks: "
                f"{', '.join(unknown)} (known: {known})"
            )
        return self

    @property
    def codebook(self) -> str:
        """Codebook in force: the one named, else the one of the survey's kind."""
        return self.themes.codebook or {"nps": "cx-fr", "enps": "ex-fr"}[self.survey.kind]

    @property
    def survey_folder(self) -> Path:
        """Where this survey keeps batches, caches and embeddings."""
        return self.work_folder / self.survey.id
