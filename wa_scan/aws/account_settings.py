"""What settings of the whole account, written in the same unit, make of what resources leave out.

The data is `account_settings.yaml`. A setting holds for the resources of its unit and Region; that a unit may
set up several accounts is not seen.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import msgspec

from wa_scan.aws.identities import name_key
from wa_scan.aws.resources import Resource
from wa_scan.blocks import Mode
from wa_scan.datafiles import load_folder
from wa_scan.values import Absent, Guard, Known, Truth, Value, any_of, choose
from wa_scan.values.truths import FALSE

_Scalar = str | int | float | bool


class AccountSetting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row of `account_settings.yaml`."""

    setting: str
    value: str
    source: str
    gives: dict[str, list[str]]
    default: _Scalar | None = None
    ignore: list[_Scalar] = []
    when: dict[str, _Scalar] = {}
    everywhere: bool = False


@cache
def account_settings() -> tuple[AccountSetting, ...]:
    """The rows of `account_settings.yaml`: which setting gives which default."""
    written = load_folder(Path(__file__).parent)["account_settings"]
    return tuple(msgspec.convert(written, list[AccountSetting]))


def with_account_settings(resources: Sequence[Resource]) -> list[Resource]:
    """`resources` with the defaults that the account's settings among them give."""
    types = {row.setting for row in account_settings()}
    settings = [each for each in resources if each.type in types and each.mode is Mode.MANAGED]
    if not settings:
        return list(resources)
    return [_with_settings(resource, settings) for resource in resources]


def by_account(resource: Resource, path: str, expected: _Scalar) -> Truth:
    """Whether a setting of the account makes the property at `path` be `expected` where nothing is said."""
    default = resource.defaults.get(path)
    if default is None:
        return FALSE
    return any_of(
        leaf.equals(expected).given(guard, FALSE)
        for leaf, guard in default.alternatives()
        if leaf.origin is not None and not resource.extent.contains(leaf.origin.location)
    )


def _with_settings(resource: Resource, settings: Sequence[Resource]) -> Resource:
    if resource.type is None or resource.mode is not Mode.MANAGED:
        return resource
    defaults = dict(resource.defaults)
    for row in account_settings():
        for path in row.gives.get(resource.type, ()):
            for setting in settings:
                if setting.type == row.setting and (row.everywhere or _is_same_region(setting, resource)):
                    _give(defaults, path, setting, row)
    return replace(resource, defaults=defaults) if defaults != resource.defaults else resource


def _give(defaults: dict[str, Value], path: str, setting: Resource, row: AccountSetting) -> None:
    """Puts what `setting` says at `path`, there where it says something."""
    applies = setting.exists
    for name, wanted in row.when.items():
        applies = applies & setting[name].equals(wanted).true
    otherwise = defaults.get(path, Known(None))
    for leaf, guard in setting[row.value].alternatives():
        value: Value = leaf
        if isinstance(leaf, Absent):
            value = Known(row.default, setting.origin)
        if leaf.origin is None:
            value = Known(leaf.scalar, setting.origin) if isinstance(leaf, Known) else leaf
        if isinstance(value, Known) and (value.data is None or value.data in row.ignore):
            continue
        when: Guard = applies & guard
        otherwise = choose(when, value, otherwise)
    if not isinstance(otherwise, Known) or otherwise.data is not None:
        defaults[path] = otherwise


def _is_same_region(one: Resource, other: Resource) -> bool:
    if one.region is None or other.region is None:
        return one.region is other.region
    return name_key(one.region) == name_key(other.region)
