"""Is a session setting's effective value the promised one?"""

from typing import TypeAlias

import pytest
from support.answers import Answered, checks_of, judged_by

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.verdict import Broken, Finding, Kept, Undecided, Verdict
from cst_contracts.contract.presets import PRESETS
from cst_contracts.facts import Basis, CouldNotLook, SessionFacts, SettingEffect
from cst_contracts.location import Location
from cst_contracts.needs import EffectsNeed, SessionNeed

NAME = "datafusion.execution.batch_size"
TEXT = f"""\
session: s
settings:
  {NAME}: "8192"
"""
PLACE = Location("contracts/t.yaml", 3, 3)


Effects: TypeAlias = dict[str, SettingEffect] | CouldNotLook


def judged(session: SessionFacts | CouldNotLook, effects: Effects | None = None) -> Verdict:
    answers = {SessionNeed(): session, EffectsNeed(): {} if effects is None else effects}
    return judged_by(TEXT, f"setting[{NAME}]", answers)


def test_the_promised_value_is_kept() -> None:
    assert judged(SessionFacts({NAME: "8192"}, ())) == Kept(Basis.SCHEMA)


@pytest.mark.parametrize("effective", ["4096", None])
def test_another_value_is_red(effective: str | None) -> None:
    hint = "set it where the session is made, or name a preset that does"
    finding = Finding(
        FindingCode.SETTING_DIFFERS, PLACE, NAME, "8192", effective or "no value", hint
    )
    assert judged(SessionFacts({NAME: effective}, ())) == Broken((finding,), Basis.SCHEMA)


def test_a_setting_that_the_session_does_not_know_is_red_with_the_nearest_name() -> None:
    finding = Finding(
        FindingCode.SETTING_UNKNOWN,
        PLACE,
        NAME,
        "8192",
        "no such setting",
        "did you mean `datafusion.execution.batch_sizes`?",
    )
    nearly = SessionFacts({"datafusion.execution.batch_sizes": "1"}, ())
    assert judged(nearly) == Broken((finding,), Basis.SCHEMA)


def test_without_a_session_a_setting_is_undecided() -> None:
    finding = Finding(FindingCode.SESSION_UNREADABLE, PLACE, NAME, "8192", "no session")
    assert judged(CouldNotLook("no session")) == Undecided(finding)


def test_a_presets_settings_are_promised_where_it_is_named_and_a_spelled_out_one_wins() -> None:
    name = "datafusion.execution.parquet.pushdown_filters"
    text = f'session: s\npreset: cst\nsettings:\n  {name}: "false"\n'
    checks = checks_of(text)
    effective = SessionFacts({**PRESETS["cst"].values, name: "false"}, ())
    verdicts = {
        id_: check.judge(Answered({SessionNeed(): effective, EffectsNeed(): {}}))
        for id_, check in checks.items()
        if id_.startswith("setting[")
    }
    assert verdicts.keys() == {f"setting[{each}]" for each in PRESETS["cst"].values}
    assert set(verdicts.values()) == {Kept(Basis.SCHEMA)}
    places = {id_: check.place.line for id_, check in checks.items()}
    assert places[f"setting[{name}]"] == 4
    assert {places[f"setting[{each}]"] for each in PRESETS["cst"].values if each != name} == {2}


@pytest.mark.parametrize("fits", [True, False])
def test_a_setting_is_kept_by_its_effect_where_that_was_seen(fits: bool) -> None:  # noqa: FBT001
    effects = {NAME: SettingEffect(fits, "rows come one by one")}
    verdict = judged(SessionFacts({NAME: "8192"}, ()), effects)
    if fits:
        assert verdict == Kept(Basis.SCAN)
        return
    assert isinstance(verdict, Broken)
    assert verdict.findings[0].code is FindingCode.SETTING_WITHOUT_EFFECT
    assert verdict.findings[0].observed == "rows come one by one"


def test_a_setting_whose_effect_could_not_be_looked_at_is_undecided() -> None:
    verdict = judged(SessionFacts({NAME: "8192"}, ()), CouldNotLook("no disk"))
    assert isinstance(verdict, Undecided)
    assert (verdict.finding.code, verdict.cause) == (FindingCode.SESSION_UNREADABLE, None)
