import wave
from datetime import timedelta
from io import BytesIO

import httpx
import pytest
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from phone import audio
from phone.carrier import Carrier, Recording, Route
from phone.rest import Faults, create_carrier_app, serve

NUMBER = "+12025550111"


@pytest.fixture
def faults():
    return Faults()


@pytest.fixture
def api(carrier, faults):
    """The account's API in this process, as somebody with the account's password asks it."""
    transport = httpx.WSGITransport(create_carrier_app(carrier, faults))
    base = f"https://api.twilio.com/2010-04-01/Accounts/{carrier.account_sid}"
    with httpx.Client(transport=transport, base_url=base, auth=(carrier.account_sid, carrier.auth_token)) as client:
        yield client


@pytest.fixture
def recording(carrier, now):
    recording = Recording(carrier.new_sid("RE"), carrier.new_sid("CA"), "completed", 3, now.isoformat())
    carrier.keep_recording(recording, audio.wav(audio.murmur(3)))
    return recording


def error(reply):
    body = reply.json()
    assert body["status"] == reply.status_code
    assert str(body["code"]) in body["more_info"]
    return reply.status_code, body["code"]


# Recordings


@pytest.mark.parametrize("ending", ["", ".wav"])
def test_a_recording_is_a_telephone_wav(api, recording, ending):
    reply = api.get(f"/Recordings/{recording.sid}{ending}")

    assert (reply.status_code, reply.headers["Content-Type"]) == (200, "audio/x-wav")
    with wave.open(BytesIO(reply.content)) as clip:
        assert (clip.getframerate(), clip.getsampwidth(), clip.getnchannels()) == (8000, 2, 1)


def test_a_recording_can_be_had_as_mp3(api, recording):
    reply = api.get(f"/Recordings/{recording.sid}.mp3")

    assert reply.headers["Content-Type"] == "audio/mpeg"
    assert 2.9 < audio.seconds(audio.read_samples(reply.content)) < 3.2
    assert len(reply.content) == pytest.approx(3 * 32_000 / 8, rel=0.1)


def test_what_is_known_of_a_recording(api, recording):
    known = api.get(f"/Recordings/{recording.sid}.json").json()

    assert {name: known[name] for name in ("sid", "status", "duration", "channels", "error_code")} == {
        "sid": recording.sid,
        "status": "completed",
        "duration": "3",
        "channels": 1,
        "error_code": None,
    }


def test_the_recordings_of_a_call_are_listed_latest_first_and_page_by_page(api, carrier, now):
    call, other = carrier.new_sid("CA"), carrier.new_sid("CA")
    made = [
        Recording(carrier.new_sid("RE"), of, "completed", 3, (now + timedelta(seconds=n)).isoformat())
        for n, of in enumerate((call, other, call, call))
    ]
    for recording in made:
        carrier.keep_recording(recording, None)
    carrier.delete_recording(made[0].sid)

    page = api.get("/Recordings.json", params={"CallSid": call}).json()
    assert [listed["sid"] for listed in page["recordings"]] == [made[3].sid, made[2].sid]
    assert page["recordings"][0]["start_time"] == "Sat, 21 Nov 2026 10:00:03 +0000"
    assert (page["page_size"], page["next_page_uri"]) == (50, None)

    first = api.get("/Recordings.json", params={"CallSid": call, "PageSize": 2, "IncludeSoftDeleted": "true"}).json()
    last = api.get(f"https://api.twilio.com{first['next_page_uri']}").json()
    assert [listed["status"] for listed in last["recordings"]] == ["deleted"]
    assert last["next_page_uri"] is None


@pytest.mark.parametrize("size", ["0", "1001", "many"])
def test_a_page_has_bounds(api, size):
    assert error(api.get(f"/Recordings.json?PageSize={size}")) == (400, 20001)


def test_a_recording_is_not_there_at_once(api, carrier, now):
    late = Recording("RE" + "1" * 32, "CA1", "completed", 3, now.isoformat(), media_404s=2)
    carrier.keep_recording(late, audio.wav(audio.murmur(3)))

    assert [api.get(f"/Recordings/{late.sid}").status_code for _ in range(3)] == [404, 404, 200]


@pytest.mark.parametrize("status", ["absent", "failed"])
def test_a_recording_that_failed_has_no_sound(api, carrier, now, status):
    carrier.keep_recording(Recording("RE" + "1" * 32, "CA1", status, 0, now.isoformat()), None)

    assert error(api.get("/Recordings/RE" + "1" * 32)) == (404, 20404)


def test_a_recording_has_one_channel(api, recording):
    assert error(api.get(f"/Recordings/{recording.sid}?RequestedChannels=2")) == (400, 16113)
    assert api.get(f"/Recordings/{recording.sid}?RequestedChannels=1").status_code == 200


def test_a_recording_is_deleted_once(api, recording):
    assert api.delete(f"/Recordings/{recording.sid}.json").status_code == 204
    assert error(api.delete(f"/Recordings/{recording.sid}.json")) == (404, 20404)
    assert error(api.get(f"/Recordings/{recording.sid}")) == (404, 20404)
    assert error(api.get(f"/Recordings/{recording.sid}.json")) == (404, 20404)


@pytest.mark.parametrize("auth", [None, ("AC" + "5" * 32, "wrong"), ("AC" + "6" * 32, "12345")])
def test_nobody_comes_in_without_the_password(api, carrier, recording, auth):
    with httpx.Client(transport=httpx.WSGITransport(create_carrier_app(carrier))) as stranger:
        reply = stranger.get(f"{api.base_url}Recordings/{recording.sid}", auth=auth)

    assert error(reply) == (401, 20003)
    assert reply.headers["WWW-Authenticate"].startswith("Basic")


def test_nothing_else_is_there(api):
    assert error(api.get("/Faxes.json")) == (404, 20404)
    assert error(api.get("/Calls/CA1.json")) == (404, 20404)
    assert error(api.get("/Messages/SM1.json")) == (404, 20404)


def test_what_is_no_recordings_sid_is_not_there(carrier, tmp_path, now):
    shared = Carrier(carrier.account_sid, carrier.auth_token, folder=tmp_path)
    call = shared.open_call("+1", "+2", "inbound", Route(), now)
    base = f"https://api.twilio.com/2010-04-01/Accounts/{carrier.account_sid}"

    with httpx.Client(transport=httpx.WSGITransport(create_carrier_app(shared))) as client:
        for name in ("..", "RE..%2f..%2fx", "RE%00", call.sid, f"{call.sid}.json"):
            reply = client.get(f"{base}/Recordings/{name}", auth=(carrier.account_sid, carrier.auth_token))
            assert error(reply) == (404, 20404)


# Bad days


def test_a_bad_day_can_be_planned(api, faults, recording):
    faults.plan("busy", "broken", "fine")
    replies = [api.get(f"/Recordings/{recording.sid}") for _ in range(3)]

    assert [reply.status_code for reply in replies] == [429, 500, 200]
    assert error(replies[0]) == (429, 20429)
    assert "Twilio-Concurrent-Requests" in replies[0].headers


def test_a_connection_may_drop_half_way(carrier, faults, recording):
    faults.plan("cut", "fine")
    with serve(create_carrier_app(carrier, faults)) as address:
        url = f"{address}/2010-04-01/Accounts/{carrier.account_sid}/Recordings/{recording.sid}"
        auth = (carrier.account_sid, carrier.auth_token)
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.get(url, auth=auth)
        assert httpx.get(url, auth=auth).status_code == 200


def test_a_request_may_hang(carrier, faults, recording):
    faults.plan("stuck")
    with serve(create_carrier_app(carrier, faults)) as address:
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(f"{address}/2010-04-01/Accounts/{carrier.account_sid}/Recordings/{recording.sid}", timeout=0.2)
        faults.release()


# Calls


def call_out(api, **fields):
    return api.post("/Calls.json", data={"To": NUMBER, "From": "+12025550100", **fields})


def test_a_call_out_is_queued(api, carrier):
    reply = call_out(api, Url="https://a.example/v", StatusCallbackEvent=["ringing", "completed"])

    assert reply.status_code == 201
    assert {name: reply.json()[name] for name in ("status", "direction", "to", "from")} == {
        "status": "queued",
        "direction": "outbound-api",
        "to": NUMBER,
        "from": "+12025550100",
    }
    [call] = carrier.calls()
    assert call.sid == reply.json()["sid"]
    assert call.route.status_events == ("ringing", "completed")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"To": "", "Url": "https://a.example/v"}, 21201),
        ({"From": "", "Url": "https://a.example/v"}, 21213),
        ({"To": "tomorrow", "Url": "https://a.example/v"}, 21211),
        ({}, 21205),
        ({"Url": "a.example/v"}, 21205),
        ({"Twiml": "<Response>" + "x" * 4000 + "</Response>"}, 32018),
        ({"Url": "https://a.example/v", "StatusCallbackEvent": "over"}, 21626),
    ],
)
def test_a_call_out_needs_its_parts(api, fields, code):
    assert error(call_out(api, **fields)) == (400, code)


def test_an_address_wins_over_a_document(api, carrier):
    call_out(api, Url="https://a.example/v", Twiml="<Response/>")

    assert carrier.calls()[0].route.twiml == ""


def test_a_waiting_call_can_be_canceled_and_nobody_is_told(api, phone, app):
    sid = call_out(api, Url="https://survey.harbor.example/voice/q").json()["sid"]

    assert api.post(f"/Calls/{sid}.json", data={"Status": "canceled"}).json()["status"] == "canceled"
    assert error(api.post(f"/Calls/{sid}.json", data={"Status": "canceled"})) == (400, 21220)
    assert app.asked == []


def test_a_live_call_can_be_given_another_document_or_ended(api, phone, app):
    app.says("/voice/q", "<Gather numDigits='1' action='/voice/a'/>").says("/voice/other", "<Say>Hello.</Say><Pause/>")
    caller = phone.takes("q")
    url = f"/Calls/{caller.call_sid}.json"

    assert api.post(url, data={"Url": "https://survey.harbor.example/voice/other"}).json()["status"] == "in-progress"
    caller.hears("hello")
    assert api.post(url, data={"Twiml": "<Response><Say>Hi.</Say></Response>"}).status_code == 200
    caller.hears("hi.")
    assert api.post(url, data={"Status": "completed"}).json()["status"] == "completed"

    assert caller.call.over
    assert [asked["CallStatus"] for asked in app.to("/voice/status")] == ["completed"]


def test_a_call_that_has_ended_cannot_be_changed(api, phone, app):
    app.says("/voice/q", "<Say>Hello.</Say>")
    caller = phone.takes("q").hangs_up()
    url = f"/Calls/{caller.call_sid}.json"

    assert error(api.post(url, data={"Url": "https://a.example/v"})) == (400, 21220)
    assert error(api.post(url, data={"Status": "completed"})) == (400, 21220)
    assert api.get(url).json()["status"] == "completed"


# Messages


def text(api, **fields):
    return api.post("/Messages.json", data={"To": NUMBER, "From": "+12025550100", "Body": "P1 case 4821", **fields})


def test_a_message_is_taken(api, carrier):
    reply = text(api)

    assert (reply.status_code, reply.json()["status"]) == (201, "queued")
    [message] = carrier.messages()
    assert (message.to, message.body) == (NUMBER, "P1 case 4821")
    assert api.get(f"/Messages/{message.sid}.json").json()["body"] == "P1 case 4821"


def test_a_messaging_service_accepts(api):
    assert text(api, MessagingServiceSid="MG" + "1" * 32).json()["status"] == "accepted"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"To": ""}, 21604),
        ({"To": "12025550111"}, 21211),
        ({"From": ""}, 21603),
        ({"Body": ""}, 21602),
        ({"Body": "x" * 1601}, 21617),
    ],
)
def test_a_message_needs_its_parts(api, carrier, fields, code):
    assert error(text(api, **fields)) == (400, code)
    assert carrier.messages() == []


def test_who_said_stop_gets_no_message(api, phone, app):
    app.says("/sms", "")
    phone.texts("STOP", caller=NUMBER)

    assert error(text(api)) == (400, 21610)


# Numbers


def test_a_number_is_connected_and_then_leads_there(api, carrier, phone, app):
    app.says("/voice/q", "<Say>Hello.</Say>")
    carrier.add_number("+12025550100")
    carrier.add_number("+12025550101")

    listed = api.get("/IncomingPhoneNumbers.json", params={"PhoneNumber": "+12025550100"}).json()
    [number] = listed["incoming_phone_numbers"]
    base = "https://survey.harbor.example"
    changed = api.post(
        f"/IncomingPhoneNumbers/{number['sid']}.json",
        data={"VoiceUrl": f"{base}/voice/q", "StatusCallback": f"{base}/voice/status", "SmsUrl": f"{base}/sms"},
    ).json()

    assert (changed["voice_url"], changed["sms_url"]) == (f"{base}/voice/q", f"{base}/sms")
    phone.dials("+12025550100").hears("hello").hangs_up()
    assert app.paths == ["/voice/q", "/voice/status"]


@pytest.mark.parametrize(("fields", "code"), [({"VoiceUrl": "voice"}, 21402), ({"VoiceMethod": "PUT"}, 21403)])
def test_a_number_leads_to_an_address(api, carrier, fields, code):
    sid = carrier.add_number("+12025550100").sid

    assert error(api.post(f"/IncomingPhoneNumbers/{sid}.json", data=fields)) == (400, code)


# The carrier's own SDK


class TowardsUs(TwilioHttpClient):
    """The SDK's client, with the carrier's address turned to ours."""

    def __init__(self, address):
        super().__init__(pool_connections=False)
        self.address = address

    def request(self, method, url, *args, **kwargs):
        return super().request(method, url.replace("https://api.twilio.com", self.address), *args, **kwargs)


def test_the_carriers_sdk_gets_along_with_it(carrier, recording):
    carrier.add_number("+12025550100")
    with serve(create_carrier_app(carrier)) as address:
        sdk = Client(carrier.account_sid, carrier.auth_token, http_client=TowardsUs(address))

        call = sdk.calls.create(to=NUMBER, from_="+12025550100", url="https://a.example/v")
        message = sdk.messages.create(to=NUMBER, from_="+12025550100", body="P1 case 4821")
        [number] = sdk.incoming_phone_numbers.list(phone_number="+12025550100")
        number.update(voice_url="https://a.example/v")

        assert (call.status, message.status) == ("queued", "queued")
        assert sdk.calls(call.sid).update(status="canceled").status == "canceled"
        assert carrier.numbers()[0].route.voice_url == "https://a.example/v"
        assert sdk.recordings(recording.sid).fetch().duration == "3"
        assert [listed.sid for listed in sdk.recordings.list(call_sid=recording.call_sid)] == [recording.sid]
        assert sdk.recordings(recording.sid).delete()
