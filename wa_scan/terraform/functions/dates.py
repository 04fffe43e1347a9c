"""Functions on timestamps (RFC 3339)."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone

from wa_scan.terraform.functions.signature import Context, function, plain, refuse, string_parameter
from wa_scan.terraform.operators import concat_template
from wa_scan.terraform.types import NUMBER, STRING
from wa_scan.terraform.values import TfValue, string, unknown
from wa_scan.values import Symbol
from wa_scan.values.kinds import Reason

_TIMESTAMP = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
    r"(?:(Z)|([+-])([0-9]{2}):([0-9]{2}))"
)
_DURATION = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)")
# In nanoseconds.
_UNITS = {
    "ns": 1,
    "us": 10**3,
    "µs": 10**3,
    "μs": 10**3,
    "ms": 10**6,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3600 * 10**9,
}
_MONTHS: tuple[str, ...] = ("January", "February", "March", "April", "May", "June", "July")
_MONTHS += ("August", "September", "October", "November", "December")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def parse_timestamp(text: str, argument: int = 0) -> tuple[datetime, int]:
    """The moment to the second, and the nanoseconds beyond it. Raises for what is none."""
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        raise refuse(f"not a valid RFC3339 timestamp: {text[:60]}", argument)
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    zone = UTC
    if match[8] is None:
        hours, minutes = int(match[10]), int(match[11])
        if hours > 24 or minutes > 59:
            raise refuse("the UTC offset of the timestamp is out of range", argument)
        offset = timedelta(hours=hours, minutes=minutes)
        if abs(offset) >= timedelta(hours=24):
            raise refuse("the UTC offset of the timestamp is out of range", argument)
        zone = timezone(-offset if match[9] == "-" else offset)
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=zone)
        moment.utctimetuple()
    except (ValueError, OverflowError) as error:
        raise refuse(f"not a valid RFC3339 timestamp: {error}", argument) from None
    return moment, int(((match[7] or "") + "000000000")[:9])


def _format_timestamp(moment: datetime) -> str:
    # Go's RFC3339 has no fraction of a second.
    offset = moment.utcoffset() or timedelta()
    zone = "Z" if not offset else _offset(offset, ":")
    return f"{moment.year:04}-{moment:%m-%dT%H:%M:%S}{zone}"


def _offset(offset: timedelta, colon: str) -> str:
    minutes = int(offset.total_seconds()) // 60
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02}{colon}{abs(minutes) % 60:02}"


def parse_duration(text: str) -> int:
    """Go's durations (`1h30m`, `-2.5s`) in nanoseconds."""
    sign = -1 if text.startswith("-") else 1
    rest = text[1:] if text[:1] in ("+", "-") else text
    if rest == "0":
        return 0
    total, at = 0, 0
    while at < len(rest):
        match = _DURATION.match(rest, at)
        if match is None:
            raise refuse(f"invalid duration: {text[:60]}", 1)
        whole, _, fraction = match[1].partition(".")
        unit = _UNITS[match[2]]
        total += int(whole or "0") * unit if len(whole) < 25 else 2**64
        total += int(fraction[:18] or "0") * unit // 10 ** len(fraction[:18])
        at = match.end()
    if not rest or total >= 2**63:
        raise refuse(f"invalid duration: {text[:60]}", 1)
    return sign * total


def _define_now(name: str) -> None:
    @function(name, returns=STRING)
    def now(arguments: Sequence[TfValue], context: Context) -> TfValue:
        moment = unknown(STRING, Symbol(f"{name}()"), Reason.IMPURE, never_null=True)
        return concat_template([moment, string("Z")])


for _name in ("timestamp", "plantimestamp"):
    _define_now(_name)


@plain("timeadd", string_parameter("timestamp"), string_parameter("duration"), returns=STRING)
def _timeadd(timestamp: str, duration: str) -> str:
    moment, nanoseconds = parse_timestamp(timestamp)
    seconds = (parse_duration(duration) + nanoseconds) // 10**9
    try:
        return _format_timestamp(moment + timedelta(seconds=seconds))
    except OverflowError:
        raise refuse("the resulting date is out of range", 1) from None


@plain("timecmp", string_parameter("timestamp_a"), string_parameter("timestamp_b"), returns=NUMBER)
def _timecmp(one: str, other: str) -> int:
    left, right = parse_timestamp(one, 0), parse_timestamp(other, 1)
    return (left > right) - (left < right)


@plain("formatdate", string_parameter("format"), string_parameter("time"), returns=STRING)
def _formatdate(form: str, time: str) -> str:
    moment, _ = parse_timestamp(time, 1)
    verbs = _verbs(moment)
    found: list[str] = []
    at = 0
    while at < len(form):
        sign = form[at]
        if sign == "'":
            literal, at = _quoted(form, at)
            found.append(literal)
        elif sign.isascii() and sign.isalpha():
            end = at
            while end < len(form) and form[end] == sign:
                end += 1
            shown = verbs.get(form[at : min(end, at + 6)])
            if shown is None:
                raise refuse(f'invalid date format verb "{form[at : min(end, at + 20)]}"', 0)
            found.append(shown)
            at = end
        else:
            found.append(sign)
            at += 1
    return "".join(found)


def _quoted(form: str, start: int) -> tuple[str, int]:
    """The literal text at `start`, where `''` is a quote, and where it ends."""
    found: list[str] = []
    at = start + 1
    while at < len(form):
        if form[at] != "'":
            found.append(form[at])
            at += 1
        elif form[at + 1 : at + 2] == "'":
            found.append("'")
            at += 2
        else:
            return "".join(found), at + 1
    raise refuse("unterminated literal", 0)


def _verbs(moment: datetime) -> dict[str, str]:
    offset = moment.utcoffset() or timedelta()
    hour12 = (moment.hour + 11) % 12 + 1
    return {
        "YYYY": f"{moment.year:04}",
        "YY": f"{moment.year % 100:02}",
        "MMMM": _MONTHS[moment.month - 1],
        "MMM": _MONTHS[moment.month - 1][:3],
        "MM": f"{moment.month:02}",
        "M": f"{moment.month}",
        "DD": f"{moment.day:02}",
        "D": f"{moment.day}",
        "EEEE": _DAYS[moment.weekday()],
        "EEE": _DAYS[moment.weekday()][:3],
        "hh": f"{moment.hour:02}",
        "h": f"{moment.hour}",
        "HH": f"{hour12:02}",
        "H": f"{hour12}",
        "AA": "AM" if moment.hour < 12 else "PM",
        "aa": "am" if moment.hour < 12 else "pm",
        "mm": f"{moment.minute:02}",
        "m": f"{moment.minute}",
        "ss": f"{moment.second:02}",
        "s": f"{moment.second}",
        "ZZZZZ": _offset(offset, ":"),
        "ZZZZ": _offset(offset, ""),
        "ZZZ": _offset(offset, "") if offset else "UTC",
        "Z": _offset(offset, ":") if offset else "Z",
    }
