"""Functions on timestamps (RFC 3339)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Moment:
    """`seconds` since the first of March of the year 0, on the clock of a zone `offset` minutes before UTC's.

    Not Python's `datetime`, which knows neither the year 0 nor the year 10000.
    """

    seconds: int
    offset: int

    @property
    def instant(self) -> int:
        return self.seconds - 60 * self.offset

    @property
    def date(self) -> tuple[int, int, int]:
        """Year, month and day in the Gregorian calendar."""
        # Years that begin in March have their leap day at the end.
        era, day = divmod(self.seconds // _DAY, _DAYS_OF_400_YEARS)
        year = (day - day // 1460 + day // 36524 - day // 146096) // 365
        day -= 365 * year + year // 4 - year // 100
        month = (5 * day + 2) // 153
        first = (153 * month + 2) // 5
        return era * 400 + year + (month >= 10), (month + 2) % 12 + 1, day - first + 1

    @property
    def weekday(self) -> int:
        """0 on Mondays."""
        return (self.seconds // _DAY + 2) % 7

    @property
    def time(self) -> tuple[int, int, int]:
        minutes, second = divmod(self.seconds % _DAY, 60)
        return minutes // 60, minutes % 60, second


_DAY = 24 * 60 * 60
_DAYS_OF_400_YEARS = 146_097


def _days_before(year: int, month: int) -> int:
    """From the first of March of the year 0 to the first of a month."""
    if month <= 2:
        year, month = year - 1, month + 12
    return 365 * year + year // 4 - year // 100 + year // 400 + (153 * (month - 3) + 2) // 5


def parse_timestamp(text: str, argument: int = 0) -> tuple[Moment, int]:
    """The moment to the second, and the nanoseconds beyond it. Raises for what is none."""
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        raise refuse(f"not a valid RFC3339 timestamp: {text[:60]}", argument)
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    offset = 0
    if match[8] is None:
        hours, minutes = int(match[10]), int(match[11])
        if hours > 23 or minutes > 59:
            raise refuse("the UTC offset of the timestamp is out of range", argument)
        offset = (60 * hours + minutes) * (-1 if match[9] == "-" else 1)
    parts = {
        "month": (month, 1, 12),
        "hour": (hour, 0, 23),
        "minute": (minute, 0, 59),
        "second": (second, 0, 59),
    }
    for name, (value, least, most) in parts.items():
        if not least <= value <= most:
            raise refuse(f"not a valid RFC3339 timestamp: the {name} must be in {least}..{most}", argument)
    days = _days_before(year, month)
    length = _days_before(year + month // 12, month % 12 + 1) - days
    if not 1 <= day <= length:
        raise refuse("not a valid RFC3339 timestamp: the day is out of range for the month", argument)
    seconds = (days + day - 1) * _DAY + 3600 * hour + 60 * minute + second
    return Moment(seconds, offset), int(((match[7] or "") + "000000000")[:9])


def _format_timestamp(moment: Moment) -> str:
    # Go's RFC3339 has no fraction of a second.
    year, month, day = moment.date
    hour, minute, second = moment.time
    zone = _offset(moment.offset, ":") if moment.offset else "Z"
    sign = "-" if year < 0 else ""
    return f"{sign}{abs(year):04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{zone}"


def _offset(minutes: int, colon: str) -> str:
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
    return _format_timestamp(Moment(moment.seconds + seconds, moment.offset))


@plain("timecmp", string_parameter("timestamp_a"), string_parameter("timestamp_b"), returns=NUMBER)
def _timecmp(one: str, other: str) -> int:
    left, right = (
        (moment.instant, nanoseconds)
        for moment, nanoseconds in (parse_timestamp(one, 0), parse_timestamp(other, 1))
    )
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
    if form.startswith("''", start):
        return "'", start + 2
    found: list[str] = []
    at = start + 1
    while at < len(form):
        if form[at] != "'":
            found.append(form[at])
            at += 1
        elif form[at + 1 : at + 2] == "'":
            found.append("'")
            at += 2
            if at == len(form):
                # As the library has it, where nothing closes the literal.
                return "".join(found), at
        else:
            return "".join(found), at + 1
    raise refuse("unterminated literal", 0)


def _verbs(moment: Moment) -> dict[str, str]:
    offset = moment.offset
    year, month, day = moment.date
    hour, minute, second = moment.time
    hour12 = (hour + 11) % 12 + 1
    weekday = _DAYS[moment.weekday]
    return {
        "YYYY": f"{year:04}",
        "YY": f"{year % 100:02}",
        "MMMM": _MONTHS[month - 1],
        "MMM": _MONTHS[month - 1][:3],
        "MM": f"{month:02}",
        "M": f"{month}",
        "DD": f"{day:02}",
        "D": f"{day}",
        "EEEE": weekday,
        "EEE": weekday[:3],
        "hh": f"{hour:02}",
        "h": f"{hour}",
        "HH": f"{hour12:02}",
        "H": f"{hour12}",
        "AA": "AM" if hour < 12 else "PM",
        "aa": "am" if hour < 12 else "pm",
        "mm": f"{minute:02}",
        "m": f"{minute}",
        "ss": f"{second:02}",
        "s": f"{second}",
        "ZZZZZ": _offset(offset, ":"),
        "ZZZZ": _offset(offset, ""),
        "ZZZ": _offset(offset, "") if offset else "UTC",
        "Z": _offset(offset, ":") if offset else "Z",
    }
