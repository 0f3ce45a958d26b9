"""Tiny random transformers in the layouts of CamemBERT, XLM-RoBERTa and ModernBERT, with tokenizers of their own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

KINDS = ("camembert", "xlm-roberta", "modernbert")
_WORDS = (
    *("accueil", "parfait", "trop", "cher", "attente", "longue", "prix", "personnel", "souriant"),
    *("la", "le", "de", "mais", "très", "bien"),
)


def make_tiny_transformer(folder: Path, kind: str, *, labels: Sequence[str] = (), seed: int = 1) -> Path:
    """Write a transformer of 2 layers, 32 wide; with `labels` a sequence classifier.

    Parameters
    ----------
    folder : Path
        Is made.
    kind : str
        One of `KINDS`.
    labels : sequence of str
        Of the classifier's head.
    seed : int
        Of the weights.
    """
    import torch
    import transformers

    tokenizer = _tokenizer(kind)
    sizes = {
        "vocab_size": len(tokenizer),
        "hidden_size": 32,
        "intermediate_size": 48,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "max_position_embeddings": 66,
        "pad_token_id": tokenizer.pad_token_id,
        "bos_token_id": tokenizer.cls_token_id,
        "eos_token_id": tokenizer.sep_token_id,
    }
    if kind == "modernbert":
        sizes |= {"cls_token_id": tokenizer.cls_token_id, "sep_token_id": tokenizer.sep_token_id}
    names = {"camembert": "Camembert", "xlm-roberta": "XLMRoberta", "modernbert": "ModernBert"}
    config = getattr(transformers, f"{names[kind]}Config")(**sizes)
    if labels:
        config.id2label = dict(enumerate(labels))
        config.label2id = {label: place for place, label in enumerate(labels)}
    head = "ForSequenceClassification" if labels else "Model"
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = getattr(transformers, f"{names[kind]}{head}")(config)
        for weight in model.parameters():
            # As they come, random weights say nearly the same of everything.
            torch.nn.init.normal_(weight, std=0.3)
    model.save_pretrained(folder, safe_serialization=True)
    tokenizer.save_pretrained(folder)
    return folder


def _tokenizer(kind: str):
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    begin, end, pad, unknown, mask = (
        ("[CLS]", "[SEP]", "[PAD]", "[UNK]", "[MASK]")
        if kind == "modernbert"
        else ("<s>", "</s>", "<pad>", "<unk>", "<mask>")
    )
    order = [begin, pad, end, unknown, mask, *_WORDS]
    made = Tokenizer(models.WordLevel({word: place for place, word in enumerate(order)}, unk_token=unknown))
    made.normalizer = normalizers.Lowercase()
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A {end}", special_tokens=[(begin, 0), (end, 2)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=made,
        cls_token=begin,
        bos_token=begin,
        sep_token=end,
        eos_token=end,
        pad_token=pad,
        unk_token=unknown,
        mask_token=mask,
    )
