"""The session settings that ship with the project under a name, each with its value and its reason."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from msgspec import Struct
from msgspec.structs import replace


class PresetSetting(Struct, frozen=True):
    name: str
    value: str
    why: str


class Preset(Struct, frozen=True):
    name: str
    purpose: str
    settings: tuple[PresetSetting, ...]

    @property
    def values(self) -> dict[str, str]:
        return {setting.name: setting.value for setting in self.settings}


_VIEW_TYPES = "datafusion.execution.parquet.schema_force_view_types"

_CST = Preset(
    "cst",
    "Everything that a contract asks about can be seen, nothing is read that statistics exclude, and "
    "string fields of Parquet files arrive as views.",
    (
        PresetSetting(
            "datafusion.catalog.information_schema",
            "true",
            "Settings and functions are read from it; a session with a configuration of its own has none.",
        ),
        PresetSetting(
            "datafusion.execution.collect_statistics",
            "true",
            "count(*) is answered from Parquet footers. Counts for tables made after it was set.",
        ),
        PresetSetting(
            "datafusion.execution.parquet.enable_page_index",
            "true",
            "Pages that a predicate excludes are not decoded.",
        ),
        PresetSetting(
            "datafusion.execution.parquet.pruning",
            "true",
            "Row groups that a predicate excludes are not read.",
        ),
        PresetSetting(
            "datafusion.execution.parquet.pushdown_filters",
            "true",
            "Rows that a predicate excludes are dropped while the others are decoded.",
        ),
        PresetSetting(
            _VIEW_TYPES,
            "true",
            "Pins what strings and binaries of Parquet files come out as: string_view, binary_view.",
        ),
        PresetSetting(
            "datafusion.execution.parquet.skip_metadata",
            "false",
            "The engine drops the metadata of top-level fields by default, and contracts promise it.",
        ),
        PresetSetting(
            "datafusion.runtime.list_files_cache_limit",
            "0",
            "The cache of file listings never expires: files that come during a run stay invisible.",
        ),
    ),
)


def _changed(settings: Iterable[PresetSetting], other: PresetSetting) -> tuple[PresetSetting, ...]:
    return tuple(other if setting.name == other.name else setting for setting in settings)


_CST_STRINGS = replace(
    _CST,
    name="cst-strings",
    purpose="As `cst`, for readers that know no view types: strings of Parquet files arrive as strings.",
    settings=_changed(
        _CST.settings,
        PresetSetting(
            _VIEW_TYPES,
            "false",
            "Pins what strings and binaries of Parquet files come out as: as they are stored.",
        ),
    ),
)

PRESETS: Mapping[str, Preset] = MappingProxyType(
    {preset.name: preset for preset in (_CST, _CST_STRINGS)}
)


def preset_text(preset: Preset) -> str:
    """The preset as YAML, as it would be written out in a session contract, with reasons as comments."""
    lines = [f"# {preset.name}: {preset.purpose}", "settings:"]
    for setting in preset.settings:
        lines += [f"  # {setting.why}", f'  {setting.name}: "{setting.value}"']
    return "\n".join(lines) + "\n"
