"""A web server on this machine: a registry, archives, git repositories."""

import io
import json
import os
import subprocess
import tarfile
import threading
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@example.com",
    "PATH": os.environ["PATH"],
}


@dataclass
class LocalServer:
    """`pages`: by path (with its query, or else without), status, headers and body. `repositories`: the
    folder that `/git/` serves as git does. `asked`: the paths of all requests."""

    pages: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    repositories: Path | None = None
    asked: list[str] = field(default_factory=list)
    host: str = ""

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    def add(self, path: str, body: bytes = b"", status: int = 200, **headers: str) -> str:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.pages[path] = (status, named, body)
        return self.url + path

    def add_json(self, path: str, answer: object) -> None:
        self.add(path, json.dumps(answer).encode())

    def add_registry(self, name: str, locations: Mapping[str, str]) -> str:
        """A module `namespace/name/provider` with versions and where they are; gives its source."""
        self.add_json("/.well-known/terraform.json", {"modules.v1": "/v1/modules/"})
        versions = [{"version": version} for version in locations]
        self.add_json(f"/v1/modules/{name}/versions", {"modules": [{"versions": versions}]})
        for version, location in locations.items():
            self.add(f"/v1/modules/{name}/{version}/download", status=204, X_Terraform_Get=location)
        return f"{self.host}/{name}"

    def __enter__(self) -> "LocalServer":
        ours = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                ours.asked.append(self.path)
                path = self.path.partition("?")[0]
                if path.startswith("/git/"):
                    return self._git()
                status, headers, body = ours.pages.get(self.path) or ours.pages.get(path) or (404, {}, b"")
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if status != 204:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                return None

            def do_POST(self) -> None:
                self._git()

            def _git(self) -> None:
                parts = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                done = subprocess.run(
                    ["git", "http-backend"],
                    input=body,
                    env={
                        **ENVIRONMENT,
                        "GIT_PROJECT_ROOT": str(ours.repositories),
                        "GIT_HTTP_EXPORT_ALL": "1",
                        "PATH_INFO": parts.path.removeprefix("/git"),
                        "QUERY_STRING": parts.query,
                        "REQUEST_METHOD": self.command,
                        "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                        "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                        "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                    },
                    capture_output=True,
                    check=False,
                )
                head, _, content = done.stdout.partition(b"\r\n\r\n")
                headers = BytesParser().parsebytes(head)
                self.send_response(int((headers.get("Status") or "200").split()[0]))
                for name, value in headers.items():
                    if name != "Status":
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def commit(folder: Path, files: Mapping[str, str], tag: str | None = None) -> str:
    """Adds a commit with `files` to the repository in `folder`, made if there is none; its id."""
    if not folder.exists():
        folder.mkdir(parents=True)
        run_git(folder, "init", "-q", "-b", "main")
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    run_git(folder, "add", "-A")
    run_git(folder, "commit", "-q", "--allow-empty", "-m", "x")
    if tag is not None:
        run_git(folder, "tag", tag)
    return run_git(folder, "rev-parse", "HEAD").strip()


def run_git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=True
    )
    return done.stdout


def tar_of(files: Mapping[str, str | bytes], mode: str = "w:gz") -> bytes:
    """A tar archive; by a value that starts with `-> ` a symbolic link."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            if isinstance(content, str) and content.startswith("-> "):
                member.type, member.linkname = tarfile.SYMTYPE, content[3:]
                archive.addfile(member)
            else:
                data = content.encode() if isinstance(content, str) else content
                member.size = len(data)
                archive.addfile(member, io.BytesIO(data))
    return out.getvalue()


def zip_of(files: Mapping[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            if isinstance(content, str) and content.startswith("-> "):
                info.external_attr, content = 0o120777 << 16, content[3:]
            archive.writestr(info, content, zipfile.ZIP_DEFLATED)
    return out.getvalue()
