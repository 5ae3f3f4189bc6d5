"""Errors of the JSON API, as RFC 9457 has them."""

import json
from collections.abc import Mapping
from http import HTTPStatus

from flask import Response


class Problem(Exception):
    """What is wrong with a request, and what to write instead."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers or {}


def render_problem(problem: Problem) -> Response:
    body = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
    }
    text = json.dumps(body, ensure_ascii=False)
    return Response(text, problem.status, problem.headers, content_type="application/problem+json")
