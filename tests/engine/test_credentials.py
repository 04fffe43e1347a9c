"""What is taken for a secret, and what is not."""

from pathlib import Path

import pytest

from wa_scan.api import ScanOptions, scan
from wa_scan.engine.credentials import assigned, formatted, named, sort_of, to_mask


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("DB_PASSWORD", "hunter2"),
        ("DB_PASSWORD", "my-secret-password"),
        ("DB_PASSWORD_PROD", "Winter2024"),
        ("dbpassword", "postgres"),
        ("DbPass", "p4ssw0rd"),
        ("API_KEY", "abc123secret"),
        ("apiKey", "sk-1234567890abcdef"),
        ("JWT_SECRET", "supersecret"),
        ("SECRET_KEY", "super-secret-key"),
        ("POSTGRES_PASSWORD", "password"),
        ("SECRET", "a1b2c3d4e5f6"),
        ("AuthToken", "mysupersecrettoken123"),
        ("client_secret", "f0e1d2c3b4a5968778695a4b3c2d1e0f"),
        ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    ],
)
def test_secrets_by_name_and_looks(name: str, text: str) -> None:
    found = named(name, text)
    assert found is not None
    assert found.text == text
    assert to_mask([found]) == ([] if text == "password" else [text])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("DB_PASSWORD", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db"),
        ("DB_PASSWORD", "{{resolve:ssm-secure:/shop/db}}"),
        ("DB_PASSWORD", "${var.password}"),
        ("DB_PASSWORD", "/shop/db/password"),
        ("DB_PASSWORD", "********"),
        ("DB_SECRET", "prod/db/password"),
        ("DB_SECRET", "orders-db-credentials"),
        ("JWT_SECRET", "prod-jwt-secret"),
        ("API_KEY", "changeme"),
        ("API_KEY", "your-api-key"),
        ("API_KEY", "x-api-key"),
        ("API_TOKEN", "<your-token>"),
        ("TOKEN", "none"),
        ("refresh_token", "days"),
        ("client_secret", "xxxxxxxxxxxx"),
        ("private_key", "certs/server.key"),
        ("AllowUsersToChangePassword", "true"),
        ("SECRET", "us-east-1"),
    ],
)
def test_references_placeholders_and_words_are_no_secrets(name: str, text: str) -> None:
    assert named(name, text) is None


@pytest.mark.parametrize(
    "name",
    [
        "DB_PASSWORD_ARN",
        "DB_SECRET_NAME",
        "TOKEN_URL",
        "PasswordLength",
        "PublicKey",
        "KmsMasterKey",
        "creation_token",
        "ServiceToken",
        "hash_key",
        "bypass",
    ],
)
def test_names_that_only_speak_of_a_secret(name: str) -> None:
    assert sort_of(name) is None


def test_what_aws_takes_for_a_password_is_one_however_poor() -> None:
    assert named("MasterUserPassword", "changeme", is_argument=True) is not None
    assert named("MasterUserPassword", "<password>", is_argument=True) is None


@pytest.mark.parametrize(
    ("line", "secrets"),
    [
        ('export DB_PASSWORD="hunter22"', ["hunter22"]),
        ("export DB_PASSWORD=hunter", ["hunter"]),
        ('echo "root:hunter22" | chpasswd', ["hunter22"]),
        ("mysql -u root -phunter22 shop", ["hunter22"]),
        ("deploy --password hunter22! --verbose", ["hunter22!"]),
        ("CREATE USER shop IDENTIFIED BY 'hunter22'", ["hunter22"]),
        ('{"password": "P@ssw0rd"}', ["P@ssw0rd"]),
        ("password = get_password()", []),
        ('token = z2jh.get_config("custom.token")', []),
        ("api_key = config2[name]", []),
        ("api_key = 9f8d2c41b7e64a0cbb1d5e3f7a2c6d80", ["9f8d2c41b7e64a0cbb1d5e3f7a2c6d80"]),
        ("password=password", []),
        ("DB_PASSWORD=$DB_PASS", []),
        ("API_TOKEN=${}", []),
        ('password = os.environ["DB_PASSWORD"]', []),
        ('secret = client.get_secret_value(SecretId="prod/db1")["SecretString"]', []),
        ("aws secretsmanager get-secret-value --secret-id prod/db1", []),
        ('curl -H "X-aws-ec2-metadata-token: $TOKEN"', []),
        ("REDIS_TOKEN=redis-token-1", []),
    ],
)
def test_secrets_in_scripts(line: str, secrets: list[str]) -> None:
    assert [found.text for found in assigned(line)] == secrets


def test_secrets_known_by_their_format() -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\n" + "MIIEowIBAAKCAQEAx3fQ7z\n" * 4
    text = f"id=AKIAIOSFODNN7EXAMPLE url=postgres://shop:hunter22@db/shop\n{key}"
    assert {found.words for found in formatted(text)} == {
        "an AWS access key",
        "a private key",
        "a password in a URL",
    }
    assert list(formatted("postgres://shop:${}@db/shop ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")) == []


def test_a_long_line_takes_no_time() -> None:
    assert list(assigned("password" * 100_000)) == []
    assert list(formatted("a:" * 100_000 + "://" * 100)) == []


def test_the_provider_configuration_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('provider "aws" {\n  access_key = "AKIAIOSFODNN7EXAMPLE"\n}\n')
    report = scan([tmp_path], ScanOptions(rules=("SEC-SECRET-01",)))
    assert [(f.resource.address, f.location.start_line) for f in report.failures()] == [("provider.aws", 2)]
