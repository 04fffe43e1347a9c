"""Root modules that read each other's outputs through `terraform_remote_state`."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from wa_scan import api
from wa_scan.blocks import EvaluatedUnit
from wa_scan.errors import ProblemLevel
from wa_scan.sources.units import RootModule
from wa_scan.terraform.context import EvaluateOptions
from wa_scan.terraform.evaluate import evaluate_root
from wa_scan.terraform.files import ParsedFiles
from wa_scan.terraform.states import RemoteStates
from wa_scan.values import Choice, ListValue, MapValue, Text, Unknown, Value

Scan = Callable[..., dict[str, EvaluatedUnit]]

NETWORK = """
terraform {
  backend "s3" {
    bucket = "states"
    key    = "network.tfstate"
    region = "eu-west-1"
  }
}
variable "zone" { type = string }
resource "aws_vpc" "main" { cidr_block = "10.0.0.0/16" }
resource "aws_subnet" "a" {
  count  = 2
  vpc_id = aws_vpc.main.id
}
output "cidr" { value = aws_vpc.main.cidr_block }
output "vpc_id" { value = aws_vpc.main.id }
output "subnet_ids" { value = aws_subnet.a[*].id }
output "vpc" { value = aws_vpc.main }
output "zone" { value = var.zone }
output "size" { value = var.zone == "big" ? "large" : "small" }
output "path" { value = "vpc/${aws_vpc.main.id}" }
output "nothing" { value = null }
output "secret" {
  value     = "hush"
  sensitive = true
}
"""
READS_NETWORK = """
data "terraform_remote_state" "net" {
  backend = "s3"
  config = {
    bucket = "states"
    key    = "network.tfstate"
    region = "eu-west-1"
  }
}
locals { net = data.terraform_remote_state.net.outputs }
"""
READ = "data.terraform_remote_state.net.outputs"


@pytest.fixture
def scan(tmp_path: Path) -> Scan:
    """Writes a root module in each folder named and evaluates them in the order given."""

    def run(
        texts: Mapping[str, str], options: EvaluateOptions | None = None, order: list[str] | None = None
    ) -> dict[str, EvaluatedUnit]:
        roots = []
        for name in order or list(texts):
            (tmp_path / name).mkdir(parents=True, exist_ok=True)
            (tmp_path / name / "main.tf").write_text(texts[name])
            roots.append(RootModule(tmp_path / name, name, tmp_path))
        told, parsed = options or EvaluateOptions(), ParsedFiles()
        states = RemoteStates(roots, told, parsed)
        return {root.display: evaluate_root(root, told, parsed, states=states) for root in roots}

    return run


def name_of(value: Value) -> str:
    assert isinstance(value, Unknown), value
    assert value.symbol.resource is None, "it belongs to no resource of this unit"
    return value.symbol.text


@pytest.mark.parametrize("order", [["app", "network"], ["network", "app"]])
def test_outputs_of_the_other_root_module_are_read(scan: Scan, order: list[str]) -> None:
    units = scan(
        {
            "network": NETWORK,
            "app": READS_NETWORK
            + f"""
            resource "aws_x" "y" {{
              cidr = {READ}.cidr
              vpc  = local.net.vpc_id
              same = local.net["vpc_id"]
              size = {READ}.size
              path = {READ}.path
            }}
            resource "aws_x" "z" {{
              for_each = toset(["0", "1"])
              subnet   = {READ}.subnet_ids[each.key]
              cidr     = {READ}.vpc.cidr_block
              arn      = {READ}.vpc.arn
              zone     = {READ}.zone
            }}
            """,
        },
        order=order,
    )
    assert [problem for unit in units.values() for problem in unit.problems] == []
    found = {resource.address: resource.body for resource in units["app"].resources}
    y, first, second = (found[at] for at in ("aws_x.y", 'aws_x.z["0"]', 'aws_x.z["1"]'))
    assert y.get("cidr").text == "10.0.0.0/16"
    assert name_of(y.get("vpc")) == name_of(y.get("same")) == "network: aws_vpc.main.id"
    assert name_of(first.get("subnet")) == "network: aws_subnet.a[0].id"
    assert name_of(second.get("subnet")) == "network: aws_subnet.a[1].id"
    assert first.get("cidr").text == "10.0.0.0/16"
    assert name_of(first.get("arn")) == "network: aws_vpc.main.arn"
    assert name_of(first.get("zone")) == "network: var.zone"
    size = y.get("size")
    assert isinstance(size, Choice)
    assert str(size.guard) == 'network: var.zone == "big" is true'
    path = y.get("path")
    assert isinstance(path, Text)
    assert repr(path) == "Text('vpc/${network: aws_vpc.main.id}')"


def test_the_way_of_a_value_leads_to_the_other_root_module(scan: Scan) -> None:
    units = scan(
        {"network": NETWORK, "app": READS_NETWORK + f'resource "aws_x" "y" {{ cidr = {READ}.cidr }}'}
    )
    cidr = units["app"].resources[0].body.get("cidr")
    assert cidr.origin is not None
    assert [(step.location.file, step.location.start_line, step.text) for step in cidr.origin] == [
        ("network/main.tf", 10, "attribute cidr_block"),
        ("network/main.tf", 15, "output cidr of network"),
        ("app/main.tf", 11, "attribute cidr"),
    ]


def test_all_outputs_together_are_those_that_a_state_keeps(scan: Scan) -> None:
    units = scan(
        {
            "network": NETWORK,
            "app": READS_NETWORK
            + f"""
            output "names" {{ value = keys({READ}) }}
            output "looked_up" {{ value = lookup({READ}, "vpc_id", "none") }}
            output "picked" {{ value = {{ for k, v in {READ} : k => v if k == "cidr" }} }}
            output "whole" {{ value = {READ} }}
            output "instead" {{ value = try({READ}.nothing, {READ}.nowhere, "instead") }}
            output "is_sensitive" {{ value = issensitive({READ}.secret) }}
            """,
        }
    )
    app = units["app"]
    assert app.problems == ()
    names = app.outputs["names"]
    assert isinstance(names, ListValue)
    expected = ["cidr", "path", "secret", "size", "subnet_ids", "vpc", "vpc_id", "zone"]
    assert [item.text for item in names.elements] == expected
    assert name_of(app.outputs["looked_up"]) == "network: aws_vpc.main.id"
    assert app.outputs["picked"].get("cidr").text == "10.0.0.0/16"
    whole = app.outputs["whole"]
    assert isinstance(whole, MapValue)
    assert sorted(whole.entries) == expected
    assert app.outputs["instead"].text == "instead"
    assert app.outputs["is_sensitive"].scalar is False


def test_an_output_that_is_not_there_is_noted_and_unknown(scan: Scan) -> None:
    units = scan(
        {"network": NETWORK, "app": READS_NETWORK + f'resource "aws_x" "y" {{ a = {READ}.nowhere }}'}
    )
    (problem,) = units["app"].problems
    assert (problem.level, problem.message) == (ProblemLevel.NOTE, f'there is no "nowhere" in {READ}')
    assert isinstance(units["app"].resources[0].body.get("a"), Unknown)


def test_defaults_stand_in_for_what_the_state_lacks(scan: Scan) -> None:
    text = READS_NETWORK.replace(
        'backend = "s3"', 'backend = "s3"\n  defaults = { nothing = 1, nowhere = 2, cidr = 3 }'
    )
    units = scan(
        {
            "network": NETWORK,
            "app": text + f'output "all" {{ value = [for n in ["nothing", "nowhere", "cidr"] : {READ}[n]] }}',
        }
    )
    found = units["app"].outputs["all"]
    assert isinstance(found, ListValue)
    assert [item.scalar for item in found.elements] == [1, 2, "10.0.0.0/16"]


def test_root_modules_may_hand_on_what_they_read(scan: Scan) -> None:
    middle = READS_NETWORK + (
        'terraform {\n  backend "http" {\n    address = "https://states/middle"\n  }\n}\n'
        f'output "vpc_id" {{ value = {READ}.vpc_id }}\n'
        f'output "upper" {{ value = upper({READ}.vpc_id) }}\n'
    )
    last = """
    data "terraform_remote_state" "middle" {
      backend = "http"
      config  = { address = "https://states/middle" }
    }
    output "vpc_id" { value = data.terraform_remote_state.middle.outputs.vpc_id }
    output "upper" { value = data.terraform_remote_state.middle.outputs.upper }
    """
    units = scan({"last": last, "middle": middle, "network": NETWORK})
    assert name_of(units["last"].outputs["vpc_id"]) == "network: aws_vpc.main.id"
    assert name_of(units["last"].outputs["upper"]) == "middle: upper(network: aws_vpc.main.id)"


def _on_http(name: str, reads: str, rest: str) -> str:
    return f"""
    terraform {{
      backend "http" {{
        address = "https://states/{name}"
      }}
    }}
    data "terraform_remote_state" "{reads}" {{
      backend = "http"
      config  = {{ address = "https://states/{reads}" }}
    }}
    {rest}
    """


@pytest.mark.parametrize("order", [["a", "b", "c"], ["b", "c", "a"], ["c", "b", "a"]])
def test_outputs_that_need_themselves_are_unknown(scan: Scan, order: list[str]) -> None:
    def text(name: str, reads: str) -> str:
        outputs = f"data.terraform_remote_state.{reads}.outputs"
        return _on_http(
            name,
            reads,
            f"""
            locals {{ around = {outputs}.around }}
            output "around" {{ value = local.around }}
            output "other" {{ value = {outputs}.own }}
            output "own" {{ value = "of {name}" }}
            """,
        )

    units = scan({"a": text("a", "b"), "b": text("b", "c"), "c": text("c", "a")}, order=order)
    for name, reads in (("a", "b"), ("b", "c"), ("c", "a")):
        unit = units[name]
        assert unit.problems == ()
        around = unit.outputs["around"]
        assert isinstance(around, Unknown)
        assert around.symbol.text == f"data.terraform_remote_state.{reads}.outputs.around"
        # Only what needs itself: the root modules as such may well need each other.
        assert unit.outputs["other"].text == f"of {reads}"


def test_a_root_module_may_read_its_own_state(scan: Scan) -> None:
    units = scan(
        {
            "a": _on_http(
                "a",
                "a",
                """
                output "known" { value = "x" }
                output "last" { value = data.terraform_remote_state.a.outputs.known }
                output "self" { value = data.terraform_remote_state.a.outputs.self }
                """,
            )
        }
    )
    assert units["a"].problems == ()
    assert units["a"].outputs["last"].text == "x"
    assert isinstance(units["a"].outputs["self"], Unknown)


def test_a_cycle_inside_the_other_root_module_is_its_own(scan: Scan) -> None:
    network = NETWORK + 'locals {\n a = local.b\n b = local.a\n}\noutput "a" { value = local.a }\n'
    app = READS_NETWORK + f'output "a" {{ value = {READ}.a }}\noutput "cidr" {{ value = {READ}.cidr }}'
    units = scan({"app": app, "network": network})
    assert units["app"].problems == ()
    assert isinstance(units["app"].outputs["a"], Unknown)
    assert units["app"].outputs["cidr"].text == "10.0.0.0/16"
    assert any("refers to itself" in problem.message for problem in units["network"].problems)


def test_a_long_chain_of_root_modules_is_followed(scan: Scan) -> None:
    def text(number: int) -> str:
        following = f"r{number + 1}"
        value = f"data.terraform_remote_state.{following}.outputs.o" if number < 150 else "1"
        return _on_http(f"r{number}", following, f'output "o" {{ value = {value} }}')

    units = scan({f"r{number}": text(number) for number in range(151)})
    assert units["r0"].outputs["o"].scalar == 1


S3 = 'backend "s3" {\n bucket = "b"\n key = "k"\n %s\n}'


@pytest.mark.parametrize(
    ("terraform", "data"),
    [
        (S3 % "", 's3" config = { bucket = "b", key = "k", region = "eu-west-1" }'),
        (S3 % 'region = "eu-west-1"', 's3" config = { bucket = "b", key = "${local.k}" }'),
        (S3 % "", 's3" workspace = "prod" config = { bucket = "b", key = "k" }'),
        (S3 % "", 's3" workspace = terraform.workspace config = { bucket = "b", key = "k" }'),
        (
            'backend "gcs" {\n bucket = "b"\n prefix = "p/"\n}',
            'gcs" config = { bucket = "b", prefix = "p" }',
        ),
        (
            'backend "azurerm" {\n storage_account_name = "s"\n container_name = "c"\n key = "k"\n}',
            'azurerm" config = { resource_group_name = "r", storage_account_name = "s", '
            'container_name = "c", key = "k" }',
        ),
        (
            'backend "pg" {\n schema_name = "s"\n}',
            'pg" config = { conn_str = "postgres://h/d", schema_name = "s" }',
        ),
        ('backend "consul" {\n path = "p"\n}', 'consul" config = { path = "p" }'),
        ("", 'local" config = { path = "../other/terraform.tfstate" }'),
        (
            'backend "local" {\n path = "../x.tfstate"\n}',
            'local" config = { path = "${path.module}/../x.tfstate" }',
        ),
        (
            "",
            'local" workspace = "prod" config = { workspace_dir = "../other/terraform.tfstate.d" }',
        ),
        (
            'backend "remote" {\n organization = "o"\n workspaces {\n name = "w"\n }\n}',
            'remote" config = { organization = "o", workspaces = { name = "w" } }',
        ),
        (
            'cloud {\n organization = "o"\n workspaces {\n name = "w"\n }\n}',
            'remote" config = { organization = "o", hostname = "app.terraform.io", '
            'workspaces = { name = "w" } }',
        ),
        (
            'backend "remote" {\n organization = "o"\n workspaces {\n prefix = "w-"\n }\n}',
            'remote" workspace = "prod" config = { organization = "o", workspaces = { prefix = "w-" } }',
        ),
        (
            'backend "remote" {\n organization = "o"\n workspaces {\n prefix = "w-"\n }\n}',
            'remote" config = { organization = "o", workspaces = { name = "w-prod" } }',
        ),
    ],
)
def test_the_same_place_is_found(scan: Scan, terraform: str, data: str) -> None:
    assert _read(scan, terraform, data).text == "from there"


@pytest.mark.parametrize(
    ("terraform", "data"),
    [
        (S3 % "", 's3" config = { bucket = "b", key = "other" }'),
        (S3 % "", 's3" config = { bucket = "b", key = var.unknown }'),
        (S3 % "", 'gcs" config = { bucket = "b" }'),
        (S3 % 'region = "eu-west-1"', 's3" config = { bucket = "b", key = "k", region = "eu-west-2" }'),
        (
            S3 % 'workspace_key_prefix = "p"',
            's3" workspace = "prod" config = { bucket = "b", key = "k" }',
        ),
        ('backend "s3" {\n key = "k"\n}', 's3" config = { bucket = "b", key = "k" }'),
        ('backend "s3" {\n key = "k"\n}', 's3" config = { key = "k" }'),
        ('backend "s3" {}', 'local" config = { path = "../other/terraform.tfstate" }'),
        ("", 'local" config = { path = "../another/terraform.tfstate" }'),
        (
            'cloud {\n organization = "o"\n workspaces {\n tags = ["w"]\n }\n}',
            'remote" config = { organization = "o", workspaces = { name = "w" } }',
        ),
        (
            'cloud {\n organization = "o"\n hostname = "tfe.local"\n workspaces {\n name = "w"\n }\n}',
            'remote" config = { organization = "o", workspaces = { name = "w" } }',
        ),
    ],
)
def test_another_place_stays_unknown(scan: Scan, terraform: str, data: str) -> None:
    value = _read(scan, terraform, data)
    assert isinstance(value, Unknown)
    assert value.symbol.text == "data.terraform_remote_state.x.outputs.o"


def _read(scan: Scan, terraform: str, data: str, options: EvaluateOptions | None = None) -> Value:
    arguments = data.replace('" ', '"\n', 1).replace(" config =", "\nconfig =")
    units = scan(
        {
            "app": f"""
            variable "unknown" {{}}
            locals {{ k = "k" }}
            data "terraform_remote_state" "x" {{
              backend = "{arguments}
            }}
            output "o" {{ value = data.terraform_remote_state.x.outputs.o }}
            """,
            "other": f'terraform {{\n{terraform}\n}}\noutput "o" {{ value = "from there" }}',
        },
        options,
    )
    return units["app"].outputs["o"]


def test_a_state_of_several_root_modules_stays_unknown(scan: Scan) -> None:
    units = scan({"a": NETWORK, "app": READS_NETWORK + f'output "o" {{ value = {READ}.cidr }}', "b": NETWORK})
    assert isinstance(units["app"].outputs["o"], Unknown)


@pytest.mark.parametrize(
    ("selected", "argument", "is_known"),
    [
        ("prod", 'workspace = "prod"', True),
        ("prod", "workspace = terraform.workspace", True),
        ("prod", 'workspace = "test"', False),
        ("prod", "", False),
        ("default", "", True),
        (None, 'workspace = "test"', True),
    ],
)
def test_a_root_module_is_evaluated_for_one_workspace(
    scan: Scan, selected: str | None, argument: str, is_known: bool
) -> None:
    data = f's3" {argument} config = {{ bucket = "b", key = "k" }}'
    value = _read(scan, S3 % "", data, EvaluateOptions(workspace=selected))
    assert (value.text == "from there") is is_known


def test_the_workspace_of_the_other_root_module_is_not_known_either(scan: Scan) -> None:
    other = 'terraform {\n%s\n}\noutput "o" { value = terraform.workspace }' % (S3 % "")
    units = scan(
        {
            "app": """
            data "terraform_remote_state" "x" {
              backend   = "s3"
              workspace = "prod"
              config    = { bucket = "b", key = "k" }
            }
            output "o" { value = data.terraform_remote_state.x.outputs.o }
            """,
            "other": other,
        }
    )
    assert name_of(units["app"].outputs["o"]) == "other: terraform.workspace"


def test_every_instance_of_a_data_source_reads_its_own_state(scan: Scan) -> None:
    def other(name: str) -> str:
        return f"""
        terraform {{
          backend "s3" {{
            bucket = "b"
            key    = "{name}"
          }}
        }}
        output "o" {{ value = "{name}" }}
        """

    units = scan(
        {
            "app": """
            module "m" {
              source   = "./m"
              for_each = toset(["x", "y"])
              name     = each.key
            }
            output "o" { value = [for m in module.m : m.o] }
            """,
            "app/m": """
            variable "name" {}
            data "terraform_remote_state" "s" {
              backend = "s3"
              config  = { bucket = "b", key = var.name }
            }
            output "o" { value = data.terraform_remote_state.s.outputs.o }
            """,
            "x": other("x"),
            "y": other("y"),
        }
    )
    found = units["app"].outputs["o"]
    assert isinstance(found, ListValue)
    assert [item.text for item in found.elements] == ["x", "y"]


def test_a_state_file_says_more_than_the_root_module(scan: Scan, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    state = '{"version": 4, "outputs": {"o": {"value": "deployed", "type": "string"}}}'
    (tmp_path / "other" / "terraform.tfstate").write_text(state)
    value = _read(scan, "", 'local" config = { path = "../other/terraform.tfstate" }')
    assert value.text == "deployed"


def test_outputs_of_a_file_that_cannot_be_read_may_be_there(scan: Scan) -> None:
    network = NETWORK + '\noutput "broken" {\n'
    app = READS_NETWORK + f'output "a" {{ value = {READ}.missing }}\noutput "cidr" {{ value = {READ}.cidr }}'
    units = scan({"network": network, "app": app})
    assert units["app"].problems == ()
    missing = units["app"].outputs["a"]
    assert isinstance(missing, Unknown)
    assert missing.symbol.text == f"{READ}.missing"
    assert units["app"].outputs["cidr"].text == "10.0.0.0/16"


def test_a_finding_tells_the_way_from_the_other_root_module(tmp_path: Path) -> None:
    files = {
        "network": NETWORK + 'output "multi_az" { value = false }',
        "app": READS_NETWORK
        + f"""
        resource "aws_db_instance" "main" {{
          multi_az = {READ}.multi_az
        }}
        """,
    }
    for name, text in files.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text(text)
    report = api.scan([tmp_path], api.ScanOptions(working_directory=tmp_path, rules=("rds-single-az",)))
    (finding,) = report.failures()
    assert (finding.resource.address, finding.location.file) == ("aws_db_instance.main", "app/main.tf")
    assert [(step.location.file, step.text) for step in finding.trace] == [
        ("network/main.tf", "output multi_az of network"),
        ("app/main.tf", "attribute multi_az"),
    ]
