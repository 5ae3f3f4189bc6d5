"""A Whisper model whose weights are written down, not learnt: it says a fixed sentence for what it hears.

faster-whisper and CTranslate2 load and run it as they do a real one; it takes milliseconds to make and weighs less
than a megabyte. A tone picks the sentence, also under speech, which the voice detector asks for; any other sound
gets the sentence for all else, and silence none. Words are timed too: those of a sentence share its time evenly.

How it works. Every attention and feed-forward weight is zero but for one cross-attention with two heads, and the
residual stream is a row of named channels:

    one for each word of the sentences   the word that was said last
    start, over                          nothing was said yet; a closing time stamp was
    heard, one for each sentence         the sound that asks for it is there (0 to FULL)
    slow and fast, two each              a clock: the position of a frame, as angles of two hands
    plus, minus                          +PIN and -PIN at all times, so that layer normalisation divides by a constant

The encoder's convolutions measure the sounds. The first head looks where something is heard and copies what it was;
the second looks at the frames in which the next word is due, by which CTranslate2 times the words. The output
layer is the script: start and a sound ask for the first word, each word for the next, the last one for the end.
"""

import itertools
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from ctranslate2.specs import WhisperSpec
from faster_whisper.feature_extractor import FeatureExtractor
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

MELS, FRAMES, POSITIONS = 80, 1500, 448
FULL, PIN = 10.0, 40.0
SURE = 40.0  # logits that one full channel is worth
FRAMES_PER_S = 50
HANDS = ((np.pi / FRAMES, "slow"), (np.pi / 100, "fast"))  # radians a frame: half a turn in 30 s, a turn in 4 s
TURNS = 100.0  # how sharply the second head looks
STAMPS = [f"<|{i * 0.02:.2f}|>" for i in range(1501)]


def build(
    folder: Path,
    tones: Mapping[int, str],
    other: str = "Something was said.",
    languages: Sequence[str] = ("en", "es"),
    sentence_s: float = 2.9,
) -> Path:
    """Write a model that says `tones[hertz]` where that tone is heard, and `other` at any other sound.

    Every sentence begins with the recording and takes `sentence_s`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = _Vocabulary.of([*tones.values(), other], languages)
    network = _Network(vocabulary, (*tones, None), sentence_s)
    spec = network.spec()
    spec.validate()
    spec.optimize(quantization="int8")
    spec.save(str(folder))
    vocabulary.tokenizer().save(str(folder / "tokenizer.json"))
    return folder


@dataclass(frozen=True)
class _Vocabulary:
    """`words` are the sentences' words, each a token of its own and each once."""

    scripts: tuple[tuple[str, ...], ...]
    languages: tuple[str, ...]

    @classmethod
    def of(cls, sentences: Sequence[str], languages: Sequence[str]) -> "_Vocabulary":
        used: set[str] = set()
        return cls(tuple(tuple(_tokens(sentence, used)) for sentence in sentences), tuple(languages))

    @property
    def letters(self) -> list[str]:
        return sorted(pre_tokenizers.ByteLevel.alphabet())

    @property
    def words(self) -> list[str]:
        return [word for script in self.scripts for word in script]

    @property
    def special(self) -> list[str]:
        spoken = [f"<|{language}|>" for language in self.languages]
        tasks = ["translate", "transcribe", "startoflm", "startofprev", "nospeech", "notimestamps"]
        return ["<|endoftext|>", "<|startoftranscript|>", *spoken, *(f"<|{task}|>" for task in tasks)]

    @property
    def all(self) -> list[str]:
        # The empty token is how CTranslate2 tells a model of several languages.
        return [*self.letters, *self.words, "", *self.special, *STAMPS]

    def ids(self) -> dict[str, int]:
        return {token: number for number, token in enumerate(self.all)}

    def tokenizer(self) -> Tokenizer:
        tokenizer = Tokenizer(models.BPE({token: i for i, token in enumerate([*self.letters, *self.words])}, []))
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.decoder = decoders.ByteLevel()
        described = json.loads(tokenizer.to_str())
        described["model"]["vocab"][""] = len(self.letters) + len(self.words)
        tokenizer = Tokenizer.from_str(json.dumps(described))
        tokenizer.add_special_tokens([AddedToken(token, special=True) for token in [*self.special, *STAMPS]])
        return tokenizer


def _tokens(sentence: str, used: set[str]) -> list[str]:
    """The words of a sentence; one that was used before hangs on to the word before it, so that each is itself."""
    tokens: list[str] = []
    for word in sentence.split():
        token = "Ġ" + word.encode().decode("latin-1").translate(_BYTE_LETTERS)
        while token in used:
            token = (tokens.pop() if tokens else "Ġ") + token
        used.add(token)
        tokens.append(token)
    return tokens


def _byte_letters() -> dict[int, int]:
    """How a byte-level tokenizer writes the bytes that are no visible letters (GPT-2's `bytes_to_unicode`)."""
    seen = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(256) if byte not in seen]
    return {byte: 256 + i for i, byte in enumerate(hidden)}


_BYTE_LETTERS = _byte_letters()


class _Network:
    def __init__(self, vocabulary: _Vocabulary, sounds: Sequence[int | None], sentence_s: float) -> None:
        self.vocabulary, self.sounds, self.sentence_s = vocabulary, sounds, sentence_s
        self.ids = vocabulary.ids()
        channels = _even()
        self.words = {word: next(channels) for word in vocabulary.words}
        self.start, self.over, self.plus, self.minus = (next(channels) for _ in range(4))
        self.heard = [next(channels) for _ in sounds]
        self.excess = [next(channels) for _ in sounds]  # what a sound is above full
        self.hands = [next(channels) for _ in range(2 * len(HANDS))]
        self.width = -(-next(channels) // 16) * 16
        self.head = self.width // 2
        # What one full channel becomes after layer normalisation, which divides by the spread of the row.
        hands_power = len(HANDS) * FULL**2
        self.unit = FULL / np.sqrt((2 * PIN**2 + hands_power) / self.width)

    def spec(self) -> WhisperSpec:
        spec = WhisperSpec(1, 2, 1, 2)
        self._hear(spec.encoder)
        self._remember(spec.decoder)
        self._listen(spec.decoder.layer[0])
        self._speak(spec.decoder)
        self._configure(spec)
        return spec

    def _hear(self, encoder) -> None:
        """Convolutions that bring each sound to 0 … FULL, and the clock."""
        filters = FeatureExtractor(feature_size=MELS).mel_filters
        measure, level = _zeros(self.width, MELS, 3), _zeros(self.width)
        for sound, heard, excess in zip(self.sounds, self.heard, self.excess, strict=True):
            weights, threshold = _tone(filters, sound) if sound else _voice()
            measure[heard, :, 1] = measure[excess, :, 1] = weights
            level[heard], level[excess] = -threshold, -threshold - FULL
        passing = _zeros(self.width, self.width, 3)
        for heard, excess in zip(self.heard, self.excess, strict=True):
            passing[heard, heard, 1], passing[heard, excess, 1] = 1, -1
        encoder.conv1.weight, encoder.conv1.bias = measure, level
        encoder.conv2.weight, encoder.conv2.bias = passing, _zeros(self.width)
        encoder.position_encodings.encodings = self._pinned(FRAMES)
        encoder.position_encodings.encodings[:, self.hands] = FULL * _clock(np.arange(FRAMES))
        self._plain(encoder.layer_norm)
        self._idle(encoder.layer[0].self_attention, encoder.layer[0].ffn)

    def _remember(self, decoder) -> None:
        """Each token sets the channel of what it means."""
        means = _zeros(len(self.ids), self.width)
        for word, channel in self.words.items():
            means[self.ids[word], channel] = FULL
        for token in [*self.vocabulary.special[1:], STAMPS[0]]:
            means[self.ids[token], self.start] = FULL
        for stamp in STAMPS[1:]:
            means[self.ids[stamp], self.over] = FULL
        decoder.embeddings.weight = means
        decoder.position_encodings.encodings = self._pinned(POSITIONS)
        self._plain(decoder.layer_norm)

    def _listen(self, layer) -> None:
        """One head for what is heard, one for when the next word is due."""
        self._idle(layer.self_attention, layer.ffn)
        self._plain(layer.attention.layer_norm)
        query, key_value, out = layer.attention.linear
        _linear(query, self.width, self.width)
        _linear(key_value, 2 * self.width, self.width)
        _linear(out, self.width, self.width)
        scale = np.sqrt(self.head)  # attention divides by it
        query.bias[0] = scale
        key_value.weight[0, self.heard] = 8
        for i, heard in enumerate(self.heard):
            key_value.weight[self.width + i, heard] = FULL / self.unit
            out.weight[heard, i] = 1
        for i, hand in enumerate(self.hands):
            key_value.weight[self.head + i, hand] = 1 / self.unit
        for channel, clock in self._next_words():
            query.weight[self.head : self.head + len(self.hands), channel] = TURNS * scale * clock / self.unit

    def _next_words(self):
        """For each channel that a word can follow, the clock in the middle of that word."""
        middles = {self.start: 0.1}
        for script in self.vocabulary.scripts:
            middles |= {self.words[word]: (i + 1.5) / len(script) for i, word in enumerate(script)}
        frames = self.sentence_s * FRAMES_PER_S
        return [(channel, _clock(np.array([middle * frames]))[0]) for channel, middle in middles.items()]

    def _speak(self, decoder) -> None:
        """What is said next, by the channel of what was said last."""
        says, bias = _zeros(len(self.ids), self.width), _zeros(len(self.ids))
        worth = SURE / self.unit
        end, no_speech = self.ids["<|endoftext|>"], self.ids["<|nospeech|>"]
        closing = self.ids[STAMPS[round(self.sentence_s * FRAMES_PER_S)]]
        for script, sound, heard in zip(self.vocabulary.scripts, self.sounds, self.heard, strict=True):
            first = self.ids[script[0]]
            says[first, [self.start, heard]], bias[first] = worth, -1.5 * SURE  # both are needed
            if sound is None:
                says[first, self.heard[:-1]] = -worth  # only where no tone asks for another sentence
            for word, following in itertools.pairwise(script):
                says[self.ids[following], self.words[word]] = worth
            says[closing, self.words[script[-1]]] = worth
        says[end, self.over] = worth
        says[end, self.start] = worth / 4
        says[self.ids[STAMPS[0]], self.start] = worth / 8
        says[self.ids[f"<|{self.vocabulary.languages[0]}|>"], self.start] = worth / 4
        says[no_speech, self.start] = 0.7 * worth
        says[no_speech, self.heard] = -worth
        decoder.projection.weight, decoder.projection.bias = says, bias

    def _configure(self, spec: WhisperSpec) -> None:
        languages = [self.ids[f"<|{language}|>"] for language in self.vocabulary.languages]
        unspoken = ["<|startoftranscript|>", "<|nospeech|>", "<|startofprev|>"]
        spec.register_vocabulary(self.vocabulary.all)
        spec.config.suppress_ids = [*(self.ids[token] for token in unspoken), *languages]
        spec.config.suppress_ids_begin = []
        spec.config.lang_ids = languages
        spec.config.alignment_heads = [[0, 1]]

    def _pinned(self, rows: int):
        encodings = _zeros(rows, self.width)
        encodings[:, self.plus], encodings[:, self.minus] = PIN, -PIN
        return encodings

    def _plain(self, norm) -> None:
        norm.gamma, norm.beta = np.ones(self.width, "f4"), _zeros(self.width)

    def _idle(self, attention, feed_forward) -> None:
        for norm in (attention.layer_norm, feed_forward.layer_norm):
            self._plain(norm)
        _linear(attention.linear[0], 3 * self.width, self.width)
        _linear(attention.linear[1], self.width, self.width)
        _linear(feed_forward.linear_0, self.width, self.width)
        _linear(feed_forward.linear_1, self.width, self.width)


def _even():
    """Channels, each beside an empty one: without VNNI, int8 products are added in pairs, and two could overflow."""
    return itertools.count(0, 2)


def _tone(filters, hertz: int):
    """A pure tone: its band stands more than 1.1 above the mean of all bands."""
    band = int(filters[:, round(hertz * 400 / 16_000)].argmax())
    weights = np.full(MELS, -40.0 / MELS, "f4")
    weights[band] += 40
    return weights, 40 * 1.1


def _voice():
    """Any sound: the bands of the voice are above the floor. Padding reads 0, hiss less."""
    weights = _zeros(MELS)
    weights[5:20] = 80 / 15
    return weights, 80 * 0.12


def _clock(frames):
    """The hands' positions at those frames, as cosine and sine of each."""
    return np.stack([turn(frames * speed) for speed, _ in HANDS for turn in (np.cos, np.sin)], axis=-1).astype("f4")


def _linear(layer, out: int, into: int) -> None:
    layer.weight, layer.bias = _zeros(out, into), _zeros(out)


def _zeros(*shape: int):
    return np.zeros(shape, "f4")


if __name__ == "__main__":
    build(Path(sys.argv[1]), {440: "I waited too long on hold.", 1000: "Great service, the agent was kind."})
