"""Texts that are secrets: by the format that their issuer gives them, or by what they are called.

Nothing is known of a secret but its looks, so that both must agree: a name that says that its value
is a secret, and a value that is neither a reference to one, nor a placeholder, nor a plain word.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from enum import Enum
from typing import NamedTuple

MOST_TEXT = 200_000
"""Longer texts are looked at up to here."""


class Sort(Enum):
    """What a name says its value is. A password may be any text; a key or token looks random."""

    PASSWORD = "password"
    KEY = "key"
    TOKEN = "token"
    SECRET = "secret"


class Secret(NamedTuple):
    """`text` is the secret itself; `words` say what it is ("an AWS access key"), never what it reads."""

    text: str
    words: str


# A password that is a word of every report: to hide it would hide what the report says.
_PROSE = frozenset(("key", "password", "secret", "token"))


def to_mask(secrets: Iterable[Secret]) -> list[str]:
    """The texts that no report may print whole."""
    return [secret.text for secret in secrets if secret.text.lower() not in _PROSE]


_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
# Words after the noun that do not change what is meant: `DB_PASSWORD_PROD`, `SecretString`.
_TRAILING = frozenset(
    [
        *("b64", "base", "base64", "current", "default", "dev", "new", "old", "plain", "plaintext", "prod"),
        *("production", "staging", "string", "test", "text", "value", "wo"),
    ]
)
_PASSWORDS = frozenset(("passcode", "passphrase", "passwd", "password", "pwd"))
_KEY_KINDS = frozenset(
    [
        *("access", "api", "app", "application", "auth", "crypt", "encryption", "hmac", "jwt", "license"),
        *("master", "preshared", "private", "secret", "session", "shared", "signing"),
    ]
)
# Tokens that only tell one request from another, or name a place to ask.
_PLAIN_TOKENS = frozenset(
    [
        *("client", "continuation", "creation", "csrf", "idempotency", "next", "page", "pagination"),
        *("request", "service", "start", "task"),
    ]
)


def sort_of(name: str) -> Sort | None:
    """What `name` says its value is; None unless that is a secret: `db_password_arn` is an ARN."""
    words = [word.lower() for word in _WORD.findall(name)]
    while len(words) > 1 and (words[-1].isdigit() or words[-1] in _TRAILING):
        words.pop()
    if not words:
        return None
    last, before = words[-1], words[-2] if len(words) > 1 else ""
    if last in _PASSWORDS or last.endswith(("password", "passwd")) or (last == "pass" and len(words) > 1):
        return Sort.PASSWORD
    if last == "apikey" or (last == "key" and before in _KEY_KINDS and "kms" not in words):
        return Sort.KEY
    if last.endswith("token") and before not in _PLAIN_TOKENS:
        return Sort.TOKEN
    if last in ("secret", "secrets", "credential", "credentials"):
        return Sort.SECRET
    return None


# A bare `DB_SECRET` often names a secret; `JWT_SECRET` is one.
_OWN_SECRET = re.compile(
    r"(api|app|auth|client|cookie|hmac|jwt|oauth|session|signing|webhook)[-_.]?secret", re.I
)
_REFERENCE = re.compile(
    r"^(arn:|\{\{|\$[A-Za-z_{(]|/|\./|\.\./|~/|ssm:|secretsmanager:|vault:|file:|s3:|alias/|sm://)"
    r"|\$\{|\$\(|\{\{|#\{"
)
_URL = re.compile(r"^[a-z][a-z0-9+.-]*://")
_PATH = re.compile(
    r"^[a-z0-9_.-]+(/[a-z0-9_.-]+)+/?$|^[\w.-]+\.(pem|key|crt|json|ya?ml|txt|cfg|conf|ini|env)$", re.I
)
_NO_VALUE = re.compile(
    r"^(true|false|yes|no|on|off|none|null|nil|empty|blank|default|auto|enabled?|disabled?|required|optional|"
    r"allow|deny|hours|minutes|days|seconds|plain(text)?|string|binary|n/?a|undefined|unset|unknown|"
    r"authorization|bearer|basic|header|cookie)$",
    re.I,
)
# Nobody mistakes these for a value.
_MARKED = re.compile(
    r"^<.*>$|^\[.*\]$|^%.*%$|^__.*__$|^(.)\1*$|^x+[-_x]*$|\*{3,}|\.{3,}|…|your[-_ ]|replace|placeholder|"
    r"redacted|^todo|^tbd$|insert[-_ ]|dummy|to[-_ ]be|fill[-_ ]?(in|me)|xxxx",
    re.I,
)
# Words that people put where a value has to be.
_STOPGAP = re.compile(
    r"change[-_ ]?(me|it|this)|changeit|example|sample|fixme|fake|mock|overrid|update[-_ ]?me|set[-_ ]?me|"
    r"not[-_ ]?(set|used|needed|real|applicable)|^temp(orary)?$|^initial|^default|^(foo|bar|baz)+$|put[-_ ]|"
    r"^[^@\s]+@[^@\s]+\.[a-z]{2,}$",
    re.I,
)


def is_no_secret(text: str, *, is_argument: bool = False) -> bool:
    """Whether `text` refers to a secret, is no value, or stands where one is to be put.

    `is_argument`: it is what AWS takes for a password: `changeme` then is one.
    """
    if not text.strip() or _REFERENCE.search(text) or _MARKED.search(text):
        return True
    if _URL.match(text) or _NO_VALUE.match(text):
        return True
    return not is_argument and not _is_random(text) and _STOPGAP.search(text) is not None


def named(name: str, text: str, *, is_argument: bool = False) -> Secret | None:
    """The secret that `text` is where it is the value of `name`."""
    sort = sort_of(name)
    if sort is None or len(text) > 10_000 or is_no_secret(text, is_argument=is_argument):
        return None
    if sort is Sort.PASSWORD:
        plausible = len(text) >= 4 and (is_argument or " " not in text) and not _is_path(text)
    else:
        plausible = looks_issued(
            text, is_strong=sort is not Sort.SECRET or _OWN_SECRET.search(name) is not None
        )
    return Secret(text, f"a {sort.value}") if plausible else None


# What only a secret says of itself.
_CONFESSED = re.compile(
    r"(super|top|very|ultra|hard-?coded)[-_]?(secret|secure|safe)|do[-_]not[-_]share", re.I
)


def looks_issued(text: str, *, is_strong: bool = True) -> bool:
    """Whether `text` looks like a key or token: no path, no name made of words, no sentence.

    `is_strong`: its name leaves no doubt that it is one, so that `topsecretkey` passes too.
    """
    if len(text) < 8 or " " in text or _is_path(text) or re.search(r"@.+\.", text):
        return False
    if is_strong and _CONFESSED.search(text):
        return True
    if not re.search(r"[0-9]", text) or not re.search(r"[A-Za-z]", text):
        one_word = text.isalpha() and re.search(r"secret|passw|key|token", text, re.I) is not None
        is_random = entropy(text) >= 4.0 and len(text) >= 20 and not _is_words(text)
        return is_random or (is_strong and one_word)
    return not _is_words(text) and entropy(text) >= 2.5


def entropy(text: str) -> float:
    """Shannon entropy in bits a character."""
    total = len(text)
    return -sum(n / total * math.log2(n / total) for n in Counter(text).values()) if total else 0.0


def _is_path(text: str) -> bool:
    if _PATH.match(text) is None:
        return False
    # Base64 has slashes too, between parts that are no words.
    return not _is_random(text)


def _is_random(text: str) -> bool:
    """Whether no one can have made this up: long, of every class of characters, none of them often."""
    classes = (r"[a-z]", r"[A-Z]", r"[0-9]")
    return len(text) >= 32 and all(re.search(each, text) for each in classes) and entropy(text) >= 4.0


_SEGMENT = re.compile(r"^([A-Za-z]*|[0-9]{1,4}|[A-Za-z]+[0-9]{1,2}[a-z]?|[A-Z][a-z]+([A-Z][a-z]+)*)$")


def _is_words(text: str) -> bool:
    """Whether this is a name made of words: `prod-api-token-2`, `com.example.Token`."""
    segments = re.split(r"[-_./:]", text)
    return len(segments) > 1 and all(_SEGMENT.match(segment) for segment in segments)


# Formats as their issuers document them.
_FORMATS: tuple[tuple[str, str, re.Pattern[str]], ...] = tuple(
    (marker, words, re.compile(pattern))
    for marker, words, pattern in (
        ("A", "an AWS access key", r"(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
        (
            "PRIVATE KEY",
            "a private key",
            r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----[A-Za-z0-9+/=\s\\,:-]{40,20000}",
        ),
        ("gh", "a GitHub token", r"\bgh[pousr]_[A-Za-z0-9]{36,255}"),
        ("github_pat_", "a GitHub token", r"\bgithub_pat_[A-Za-z0-9_]{22,255}"),
        ("glpat-", "a GitLab token", r"\bglpat-[A-Za-z0-9_-]{20,64}"),
        ("xox", "a Slack token", r"\bxox[abeprs]-[A-Za-z0-9-]{10,255}"),
        (
            "hooks.slack.com",
            "a Slack webhook",
            r"https://hooks\.slack\.com/services/T[A-Za-z0-9]{6,}/B[A-Za-z0-9]{6,}/[A-Za-z0-9]{16,}",
        ),
        ("_", "a Stripe key", r"\b[sr]k_(?:live|test)_[A-Za-z0-9]{16,255}"),
        ("AIza", "a Google API key", r"\bAIza[0-9A-Za-z_-]{35}"),
        ("SG.", "a SendGrid key", r"\bSG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{16,64}"),
        ("npm_", "an npm token", r"\bnpm_[A-Za-z0-9]{36}"),
        ("hvs.", "a Vault token", r"\bhvs\.[A-Za-z0-9_-]{24,255}"),
        ("sk-", "an API key", r"\bsk-(?:ant-|proj-)?[A-Za-z0-9_-]{32,255}"),
        ("dop_v1_", "a DigitalOcean token", r"\bdop_v1_[a-f0-9]{64}"),
        ("NRAK-", "a New Relic key", r"\bNRAK-[A-Z0-9]{27}"),
    )
)
_URL_PASSWORD = re.compile(
    r"\b[a-z][a-z0-9+.-]{1,30}://[^\s:/@\"']{0,100}:([^\s/@\"']{3,200})@[A-Za-z0-9$\[]"
)


def formatted(text: str) -> Iterator[Secret]:
    """Secrets in `text` that are known by their format, wherever in it they are."""
    considered = text[:MOST_TEXT]
    for marker, words, pattern in _FORMATS:
        if marker not in considered:
            continue
        for found in pattern.finditer(considered):
            whole = found[0]
            # Who shows only the format writes a row of x.
            if len(set(whole[-16:])) >= 6:
                yield Secret(whole, words)
    if "://" in considered:
        for found in _URL_PASSWORD.finditer(considered):
            if not is_no_secret(found[1]) and not re.search(r"[{}<>]", found[1]):
                yield Secret(found[1], "a password in a URL")


_ASSIGNMENT = re.compile(
    r"(?<![\w$.-])(?P<name>[A-Za-z][\w.-]{2,60})\\?[\"']?\]?[ \t]{0,4}(?::=|=>|=|:)[ \t]{0,4}"
    r"(?:\\?(?P<quote>[\"'])(?P<quoted>[^\"'\r\n\\]{4,200})\\?(?P=quote)|(?P<bare>[^\s\"'`,;&|<>()\[\]{}]{6,200}))"
)
_EXPORT = re.compile(r"(^|[\s;])(export|ENV|setx?)[ \t]+$")
_OPTION = re.compile(
    r"(?<!\S)--?(?P<name>[A-Za-z][\w-]{2,40})[ \t]{1,4}"
    r"(?P<quote>[\"']?)(?P<value>[^\s\"'`;&|<>()-][^\s\"'`;&|<>()]{3,200})(?P=quote)"
)
_COMMANDS = (
    re.compile(
        r"\bmysql(?:admin|dump)?\b[^\n;|&]{0,200}?[ \t]-p[\"']?([^\s\"'`;&|<>$-][^\s\"'`;&|<>]{3,100})"
    ),
    re.compile(
        r"\becho[ \t]+(?:-[a-z]+[ \t]+)?[\"']?[\w.-]{1,40}:([^\s\"'`;&|<>$]{4,100})[\"']?"
        r"[ \t]*\|[ \t]*(?:sudo[ \t]+)?chpasswd"
    ),
    re.compile(r"\b(?:IDENTIFIED[ \t]+BY|WITH[ \t]+PASSWORD)[ \t]+'([^'\n]{4,100})'", re.I),
)


def assigned(text: str) -> Iterator[Secret]:
    """Secrets that a script, a program or a configuration file holds."""
    for line in text[:MOST_TEXT].split("\n"):
        if len(line) > 2000:
            continue
        for found in _ASSIGNMENT.finditer(line):
            sort = sort_of(found["name"])
            if sort is None:
                continue
            value = found["quoted"] or found["bare"]
            if found["quoted"] is None and line.startswith(("(", "["), found.end()):
                # What a function gives: `token = z2jh.get_config(…)`.
                continue
            exported = sort is Sort.PASSWORD and _EXPORT.search(line[: found.start()]) is not None
            if found["quoted"] is None and not exported and not _is_value_without_quotes(value):
                continue
            secret = named(found["name"], value)
            if secret is not None:
                yield secret
        for found in _OPTION.finditer(line):
            if sort_of(found["name"]) is not None and _is_value_without_quotes(found["value"]):
                secret = named(found["name"], found["value"])
                if secret is not None:
                    yield secret
        for pattern in _COMMANDS:
            for found in pattern.finditer(line):
                if not is_no_secret(found[1]):
                    yield Secret(found[1], "a password")


def _is_value_without_quotes(value: str) -> bool:
    """Code without quotes is mostly a name: only what no name looks like counts as a value."""
    if "$" in value or value.startswith(("-", "/", "!", "%", "os.", "self.")):
        return False
    has_digit = re.search(r"[0-9]", value) is not None
    return (has_digit or re.search(r"[!@#%^*+?]", value) is not None) and not _is_words(value)
