"""Masked-language pre-training of a trunk (Devlin et al. 2019), on packed sequences of 128 tokens."""

from __future__ import annotations

import logging

import torch
from torch import Tensor, nn
from transformers.activations import ACT2FN

from recipe.corpus import Stream
from recipe.presets import Size
from recipe.tokenizer import SPECIAL
from recipe.training import Progress, train
from verbatim.reading.network import OpinionEncoderConfig, OpinionEncoderModel

LENGTH = 128
MASKED = 26  # one token in five, a fixed number: shapes stay the same for the compiler
_LOG = logging.getLogger("recipe")


class MaskedLanguage(nn.Module):
    """An encoder with the head that guesses masked tokens; the head is thrown away afterwards."""

    def __init__(self, encoder: OpinionEncoderModel) -> None:
        super().__init__()
        width = encoder.config.hidden_size
        self.encoder = encoder
        self.head = nn.Sequential(nn.Linear(width, width), ACT2FN["gelu"], nn.LayerNorm(width))
        self.bias = nn.Parameter(torch.zeros(encoder.config.vocab_size))

    def forward(self, tokens: Tensor, places: Tensor, answers: Tensor) -> Tensor:
        """Mean cross entropy at `places`, shape (B, MASKED), whose tokens were `answers`."""
        states = self.encoder(tokens)
        picked = states.gather(1, places[:, :, None].expand(-1, -1, states.shape[-1]))
        embeddings = self.encoder.trunk.embeddings.tok_embeddings.weight
        logits = nn.functional.linear(self.head(picked), embeddings, self.bias)
        return nn.functional.cross_entropy(logits.flatten(0, 1).float(), answers.flatten())


class Sampler:
    """Draws masked sequences from the streams, on the device."""

    def __init__(self, streams: list[Stream], batch: int, device: torch.device, seed: int) -> None:
        self.device = device
        self.streams = [torch.from_numpy(stream.tokens.astype("int32")).to(device) for stream in streams]
        total = sum(stream.weight for stream in streams)
        self.rows = [max(1, round(batch * stream.weight / total)) for stream in streams]
        self.generator = torch.Generator(device).manual_seed(seed)

    def draw(self) -> tuple[Tensor, Tensor, Tensor]:
        """Token ids with masks, places of the masks, the true tokens there."""
        steps = torch.arange(LENGTH, device=self.device)
        parts = []
        for stream, rows in zip(self.streams, self.rows, strict=True):
            start = torch.randint(len(stream) - LENGTH, (rows, 1), device=self.device, generator=self.generator)
            parts.append(stream[start + steps])
        return self.mask(torch.cat(parts).long())

    def mask(self, tokens: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Hide MASKED tokens a row: 80 % by [MASK], 10 % by another token, 10 % left."""
        chance = torch.rand(tokens.shape, device=self.device, generator=self.generator)
        chance = chance.masked_fill(tokens < len(SPECIAL), -1.0)
        places = chance.topk(MASKED, dim=1).indices
        answers = tokens.gather(1, places)
        dice = torch.rand(places.shape, device=self.device, generator=self.generator)
        other = torch.randint(len(SPECIAL), 9000, places.shape, device=self.device, generator=self.generator)
        hidden = torch.where(dice < 0.8, SPECIAL.index("[MASK]"), torch.where(dice < 0.9, other, answers))
        return tokens.scatter(1, places, hidden), places, answers


def new_encoder(size: Size, vocabulary: int, *, dropout: float = 0.0) -> OpinionEncoderModel:
    """An encoder of that size with random weights."""
    config = OpinionEncoderConfig(
        vocab_size=vocabulary,
        hidden_size=size.width,
        intermediate_size=size.feed_forward,
        num_hidden_layers=size.layers,
        num_attention_heads=size.heads,
        layer_types=["full_attention"] * size.layers,
        max_position_embeddings=512,
        embedding_dropout=dropout,
        mlp_dropout=dropout,
        attention_dropout=dropout,
        classifier_dropout=0.1,
        pad_token_id=0,
        cls_token_id=2,
        sep_token_id=3,
        bos_token_id=None,
        eos_token_id=None,
    )
    return OpinionEncoderModel(config)


def pretrain(
    encoder: OpinionEncoderModel,
    streams: list[Stream],
    *,
    stage: str,
    budget_s: float,
    batch: int,
    learning_rate: float,
    device: torch.device,
    seed: int,
    compiled: bool,
) -> Progress:
    """Pre-train `encoder` in place; falls back to uncompiled code where compilation fails."""
    model = MaskedLanguage(encoder).to(device).train()
    sampler = Sampler(streams, batch, device, seed)
    # Student and teacher share this code: without a reset the second would be compiled for changing shapes.
    torch.compiler.reset()
    step = torch.compile(model, dynamic=False) if compiled else model
    if compiled:
        try:
            with torch.autocast(device.type, dtype=torch.bfloat16):
                step(*sampler.draw()).backward()
        except Exception as error:
            _LOG.warning("%s: compilation failed (%s), running uncompiled", stage, type(error).__name__)
            step = model
        model.zero_grad(set_to_none=True)
    progress = train(
        model,
        lambda _: step(*sampler.draw()),
        stage=stage,
        budget_s=budget_s,
        learning_rate=learning_rate,
        device=device,
    )
    encoder.eval()
    return progress
