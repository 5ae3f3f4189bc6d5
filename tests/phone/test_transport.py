import socket
import threading

import httpx
import pytest
from werkzeug.wrappers import Response

from phone.errors import CarrierError
from phone.line import Phone
from phone.rest import serve
from phone.transport import HttpTransport, WsgiTransport


@pytest.fixture
def http():
    made = []

    def http(**options):
        made.append(HttpTransport(**options))
        return made[-1]

    yield http
    for transport in made:
        transport.close()


def complaint_of(transport, url="http://survey.harbor.example/voice/q"):
    with pytest.raises(CarrierError) as refused:
        transport.send("POST", url, {}, b"")
    return refused.value.code


def test_both_ways_carry_the_same_request_letter_by_letter(app, http):
    seen = []

    def listening(environ, start_response):
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        names = ("REQUEST_METHOD", "PATH_INFO", "QUERY_STRING", "RAW_URI", "CONTENT_TYPE", "HTTP_HOST", "HTTP_X_A")
        seen.append([*(environ[name] for name in names), body])
        return Response("fine", 200, {"X-B": "2"})(environ, start_response)

    url = "http://survey.harbor.example/voice/a%2Fb?x=%20%c3%a9+y&z="
    sent = ("POST", url, {"Content-Type": "text/plain", "X-A": "1"}, b"a=1&b=")
    with serve(listening) as address:
        replies = [http(connect_to=address).send(*sent), WsgiTransport(listening).send(*sent)]

    assert seen[0] == seen[1]
    assert seen[0][2:4] == ["x=%20%c3%a9+y&z=", "/voice/a%2Fb?x=%20%c3%a9+y&z="]
    assert seen[0][-2:] == ["1", b"a=1&b="]
    assert [(reply.status, reply.headers["x-b"], reply.body) for reply in replies] == [(200, "2", b"fine")] * 2


def test_a_whole_call_goes_over_http(app, carrier, http):
    app.says("/voice/q", "<Gather numDigits='1' action='/voice/a'><Say>How satisfied?</Say></Gather>")
    app.says("/voice/a", "<Say>Thank you.</Say>")

    with serve(app) as address:
        phone = Phone(carrier, http(connect_to=address), "https://survey.harbor.example")
        phone.takes("q", agent="Sam Söhne").hears("how satisfied").presses("1").hears("thank you").is_hung_up_on()

    assert app.paths == ["/voice/q", "/voice/a", "/voice/status"]
    assert app.asked[0].headers["Host"] == "survey.harbor.example"


def test_no_redirect_is_followed_on_the_way(http):
    with serve(Response("", 302, {"Location": "/elsewhere"})) as address:
        assert http().send("GET", f"{address}/voice/q", {}, b"").status == 302


def test_no_cookie_is_kept_on_the_way(http):
    seen = []

    def baking(environ, start_response):
        seen.append(environ.get("HTTP_COOKIE"))
        return Response("", 200, {"Set-Cookie": "a=1"})(environ, start_response)

    with serve(baking) as address:
        transport = http()
        for _ in range(2):
            transport.send("GET", address, {}, b"")

    assert seen == [None, None]


def test_a_failed_connect_is_tried_once_more(http):
    tries = []

    def network(request):
        tries.append(request)
        if len(tries) == 1:
            raise httpx.ConnectError("refused")
        return httpx.Response(204)

    assert http(network=httpx.MockTransport(network)).send("GET", "http://a.example/", {}, b"").status == 204


@pytest.mark.parametrize(
    ("trouble", "code", "times"),
    [
        (httpx.ConnectTimeout, 11201, 2),
        (httpx.ConnectError, 11202, 2),
        (httpx.ReadTimeout, 11205, 1),
        (httpx.RemoteProtocolError, 11206, 1),
    ],
)
def test_other_troubles_have_the_carriers_codes_and_only_the_connect_is_repeated(http, trouble, code, times):
    tries = []

    def network(request):
        tries.append(request)
        raise trouble("trouble")

    assert complaint_of(http(network=httpx.MockTransport(network))) == code
    assert len(tries) == times


def test_nobody_listens(http):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    assert complaint_of(http(connect_to=f"http://127.0.0.1:{port}")) == 11202


def test_an_app_that_says_nothing_is_given_up(http):
    release = threading.Event()

    def stuck(environ, start_response):
        release.wait()
        return Response("")(environ, start_response)

    with serve(stuck) as address:
        assert complaint_of(http(connect_to=address, response_s=0.2)) == 11205
        release.set()


def test_an_app_that_drips_is_given_up(http):
    release = threading.Event()

    def drips():
        while not release.wait(0.01):
            yield b"drop"

    with serve(Response(drips(), 200)) as address:
        assert complaint_of(http(connect_to=address, response_s=0.5)) == 11205
        release.set()
