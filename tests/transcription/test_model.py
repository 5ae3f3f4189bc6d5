"""A model is found by folder or by name, checked in plain words, and never downloaded but on demand."""

import json
import os
import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from transcription.model import NoModel, fetch_model, find_model, why_no_model

ROOT = Path(__file__).parents[2]


def test_a_folder_is_a_model(model, tmp_path):
    assert find_model(str(model), tmp_path) == model
    assert why_no_model(str(model), tmp_path) is None


@pytest.mark.parametrize("name", ["base", "Systran/faster-whisper-base"])
def test_a_name_is_found_where_it_was_fetched_to(model, tmp_path, name):
    fetched = tmp_path / "models" / name.replace("/", "--")
    shutil.copytree(model, fetched)
    assert find_model(name, tmp_path) == fetched


def test_a_name_that_was_not_fetched_says_how_to_fetch_it(tmp_path):
    with pytest.raises(NoModel, match=r"'base' has not been fetched; python app.py model base fetches it"):
        find_model("base", tmp_path)


@pytest.mark.parametrize("folder", ["/nowhere/whisper", "./whisper", "~/whisper/base"])
def test_a_folder_that_is_not_there_is_named(tmp_path, folder):
    assert why_no_model(folder, tmp_path) == f"WHISPER_MODEL names the folder {folder}, which is not there"


@pytest.mark.parametrize("file", ["model.bin", "config.json", "tokenizer.json"])
def test_a_folder_without_a_needed_file_names_it(model, tmp_path, file):
    half = tmp_path / "half"
    shutil.copytree(model, half, ignore=lambda *_: [file])
    with pytest.raises(NoModel, match=f"it has no {file}"):
        find_model(str(half), tmp_path)


@pytest.mark.parametrize("name", ["huge", "../../etc", "a/b/c", "", "base\n"])
def test_an_unknown_name_is_refused_before_anything_is_asked(tmp_path, name):
    with pytest.raises(NoModel, match=r"one of .*tiny"):
        fetch_model(name, tmp_path)


def test_a_model_is_fetched_whole_and_then_found(model, tmp_path):
    with hub(model) as url:
        assert fetching("tiny", tmp_path, url) == ""
    assert find_model("tiny", tmp_path) == tmp_path / "models" / "tiny"
    assert sorted(path.name for path in (tmp_path / "models" / "tiny").iterdir()) == sorted(
        path.name for path in model.iterdir()
    )


def test_a_model_that_cannot_be_fetched_leaves_none(tmp_path):
    assert "the model 'tiny' cannot be fetched" in fetching("tiny", tmp_path, "http://127.0.0.1:9")
    assert why_no_model("tiny", tmp_path) is not None


def fetching(name: str, data_dir: Path, hub_url: str) -> str:
    """Fetch in a process of its own, since the hub's client reads its address when it is imported; gives the error."""
    code = (
        "import sys; from pathlib import Path; from transcription.model import NoModel, fetch_model\n"
        "try: fetch_model(sys.argv[1], Path(sys.argv[2]))\n"
        "except NoModel as error: print(error)"
    )
    env = {**os.environ, "HF_ENDPOINT": hub_url, "HF_HOME": str(data_dir / "home"), "HF_HUB_DISABLE_XET": "1"}
    command = [sys.executable, "-c", code, name, str(data_dir)]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True, timeout=300).stdout


class hub:
    """As much of the Hugging Face Hub as its client asks for, with one model in it."""

    def __init__(self, folder: Path) -> None:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                name = self.path.rpartition("/")[2]
                if "/resolve/" in self.path:
                    self.give((folder / name).read_bytes())
                elif "/tree/" in self.path:
                    files = {path.name: path.stat().st_size for path in folder.iterdir()}
                    rows = [{"type": "file", "path": name, "size": size, "oid": "1"} for name, size in files.items()]
                    self.give(json.dumps(rows).encode())
                else:
                    self.give(json.dumps({"id": "x/y", "sha": "1" * 40}).encode())

            do_HEAD = do_GET

            def give(self, body: bytes) -> None:
                self.send_response(200)
                self.send_header("ETag", f'"{len(body)}"')
                self.send_header("X-Repo-Commit", "1" * 40)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command == "GET":
                    self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def __enter__(self) -> str:
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        return f"http://127.0.0.1:{self.server.server_port}"

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
