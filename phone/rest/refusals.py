"""How the API says no."""

from flask import Response, jsonify


class Refused(Exception):
    """A request that is not carried out, with Twilio's error code and the HTTP status that goes with it."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(status, code, message)
        self.status = status
        self.code = code
        self.message = message


def not_found() -> Refused:
    """What does not exist, is not ready, or belongs to another account."""
    return Refused(404, 20404, "The requested resource was not found")


def answer(refused: Refused) -> Response:
    """The carrier's error body."""
    more = f"https://www.twilio.com/docs/errors/{refused.code}"
    reply = jsonify(code=refused.code, message=refused.message, more_info=more, status=refused.status)
    reply.status_code = refused.status
    if refused.status == 401:
        reply.headers["WWW-Authenticate"] = 'Basic realm="Twilio API"'
    if refused.status == 429:
        reply.headers["Twilio-Concurrent-Requests"] = "100"
    return reply
