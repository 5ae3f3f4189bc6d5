"""A Whisper model of real size with weights of chance: as large and as fast as a trained one.

Left alone it would babble to the limit and be asked again, which costs a hundred times what speech costs. So two
channels of the decoder's positions make it say as many words as twenty seconds of speech have, surely, and stop.
"""

from pathlib import Path

import numpy as np
from ctranslate2.specs import WhisperSpec
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

TINY = {"width": 384, "heads": 6, "layers": 4}
MELS, FRAMES, POSITIONS, VOCABULARY = 80, 1500, 448, 51_865
SPECIAL = ("endoftext", "startoftranscript", "en", "es", "translate", "transcribe", "startoflm", "startofprev")
STAMPS = [f"<|{i * 0.02:.2f}|>" for i in range(1501)]
WORDS_SAID = 50
CLOSING, ENDING = 0, 1  # the channels that call for the last time stamp, and for the end
LOUD, SURE = 20.0, 30.0


def build(folder: Path, width: int, heads: int, layers: int, seed: int = 7) -> Path:
    """Write the model; the same seed gives the same one."""
    folder.mkdir(parents=True, exist_ok=True)
    tokens = _tokens()
    ids = {token: number for number, token in enumerate(tokens)}
    spec = _Weights(np.random.default_rng(seed), width, ids).fill(WhisperSpec(layers, heads, layers, heads))
    spec.register_vocabulary(tokens)
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = [ids["<|endoftext|>"]]
    spec.config.lang_ids = [ids["<|en|>"], ids["<|es|>"]]
    spec.config.alignment_heads = [[layers - 1, head] for head in range(heads)]
    spec.validate()
    spec.optimize(quantization="int8")
    spec.save(str(folder))
    _tokenizer(tokens).save(str(folder / "tokenizer.json"))
    return folder


def _tokens() -> list[str]:
    """As many tokens as Whisper has: letters, made-up words, an empty one (several languages), the special ones."""
    special = [*(f"<|{name}|>" for name in SPECIAL), "<|nospeech|>", "<|notimestamps|>", *STAMPS]
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    words = [f"Ġw{i}" for i in range(VOCABULARY - len(letters) - len(special) - 1)]
    return [*letters, *words, "", *special]


def _tokenizer(tokens: list[str]) -> Tokenizer:
    text = tokens[: tokens.index("")]
    tokenizer = Tokenizer(models.BPE({token: number for number, token in enumerate([*text, ""])}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in tokens[len(text) + 1 :]])
    return tokenizer


class _Weights:
    """Fills every layer with small numbers of chance."""

    def __init__(self, chance: np.random.Generator, width: int, ids: dict[str, int]) -> None:
        self.chance, self.width, self.ids = chance, width, ids

    def fill(self, spec):
        width, encoder, decoder = self.width, spec.encoder, spec.decoder
        encoder.conv1.weight, encoder.conv1.bias = self.some(width, MELS, 3), self.some(width)
        encoder.conv2.weight, encoder.conv2.bias = self.some(width, width, 3), self.some(width)
        encoder.position_encodings.encodings = self.some(FRAMES, width)
        decoder.embeddings.weight = self.some(len(self.ids), width)
        self.positions(decoder)
        self.words(decoder.projection)
        for part in (encoder, decoder):
            self.norm(part.layer_norm)
            for layer in part.layer:
                self.self_attention(layer.self_attention)
                self.norm(layer.ffn.layer_norm)
                self.linear(layer.ffn.linear_0, 4 * width, width)
                self.linear(layer.ffn.linear_1, width, 4 * width)
        for layer in decoder.layer:
            self.norm(layer.attention.layer_norm)
            for linear, out in zip(layer.attention.linear, (width, 2 * width, width), strict=True):
                self.linear(linear, out, width)
        return spec

    def positions(self, decoder) -> None:
        """After so many words one channel calls for the time stamp that closes, then the other for the end."""
        encodings = self.some(POSITIONS, self.width)
        encodings[:, [CLOSING, ENDING]] = 0
        encodings[WORDS_SAID + 4, CLOSING] = LOUD
        encodings[WORDS_SAID + 5 :, ENDING] = LOUD
        decoder.position_encodings.encodings = encodings

    def words(self, projection) -> None:
        """Sure of each word, so that nothing is decoded again; no time stamps and no silence in between."""
        says, bias = SURE * self.some(len(self.ids), self.width), np.zeros(len(self.ids), "f4")
        says[:, [CLOSING, ENDING]] = 0
        unasked = [self.ids[token] for token in (*STAMPS, "<|endoftext|>", "<|nospeech|>")]
        bias[unasked] = -SURE * 10
        says[self.ids["<|20.00|>"], CLOSING] = says[self.ids["<|endoftext|>"], ENDING] = SURE * 10
        projection.weight, projection.bias = says, bias

    def self_attention(self, attention) -> None:
        self.norm(attention.layer_norm)
        self.linear(attention.linear[0], 3 * self.width, self.width)
        self.linear(attention.linear[1], self.width, self.width)

    def linear(self, layer, out: int, into: int) -> None:
        layer.weight, layer.bias = self.some(out, into), np.zeros(out, "f4")

    def norm(self, layer) -> None:
        layer.gamma, layer.beta = np.ones(self.width, "f4"), np.zeros(self.width, "f4")

    def some(self, *shape: int):
        return self.chance.normal(0, 0.05, shape).astype("f4")
