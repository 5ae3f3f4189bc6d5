"""The real loader and decoder, on real speech, with a model whose sentences are known."""

import json
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.transcription.conftest import TONES, silence, speech
from transcription.model import NoModel
from transcription.transcriber import BrokenAudio, Transcriber

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def transcriber(model, tmp_path_factory):
    return Transcriber(str(model), tmp_path_factory.mktemp("data"), device="cpu")


@pytest.mark.parametrize("tone", TONES)
def test_speech_becomes_words(transcriber, tone):
    heard = transcriber.transcribe(speech(tone), "en")
    assert heard.text == TONES[tone]
    assert heard.language == "en"


def test_each_word_has_its_place_in_the_recording(transcriber):
    [passage] = transcriber.transcribe(speech(440), "en").segments
    assert [word.text for word in passage.words] == ["I", "waited", "too", "long", "on", "hold."]
    starts = [word.start for word in passage.words]
    assert starts == sorted(starts)
    assert passage.words[3].start == pytest.approx(1.45, abs=0.4)  # six words in 2.9 s
    assert json.dumps([word.end for word in passage.words])  # plain numbers


def test_a_clear_voice_is_not_doubtful(transcriber):
    assert [passage.doubtful for passage in transcriber.transcribe(speech(440), "en").segments] == [False]


@pytest.mark.parametrize("recording", [silence(), silence(40)], ids=["short", "long"])
def test_where_nobody_speaks_there_are_no_words(transcriber, recording):
    assert transcriber.transcribe(recording, "en").segments == ()


@pytest.mark.parametrize(("asked", "named"), [("es", "es"), ("es-MX", "es"), ("EN", "en"), ("tlh", "en")])
def test_the_language_is_the_surveys_where_the_model_knows_it(transcriber, asked, named):
    assert transcriber.transcribe(speech(440), asked).language == named


def test_names_to_expect_do_no_harm(transcriber):
    assert transcriber.transcribe(speech(440), "en", hotwords="Sam, Harbor Telecom").text == TONES[440]


@pytest.mark.parametrize("recording", [b"", b"<html>", b"RIFF" + bytes(200), speech()[:30]])
def test_what_cannot_be_decoded_is_broken(transcriber, recording):
    with pytest.raises(BrokenAudio):
        transcriber.transcribe(recording, "en")


def test_a_model_that_is_not_there_is_said_in_words(tmp_path):
    with pytest.raises(NoModel, match=r"python app\.py model base"):
        Transcriber("base", tmp_path).transcribe(speech(), "en")


def test_a_model_that_comes_later_is_used(model, tmp_path):
    late = Transcriber("base", tmp_path)
    with pytest.raises(NoModel):
        late.transcribe(speech(440), "en")
    shutil.copytree(model, tmp_path / "models" / "base")
    assert late.transcribe(speech(440), "en").text == TONES[440]


@pytest.mark.parametrize("file", ["model.bin", "tokenizer.json"])
def test_a_broken_model_is_no_model(model, tmp_path, file):
    broken = tmp_path / "broken"
    shutil.copytree(model, broken)
    (broken / file).write_bytes(b"half of it")
    with pytest.raises(NoModel, match="cannot be loaded"):
        Transcriber(str(broken), tmp_path).transcribe(speech(), "en")


def test_an_unknown_compute_type_is_said_in_words(model, tmp_path):
    with pytest.raises(NoModel, match="cannot be loaded"):
        Transcriber(str(model), tmp_path, device="cpu", compute_type="int3").transcribe(speech(), "en")


def test_a_child_of_a_process_that_loaded_a_model_is_refused_and_does_not_hang(model):
    code = """
        transcriber.transcribe(recording, "en")
        child = os.fork()
        if child == 0:
            for mine in (transcriber, Transcriber(folder, Path("."))):
                try: mine.transcribe(recording, "en")
                except LoadedBeforeFork: continue
                os._exit(1)
            os._exit(0)
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    """
    assert run(code, model).returncode == 0


def test_a_child_may_load_its_own_where_the_parent_loaded_none(model):
    code = """
        child = os.fork()
        if child == 0:
            os._exit(0 if transcriber.transcribe(recording, "en").text == "I waited too long on hold." else 1)
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    """
    assert run(code, model).returncode == 0


def test_a_process_whose_native_code_hangs_leaves(model):
    code = """
        import ctypes, transcription.transcriber as room
        room.LIMIT_S = room.LIMIT_PER_SECOND = 0.1
        class Hung:
            supported_languages = ["en"]
            def transcribe(self, *a, **k): ctypes.CDLL(None).pause()  # native code that no signal handler of ours ends
        transcriber._model = Hung()
        transcriber.transcribe(recording, "en")
    """
    assert run(code, model).returncode == 75


def run(code: str, model: Path) -> subprocess.CompletedProcess[str]:
    """Run a few lines in a process of its own, with a transcriber and a recording at hand."""
    given = (
        "import os, sys\nfrom pathlib import Path\n"
        "from transcription.transcriber import LoadedBeforeFork, Transcriber\n"
        "folder, recording = sys.argv[1], Path(sys.argv[2]).read_bytes()\n"
        "transcriber = Transcriber(folder, Path('.'), device='cpu')\n"
    )
    clip = model.parent / "speech.wav"
    clip.write_bytes(speech(440))
    command = [sys.executable, "-c", given + textwrap.dedent(code), str(model), str(clip)]
    return subprocess.run(command, cwd=ROOT, check=False, timeout=300, capture_output=True, text=True)
