"""The tokenizer: subwords learnt on French as it is typed, redaction tags as single tokens, bytes for all the rest."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from recipe.corpus import read_lines, typed_texts
from recipe.noise import TAGS
from verbatim.reading.marked import MarkedAnswer

_UNKNOWN, _MASK = "[UNK]", "[MASK]"
SPECIAL = ("[PAD]", _UNKNOWN, "[CLS]", "[SEP]", _MASK, *(f"[{tag}]" for tag in TAGS))
VOCABULARY = 10_000
_BYTES = 256


def train_tokenizer(texts: Iterable[str], *, vocabulary: int = VOCABULARY) -> Tokenizer:
    """Learn a BPE vocabulary of exactly `vocabulary` tokens, special tokens and 256 bytes included."""
    tokenizer = _untrained()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary - _BYTES, special_tokens=list(SPECIAL), limit_alphabet=120, show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    return _finish(tokenizer)


def training_texts(folder: Path, answers: tuple[MarkedAnswer, ...], *, limit: int, seed: int) -> Iterator[str]:
    """What the vocabulary is learnt on: six typed copies of each answer, and a share of the text sources."""
    yield from typed_texts(answers, 6, seed)
    for source in ("commonvoice", "tatoeba", "msdocs", "novels"):
        yield from read_lines(folder, source, limit)


def save_tokenizer(tokenizer: Tokenizer, folder: Path) -> None:
    """Write tokenizer.json and tokenizer_config.json, as AutoTokenizer opens them."""
    from transformers import PreTrainedTokenizerFast

    names = {"pad_token": "[PAD]", "unk_token": _UNKNOWN, "cls_token": "[CLS]", "sep_token": "[SEP]"}
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, mask_token=_MASK, additional_special_tokens=list(SPECIAL[5:]), **names
    )
    fast.save_pretrained(str(folder))


def _untrained() -> Tokenizer:
    tokenizer = Tokenizer(models.BPE(unk_token=_UNKNOWN, byte_fallback=True))
    # Customers leave out accents and capitals, and phones curl their apostrophes: none of it reaches the model.
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.NFD(),
            normalizers.StripAccents(),
            normalizers.Lowercase(),
            normalizers.Replace(Regex("[’‘ʼ`´]"), "'"),
            normalizers.Replace("œ", "oe"),
            normalizers.Replace(Regex(r"\s+"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=True),
            pre_tokenizers.Punctuation("isolated"),
            pre_tokenizers.Digits(individual_digits=True),
        ]
    )
    tokenizer.decoder = decoders.Sequence(
        [decoders.ByteFallback(), decoders.Fuse(), decoders.Replace("▁", " "), decoders.Strip(" ", 1, 0)]
    )
    return tokenizer


def _finish(tokenizer: Tokenizer) -> Tokenizer:
    # The trainer knows no byte tokens: they are added to the learnt vocabulary, as sentencepiece lays them out.
    layout = json.loads(tokenizer.to_str())
    vocabulary = layout["model"]["vocab"]
    for byte in range(_BYTES):
        vocabulary[f"<0x{byte:02X}>"] = len(vocabulary)
    layout["model"]["byte_fallback"] = True
    finished = Tokenizer.from_str(json.dumps(layout))
    finished.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in SPECIAL])
    ends = [(name, finished.token_to_id(name)) for name in ("[CLS]", "[SEP]")]
    finished.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=ends)
    return finished
