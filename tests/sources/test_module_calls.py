"""The cheap look at module calls takes time in proportion to the text, whatever the text."""

import time

import pytest

from wa_scan.sources.module_calls import local_sources

SIZE = 500_000


@pytest.mark.parametrize(
    "data",
    [
        b"<<A\n" * SIZE,
        b"/*" * SIZE,
        b'"\\' * SIZE,
        b'"' * SIZE,
        b'module "' * SIZE,
        b"\nmodule" * SIZE,
        b" " * SIZE * 4,
        b"{" * SIZE,
    ],
)
def test_hostile_text(data: bytes) -> None:
    started = time.process_time()
    assert local_sources(b'module "x" "./' + data) == []
    assert time.process_time() - started < 5


def test_sources_as_written() -> None:
    text = b"""
    module "a" {
      source = "./a"
      inputs = { b = "${jsonencode({ "k" = "v" })}" }
    }
    module b { source = "../b" }
    module "registry" {
      source = "terraform-aws-modules/vpc/aws"
    }
    """
    assert local_sources(text) == ["./a", "../b"]
