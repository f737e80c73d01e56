"""Is a session setting's effective value the promised one?"""

from difflib import get_close_matches

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.model import SettingEffective
from cst_contracts.checks.verdict import Broken, Finding, Kept, Observation, Undecided, Verdict
from cst_contracts.errors import IntrospectionError
from cst_contracts.facts import Basis, SessionFacts


def evaluate_setting(check: SettingEffective, observation: Observation) -> Verdict:
    match observation.session:
        case IntrospectionError() as error:
            return Undecided(_finding(check, FindingCode.SESSION_UNREADABLE, error.cause, ""))
        case SessionFacts(settings=settings) if check.setting.name not in settings:
            near = get_close_matches(check.setting.name, settings, n=1)
            hint = f"did you mean `{near[0]}`?" if near else ""
            return _broken(_finding(check, FindingCode.SETTING_UNKNOWN, "no such setting", hint))
        case SessionFacts(settings=settings):
            effective = settings[check.setting.name]
            if effective == check.setting.value:
                return _effect(check, observation)
            hint = "set it where the session is made, or name a preset that does"
            observed = "no value" if effective is None else effective
            return _broken(_finding(check, FindingCode.SETTING_DIFFERS, observed, hint))
        case None:
            raise AssertionError(f"{check.id} was evaluated without an observation")


def _effect(check: SettingEffective, observation: Observation) -> Verdict:
    """Of a setting that has its value. Not of every setting can it be told."""
    match observation.effects:
        case IntrospectionError() as error:
            return Undecided(_finding(check, FindingCode.SESSION_UNREADABLE, error.cause, ""))
        case effects:
            effect = effects.get(check.setting.name)
    if effect is None:
        return Kept(Basis.SCHEMA)
    if effect.fits:
        return Kept(Basis.SCAN)
    hint = "another setting overrides it, or it was set too late: see `cst-contracts presets`"
    finding = _finding(check, FindingCode.SETTING_WITHOUT_EFFECT, effect.seen, hint)
    return Broken((finding,), Basis.SCAN)


def _broken(finding: Finding) -> Broken:
    return Broken((finding,), Basis.SCHEMA)


def _finding(check: SettingEffective, code: FindingCode, observed: str, hint: str) -> Finding:
    return Finding(code, check.place, check.setting.name, check.setting.value, observed, hint)
