"""What the JSON API offers, as an OpenAPI document. The tests hold real answers against it."""

from collections.abc import Mapping
from typing import Any

Schema = dict[str, Any]


def describe(public_url: str) -> Schema:
    """The document behind `/api/v1/openapi.json`; `public_url` is where this installation is reached."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Aftercall",
            "version": "1",
            "description": "Survey responses, recovery cases and recordings. Moments are UTC. Telephone numbers are "
            "masked (`+1202…0199`) unless the token was set up with `:full`.",
        },
        "servers": [{"url": public_url}],
        "security": [{"token": []}],
        "paths": PATHS,
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}, "schemas": SCHEMAS},
    }


def _text(*words: str, description: str | None = None) -> Schema:
    return {"type": "string"} | ({"enum": list(words)} if words else {}) | _described(description)


def _number(kind: str = "number", description: str | None = None) -> Schema:
    return {"type": kind} | _described(description)


def _moment() -> Schema:
    return {"type": "string", "format": "date-time"}


def _list(items: Schema, description: str | None = None) -> Schema:
    return {"type": "array", "items": items} | _described(description)


def _by(key: str, values: Schema) -> Schema:
    return {"type": "object", "additionalProperties": values, "description": f"by {key}"}


def _or_null(schema: Schema) -> Schema:
    if "type" not in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    words = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
    return schema | {"type": [schema["type"], "null"]} | words


def _shape(description: str, /, *, optional: tuple[str, ...] = (), **fields: Schema) -> Schema:
    """An object with exactly these fields, all of them always there but the `optional` ones."""
    return {
        "type": "object",
        "description": description,
        "properties": fields,
        "required": [name for name in fields if name not in optional],
        "additionalProperties": False,
    }


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _described(description: str | None) -> Schema:
    return {"description": description} if description else {}


def _page(of: str) -> Schema:
    return _shape(
        "A page of a list.",
        items=_list(_ref(of)),
        next=_or_null(_text(description="the `cursor` of the next page; null on the last one")),
    )


MISSING = ("refused", "dont_know", "not_applicable", "silence", "wrong_key", "not_asked", "hung_up", "error")
DISPOSITIONS = ("in_progress", "complete", "partial", "break_off", "refusal", "non_contact", "failed")
CASE_STATES = ("new", "acknowledged", "working", "scheduled", "contacted", "in_review", "closed")
SEVERITIES = ("P1", "P2", "P3")
ANY: Schema = {}

SCHEMAS: Mapping[str, Schema] = {
    "Answer": _shape(
        "The reply to one question; exactly one of `value` and `missing` is null.",
        value={"description": "a number, a code (`yes`, `no` or an option's), or a list of codes", **ANY},
        label=_or_null(_text()),
        keys=_or_null(_text(description="the keys as they were pressed")),
        input=_or_null(_text("dtmf", "speech")),
        at=_or_null(_moment()),
        missing=_or_null(_text(*MISSING)),
    ),
    "Transcript": _shape(
        "A machine's reading of a recording.",
        status=_text("queued", "ready", "empty", "failed", "unavailable"),
        reason=_or_null(_text(description="why there is none, in words")),
        text=_or_null(_text()),
        language=_or_null(_text()),
        model=_or_null(_text()),
        segments=_list({"type": "object"}),
    ),
    "Verbatim": _shape(
        "The caller's own words.",
        recording_sid=_or_null(_text()),
        duration_s=_or_null(_number()),
        status=_text("recording", "awaited", "stored", "absent", "failed", "deleted"),
        reason=_or_null(_text(description="why it is absent, failed or deleted, in words")),
        audio_url=_or_null(_text(description="MP3, behind the same token; null unless stored")),
        sha256=_or_null(_text(description="of the MP3")),
        transcript=_or_null(_ref("Transcript"))
        | {"description": "null where none will come: no audio, or none any more"},
    ),
    "Alert": _shape(
        "A rule of the survey that this call matched.",
        name=_text(),
        severity=_text(*SEVERITIES),
        raised_at=_moment(),
    ),
    "Response": _shape(
        "One call through a survey.",
        optional=("continues",),
        call_sid=_text(),
        survey=_text(),
        version=_text(description="`sha256:…`; a call stays on the version it began with"),
        language=_text(),
        direction=_text(),
        continues=_text(description="SID of the unfinished call that this one went on with, if it did"),
        started_at=_moment(),
        ended_at=_or_null(_moment()),
        disposition=_text(*DISPOSITIONS),
        context={"type": "object", "description": "what the contact centre knew"},
        data_problems=_list(ANY, "what was wrong with it, such as a required field that was missing"),
        answers=_by("question, asked or not; and what else a callback asked for, `call_me.number`", _ref("Answer")),
        scores=_by("score, absent where unanswered", _number()),
        verbatims=_by("voice step, when asked", _ref("Verbatim")),
        opted_out={"type": "boolean"},
        alerts=_list(_ref("Alert")),
        case=_or_null(_number("integer")),
        **{"from": _or_null(_text(description="null where it was withheld"))},
    ),
    "Clock": _shape(
        "A promise counted from the alert.",
        kind=_text(),
        due=_moment(),
        stopped=_or_null(_moment()),
        breached={"type": "boolean"},
    ),
    "Case": _shape(
        "The recovery work that follows an alert.",
        number=_number("integer"),
        url=_text(description="its page"),
        state=_text(*CASE_STATES),
        severity=_text(*SEVERITIES),
        team=_text(),
        owner=_or_null(_text()),
        opened_at=_moment(),
        promise_at=_or_null(_moment()),
        triggers=_list(_text(), "names of the rules that matched"),
        call_sid=_text(),
        ticket=_or_null(_text()),
        caller=_shape("Who called.", name=_or_null(_text()), number=_or_null(_text())),
        calling=_text("allowed", "refused", "not_asked", description="whether the caller may be called back"),
        outcome=_or_null(_text()),
        clocks=_list(_ref("Clock")),
        attempts=_list({"type": "object"}),
        notes=_list({"type": "object"}),
        data_problems=_list(ANY),
        proposals=_list(_ref("Proposal"), "what a machine proposes; nothing is done until a person confirms it"),
    ),
    "Proposal": _shape(
        "Words of the caller that may be a wish never to be called again.",
        kind=_text("opt_out"),
        rule=_text(description="name of the words that were watched for"),
        call_sid=_text(),
        proposed_at=_moment(),
        confirmed_by=_or_null(_text(description="the person who confirmed it; null: nobody yet")),
        confirmed_at=_or_null(_moment()),
    ),
    "Responses": _page("Response"),
    "Cases": _page("Case"),
    "Problem": _shape(
        "What is wrong with a request, as RFC 9457 has it.",
        type=_text(),
        title=_text(),
        status=_number("integer"),
        detail=_text(description="what to do about it"),
    ),
}


def _get(summary: str, answer: Schema, *parameters: Schema, errors: Mapping[str, str]) -> Schema:
    problem = {"application/problem+json": {"schema": _ref("Problem")}}
    failed = {status: {"description": why, "content": problem} for status, why in errors.items()}
    succeeded = {"200": {"description": summary, "content": answer}}
    return {"get": {"summary": summary, "parameters": list(parameters), "responses": succeeded | failed}}


def _post(summary: str, body: Schema, answer: Schema, *parameters: Schema, errors: Mapping[str, str]) -> Schema:
    asked = _get(summary, answer, *parameters, errors=errors)["get"]
    return {"post": asked | {"requestBody": {"required": True, "content": {"application/json": {"schema": body}}}}}


def _json(name: str) -> Schema:
    return {"application/json": {"schema": _ref(name)}}


def _query(name: str, description: str, schema: Schema | None = None) -> Schema:
    return {"name": name, "in": "query", "description": description, "schema": schema or _text()}


def _path(name: str, schema: Schema | None = None) -> Schema:
    return {"name": name, "in": "path", "required": True, "schema": schema or _text()}


TOKEN = {"401": "no token, or a wrong one"}
NONE_SUCH = TOKEN | {"404": "there is none"}
UNREADABLE = TOKEN | {"400": "a parameter cannot be read; `detail` says what to write"}
CURSOR = _query("cursor", "the `next` of the page before")

PATHS: Mapping[str, Schema] = {
    "/api/v1/responses": _get(
        "Responses in the order the calls began",
        _json("Responses"),
        _query("survey", "id of a survey"),
        _query("since", "only calls begun at this moment or later; a date or a moment in ISO 8601, UTC without a zone"),
        CURSOR,
        errors=UNREADABLE,
    ),
    "/api/v1/responses/{call_sid}": _get("One response", _json("Response"), _path("call_sid"), errors=NONE_SUCH),
    "/api/v1/cases": _get(
        "Cases by number",
        _json("Cases"),
        _query("state", "only cases in this state", _text(*CASE_STATES)),
        _query("team", "only cases of this team, by its id"),
        CURSOR,
        errors=UNREADABLE,
    ),
    "/api/v1/cases/{number}": _get("One case", _json("Case"), _path("number", _number("integer")), errors=NONE_SUCH),
    "/api/v1/cases/{number}/opt_out": _post(
        "Confirm, for a person who has read the proposal, that these callers are never to be surveyed again",
        _shape("Who confirms it.", by=_text(description="the person, such as an e-mail address")),
        _json("Case"),
        _path("number", _number("integer")),
        errors=NONE_SUCH
        | {
            "400": "nobody is named",
            "403": "the token is not `:full`",
            "409": "nothing is proposed, or it is confirmed",
        },
    ),
    "/api/v1/recordings/{recording_sid}.mp3": _get(
        "The caller's words as MP3; `Range` is understood",
        {"audio/mpeg": {}},
        _path("recording_sid"),
        errors=NONE_SUCH | {"416": "the range lies outside the audio"},
    ),
    "/api/v1/openapi.json": _get("This document", {"application/json": {}}, errors=TOKEN),
}
