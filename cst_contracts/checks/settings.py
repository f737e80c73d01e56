"""Is a session setting's effective value the promised one, and does the engine behave so?"""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import ClassVar

from msgspec import Struct

from cst_contracts.checks.check import Check, Group
from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.verdict import Broken, Kept, Undecided, Verdict
from cst_contracts.checks.wording import finding
from cst_contracts.contract.model import Contract, SessionContract, SettingContract, Severity
from cst_contracts.contract.presets import PRESETS
from cst_contracts.facts import Basis, CouldNotLook, SessionFacts, SettingEffect
from cst_contracts.location import Location
from cst_contracts.needs import Answers, AnyNeed, EffectsNeed, SessionNeed


class SettingEffective(Struct, frozen=True):
    """A setting has its promised value, and where its effect can be seen, it has that, too."""

    setting: SettingContract
    id: str
    group: ClassVar[Group] = Group.SCHEMA
    severity: ClassVar[Severity] = Severity.ERROR
    reads_rows: ClassVar[bool] = False

    @property
    def place(self) -> Location:
        return self.setting.place

    @property
    def subject(self) -> str:
        return self.setting.name

    def needs(self) -> tuple[AnyNeed, ...]:
        return SessionNeed(), EffectsNeed()

    def judge(self, answers: Answers) -> Verdict:
        match answers[SessionNeed()]:
            case CouldNotLook(reason=reason):
                return _unreadable(self, reason)
            case SessionFacts(settings=settings) if self.setting.name not in settings:
                return _unknown(self, settings)
            case SessionFacts(settings=settings):
                return _judge_value(self, settings[self.setting.name], answers)


def setting_checks(contract: Contract) -> Iterator[Check]:
    if isinstance(contract, SessionContract):
        for setting in promised_settings(contract):
            yield SettingEffective(setting, f"setting[{setting.name}]")


def promised_settings(contract: SessionContract) -> tuple[SettingContract, ...]:
    """The preset's settings, under those that the contract spells out."""
    own = {setting.name for setting in contract.settings}
    preset = PRESETS.get(contract.preset) if contract.preset is not None else None
    inherited = (
        SettingContract(name, value, contract.preset_place or contract.place)
        for name, value in (preset.values if preset is not None else {}).items()
        if name not in own
    )
    return (*inherited, *contract.settings)


def _unreadable(check: SettingEffective, reason: str) -> Undecided:
    return Undecided(finding(check, FindingCode.SESSION_UNREADABLE, check.setting.value, reason))


def _unknown(check: SettingEffective, known: Mapping[str, str | None]) -> Broken:
    near = get_close_matches(check.setting.name, known, n=1)
    hint = f"did you mean `{near[0]}`?" if near else ""
    code, promised = FindingCode.SETTING_UNKNOWN, check.setting.value
    return Broken((finding(check, code, promised, "no such setting", hint),), Basis.SCHEMA)


def _judge_value(check: SettingEffective, effective: str | None, answers: Answers) -> Verdict:
    promised = check.setting.value
    if effective != promised:
        hint = "set it where the session is made, or name a preset that does"
        observed = "no value" if effective is None else effective
        red = finding(check, FindingCode.SETTING_DIFFERS, promised, observed, hint)
        return Broken((red,), Basis.SCHEMA)
    match answers[EffectsNeed()]:
        case CouldNotLook(reason=reason):
            return _unreadable(check, reason)
        case effects:
            return _judge_effect(check, effects.get(check.setting.name))


def _judge_effect(check: SettingEffective, effect: SettingEffect | None) -> Verdict:
    """Of a setting that has its value. Not of every setting can it be told."""
    if effect is None:
        return Kept(Basis.SCHEMA)
    if effect.fits:
        return Kept(Basis.SCAN)
    hint = "another setting overrides it, or it was set too late: see `cst-contracts presets`"
    code = FindingCode.SETTING_WITHOUT_EFFECT
    red = finding(check, code, check.setting.value, effect.seen, hint)
    return Broken((red,), Basis.SCAN)
