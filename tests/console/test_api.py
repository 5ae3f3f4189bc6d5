import jsonschema
import pytest
from openapi_spec_validator import validate
from sqlalchemy import text

from console.openapi import SCHEMAS, describe
from console.paging import write_cursor
from ivr.moments import render_moment
from recovery import opt_out
from storage import calls, erasure
from storage.database import Database
from tests.console.conftest import CALL, MP3, RECORDING, SHA256, add_call, add_case, add_verbatim

ADDRESSES = ["responses", f"responses/{CALL}", "cases", "cases/1", f"recordings/{RECORDING}.mp3", "openapi.json"]
OURS = [(status, "application/problem+json") for status in (500, 503)]
AUDIO = f"/api/v1/recordings/{RECORDING}.mp3"


@pytest.mark.parametrize(
    "shown",
    [None, "", "Bearer", "Bearer ", "Bearer ab", "Bearer abcd", "Basic abc", "abc", "Bearer é", "Bearer abc:full"],
)
def test_without_its_token_nothing_is_told(open_api, nora_called, shown):
    stranger = open_api(token=None)
    for address in ADDRESSES:
        answer = stranger.get(f"/api/v1/{address}", headers={} if shown is None else {"Authorization": shown})
        assert (answer.status_code, answer.content_type) == (401, "application/problem+json")
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert answer.json["status"] == 401


@pytest.mark.parametrize("shown", ["Bearer abc", "bearer abc", "Bearer def", "Bearer def:full"])
def test_a_token_opens_the_api(open_api, shown):
    assert open_api(token=None).get("/api/v1/responses", headers={"Authorization": shown}).status_code == 200


def test_without_any_token_set_the_api_is_closed(open_api):
    assert open_api("", tokens=()).get("/api/v1/responses", headers={"Authorization": "Bearer "}).status_code == 401


@pytest.mark.parametrize(
    ("method", "address", "status"), [("GET", "nothing", 404), ("GET", "cases/none", 404), ("DELETE", "responses", 405)]
)
def test_what_does_not_exist_is_a_problem_too(open_api, method, address, status):
    answer = open_api().open(f"/api/v1/{address}", method=method)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")


def test_of_an_erased_response_the_ratings_stay_and_that_the_rest_was_answered(open_api, database, nora_called, now):
    with database.transaction() as db:
        erasure.erase(db, [calls.get(db, CALL)], lambda version: ("csat",), now)
    told = open_api("def:full").get(f"/api/v1/responses/{CALL}").json
    assert (told["from"], told["context"]) == (None, {"agent": "a7", "group": "billing"})
    assert told["answers"]["csat"]["value"] == 1
    solved = told["answers"]["solved"]
    assert (solved["value"], solved["keys"], solved["missing"], solved["at"]) == (None, None, None, render_moment(now))
    assert told["answers"]["recommend"]["missing"] == "not_asked"
    assert told["verbatims"]["why"]["status"] == "deleted"


def test_elsewhere_a_missing_page_stays_a_page(open_api):
    assert open_api().get("/elsewhere").mimetype == "text/html"


@pytest.mark.parametrize("url", ["sqlite:////nowhere/aftercall.db", "postgresql+psycopg://nobody@127.0.0.1:1/none"])
def test_a_database_out_of_reach_says_to_ask_again(open_api, url):
    answer = open_api(kept_in=Database(url)).get("/api/v1/responses")
    assert (answer.status_code, answer.content_type) == (503, "application/problem+json")
    assert answer.headers["Retry-After"] == "5"


def test_an_error_of_ours_tells_nothing_of_itself(open_api, nora_called, database):
    with database.transaction() as db:
        db.execute(text("ALTER TABLE answers RENAME TO lost"))
    answer = open_api("abc").get(f"/api/v1/responses/{CALL}")
    assert (answer.status_code, answer.content_type) in OURS
    assert "answers" not in answer.text


@pytest.mark.parametrize("address", ["responses/CA%00", "responses?survey=%00", "cases?team=%00"])
def test_a_nul_is_refused(open_api, address):
    assert open_api().get(f"/api/v1/{address}").status_code == 400


# Recordings -----------------------------------------------------------------------------------------


def test_the_callers_words_can_be_heard(open_api, nora_called):
    answer = open_api().get(AUDIO)
    assert (answer.status_code, answer.mimetype, answer.data) == (200, "audio/mpeg", MP3)
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["ETag"] == f'"{SHA256}"'


@pytest.mark.parametrize(
    ("wanted", "part"), [("bytes=0-99", MP3[:100]), ("bytes=10000-", MP3[10000:]), ("bytes=-40", MP3[-40:])]
)
def test_a_player_may_ask_for_a_part(open_api, nora_called, wanted, part):
    answer = open_api().get(AUDIO, headers={"Range": wanted})
    assert (answer.status_code, answer.data) == (206, part)
    assert answer.headers["Content-Range"].endswith(f"/{len(MP3)}")


@pytest.mark.parametrize("wanted", ["bytes=0-1,4-5", "bytes=5-2", "seconds=0-1", "bytes"])
def test_what_is_no_one_part_is_answered_with_the_whole(open_api, nora_called, wanted):
    answer = open_api().get(AUDIO, headers={"Range": wanted})
    assert (answer.status_code, answer.data) == (200, MP3)


@pytest.mark.parametrize(("of", "status"), [(SHA256, 206), ("of yesterday", 200)])
def test_a_part_of_a_recording_that_has_changed_is_the_whole_of_the_new_one(open_api, nora_called, of, status):
    answer = open_api().get(AUDIO, headers={"Range": "bytes=0-9", "If-Range": f'"{of}"'})
    assert (answer.status_code, answer.data) == (status, MP3[:10] if status == 206 else MP3)


def test_a_player_may_look_first_and_has_a_copy_already(open_api, nora_called):
    looked = open_api().head(AUDIO)
    assert (looked.status_code, looked.content_length, looked.data) == (200, len(MP3), b"")
    again = open_api().get(AUDIO, headers={"If-None-Match": looked.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_part_that_is_not_there_is_refused(open_api, nora_called):
    answer = open_api().get(AUDIO, headers={"Range": "bytes=99999-"})
    assert (answer.status_code, answer.content_type) == (416, "application/problem+json")
    assert answer.headers["Content-Range"] == f"bytes */{len(MP3)}"


def test_a_recording_that_is_not_stored_yet_says_so(open_api, database, now):
    with database.transaction() as db:
        add_call(db, now)
        add_verbatim(db, now, status="awaited", recording_sid=RECORDING)
    answer = open_api().get(AUDIO)
    assert (answer.status_code, answer.json["detail"]) == (404, "this recording is awaited")


def test_an_unknown_recording_is_not_found(open_api):
    assert open_api().get(AUDIO).json["detail"] == "there is no such recording"


def test_damaged_audio_is_never_played(open_api, audio, nora_called):
    audio.put("nora.mp3", b"something else")
    answer = open_api().get(AUDIO)
    assert (answer.status_code, answer.json["detail"]) == (500, "the stored audio is missing or damaged")


# Cases ----------------------------------------------------------------------------------------------


def test_a_case_is_told_by_its_number(open_api, nora_called):
    case = open_api("abc").get("/api/v1/cases/1").json
    assert (case["number"], case["url"], case["state"]) == (1, "http://127.0.0.1:8000/cases/1", "new")
    assert (case["triggers"], case["ticket"], case["call_sid"]) == (["Recover this caller"], "88213", CALL)
    assert case["caller"] == {"name": None, "number": "+1202…0199"}
    assert open_api("def").get("/api/v1/cases/1").json["caller"]["number"] == "+12025550199"
    assert open_api().get("/api/v1/cases/2").status_code == 404
    assert open_api().get(f"/api/v1/cases/{2**64}").status_code == 404


def test_cases_are_listed_by_state_and_team(open_api, database, now):
    with database.transaction() as db:
        add_call(db, now)
        add_case(db, now, key="1")
        add_case(db, now, key="2", state="closed", closed_at=now)
        add_case(db, now, key="3", team="retention")
    client = open_api()
    assert numbers(client.get("/api/v1/cases")) == [1, 2, 3]
    assert numbers(client.get("/api/v1/cases?state=new")) == [1, 3]
    assert numbers(client.get("/api/v1/cases?team=service-recovery&state=closed")) == [2]


def test_cases_are_read_page_by_page(open_api, database, now):
    with database.transaction() as db:
        add_call(db, now)
        for n in range(150):
            add_case(db, now, key=str(n))
    client = open_api()
    first = client.get("/api/v1/cases")
    second = client.get("/api/v1/cases", query_string={"cursor": first.json["next"]})
    assert numbers(first) + numbers(second) == list(range(1, 151))
    assert second.json["next"] is None


def numbers(answer):
    return [case["number"] for case in answer.json["items"]]


@pytest.mark.parametrize("query", ["state=lost", "cursor=x", "cursor=WyJhIl0", f"cursor={write_cursor([2**64])}"])
def test_a_parameter_of_cases_that_cannot_be_read_says_what_to_write(open_api, query):
    answer = open_api().get(f"/api/v1/cases?{query}")
    assert answer.status_code == 400
    assert "write" in answer.json["detail"]


# The description ------------------------------------------------------------------------------------


def test_the_description_is_openapi(open_api):
    validate(open_api().get("/api/v1/openapi.json").json)


def test_every_address_is_described():
    described = {path.removeprefix("/api/v1/") for path in describe("http://127.0.0.1:8000")["paths"]}
    assert described == {
        "responses",
        "responses/{call_sid}",
        "cases",
        "cases/{number}",
        "cases/{number}/opt_out",
        "recordings/{recording_sid}.mp3",
        "openapi.json",
    }


@pytest.fixture
def proposed(nora_called, database, now):
    """A machine has heard Nora say that she wants no more calls."""
    with database.transaction() as db:
        opt_out.propose(db, 1, calls.get(db, CALL), "Wants no calls", now)


def test_a_person_confirms_over_the_api_that_a_caller_is_to_be_left_in_peace(open_api, proposed, database, nora):
    api, ines = open_api("def"), {"by": "ines@harbor.example"}
    case = api.post("/api/v1/cases/1/opt_out", json=ines)
    jsonschema.validate(case.json, {"$ref": "#/components/schemas/Case", "components": {"schemas": SCHEMAS}})
    [proposal] = case.json["proposals"]
    assert (proposal["rule"], proposal["confirmed_by"]) == ("Wants no calls", "ines@harbor.example")
    assert calls.known_caller(database, nora.number).opted_out
    assert api.post("/api/v1/cases/1/opt_out", json=ines).status_code == 409


@pytest.mark.parametrize(
    ("token", "address", "body", "status"),
    [
        ("abc", "1", {"by": "ines"}, 403),
        ("def", "2", {"by": "ines"}, 404),
        ("def", "1", {"by": " "}, 400),
        ("def", "1", ["ines"], 400),
        ("def", "1", None, 400),
    ],
)
def test_nobody_is_left_in_peace_by_mistake(open_api, proposed, database, nora, token, address, body, status):
    answer = open_api(token).post(f"/api/v1/cases/{address}/opt_out", json=body)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert not calls.known_caller(database, nora.number).opted_out


@pytest.mark.parametrize(
    ("address", "shape"),
    [
        ("responses", "Responses"),
        (f"responses/{CALL}", "Response"),
        ("cases", "Cases"),
        ("cases/1", "Case"),
        ("responses/none", "Problem"),
    ],
)
def test_answers_have_the_described_shape(open_api, nora_called, address, shape):
    schema = {"$ref": f"#/components/schemas/{shape}", "components": {"schemas": SCHEMAS}}
    jsonschema.validate(open_api().get(f"/api/v1/{address}").json, schema)
