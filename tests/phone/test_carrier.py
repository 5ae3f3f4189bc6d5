import re

from phone import audio
from phone.carrier import Carrier, Recording, Route


def test_whoever_knows_the_secret_is_the_same_account():
    one, two, other = (Carrier.for_secret(secret) for secret in ("secret", "secret", "another"))

    assert (one.account_sid, one.auth_token) == (two.account_sid, two.auth_token)
    assert one.account_sid != other.account_sid
    assert one.auth_token != other.auth_token
    assert re.fullmatch("AC[0-9a-f]{32}", one.account_sid)
    assert "secret" not in one.auth_token


def test_sids_are_the_same_in_every_run_of_a_test_and_else_never():
    token = "12345"

    assert Carrier("AC", token, seed=7).new_sid("CA") == Carrier("AC", token, seed=7).new_sid("CA")
    assert Carrier("AC", token).new_sid("CA") != Carrier("AC", token).new_sid("CA")


def test_processes_share_an_account_through_its_folder(tmp_path, now):
    one, two = (Carrier.for_secret("secret", folder=tmp_path / "carrier") for _ in range(2))
    recording = Recording("RE1", "CA1", "completed", 3, now.isoformat(), media_404s=1)
    wav = audio.wav(audio.murmur(3))
    route = Route("https://a.example/voice/q", status_events=("ringing", "completed"))

    one.keep_recording(recording, wav)
    message = one.take_message("+12025550100", "+12025550111", "P1", "", now)
    call = one.open_call("+12025550100", "+12025550111", "outbound-api", route, now)
    number = one.add_number("+12025550100")
    one.bar("+12025550100", "+12025550111")

    assert two.recordings() == [recording]
    assert [two.fetch_media("RE1"), one.fetch_media("RE1")] == [None, wav]
    assert two.messages() == [message]
    assert two.find_call(call.sid) == call
    assert two.find_number("+12025550100") == number
    assert two.is_barred("+12025550100", "+12025550111")
    assert two.delete_recording("RE1")
    assert not one.delete_recording("RE1")
    assert one.fetch_media("RE1") is None


def test_what_is_not_there_is_none(tmp_path):
    for carrier in (Carrier("AC", "12345"), Carrier("AC", "12345", folder=tmp_path)):
        assert carrier.find_call("CA1") is None
        assert carrier.find_recording("RE1") is None
        assert carrier.find_message("SM1") is None
        assert carrier.fetch_media("RE1") is None
        assert carrier.calls() == carrier.recordings() == carrier.messages() == carrier.numbers() == []
