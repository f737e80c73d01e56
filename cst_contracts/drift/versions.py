"""Says how far a contract's version stepped, and how far it has to for what changed."""

from enum import IntEnum


class Step(IntEnum):
    """How far a version went. MAJOR may break readers, MINOR may add promises."""

    LOWERED = -1
    NONE = 0
    PATCH = 1
    MINOR = 2
    MAJOR = 3

    def __str__(self) -> str:
        return self.name.lower()


def step(before: str | None, after: str | None) -> Step:
    """From one semantic version to the next. Of versions below 1.0.0, the minor one says what breaks.

    Without a version before or after, nobody can tell a step.
    """
    if before is None or after is None:
        return Step.NONE
    old, new = _numbers(before), _numbers(after)
    if new < old:
        return Step.LOWERED
    differing = next((at for at in range(3) if old[at] != new[at]), None)
    if differing is None:
        return Step.NONE
    first = 1 if old[0] == new[0] == 0 else 0
    return (Step.MAJOR, Step.MINOR, Step.PATCH)[max(differing - first, 0)]


def stepped(version: str, step_: Step) -> str:
    """The next version that is a step of that size from `version`."""
    major, minor, patch = _numbers(version)
    if major == 0 and step_ > Step.PATCH:
        step_ = Step(step_ - 1)
    match step_:
        case Step.MAJOR:
            return f"{major + 1}.0.0"
        case Step.MINOR:
            return f"{major}.{minor + 1}.0"
        case Step.PATCH:
            return f"{major}.{minor}.{patch + 1}"
        case Step.NONE | Step.LOWERED:
            return version


def _numbers(version: str) -> tuple[int, int, int]:
    core = version.partition("+")[0].partition("-")[0]
    major, minor, patch = map(int, core.split("."))
    return major, minor, patch
