"""teams.yaml: what it says, and what it says when something in it is wrong."""

from pathlib import Path

import pytest

from alerts.check import read_teams
from alerts.desk import BadTeams, TeamsDesk
from alerts.teams import Span, Teams, Window

SHIPPED = Path(__file__).parents[2] / "alerts" / "teams.yaml"

HARBOR = """\
recovery_teams: 1
people:
  ines: {name: Ines Duarte, email: ines@harbor.example, mobile: "+12025550111"}
  omar: {name: Omar Haddad, email: omar@harbor.example, mobile: "+12025550112"}
teams:
  - id: service-recovery
    name: Service recovery
    default: true
    groups: [billing, retention]
    lead: ines
    also: [omar]
    time_zone: America/New_York
    hours: {mon-fri: ["08:00-12:00", "13:00-18:00"], sat: ["09:00-24:00"]}
    holidays: US-NY
    language: en
    escalation:
      P1:
        - {after: 0min, to: [lead, also], by: [email, sms]}
        - {after: 5min, to: [lead], by: [call]}
        - {after: 10min, to: [omar], by: [sms, call]}
      P2:
        - {after: 0min, to: [lead, also], by: [email, webhook]}
    clocks: {acknowledge: 5min, attempt: 15min, contact: 2 business hours, resolve: 2 business days}
    digest: {at: "09:00", weekend_sms: false, to: [lead, also]}
    ticket_url: "https://desk.harbor.example/tickets/{ticket}"
    webhook: {url: "https://crm.harbor.example/hooks/recovery", secret: env:RECOVERY_WEBHOOK_SECRET}
    slack: {channel: C024BE91L, token: env:SLACK_BOT_TOKEN}
    others: ["mailto://desk@harbor.example"]
  - {id: night, lead: omar, groups: [night-line], time_zone: Europe/Lisbon, language: es}
"""


def read(text: str) -> Teams:
    teams, problems = read_teams(text)
    assert not problems, [problem.told("teams.yaml") for problem in problems]
    assert teams is not None
    return teams


def problems_of(text: str) -> list[str]:
    teams, problems = read_teams(text)
    assert teams is None
    return [problem.told("teams.yaml") for problem in problems]


def test_every_field_of_the_file_is_understood():
    harbor, night = read(HARBOR).teams
    assert harbor.hours["mon-fri"] == (Window(480, 720), Window(780, 1080))
    assert harbor.hours["sat"] == (Window(540, 1440),)
    assert harbor.clocks.attempt == Span(900, "seconds")
    assert harbor.clocks.resolve == Span(2, "business days")
    assert harbor.digest is not None
    assert harbor.digest.at == 540
    assert str(harbor.time_zone) == "America/New_York"
    assert [step.after for step in harbor.escalation["P1"]] == [0, 300, 600]
    assert (night.title, night.language) == ("night", "es")


def test_a_caller_belongs_to_the_team_of_the_group_and_else_to_the_default_team():
    teams = read(HARBOR)
    assert teams.for_group("night-line").id == "night"
    assert teams.for_group("billing").id == "service-recovery"
    assert teams.for_group("nobody-s").id == "service-recovery"
    assert teams.for_group(None).id == "service-recovery"


def test_the_file_that_ships_starts_as_it_is_and_needs_nothing_but_mail():
    [team] = TeamsDesk(SHIPPED).teams().teams
    assert team.default
    assert {way for steps in team.escalation.values() for step in steps for way in step.by} == {"email"}


WRONG = {
    "nothing in the file": ("", "teams.yaml:1:1: E004"),
    "a number that was meant as text": (
        HARBOR.replace('"09:00-24:00"', "9"),
        "13:60: E705 9 is no span of hours; write",
    ),
    "an unknown field": (
        HARBOR.replace("lead: ines", "leed: ines"),
        '10:5: E010 "leed" is not known here; did you mean "lead"?',
    ),
    "no lead": (HARBOR.replace("    lead: ines\n", ""), '"lead" is missing; write lead: …'),
    "an unknown person": (
        HARBOR.replace("lead: ines", "lead: inez"),
        '10:11: E715 "inez" is nobody under people; did you mean "ines"?',
    ),
    "an unknown person told as well": (HARBOR.replace("also: [omar]", "also: [oma]"), '11:12: E715 "oma" is nobody'),
    "an unknown word in a step": (
        HARBOR.replace("to: [omar]", "to: [leed]"),
        '20:31: E715 "leed" is nobody under people; did you mean "lead"?',
    ),
    "an unknown way": (
        HARBOR.replace("by: [call]", "by: [fax]"),
        '19:42: E012 "fax" is no word for "by"; write email, sms,',
    ),
    "a way without a person's address": (
        HARBOR.replace(', mobile: "+12025550112"', ""),
        '18:55: E716 "sms" has no destination for "omar"; write mobile: … for omar, or leave sms out',
    ),
    "a way without the team's address": (
        HARBOR.replace("    webhook: {", "    xwebhook: {"),
        '"xwebhook" is not known here; did you mean "webhook"?',
    ),
    "a way of the team that is not set up": (
        HARBOR.replace("by: [email, webhook]", "by: [pagerduty]"),
        '22:48: E716 "pagerduty" has no destination in the team; write pagerduty: … in the team, or',
    ),
    "a person whom nothing reaches": (
        HARBOR.replace(', email: omar@harbor.example, mobile: "+12025550112"', ""),
        '4:3: E712 nothing reaches "omar"',
    ),
    "a person called lead": (HARBOR.replace("  omar: {", "  lead: {"), '4:3: E711 a person is called "lead"'),
    "no default team": (HARBOR.replace("    default: true\n", ""), "E713 no team takes the callers"),
    "two default teams": (
        HARBOR.replace("{id: night,", "{id: night, default: true,"),
        "E713 a second team is the default",
    ),
    "no team": (HARBOR[: HARBOR.index("teams:\n")] + "teams: []\n", "E713 no team takes the callers"),
    "one id for two teams": (
        HARBOR.replace("id: night", "id: service-recovery"),
        'E714 the id "service-recovery" stands in line 6 already',
    ),
    "one group for two teams": (
        HARBOR.replace("[night-line]", "[billing]"),
        'E714 the group "billing" stands in line 9 already',
    ),
    "a step that tells nobody": (HARBOR.replace("to: [omar]", "to: []"), '20:30: E719 "to" is empty'),
    "a lead whom nothing tells": (
        HARBOR.replace("{id: night, lead: omar", "{id: night, lead: omar")
        .replace("email: omar@harbor.example, ", "")
        .replace("[lead, also]", "[lead]"),
        'E717 nothing tells "omar" of a P2; write email: … for omar, or steps for P2 under escalation',
    ),
    "a delay without its unit": (HARBOR.replace("after: 5min", "after: 5"), "19:19: E014 5 is no duration"),
    "an unknown severity": (HARBOR.replace("      P2:", "      P5:"), "E012 'P5' is no severity; write P1, P2 or P3"),
    "an unknown time zone": (HARBOR.replace("America/New_York", "Harbor"), "12:16: E703 'Harbor' is no time zone"),
    "a time of day without its zero": (
        HARBOR.replace('"09:00", weekend', "9:00, weekend"),
        "24:18: E705 '9:00' is no time of day",
    ),
    "hours that end before they begin": (
        HARBOR.replace("13:00-18:00", "18:00-13:00"),
        "E705 '18:00-13:00' ends before it begins",
    ),
    "hours that overlap": (HARBOR.replace("13:00-18:00", "11:00-18:00"), "E718 two spans overlap"),
    "a day twice": (HARBOR.replace("sat:", "fri:"), 'E718 fri is in "mon-fri" already'),
    "an unknown day": (HARBOR.replace("mon-fri:", "mon-fry:"), "E704 'mon-fry' is no day"),
    "a mail address that is none": (
        HARBOR.replace("ines@harbor.example", "ines at harbor"),
        "3:36: E702 'ines at harbor' is no e-mail address",
    ),
    "a number that is none": (
        HARBOR.replace('"+12025550111"', "12025550111"),
        "3:65: E702 12025550111 is no telephone number",
    ),
    "a ticket address without its ticket": (
        HARBOR.replace("{ticket}", "ticket"),
        "E702 the address does not say where",
    ),
    "a webhook elsewhere than the web": (HARBOR.replace("https://crm", "ftp://crm"), "is no web address"),
    "a language we do not write": (
        HARBOR.replace("language: es", "language: fr"),
        'E012 "fr" is no word for "language"; write en or es',
    ),
    "audio that goes another way": (
        HARBOR.replace("language: es", "language: es, audio: none"),
        'E012 "none" is no word for "audio"; write attach or link',
    ),
    "a word that cannot be heard": (
        HARBOR.replace("language: es", "language: es, watch: [{name: Law, words: {es: [abogado, '!']}}]"),
        'E013 "!" is no word that can be heard; write a word or a phrase',
    ),
    "one name for two lists of words": (
        HARBOR.replace("language: es", "language: es, watch: [{name: A, words: [a]}, {name: A, words: [b]}]"),
        'E714 the name of night\'s words "A" stands in line',
    ),
    "a holiday nobody keeps": (HARBOR.replace("US-NY", "New York"), "E704 'New York' names no holidays"),
    "not YAML": (HARBOR.replace("people:\n", "people: [\n"), "E001 this is not YAML"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_with_its_place_and_repair(name):
    text, expected = WRONG[name]
    problems = problems_of(text)
    assert any(expected in problem for problem in problems), problems


def test_all_problems_of_the_file_are_told_in_one_run_from_its_top():
    broken = HARBOR.replace("lead: ines", "lead: inez").replace("sat:", "fri:").replace("to: [omar]", "to: [nobody]")
    assert [problem.split()[1] for problem in problems_of(broken)] == ["E715", "E718", "E715"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "teams.yaml"
    path.write_text(HARBOR)
    return path


def rewrite(path: Path, text: str) -> None:
    """As an editor does: a new file in the place of the old one."""
    (path.parent / "new").write_text(text)
    (path.parent / "new").replace(path)


def test_a_change_counts_at_once(file):
    desk = TeamsDesk(file)
    rewrite(file, HARBOR.replace("ines@harbor", "duarte@harbor"))
    assert desk.teams().people["ines"].email == "duarte@harbor.example"


def test_a_file_that_breaks_keeps_the_last_good_and_says_so(file):
    desk = TeamsDesk(file)
    rewrite(file, "recovery_teams: [")
    assert desk.teams().people["ines"].name == "Ines Duarte"
    assert "E001" in desk.problems[0].told("teams.yaml")
    file.unlink()
    assert desk.teams().people["ines"].name == "Ines Duarte"
    rewrite(file, HARBOR)
    assert desk.teams().people["ines"].name == "Ines Duarte"
    assert desk.problems == ()


def test_a_file_broken_at_the_start_stops_the_start_and_names_itself(file):
    rewrite(file, HARBOR.replace("lead: ines", "lead: inez"))
    with pytest.raises(BadTeams, match=r'teams\.yaml:10:11: E715 "inez" is nobody under people'):
        TeamsDesk(file)


def test_no_file_at_the_start_stops_the_start_and_names_itself(tmp_path):
    with pytest.raises(BadTeams, match=r"nowhere\.yaml.*cannot be read: No such file"):
        TeamsDesk(tmp_path / "nowhere.yaml")


def test_a_process_that_starts_while_the_file_is_broken_takes_the_last_good_one(tmp_path):
    file, kept = tmp_path / "teams.yaml", tmp_path / "teams.last-good.yaml"
    file.write_text(SHIPPED.read_text())
    TeamsDesk(file, kept)
    file.write_text("recovery_teams: 1\nteams: [")
    desk = TeamsDesk(file, kept)
    assert [team.id for team in desk.teams().teams] == ["service-recovery"]
    assert desk.problems
