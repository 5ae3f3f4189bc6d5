"""Where the carrier fetches recorded prompts: under the hash of their content, so that it may keep them for ever."""

from pathlib import Path

from flask import Blueprint, Response, abort

from ivr.survey.prompt_audio import TYPES, PromptAudio

FOR_EVER = "public, max-age=31536000, immutable"


def prompts(audio: PromptAudio) -> Blueprint:
    """The recordings of `flows/audio/`; no signature is asked for, since they are played to anybody who calls."""
    pages = Blueprint("prompts", __name__)

    @pages.get("/prompts/<name>")
    def prompt(name: str) -> Response:
        file = audio.find(name) or abort(404)
        kind = TYPES.get(Path(name).suffix, "application/octet-stream")
        return Response(file.content, mimetype=kind, headers={"Cache-Control": FOR_EVER})

    return pages
