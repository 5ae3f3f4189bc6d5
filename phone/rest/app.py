"""The API's front door: who may come in, and what each resource answers."""

import hmac
from collections.abc import Callable
from datetime import datetime

from flask import Flask, Response, g, request

from phone.carrier import API_VERSION, Carrier, utc_now
from phone.rest import calls, messages, numbers, recordings
from phone.rest.faults import Faults, cut
from phone.rest.refusals import Refused, answer, not_found


def create_carrier_app(carrier: Carrier, faults: Faults | None = None, now: Callable[[], datetime] = utc_now) -> Flask:
    """The API of this account as a WSGI app; `faults` are befalling its requests."""
    app = Flask("carrier", static_folder=None)
    faults = faults or Faults()
    for resource in (
        recordings.api(carrier),
        calls.api(carrier, now),
        messages.api(carrier, now),
        numbers.api(carrier),
    ):
        app.register_blueprint(resource, url_prefix=f"/{API_VERSION}/Accounts/{carrier.account_sid}")

    @app.before_request
    def let_in() -> None:
        g.fault = faults.befall()
        if not _is_ours(carrier):
            raise Refused(401, 20003, "Authentication Error - invalid username")

    @app.after_request
    def let_out(reply: Response) -> Response:
        return cut(reply) if g.get("fault") == "cut" else reply

    @app.errorhandler(404)
    @app.errorhandler(405)
    def nothing_there(_: Exception) -> Response:
        return answer(not_found())

    app.register_error_handler(Refused, answer)
    return app


def _is_ours(carrier: Carrier) -> bool:
    given = request.authorization
    if given is None or given.type != "basic":
        return False
    user, password = given.username or "", given.password or ""
    return hmac.compare_digest(user.encode(), carrier.account_sid.encode()) and hmac.compare_digest(
        password.encode(), carrier.auth_token.encode()
    )
