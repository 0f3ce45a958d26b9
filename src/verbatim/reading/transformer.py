"""Somebody else's transformer: opened from a folder or a hub, run over clauses in batches of fixed shapes."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from verbatim.errors import ModelError
from verbatim.reading.batches import fitting
from verbatim.reading.threads import one_thread_a_batch

WIDTHS = (16, 32, 64, 128, 256, 512)
_BATCH_TOKENS = 2048
_LONGEST = 512  # tokens of a clause; the rest of a longer one is not read
_FILES = ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "sentencepiece.bpe.model")


@dataclass(frozen=True)
class Transformer:
    """A model and its tokenizer, ready to run.

    Attributes
    ----------
    model, tokenizer
        As `transformers` opened them.
    digest : str
        SHA-256 over the files that decide what it says.
    """

    model: Any
    tokenizer: Any
    digest: str

    def run(self, texts: Sequence[str], pool: Callable[[Any, Any], Any], width: int) -> npt.NDArray[np.float32]:
        """Run the model over texts.

        Parameters
        ----------
        texts : sequence of str
            The end of one longer than the model reads is cut off.
        pool : callable
            From the model's output and the mask (rows, tokens) to one vector a row.
        width : int
            Of that vector.

        Returns
        -------
        array, shape (texts, width)
            Each row the same whatever stands beside it.
        """
        import torch

        one_thread_a_batch()
        longest = longest_of(self.model.config, self.tokenizer)
        distinct = sorted(set(texts), key=lambda text: (len(text), text))
        encoded = self.tokenizer(distinct, truncation=True, max_length=longest)["input_ids"] if distinct else []
        found: dict[str, npt.NDArray[np.float32]] = {}
        padding = self.tokenizer.pad_token_id or 0
        by_width: dict[int, list[int]] = {}
        for place, ids in enumerate(encoded):
            by_width.setdefault(min(fitting(len(ids), WIDTHS), longest), []).append(place)
        with torch.inference_mode():
            for size, places in by_width.items():
                height = max(1, _BATCH_TOKENS // size)
                for at in range(0, len(places), height):
                    own = places[at : at + height]
                    tokens = np.full((height, size), padding, dtype=np.int64)
                    mask = np.zeros((height, size), dtype=np.int64)
                    # Rows without a text repeat the first: one that attends to nothing would be NaN.
                    for row in range(height):
                        ids = encoded[own[row] if row < len(own) else own[0]]
                        tokens[row, : len(ids)], mask[row, : len(ids)] = ids, 1
                    attended = torch.from_numpy(mask)
                    said = pool(self.model(input_ids=torch.from_numpy(tokens), attention_mask=attended), attended)
                    rows = said.float().numpy()
                    found.update({distinct[place]: rows[row] for row, place in enumerate(own)})
        return np.stack([found[text] for text in texts]) if texts else np.zeros((0, width), dtype=np.float32)


def longest_of(config: Any, tokenizer: Any) -> int:
    """Tokens that a model reads of a text: RoBERTa's kind keeps the first positions for padding."""
    positions = int(getattr(config, "max_position_embeddings", _LONGEST))
    if getattr(config, "model_type", "") in {"camembert", "roberta", "xlm-roberta"}:
        positions -= int(config.pad_token_id) + 1
    return min(positions, int(min(tokenizer.model_max_length, _LONGEST)), _LONGEST)


def open_transformer(name: str, kind: str, *, where: str, precision: str) -> Transformer:
    """Open a model and its tokenizer: no remote code, no pickle.

    Parameters
    ----------
    name : str
        A folder, which never touches a network; or a hub id: what is cached first, then the hub.
    kind : str
        Class of `transformers`, such as ``AutoModel``.
    where : str
        Key of the settings, for messages.
    precision : "fp32" or "bf16"

    Raises
    ------
    ModelError
        There is no such model here and none can be fetched, or it cannot be opened.
    """
    import torch
    import transformers

    # Its bars would stand between the lines of the night.
    transformers.utils.logging.disable_progress_bar()
    folder = Path(name)
    if folder.is_absolute() and not (folder / "config.json").is_file():
        raise _missing(name, where, "there is no model in this folder (no config.json)")
    tries: list[Mapping[str, bool]] = [{"local_files_only": True}]
    if not folder.is_absolute() and not os.environ.get("HF_HUB_OFFLINE"):
        tries.append({"local_files_only": False})
    failed = ""
    for how in tries:
        try:
            tokenizer = transformers.AutoTokenizer.from_pretrained(name, trust_remote_code=False, **how)
            model = getattr(transformers, kind).from_pretrained(
                name,
                trust_remote_code=False,
                use_safetensors=True,
                dtype=torch.bfloat16 if precision == "bf16" else torch.float32,
                **how,
            )
        # transformers, tokenizers, safetensors and the hub's client raise whatever comes to them.
        except Exception as error:
            failed = type(error).__name__
            continue
        return Transformer(model.eval(), tokenizer, _digest(folder, model, name))
    raise _missing(name, where, f"it cannot be opened ({failed})")


def _digest(folder: Path, model: Any, name: str) -> str:
    digest = hashlib.sha256()
    if folder.is_absolute():
        for file in _FILES:
            path = folder / file
            digest.update(hashlib.sha256(path.read_bytes() if path.is_file() else b"").digest())
    else:
        # The hub's own revision of what was opened.
        digest.update(f"{name} {getattr(model.config, '_commit_hash', None)}".encode())
    return digest.hexdigest()


def _missing(name: str, where: str, why: str) -> ModelError:
    return ModelError(
        f"The model {name} is not at hand: {why}.",
        where=where,
        expected="a hub id that this machine can reach or has cached, or a folder with config.json, model.safetensors "
        "and the tokenizer's files",
        next_step="either put the model into a folder and name that folder here (it is then read offline), or write "
        'models.profile = "embedded" to read with the models that ship',
    )
