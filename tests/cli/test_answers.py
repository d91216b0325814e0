"""The commands `estimates` and `eob`, and dates that are none."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Run

DONE, PROBLEMS, BAD_INPUT = 0, 1, 2


def test_when_an_estimate_is_due(run: Run) -> None:
    far = run("estimates", "due", "--scheduled", "11/20/2026", "--service", "2026-12-07")
    assert (far.status, far.out) == (
        DONE, "10 business days lie between scheduling and session: give the estimate by 11/25/2026.\n",
    )  # fmt: skip
    near = run("estimates", "due", "--scheduled", "2026-11-05", "--service", "2026-11-06", "--json").json
    assert (near["business_days"], near["due"]) == (1, None)
    assert "to a client who asks" in near["message"]
    asked = run("estimates", "due", "--requested", "2026-11-24", "--json").json
    assert asked == {"due": "2026-11-30", "message": "The client asked: give the estimate by 11/30/2026."}


def test_when_a_bill_may_be_disputed(run: Run) -> None:
    over = run("estimates", "compare", "--estimate", "360", "--billed", "760", "--date", "2026-11-21")
    assert (over.status, over.out) == (
        PROBLEMS, "The bill is 400.00 above its estimate. The client may dispute it until 03/21/2027.\n",
    )  # fmt: skip
    under = run("estimates", "compare", "--estimate", "360", "--billed", "759.99", "--json")
    assert (under.status, under.json["disputable"], under.json["until"]) == (DONE, False, None)


def test_what_comes_first_after_a_letter(run: Run) -> None:
    known = run("eob", "reason", "co97", "PR-1")
    assert known.status == DONE
    assert [line.split()[0] for line in known.out.splitlines()] == ["CO-97", "PR-1"]
    told = run("eob", "reason", "CO-22", "--json").json
    assert told["confidence"] == "C"
    assert told["source"]
    assert told["reasons"][0]["group"] == "contract: not to be charged to the client"
    unknown = run("eob", "reason", "OA-999")
    assert (unknown.status, unknown.out) == (
        PROBLEMS, "OA-999 is not among the known reasons. Read its words in the letter.\n",
    )  # fmt: skip


def test_a_line_that_adds_up_and_one_that_does_not(run: Run) -> None:
    line = ["eob", "check", "--billed", "136.50", "--allowed", "102", "--written-off", "34.50", "--client", "36.40"]
    assert run(*line, "--paid", "65.60")[:2] == (DONE, "The amounts add up.\n")
    assert run(*line, "--paid", "65.60", "--json").json == []
    wrong = run(*line, "--paid", "65.06")
    assert (wrong.status, "0.54 is neither paid nor the client's" in wrong.out) == (PROBLEMS, True)


@pytest.mark.parametrize(
    "line",
    [
        "estimates due",
        "estimates due --service 2026-12-01 --requested 2026-11-20",
        "estimates due --scheduled 2026-11-20 --requested 2026-11-20",
        "estimates due --scheduled 2026-11-20 --service 2026-11-19",
        "estimates due --scheduled 2021-11-20 --service 2021-11-29",
        "estimates due --requested 9999-12-31",
        "estimates due --requested 2026-13-45",
        "estimates compare --estimate 360 --billed -760",
        "estimates compare --estimate 360 --billed much",
        "eob reason hello",
        "eob check --billed 1 --allowed 1 --written-off 0 --paid 1 --client x",
        "units 97124=38 --clinic none --date soon",
        "icd10 check M54.2 --date 02/30/2026",
        "superbill --clinic none --client 1001 -o none.pdf --from never",
        "superbill --clinic none --client 1001 -o none.pdf --from 11/20/2026 --to 11/01/2026",
        "referrals --clinic none --date 2026",
        "benefits show --clinic none --client 1001 --date 1/1",
    ],
)
def test_bad_input_is_one_clear_sentence(run: Run, line: str) -> None:
    status, out, err = run(*line.split())
    assert (status, out, err.count("\n")) == (BAD_INPUT, "", 1)
    assert err.startswith("superbill-desk: ")


def test_a_date_that_is_none_is_told_by_its_option(run: Run) -> None:
    said = run("superbill", "--clinic", "none", "--client", "1001", "-o", "none.pdf", "--to", "13/45/2026").err
    assert said == "superbill-desk: --to is no date. Try 11182026, 11/18/2026 or t for today.\n"


def test_a_code_that_is_not_known_is_told(run: Run) -> None:
    timed = run("units", "99999=20", "97124=38")
    assert (timed.status, "99999 is not known here, so it was counted by its minutes" in timed.out) == (DONE, True)
    single = json.loads(run("units", "99999", "97124=38", "97010", "--json").out)
    assert [note[:48] for note in single["notes"]] == ["99999 is not known here, so it was counted as on"]
    assert "notes" not in run("units", "97124=38", "97010", "--json").json
