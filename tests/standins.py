"""Tiny models with random weights, laid out as the real ones: for tests of what stands around a model."""

from __future__ import annotations

import shutil
from pathlib import Path

MODEL = Path(__file__).parents[1] / "models" / "opinion-encoder"


def make_tiny_encoder(folder: Path, *, seed: int = 1) -> Path:
    """Write an opinion encoder of 2 layers, 32 wide, with random weights and the real tokenizer and labels.

    Parameters
    ----------
    folder : Path
        Is made; gets config.json, model.safetensors, tokenizer.json and tokenizer_config.json.
    seed : int
        Of the weights: another seed is another revision.

    Returns
    -------
    Path
        The folder, for :func:`verbatim.reading.load_encoder`.
    """
    import torch
    from safetensors.torch import save_file

    from verbatim.reading.network import OpinionEncoderConfig, OpinionEncoderModel

    folder.mkdir(parents=True, exist_ok=True)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copyfile(MODEL / name, folder / name)
    config = OpinionEncoderConfig(
        architectures=["OpinionEncoderModel"],
        vocab_size=10_000,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=2,
        layer_types=["full_attention"] * 2,
        max_position_embeddings=512,
        projection_size=12,
        embedding_size=16,
        pad_token_id=0,
        bos_token_id=None,
        eos_token_id=None,
        cls_token_id=2,
        sep_token_id=3,
        theme_threshold=0.0,
        # Random weights tag at random: this makes spans of a few words.
        outside_bias=0.0,
    )
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = OpinionEncoderModel(config)
        # Freshly initialised heads say nearly the same of everything.
        for head in (model.tagger, model.polarity, model.customer_themes, model.employee_themes):
            torch.nn.init.normal_(head.weight, std=0.5)
    config.dtype = torch.float16
    weights = {name: weight.detach().half().contiguous() for name, weight in model.state_dict().items()}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "config.json").write_text(config.to_json_string(), encoding="utf-8")
    return folder
