"""The opinion encoder at work: a folder is opened once, texts go in, opinions with their embeddings come out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt

from verbatim.errors import ModelError
from verbatim.reading.batches import Batch, cut, deal, fitting
from verbatim.reading.clauses import Sides, most_opposed, opposition, sides_of
from verbatim.reading.labels import Labels, labels_of
from verbatim.reading.marked import Kind
from verbatim.reading.silence import is_silent
from verbatim.reading.spans import Span, TokenLayout, decode, lay_out, tokens_of
from verbatim.reading.threads import one_thread_a_batch, usable_processors
from verbatim.reading.wide import BUCKETS, WIDE_FILE, Wide, load_wide
from verbatim.reading.wordlists import resources_digest
from verbatim.tables import UNCLASSIFIED, Polarity

if TYPE_CHECKING:
    import pandas as pd
    import torch
    from tokenizers import Tokenizer

    from verbatim.reading.network import OpinionEncoderModel, SpanOutput

_Item = TypeVar("_Item")
_Done = TypeVar("_Done")
Progress = Callable[[int, int], None]
"""Called with the texts read so far and all texts to read."""

DECODING = "4"
"""Version of all that happens between the encoder's logits and the opinions; part of `Encoder.revision`."""
FILES = ("config.json", "model.safetensors", "tokenizer.json")

# What is held at a time: memory is bounded by this, not by the survey.
_TEXTS = 2048
_CHARACTERS = 400_000
_SPANS = 64  # rows of a batch of spans, fewer of wide ones
_SPAN_TOKENS = 8192
_SPAN_WIDTHS = (4, 8, 16, 32, 64, 128, 256)
_LONGEST_SILENT = 150  # characters: no training answer without opinion has more than 126
_SHIPPED = "opinion-encoder"


@dataclass(frozen=True)
class Scores:
    """What the encoder says of S spans.

    Attributes
    ----------
    polarity : array, shape (S, 3)
        Calibrated probabilities of positive, negative, neutral; each row adds up to 1.
    themes : array, shape (S, themes)
        Calibrated probabilities of the codebook's themes, in the order of `theme_ids`; a row of a shipped codebook adds
        up to 1.
    theme_ids : tuple of str
    embedding : array, shape (S, width), float16
        Sentence embedding of each span, of length 1.
    """

    polarity: npt.NDArray[np.float64]
    themes: npt.NDArray[np.float64]
    theme_ids: tuple[str, ...]
    embedding: npt.NDArray[np.float16]


@dataclass(frozen=True)
class Reading:
    """Opinions of texts.

    Attributes
    ----------
    opinions : DataFrame
        One row per opinion, in order of text and start: `text` (place in the list given), `k` (rank in the text),
        `start`, `end`, `quote`, `polarity`, `p_positive`, `p_negative`, `p_neutral`, `theme_id`, `theme_confidence`.
    embeddings : array, shape (opinions, width), float16
        Sentence embedding of each opinion, of length 1.
    """

    opinions: pd.DataFrame
    embeddings: npt.NDArray[np.float16]


@dataclass(frozen=True)
class _Encoded:
    """One text, its layout of tokens, [CLS] and [SEP] left out."""

    text: str
    ids: list[int]
    layout: TokenLayout


@dataclass(frozen=True)
class _Piece:
    """The tokens of a span: what the trunk makes of them, shape (tokens, width), and their ids."""

    states: npt.NDArray[np.float32]
    ids: Sequence[int]


@dataclass(frozen=True)
class _SpanBatch:
    """Spans that are scored together, in an array of a fixed height and width."""

    pieces: npt.NDArray[np.intp]
    height: int
    width: int


def load_encoder(folder: Path | None = None, *, precision: str = "fp32") -> Encoder:
    """Open an opinion encoder.

    Parameters
    ----------
    folder : Path, optional
        Folder with config.json, model.safetensors and tokenizer.json; by default the encoder that ships.
    precision : "fp32" or "bf16"
        Arithmetic of the trunk; the heads always work in single precision.

    Returns
    -------
    Encoder

    Raises
    ------
    ModelError
        The folder is missing, holds no opinion encoder, or its weights do not fit its configuration.
    """
    import torch
    from tokenizers import Tokenizer

    place = shipped_folder() if folder is None else Path(folder)
    if precision not in ("fp32", "bf16"):
        raise ModelError("Unknown precision of the encoder.", where="models.precision", expected="fp32 or bf16")
    absent = [name for name in FILES if not (place / name).is_file()]
    if absent:
        raise _no_encoder(place, f"it lacks {', '.join(absent)}")
    one_thread_a_batch()
    try:
        model, wide = _load_model(place), load_wide(place)
        tokenizer = Tokenizer.from_file(str(place / "tokenizer.json"))
    except ModelError:
        raise
    # tokenizers raises a bare Exception for a file that it cannot parse.
    except Exception as error:
        raise _no_encoder(place, f"it cannot be opened ({type(error).__name__})") from error
    if precision == "bf16":
        model.trunk.to(torch.bfloat16)
    return Encoder(model, tokenizer, wide, revision=_revision(place, precision))


def shipped_folder() -> Path:
    """Folder of the encoder that ships: beside this package in a wheel, under ``models/`` in a source tree."""
    package = Path(__file__).parents[1]
    in_wheel = package / "models" / _SHIPPED
    return in_wheel if in_wheel.is_dir() else package.parents[1] / "models" / _SHIPPED


class Encoder:
    """An opinion encoder that is ready to read; made by :func:`load_encoder`."""

    def __init__(self, model: OpinionEncoderModel, tokenizer: Tokenizer, wide: Wide | None, *, revision: str) -> None:
        self.model = model
        self.wide = wide
        self.config: Any = model.config
        self.revision = revision
        """SHA-256 over weights, configuration, tokenizer, precision, word lists and version of the decoding."""
        self._tokenizer = tokenizer
        self._padding, self._begin, self._end = (_token(tokenizer, name) for name in ("[PAD]", "[CLS]", "[SEP]"))

    def read(self, texts: Sequence[str], *, codebook: str, on_progress: Progress | None = None) -> Reading:
        """Read the opinions of texts.

        Parameters
        ----------
        texts : sequence of str
            Redacted answers, of any length; a text that stands twice is read once.
        codebook : str
            ``cx-fr`` (customers' themes), ``ex-fr`` (employees') or a TOML file: only its themes are given.
        on_progress : callable, optional
            Called with the number of distinct texts read and their total.

        Returns
        -------
        Reading

        Raises
        ------
        CodebookError, ModelError
            The codebook cannot be read, or the encoder knows none of its themes.
        """
        labels = labels_of(codebook)
        distinct = list(dict.fromkeys(texts))
        # Short ones together; among equals the text decides, so that the order of the survey never does.
        queue = sorted((text for text in distinct if not is_silent(text)), key=lambda text: (len(text), text))
        found: dict[str, tuple[list[Span], Scores]] = {}
        done = len(distinct) - len(queue)
        for chunk in _chunks(queue):
            for encoded, spans, scores in self._read_chunk(chunk, labels):
                found[encoded.text] = spans, scores
            done += len(chunk)
            if on_progress is not None:
                on_progress(done, len(distinct))
        return self._reading(texts, found)

    def score_spans(self, text: str, spans: Sequence[tuple[int, int]], *, codebook: str) -> Scores:
        """Score given character spans of a text, as an evaluation on marked answers needs it."""
        labels = labels_of(codebook)
        (encoded,) = self._encode([text])
        (states,) = (states for _, states in self._states([encoded]))
        located = [Span(start, end, *tokens_of(encoded.layout, start, end)) for start, end in spans]
        pieces = [_piece(encoded, states, span) for span in located]
        return self._score(pieces, [text[start:end] for start, end in spans], labels)

    @property
    def heads(self) -> Encoder:
        """The encoder whose heads give the themes: this one."""
        return self

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float16]:
        """Sentence embeddings of whole texts, shape (texts, width), of length 1; zeros for a text without a word."""
        found = np.zeros((len(texts), self.config.embedding_size), dtype=np.float16)
        encoded = self._encode(list(texts))
        places, pieces = [], []
        for place, states in self._states(encoded):
            places.append(place)
            pieces.append(_Piece(states, encoded[place].ids))
        batches = _span_batches([len(piece.ids) for piece in pieces])
        for batch in batches:
            _, embedded = self._describe([pieces[piece] for piece in batch.pieces], batch)
            found[[places[piece] for piece in batch.pieces]] = _array(embedded)[: len(batch.pieces)]
        return found

    @property
    def rarity(self) -> npt.NDArray[np.float32]:
        """What each hashed word and n-gram counts for (`verbatim.reading.wide`); alike without a wide branch."""
        return np.ones(2 * BUCKETS, dtype=np.float32) if self.wide is None else self.wide.rarity

    def token_states(self, texts: Sequence[str]) -> Iterator[tuple[int, TokenLayout, npt.NDArray[np.float32]]]:
        """What the trunk makes of texts: place in the list, layout of the tokens, states (tokens, width).

        In the order in which the batches come out.
        """
        encoded = self._encode(list(texts))
        for place, states in self._states(encoded):
            yield place, encoded[place].layout, states

    def with_model(self, model: OpinionEncoderModel, *, revision: str) -> Encoder:
        """Another model behind this encoder's tokenizer and wide branch."""
        return Encoder(model, self._tokenizer, self.wide, revision=revision)

    def blend(self, themes: npt.NDArray[np.float64], clauses: Sequence[str], kind: Kind) -> npt.NDArray[np.float64]:
        """Mix the transformer's probabilities of the themes with the wide branch's.

        Parameters
        ----------
        themes : array, shape (S, themes)
            The transformer's, each row adding up to 1.
        clauses : sequence of str
            Words of the S spans.
        kind : "nps" or "enps"
            Whose themes.

        Returns
        -------
        array, shape (S, themes)
            The same as `themes` where the encoder's folder has no wide branch.
        """
        if self.wide is None or not clauses:
            return themes
        calibration = self.config.calibration(kind)
        share = float(calibration.wide_share)
        wide = _softmax(self.wide.logits(clauses, kind), calibration.wide_temperature)
        return (1 - share) * themes + share * wide

    def _read_chunk(self, texts: list[str], labels: Labels) -> Iterator[tuple[_Encoded, list[Span], Scores]]:
        encoded = self._encode(texts)
        least = self._least_leads(texts)
        pieces: list[_Piece] = []
        drawn: list[tuple[int, list[tuple[Span, list[Sides]]]]] = []
        for place, states in self._states(encoded):
            one = encoded[place]
            bias = float(self.config.outside_bias)
            spans = decode(one.text, one.layout, self._tag(states), outside_bias=bias, least=least[place])
            # The sides of borders are scored along, so that the states of a text can be let go.
            sided = [(span, sides_of(one.text, one.layout, span)) for span in spans]
            drawn.append((place, sided))
            pieces += [_piece(one, states, part) for part in _parts(sided)]
        clauses = [encoded[place].text[part.start : part.end] for place, sided in drawn for part in _parts(sided)]
        scores = self._score(pieces, clauses, labels)
        at = 0
        for place, sided in drawn:
            parts = _parts(sided)
            own = _take(scores, range(at, at + len(parts)))
            at += len(parts)
            kept = _apart(sided, own)
            yield encoded[place], [parts[row] for row in kept], _take(own, kept)

    def _least_leads(self, texts: Sequence[str]) -> list[float]:
        """What the opinions of each text must lead silence by; nothing where the text is too long to be silent."""
        weight, least = float(self.config.silence_weight), np.zeros(len(texts))
        short = [place for place, text in enumerate(texts) if len(text) <= _LONGEST_SILENT]
        if self.wide is not None and weight > 0 and short:
            least[short] = (
                weight * self.wide.silence_logits([texts[place] for place in short]) + self.config.silence_offset
            )
        return least.tolist()

    def _encode(self, texts: list[str]) -> list[_Encoded]:
        encodings = self._tokenizer.encode_batch(texts, add_special_tokens=False)
        return [
            _Encoded(text, encoding.ids, lay_out(text, encoding.offsets, encoding.word_ids))
            for text, encoding in zip(texts, encodings, strict=True)
        ]

    def _states(self, encoded: Sequence[_Encoded]) -> Iterator[tuple[int, npt.NDArray[np.float32]]]:
        """Place and token states (tokens, width) of each text, as soon as its last window is through."""
        windows = [window for place, one in enumerate(encoded) for window in cut(place, len(one.ids))]
        ids = [one.ids for one in encoded]
        missing = np.bincount([window.text for window in windows], minlength=len(encoded))
        open_texts: dict[int, npt.NDArray[np.float32]] = {}
        batches = list(deal(windows, ids, padding=self._padding, begin=self._begin, end=self._end))
        for batch, states in zip(batches, self._at_once(self._run, batches), strict=True):
            for row, window in enumerate(batch.windows):
                size = len(encoded[window.text].ids)
                whole = open_texts.setdefault(window.text, np.empty((size, states.shape[-1]), dtype=np.float32))
                # Row position 0 is [CLS].
                shift = 1 - window.first
                whole[window.own_first : window.own_last] = states[
                    row, window.own_first + shift : window.own_last + shift
                ]
                missing[window.text] -= 1
                if missing[window.text] == 0:
                    yield window.text, open_texts.pop(window.text)

    def _run(self, batch: Batch) -> npt.NDArray[np.float32]:
        import torch

        with torch.inference_mode():
            states = self.model(torch.from_numpy(batch.tokens), torch.from_numpy(batch.mask))
            return _array(states.float())

    def _tag(self, states: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        # Three dot products a token: numpy's einsum does each by itself, whatever stands beside it.
        weight, bias = self._tagger
        logits: npt.NDArray[np.float32] = np.einsum("tw,cw->tc", states, weight) + bias
        return logits

    @property
    def _tagger(self) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        tagger = self.model.tagger
        return _array(tagger.weight.detach()), _array(tagger.bias.detach())

    def _score(self, pieces: list[_Piece], clauses: Sequence[str], labels: Labels) -> Scores:
        """Score spans given by their tokens, in batches of fixed shapes, and by their words."""
        config = self.config
        calibration = config.calibration(labels.kind)
        names = tuple(config.customer_themes if labels.kind == "nps" else config.employee_themes)
        polarity = np.empty((len(pieces), len(config.polarities)))
        themes = np.empty((len(pieces), len(names)))
        embedding = np.empty((len(pieces), config.embedding_size), dtype=np.float16)
        batches = _span_batches([len(piece.ids) for piece in pieces])
        described = self._at_once(
            lambda batch: self._describe([pieces[piece] for piece in batch.pieces], batch), batches
        )
        for batch, (said, embedded) in zip(batches, described, strict=True):
            used = len(batch.pieces)
            polarity[batch.pieces] = _softmax(_array(said.polarity)[:used], calibration.polarity_temperature)
            themes[batch.pieces] = _softmax(_array(said.themes[labels.kind])[:used], calibration.theme_temperature)
            embedding[batch.pieces] = _array(embedded)[:used].astype(np.float16)
        themes = self.blend(themes, clauses, labels.kind)
        return Scores(polarity, _given(themes, names, labels), labels.themes, embedding)

    def _describe(self, pieces: list[_Piece], batch: _SpanBatch) -> tuple[SpanOutput, torch.Tensor]:
        import torch

        states = np.zeros((batch.height, batch.width, self.config.hidden_size), dtype=np.float32)
        ids = np.full((batch.height, batch.width), self._padding, dtype=np.int64)
        sizes = np.ones(batch.height, dtype=np.int64)
        for row, piece in enumerate(pieces):
            states[row, : len(piece.ids)] = piece.states
            ids[row, : len(piece.ids)] = piece.ids
            sizes[row] = len(piece.ids)
        with torch.inference_mode():
            rows = torch.arange(batch.height)
            place = (rows, torch.zeros_like(rows), torch.from_numpy(sizes))
            said = self.model.describe(torch.from_numpy(states), *place)
            return said, self.model.embed(said.projected, torch.from_numpy(ids), *place)

    def _at_once(self, work: Callable[[_Item], _Done], items: Sequence[_Item]) -> Iterator[_Done]:
        """Results in the order of the items, one item a processor.

        Splitting each batch over all processors makes them wait for one another, and wait long where others use the
        machine too.
        """
        with ThreadPoolExecutor(usable_processors()) as pool:
            yield from pool.map(work, items)

    def _reading(self, texts: Sequence[str], found: dict[str, tuple[list[Span], Scores]]) -> Reading:
        import pandas as pd

        nothing = np.zeros((0, self.config.embedding_size), dtype=np.float16)
        rows: list[tuple[object, ...]] = []
        embeddings = [nothing]
        for place, text in enumerate(texts):
            if text not in found:
                continue
            spans, scores = found[text]
            embeddings.append(scores.embedding)
            themes, sure = _surest(scores.themes)
            for k, span in enumerate(spans):
                p_positive, p_negative, p_neutral = scores.polarity[k].tolist()
                is_sure = sure[k] > 0 and sure[k] >= self.config.theme_threshold
                theme = scores.theme_ids[themes[k]] if is_sure else UNCLASSIFIED
                said = self.config.polarities[int(scores.polarity[k].argmax())]
                rows.append(
                    (
                        *(place, k, span.start, span.end, text[span.start : span.end], str(Polarity(said))),
                        *(p_positive, p_negative, p_neutral, theme, float(sure[k])),
                    )
                )
        frame = pd.DataFrame(rows, columns=list(_COLUMNS)).astype(_COLUMNS)
        return Reading(frame, np.concatenate(embeddings))


def _given(themes: npt.NDArray[np.float64], names: Sequence[str], labels: Labels) -> npt.NDArray[np.float64]:
    """Probabilities of the ids that a codebook gives.

    What it leaves out keeps its share of the probability, and cannot win; what it merged adds up, column by column: a
    product of matrices would hang on their shapes in its last bits.
    """
    said = np.zeros((len(themes), len(labels.themes)))
    for place, name in enumerate(names):
        if name in labels.given:
            said[:, labels.themes.index(labels.given[name])] += themes[:, place]
    return said


def _surest(themes: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float64]]:
    """Place and probability of the surest theme of each opinion; 0 where the encoder knows none of the codebook's."""
    if themes.shape[1] == 0:
        return np.zeros(len(themes), dtype=np.intp), np.zeros(len(themes))
    return themes.argmax(axis=1), themes.max(axis=1)


_COLUMNS = {
    "text": "int64",
    "k": "int64",
    "start": "int64",
    "end": "int64",
    "quote": "string",
    "polarity": "string",
    "p_positive": "float64",
    "p_negative": "float64",
    "p_neutral": "float64",
    "theme_id": "string",
    "theme_confidence": "float64",
}


def _span_batches(lengths: Sequence[int]) -> list[_SpanBatch]:
    widths = np.array([fitting(length, _SPAN_WIDTHS) for length in lengths], dtype=int)
    batches = []
    for width in np.unique(widths).tolist():
        queue = np.flatnonzero(widths == width)
        height = max(1, min(_SPANS, _SPAN_TOKENS // width))
        batches += [_SpanBatch(queue[at : at + height], height, width) for at in range(0, len(queue), height)]
    return batches


def _chunks(texts: Sequence[str]) -> Iterator[list[str]]:
    chunk: list[str] = []
    held = 0
    for text in texts:
        if chunk and (len(chunk) == _TEXTS or held + len(text) > _CHARACTERS):
            yield chunk
            chunk, held = [], 0
        chunk.append(text)
        held += len(text)
    if chunk:
        yield chunk


def _piece(encoded: _Encoded, states: npt.NDArray[np.float32], span: Span) -> _Piece:
    # A copy: a view would keep the states of the whole text.
    return _Piece(states[span.first : span.last].copy(), encoded.ids[span.first : span.last])


def _parts(sided: list[tuple[Span, list[Sides]]]) -> list[Span]:
    """All that is scored of a text: each span, behind it the two sides of each of its borders."""
    return [part for span, sides in sided for part in (span, *(side for pair in sides for side in pair))]


def _apart(sided: list[tuple[Span, list[Sides]]], scores: Scores) -> list[int]:
    """Rows of `_parts` that are opinions: a span, or its two sides where they surely judge the opposite."""
    kept: list[int] = []
    row = 0
    for _, sides in sided:
        lefts = range(row + 1, row + 1 + 2 * len(sides), 2)
        cut_at = most_opposed([opposition(scores.polarity[left], scores.polarity[left + 1]) for left in lefts])
        kept += [row] if cut_at is None else [lefts[cut_at], lefts[cut_at] + 1]
        row += 1 + 2 * len(sides)
    return kept


def _token(tokenizer: Tokenizer, name: str) -> int:
    number = tokenizer.token_to_id(name)
    if number is None:
        raise ModelError("The tokenizer lacks a token that the encoder needs.", expected=name)
    return number


def _take(scores: Scores, rows: Sequence[int]) -> Scores:
    rows = list(rows)
    return Scores(scores.polarity[rows], scores.themes[rows], scores.theme_ids, scores.embedding[rows])


def _softmax(logits: npt.NDArray[np.float32], temperature: float) -> npt.NDArray[np.float64]:
    scaled = logits.astype(np.float64) / temperature
    raised = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    shares: npt.NDArray[np.float64] = raised / raised.sum(axis=1, keepdims=True)
    return shares


def _array(tensor: torch.Tensor) -> npt.NDArray[np.float32]:
    array: npt.NDArray[np.float32] = tensor.numpy()
    return array


def _load_model(folder: Path) -> OpinionEncoderModel:
    import torch
    from safetensors.torch import load_file

    from verbatim.reading.network import OpinionEncoderConfig, OpinionEncoderModel

    described = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    if described.get("model_type") != OpinionEncoderConfig.model_type:
        raise _no_encoder(folder, "its config.json describes another kind of model")
    config = OpinionEncoderConfig.from_dict(described)
    # What the weights start from is thrown away: leave the caller's random numbers alone.
    with torch.random.fork_rng():
        model: OpinionEncoderModel = OpinionEncoderModel(config).float().eval()
    model.load_state_dict({name: weight.float() for name, weight in load_file(folder / "model.safetensors").items()})
    return model


def _no_encoder(folder: Path, why: str) -> ModelError:
    return ModelError(
        f"There is no opinion encoder in this folder: {why}.",
        where=str(folder),
        expected=f"a folder with {', '.join(FILES)} of an opinion encoder",
        next_step='Give such a folder in models.folder, or leave models.folder out: models.profile = "embedded" reads '
        "with the encoder that ships.",
    )


def _revision(folder: Path, precision: str) -> str:
    digest = hashlib.sha256(f"{DECODING} {precision} {resources_digest()}".encode())
    for name in (*FILES, WIDE_FILE):
        file = folder / name
        digest.update(hashlib.sha256(file.read_bytes() if file.is_file() else b"").digest())
    return digest.hexdigest()
