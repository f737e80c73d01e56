"""Puts the page together: its words, its style, its scripts and its data in one file."""

from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256

import msgspec

from cst_contracts.report.html.content import content
from cst_contracts.report.html.states import WORDS, state_of
from cst_contracts.report.manifest_file import Manifest

#: In the order in which they are run, as one script.
_SCRIPTS = (
    "elements.js",
    "model.js",
    "pieces.js",
    "finding.js",
    "verdict.js",
    "overview.js",
    "schema.js",
    "contract.js",
    "promises.js",
    "changes.js",
    "run.js",
    "frame.js",
    "start.js",
)
#: Of what failed, in the part that is read without scripts.
_MOST_TOLD = 400


def page(manifest: Manifest, earlier: Sequence[Manifest] = ()) -> str:
    """With what moved since `earlier`, manifests of the same contracts. Needs the extra `html`."""
    # An extra: whoever wants no page does not install it.
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415

    loader = PackageLoader("cst_contracts.report.html")
    environment = Environment(
        loader=loader, autoescape=True, keep_trailing_newline=True, undefined=StrictUndefined
    )

    def text(name: str) -> str:
        return loader.get_source(environment, name)[0]

    shown = content(manifest, earlier)
    style, first = text("style.css"), text("theme.js")
    script = f'"use strict";\n{{\n{"".join(map(text, _SCRIPTS))}}}\n'
    return environment.get_template("page.html").render(
        title=shown.title,
        verdict=shown.verdict,
        style=style,
        first_script=first,
        script=script,
        hashes={"style": _hash(style), "first": _hash(first), "script": _hash(script)},
        data=embedded(shown.data),
        failed=[each for each in manifest.promises if each.failed][:_MOST_TOLD],
        word=lambda record: WORDS[state_of(record)],
    )


def embedded(data: object) -> str:
    """JSON that nothing in it can end the script element of, or begin a comment or a script in."""
    text = msgspec.json.encode(data).decode()
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _hash(text: str) -> str:
    """As a policy names the one script or style that it allows."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
