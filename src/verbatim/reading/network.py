"""The opinion encoder as a transformers model: a ModernBERT trunk, a tagger of opinion spans, heads over each span.

Import this module to register the classes with ``AutoConfig`` and ``AutoModel``; a folder then opens with
``AutoModel.from_pretrained(folder)``, without remote code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, ModernBertConfig, ModernBertModel, PreTrainedModel

from verbatim.reading.marked import CUSTOMER_THEMES, EMPLOYEE_THEMES, Kind

POLARITIES = ("positive", "negative", "neutral")
TAGS = ("O", "B", "I")


@dataclass(frozen=True)
class Calibration:
    """What stands between logits and probabilities: divisors of the logits, the wide branch's share in [0, 1]."""

    polarity_temperature: float
    theme_temperature: float
    wide_share: float
    wide_temperature: float


class OpinionEncoderConfig(ModernBertConfig):  # type: ignore[misc]  # transformers is followed as Any
    """Configuration of the trunk (ModernBERT) and of the heads.

    Parameters
    ----------
    projection_size : int
        Width of what the heads make of a span for its embedding.
    embedding_size : int
        Width of a span's sentence embedding.
    polarities, customer_themes, employee_themes : sequence of str
        Labels of the heads, in the order of their outputs.
    polarity_temperature, theme_temperature : float
        Divisors of the logits, fitted on held-out families (Guo et al. 2017, On Calibration of Modern Neural Networks).
    outside_bias : float
        Added to the logit of "no opinion here" before decoding: trades found opinions against false ones.
    silence_weight, silence_offset : float
        An answer is left without opinion where its opinions lead, in log-probability, by less than the weight times
        the log-odds of the wide branch that it holds none, plus the offset; weight 0: never for that reason.
    theme_threshold : float
        A theme less probable than this is reported as ``a_classer``.
    wide_share, wide_temperature : float
        Share of the wide branch in the probabilities of the themes, in [0, 1], and divisor of its logits; without a
        ``wide.safetensors`` beside the weights they count for nothing.
    likeness_meaning, likeness_naming, likeness_bias : float
        Weights of the two similarities of an opinion to the examples of a theme, and what is added, before the logistic
        function that makes a probability of them (`verbatim.reading.likeness`).
    employee_polarity_temperature, employee_theme_temperature : float, optional
    employee_wide_share, employee_wide_temperature : float, optional
        The same for employees' answers, of which the heads are less often right; without them, as for customers.
    """

    model_type = "opinion-encoder"

    projection_size: int = 128
    embedding_size: int = 192
    polarities: list[str] | tuple[str, ...] = POLARITIES
    customer_themes: list[str] | tuple[str, ...] = CUSTOMER_THEMES
    employee_themes: list[str] | tuple[str, ...] = EMPLOYEE_THEMES
    polarity_temperature: float = 1.0
    theme_temperature: float = 1.0
    outside_bias: float = 0.0
    silence_weight: float = 0.0
    silence_offset: float = 0.0
    theme_threshold: float = 0.25
    wide_share: float = 0.35
    wide_temperature: float = 0.5
    likeness_meaning: float = 8.7
    likeness_naming: float = 45.0
    likeness_bias: float = -9.2
    employee_polarity_temperature: float | None = None
    employee_theme_temperature: float | None = None
    employee_wide_share: float | None = None
    employee_wide_temperature: float | None = None

    def calibration(self, kind: Kind) -> Calibration:
        """What the logits of one kind of survey are divided and mixed by."""
        names = ("polarity_temperature", "theme_temperature", "wide_share", "wide_temperature")
        own = (getattr(self, calibration_key(name, kind)) for name in names)
        return Calibration(
            *(getattr(self, name) if value is None else value for name, value in zip(names, own, strict=True))
        )


def calibration_key(name: str, kind: Kind) -> str:
    """Key of config.json that holds a temperature or share of one kind of survey.

    Examples
    --------
    >>> calibration_key("wide_share", "enps")
    'employee_wide_share'
    """
    return name if kind == "nps" else f"employee_{name}"


@dataclass(frozen=True)
class SpanOutput:
    """What the heads say of S spans.

    Attributes
    ----------
    polarity : Tensor, shape (S, 3), logits
    themes : dict of Tensor, codebook's kind → logits of shape (S, themes)
    projected : Tensor, shape (S, projection_size), length 1
        Spans of one theme and polarity lie near each other; half of what `embed` makes an embedding of.
    """

    polarity: Tensor
    themes: dict[str, Tensor]
    projected: Tensor


class OpinionEncoderModel(PreTrainedModel):  # type: ignore[misc]  # transformers is followed as Any
    """One pass of the trunk over an answer; `tag` for the spans, `describe` and `embed` for what each span says."""

    config_class = OpinionEncoderConfig
    base_model_prefix = "trunk"
    _supports_sdpa = True

    def __init__(self, config: OpinionEncoderConfig) -> None:
        super().__init__(config)
        width = config.hidden_size
        self.trunk = ModernBertModel(config)
        self.tagger = nn.Linear(width, len(TAGS))
        self.join = nn.Sequential(nn.Linear(2 * width, width), nn.GELU(), nn.LayerNorm(width))
        self.dropout = nn.Dropout(config.classifier_dropout)
        self.polarity = nn.Linear(width, len(config.polarities))
        self.customer_themes = nn.Linear(width, len(config.customer_themes))
        self.employee_themes = nn.Linear(width, len(config.employee_themes))
        self.projection = nn.Linear(width, config.projection_size)
        self.spread = nn.Linear(config.projection_size + width, config.embedding_size)
        # What each token counts for among the words of a span: frequent ones say little of its subject.
        self.rarity = nn.Parameter(torch.ones(config.vocab_size), requires_grad=False)
        self.post_init()

    def forward(self, input_ids: Tensor, attention_mask: Tensor | None = None, **_: Any) -> Tensor:
        """Token states, shape (answers, tokens, width)."""
        if attention_mask is not None:
            # Additive-free boolean mask, built once: every layer attends everywhere.
            attention_mask = attention_mask.bool()[:, None, None, :]
        masks = {"full_attention": attention_mask, "sliding_attention": attention_mask}
        states: Tensor = self.trunk(input_ids=input_ids, attention_mask=masks).last_hidden_state
        return states

    def tag(self, states: Tensor) -> Tensor:
        """Logits of O, B, I for each token, shape (answers, tokens, 3)."""
        logits: Tensor = self.tagger(states)
        return logits

    def describe(self, states: Tensor, row: Tensor, start: Tensor, end: Tensor) -> SpanOutput:
        """Polarity, themes and projection of S spans.

        Parameters
        ----------
        states : Tensor, shape (answers, tokens, width)
        row, start, end : Tensor, shape (S,)
            Answer, first token, token behind the last one; ``start < end``.
        """
        inside = _inside(states.shape[1], start, end)
        # One gather of (S, tokens, width): answers are short, and it keeps the mean and the maximum exact.
        tokens = states[row]
        weight = inside.to(states.dtype)[:, :, None]
        mean = (tokens * weight).sum(1) / weight.sum(1)
        top = tokens.masked_fill(~inside[:, :, None], torch.finfo(states.dtype).min).amax(1)
        joined = self.dropout(self.join(torch.cat([mean, top], dim=-1)))
        themes = {"nps": self.customer_themes(joined), "enps": self.employee_themes(joined)}
        projected = nn.functional.normalize(self.projection(joined).float(), dim=-1)
        return SpanOutput(self.polarity(joined), themes, projected)

    def embed(self, projected: Tensor, input_ids: Tensor, row: Tensor, start: Tensor, end: Tensor) -> Tensor:
        """Sentence embeddings of S spans: what they judge, from `describe`, joined with the words that they say.

        The words are the mean of their input embeddings, each weighted by its rarity (Arora et al. 2017, *A Simple but
        Tough-to-Beat Baseline for Sentence Embeddings*): what is learned for opinions takes likeness of subject away.

        Parameters
        ----------
        projected : Tensor, shape (S, projection_size)
        input_ids : Tensor, shape (answers, tokens)
        row, start, end : Tensor, shape (S,)
            As for `describe`.

        Returns
        -------
        Tensor, shape (S, embedding_size), length 1
        """
        tokens = input_ids[row]
        weight = (self.rarity[tokens].float() * _inside(tokens.shape[1], start, end))[:, :, None]
        words = (self.trunk.embeddings(tokens).float() * weight).sum(1) / weight.sum(1)
        return nn.functional.normalize(self.spread(torch.cat([projected, words], dim=-1)), dim=-1)


def _inside(tokens: int, start: Tensor, end: Tensor) -> Tensor:
    """Which tokens of its answer each span holds, shape (S, tokens)."""
    position = torch.arange(tokens, device=start.device)
    inside: Tensor = (position >= start[:, None]) & (position < end[:, None])
    return inside


AutoConfig.register(OpinionEncoderConfig.model_type, OpinionEncoderConfig, exist_ok=True)
AutoModel.register(OpinionEncoderConfig, OpinionEncoderModel, exist_ok=True)
