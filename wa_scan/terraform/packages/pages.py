"""Web addresses that are no archives and say where the module is (developer.hashicorp.com, "Module Sources",
"HTTP URLs"): in a header, or in a `meta` element of the page."""

from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from wa_scan.terraform.packages.errors import ModuleUnavailableError
from wa_scan.terraform.packages.sources import joined
from wa_scan.terraform.packages.transport import Transport

_LARGEST_PAGE = 1_000_000


def linked_module(url: str, transport: Transport) -> str:
    """The address, as in the `source` of a call. Raises `ModuleUnavailableError`."""
    parts = urlsplit(url)
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), ("terraform-get", "1")])
    asked = urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))
    answer = transport.get(asked, _LARGEST_PAGE)
    found = answer.headers.get("X-Terraform-Get") or _in_page(answer.body)
    if not found:
        raise ModuleUnavailableError(f"{parts.netloc} has neither an archive there nor says where one is")
    return joined(answer.url, found)


def _in_page(body: bytes) -> str | None:
    page = _Page()
    page.feed(body.decode("utf-8", "replace"))
    return page.found


class _Page(HTMLParser):
    found: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "meta" and named.get("name") == "terraform-get" and self.found is None:
            self.found = named.get("content")
