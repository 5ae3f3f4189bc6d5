"""Whatever an app says and a caller does, a call is conducted to its end, and its end is told once."""

from contextlib import suppress
from datetime import UTC, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.wrappers import Response

from phone.call import PhoneCall
from phone.carrier import Carrier, Route
from phone.errors import PhoneMisused
from phone.manners import Manners
from phone.transport import WsgiTransport

PATHS = ("/a", "/b", "/c")
URL = "https://survey.harbor.example"

address = st.sampled_from(PATHS)
prompt = st.sampled_from(["<Say>How was it?</Say>", "<Pause length='2'/>", "<Play digits='12'/>"])
gather = st.builds(
    "<Gather action='{}' {} {} {} input='{}'>{}</Gather>".format,
    address,
    st.sampled_from(["", "numDigits='1'", "numDigits='2'"]),
    st.sampled_from(["", "finishOnKey=''", "finishOnKey='*'"]),
    st.sampled_from(["", "actionOnEmptyResult='true'"]),
    st.sampled_from(["dtmf", "speech", "dtmf speech"]),
    st.lists(prompt, max_size=2).map("".join),
)
record = st.builds(
    "<Record action='{}' maxLength='20' timeout='{}' finishOnKey='{}' recordingStatusCallback='/told'/>".format,
    address,
    st.sampled_from(["0", "3"]),
    st.sampled_from(["", "#", "123"]),
)
elsewhere = st.builds("<Redirect>{}</Redirect>".format, address)
dial = st.builds("<Dial {} hangupOnStar='true'>+12025550111</Dial>".format, st.sampled_from(["", "action='/a'"]))
odd = st.sampled_from(["<Hangup/>", "<Reject/>", "<Shout/>", "<Gather action='/none' numDigits='1'/>", "<Say>"])
document = st.lists(st.one_of(prompt, gather, record, elsewhere, dial, odd), max_size=4).map("".join)
act = st.one_of(
    st.tuples(st.just("press"), st.text("0123456789*#", min_size=1, max_size=3)),
    st.tuples(st.just("key_in"), st.text("0123456789*#", min_size=1, max_size=3)),
    st.tuples(st.just("speak"), st.floats(0.1, 30)),
    st.tuples(st.just("utter"), st.just("very satisfied")),
    st.tuples(st.just("wait"), st.floats(0, 30)),
    st.tuples(st.sampled_from(["hear_out", "stay_silent", "hang_up"])),
)
manners = st.builds(
    Manners,
    method=st.sampled_from(["GET", "POST"]),
    empty_digits=st.sampled_from(["absent", "empty"]),
    silent_record=st.sampled_from(["action", "kept", "falls_through"]),
    recording_news=st.sampled_from(["normal", "late", "twice", "before_action", "absent", "failed", "never"]),
    hangup_order=st.sampled_from(["action_first", "status_first"]),
    dial_status=st.sampled_from(["completed", "busy"]),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # machines may be slow
@given(st.fixed_dictionaries(dict.fromkeys(PATHS, document)), st.lists(act, max_size=8), manners, st.booleans())
def test_a_call_is_conducted_to_its_end_and_its_end_is_told_once(documents, acts, manners, has_fallback):
    told = []

    def app(environ, start_response):
        path = environ["PATH_INFO"]
        told.append(path)
        if path in ("/told", "/ended"):
            return Response(status=204)(environ, start_response)
        body = f"<Response>{documents.get(path, '')}</Response>"
        return Response(body, 200 if path in documents else 404, content_type="text/xml")(environ, start_response)

    carrier = Carrier("AC" + "5" * 32, "12345", seed=1)
    route = Route(f"{URL}/a", manners.method, f"{URL}/b" if has_fallback else "", status_callback=f"{URL}/ended")
    call = PhoneCall(
        carrier, WsgiTransport(app), carrier.open_call("+1", "+2", "inbound", route, datetime.now(UTC)), manners
    )

    call.begin()
    for name, *given_to_it in acts:
        with suppress(PhoneMisused):  # the call may be over, or end while the caller listens
            getattr(call, name)(*given_to_it)
    if not call.over:
        call.hang_up()
    call.deliver_late_news()

    assert told.count("/ended") == 1
    assert call.phase is None
    assert carrier.live == {}
    assert [line.at_s for line in call.lines] == sorted(line.at_s for line in call.lines)
    assert carrier.find_call(call.sid).over
    assert all(recording.duration_s <= 20 for recording in carrier.recordings())
