"""Where the Whisper model is: a folder, or a name that was fetched into DATA_DIR. Only `fetch_model` ever downloads."""

import re
import shutil
from pathlib import Path

NEEDED = ("model.bin", "config.json", "tokenizer.json")
NAME = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?", re.ASCII)


class NoModel(Exception):
    """There is no model to transcribe with; the message says what to do."""


def find_model(wanted: str, data_dir: Path) -> Path:
    """The folder of the model that WHISPER_MODEL names.

    Raises:
        NoModel: it is not there, or not whole.
    """
    given = Path(wanted).expanduser()
    folder = given if given.is_dir() else _fetched(wanted, data_dir)
    if not folder.is_dir():
        raise NoModel(_absence(wanted))
    missing = [name for name in NEEDED if not (folder / name).is_file()]
    if missing:
        raise NoModel(f"{folder} is no Whisper model for CTranslate2: it has no {missing[0]}")
    return folder


def why_no_model(wanted: str, data_dir: Path) -> str | None:
    """Why nothing can be transcribed at present; None where there is a model."""
    try:
        find_model(wanted, data_dir)
    except NoModel as reason:
        return str(reason)
    return None


def fetch_model(name: str, data_dir: Path) -> Path:
    """Download a model into DATA_DIR: a size such as `base`, or a repository of the Hugging Face Hub.

    Raises:
        NoModel: there is none of that name, or it cannot be reached.
    """
    from faster_whisper.utils import available_models, download_model  # a second that a start need not wait

    if not NAME.fullmatch(name) or ("/" not in name and name not in available_models()):
        raise NoModel(
            f"there is no model {name!r}; write a repository such as Systran/faster-whisper-base, or one of "
            + ", ".join(available_models())
        )
    folder = _fetched(name, data_dir)
    arriving = folder.with_name(folder.name + ".arriving")
    try:
        download_model(name, output_dir=str(arriving))
    except Exception as error:  # whatever the hub's client raises: it has many kinds, and none is ours to tell apart
        raise NoModel(f"the model {name!r} cannot be fetched: {error}") from error
    shutil.rmtree(arriving / ".cache", ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
    arriving.rename(folder)
    return find_model(name, data_dir)


def _fetched(name: str, data_dir: Path) -> Path:
    return data_dir / "models" / name.replace("/", "--")


def _absence(wanted: str) -> str:
    if NAME.fullmatch(wanted):
        return f"the Whisper model {wanted!r} has not been fetched; python app.py model {wanted} fetches it"
    return f"WHISPER_MODEL names the folder {wanted}, which is not there"
