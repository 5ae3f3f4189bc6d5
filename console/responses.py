"""A response as the API gives it."""

from collections.abc import Callable, Sequence
from typing import Any

from ivr.call import is_number
from ivr.masking import mask_number
from ivr.moments import render_moment
from storage.models import Answer, CaseTrigger, Transcript
from storage.responses import Response, Words
from storage.verbatims import for_listeners

Questions = Callable[[str], Sequence[str]]  # a survey version -> ids of its steps that want an answer, in their order


def response_json(response: Response, questions: Questions, full: bool) -> dict[str, Any]:
    """Every question of the call's survey version is in `answers`, asked or not; `full` shows telephone numbers.

    The further answers of a callback, `call_me.number` and `call_me.time`, are there where they were given;
    `continues` is there where the call went on with an unfinished one, whose answers, words and alerts it tells too.
    """
    call = response.call
    return {
        "call_sid": call.call_sid,
        "survey": call.survey,
        "version": call.version,
        "language": call.language,
        "direction": call.direction,
        "started_at": render_moment(call.started_at),
        "ended_at": render_moment(call.ended_at),
        "disposition": call.disposition,
        "context": call.context,
        "data_problems": call.data_problems,
        "answers": _answers(response, questions(call.version), full),
        "scores": call.scores,
        "verbatims": {step: _verbatim(words) for step, words in response.words.items()},
        "opted_out": call.opted_out,
        "from": call.from_number if full else mask_number(call.from_number),
        "alerts": [_alert(trigger) for trigger in response.triggers],
        "case": response.triggers[0].case_number if response.triggers else None,
        **({"continues": call.continues} if call.continues else {}),
    }


def recording_url(recording_sid: str) -> str:
    return f"/api/v1/recordings/{recording_sid}.mp3"


def _answers(response: Response, questions: Sequence[str], full: bool) -> dict[str, Any]:
    given = {step: _answer(answer) for step, answer in response.answers.items() if answer.value is not None}
    answers = {step: _answer(response.answers.get(step)) for step in questions} | given
    return answers if full else {step: _masked(step, answer) for step, answer in answers.items()}


def _masked(step: str, answer: dict[str, Any]) -> dict[str, Any]:
    """Without the telephone number, where the answer is one."""
    if not is_number(step):
        return answer
    return answer | {name: mask_number(answer[name]) for name in ("value", "label", "keys")}


def _answer(answer: Answer | None) -> dict[str, Any]:
    """No row yet, or one that the caller took back: the question is still to be asked. An erased one has its time."""
    if answer is None or (answer.value is None and answer.missing is None and answer.at is None):
        return {"value": None, "label": None, "keys": None, "input": None, "at": None, "missing": "not_asked"}
    return {
        "value": answer.value,
        "label": answer.label,
        "keys": answer.keys,
        "input": answer.input,
        "at": render_moment(answer.at),
        "missing": answer.missing,
    }


def _verbatim(words: Words) -> dict[str, Any]:
    verbatim = words.verbatim
    mp3 = for_listeners(verbatim)
    return {
        "recording_sid": verbatim.recording_sid,
        "duration_s": verbatim.duration_s if mp3 else verbatim.carrier_duration_s,
        "status": verbatim.status,
        "reason": verbatim.reason,
        "audio_url": recording_url(verbatim.recording_sid) if mp3 and verbatim.recording_sid else None,
        "sha256": mp3.sha256 if mp3 else None,
        "transcript": _transcript(words.transcript or Transcript(status="queued", segments=[]))
        if _is_read(words)
        else None,
    }


def _is_read(words: Words) -> bool:
    """It has been, or it will be; of audio that never comes, or is gone, there is no transcript."""
    return words.transcript is not None or words.verbatim.status in ("recording", "awaited", "stored")


def _transcript(transcript: Transcript) -> dict[str, Any]:
    return {
        "status": transcript.status,
        "reason": transcript.reason,
        "text": transcript.text,
        "language": transcript.language,
        "model": transcript.model,
        "segments": transcript.segments,
    }


def _alert(trigger: CaseTrigger) -> dict[str, Any]:
    return {"name": trigger.rule, "severity": trigger.severity, "raised_at": render_moment(trigger.raised_at)}
