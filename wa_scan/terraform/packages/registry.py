"""Terraform's module registry protocol (developer.hashicorp.com, "Module Registry Protocol" and "Remote
Service Discovery"): from an address and a constraint to where the package is."""

import json
from typing import cast
from urllib.parse import quote, urljoin, urlsplit

from wa_scan.terraform.packages.errors import ModuleUnavailableError
from wa_scan.terraform.packages.sources import RegistrySource, is_loopback, joined
from wa_scan.terraform.packages.transport import StatusError, Transport
from wa_scan.terraform.versions import Constraint, Version, parse_version

_SERVICE = "modules.v1"


class Registry:
    """A registry by its host, which is asked once for where its modules are."""

    def __init__(self, host: str, transport: Transport) -> None:
        self._host = host
        self.url = f"https://{host}/"
        self._transport = transport
        self._base: str | None = None

    def newest(self, source: RegistrySource, constraint: Constraint) -> Version:
        """The version to use. Raises `ModuleUnavailableError`."""
        url = self._url(source, "versions")
        try:
            answer = self._json(url)
        except StatusError as error:
            if error.status == 404:
                raise ModuleUnavailableError(
                    f"the registry {self._host} has no module {_name(source)}"
                ) from None
            raise
        versions = list(_versions(answer))
        found = constraint.newest(versions)
        if found is None:
            newest = Constraint().newest(versions)
            known = f", the newest is {newest}" if newest is not None else ""
            raise ModuleUnavailableError(
                f"no version of {_name(source)} on {self._host} meets the constraint{known}"
            )
        return found

    def location(self, source: RegistrySource, version: Version) -> str:
        """Where the package is: an address as in the `source` of a call. Raises `ModuleUnavailableError`."""
        url = self._url(source, quote(str(version)), "download")
        answer = self._transport.get(url)
        location = answer.headers.get("X-Terraform-Get")
        if location is None and answer.body:
            found = _parsed(answer.body, self._host)
            location = found.get("location") if isinstance(found, dict) else None
        if not isinstance(location, str) or not location:
            raise ModuleUnavailableError(f"the registry {self._host} does not say where the module is")
        return joined(answer.url, location)

    def _url(self, source: RegistrySource, *rest: str) -> str:
        parts = (source.namespace, source.name, source.provider, *rest)
        return f"{self._services()}{'/'.join(parts)}"

    def _services(self) -> str:
        if self._base is None:
            answer, url = self._discover()
            base = answer.get(_SERVICE) if isinstance(answer, dict) else None
            if not isinstance(base, str):
                raise ModuleUnavailableError(f"{self._host} is no registry of modules")
            joined = urljoin(url, base)
            self._base = joined if joined.endswith("/") else f"{joined}/"
        return self._base

    def _discover(self) -> tuple[object, str]:
        path = f"{self._host}/.well-known/terraform.json"
        # On this machine there is no need for certificates.
        plain = is_loopback(urlsplit(f"//{self._host}").hostname)
        try:
            try:
                answer = self._transport.get(f"{'http' if plain else 'https'}://{path}")
            except ModuleUnavailableError as error:
                # What speaks TLS calls plain http a bad request, if it says anything.
                if not plain or (isinstance(error, StatusError) and error.status != 400):
                    raise
                answer = self._transport.get(f"https://{path}")
        except StatusError as error:
            if error.status == 404:
                raise ModuleUnavailableError(f"{self._host} is no registry of modules") from None
            raise
        return _parsed(answer.body, self._host), answer.url

    def _json(self, url: str) -> object:
        return _parsed(self._transport.get(url).body, self._host)


def _name(source: RegistrySource) -> str:
    return f"{source.namespace}/{source.name}/{source.provider}"


def _parsed(body: bytes, host: str) -> object:
    try:
        return cast("object", json.loads(body))
    except (ValueError, RecursionError):
        raise ModuleUnavailableError(f"the answer of the registry {host} is no JSON") from None


def _versions(answer: object) -> list[Version]:
    """What the answer lists, without what is no version."""
    modules = answer.get("modules") if isinstance(answer, dict) else None
    first = modules[0] if isinstance(modules, list) and modules else None
    listed = first.get("versions") if isinstance(first, dict) else None
    found: list[Version] = []
    for entry in listed if isinstance(listed, list) else ():
        text = entry.get("version") if isinstance(entry, dict) else None
        version = parse_version(text) if isinstance(text, str) else None
        if version is not None:
            found.append(version)
    return found
