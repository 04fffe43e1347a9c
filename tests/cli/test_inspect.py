"""`wa-scan inspect`."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import Run, write

PLANS = Path(__file__).parents[2] / "fixtures" / "plans"
MAIN = """\
variable "flag" {
  type = bool
}
variable "zones" {
  type    = set(string)
  default = ["b", "a"]
}
variable "password" {
  default   = "hunter2"
  sensitive = true
}
resource "aws_kms_key" "main" {}
resource "aws_db_instance" "main" {
  count      = var.flag ? 2 : 1
  multi_az   = var.flag ? true : false
  name       = "db-${aws_kms_key.main.id}"
  kms_key_id = aws_kms_key.main.arn
  share      = 1 / 3
  zones      = var.zones
  tags       = merge({ Env = "prod" }, var.flag ? {} : { Owner = null })
  timeouts {
    create = "1h"
    secret = var.password
  }
}
data "aws_region" "here" {}
module "elsewhere" {
  source = "example/elsewhere/aws"
}
output "zones" {
  value = var.zones
}
output "password" {
  value     = [var.password]
  sensitive = true
}
output "from_elsewhere" {
  value = { id = module.elsewhere.id }
}
"""
STACK = """\
Parameters:
  Env:
    Type: String
Conditions:
  Prod: !Equals [!Ref Env, prod]
Resources:
  Key:
    Type: AWS::KMS::Key
  Database:
    Type: AWS::RDS::DBInstance
    Condition: Prod
    Properties:
      MultiAZ: !If [Prod, true, false]
      KmsKeyId: !GetAtt Key.Arn
      DBName: !Sub "db-${Env}"
      AllocatedStorage: 20.50
"""
CALLED = {
    "main.tf": """\
module "db" {
  source   = "./db"
  for_each = toset(["a.b"])
  multi_az = var.multi_az
  password = var.password
}
variable "multi_az" {}
variable "password" {
  sensitive = true
}
""",
    "prod.tfvars": """\
# production
multi_az = false
password = "hunter2"
""",
    "db/main.tf": """\
variable "multi_az" {}
variable "password" {}
resource "aws_db_instance" "main" {
\tmulti_az = var.multi_az
  password = var.password
  tags = {
    Zones = ["x", var.multi_az]
  }
}
""",
}
DATABASE = 'module.db["a.b"].aws_db_instance.main'
Seen = dict[str, dict[str, Any]]
THIRD = "0." + "3" * 154 + "5"


def inspected(run: Run, *args: str, environment: dict[str, str] | None = None) -> Seen:
    done = run("inspect", "-f", "json", *args, **(environment or {}))
    assert (done.status, done.err) == (0, "")
    found: Seen = json.loads(done.out)
    return found


class TestJson:
    def test_all_that_is_seen(self, tmp_path: Path, run: Run) -> None:
        write(tmp_path, {"main.tf": MAIN})
        done = run("inspect", "-f", "json")
        assert done.status == 2
        assert f'"share": {THIRD},' in done.out
        seen = json.loads(done.out)
        assert seen["outputs"] == {
            "zones": ["a", "b"],
            "password": ["hunter2"],
            "from_elsewhere": {"id": {"unknown": "module.elsewhere.id"}},
        }
        flag, other = "var.flag is true", "var.flag is false"
        assert seen["resources"]["aws_db_instance.main[0]"] == {
            "multi_az": {"choice": [{"when": flag, "value": True}, {"when": other, "value": False}]},
            "name": {"unknown": "db-${aws_kms_key.main.id}"},
            "kms_key_id": {"unknown": "aws_kms_key.main.arn"},
            "share": pytest.approx(1 / 3),
            "zones": ["a", "b"],
            "tags": {
                "choice": [
                    {"when": flag, "value": {"Env": "prod"}},
                    {"when": other, "value": {"Env": "prod", "Owner": None}},
                ]
            },
            "timeouts": [{"create": "1h", "secret": "hunter2"}],
        }
        assert seen["resources"]["aws_db_instance.main[1]"]["multi_az"] is True
        assert [*seen["resources"]] == [
            "aws_db_instance.main[0]",
            "aws_db_instance.main[1]",
            "aws_kms_key.main",
        ]
        assert seen["data_sources"] == {"data.aws_region.here": {}}
        assert seen["exists_when"] == {"aws_db_instance.main[1]": flag}
        assert seen["errors"] == [
            {
                "kind": "evaluation-error",
                "message": 'no value for the required variable "flag"',
                "location": {
                    "file": "main.tf",
                    "start_line": 1,
                    "start_column": 1,
                    "end_line": 1,
                    "end_column": 16,
                },
                "hint": None,
            }
        ]
        assert [(each["call"], each["source"]) for each in seen["modules_not_found"]] == [
            ("module.elsewhere", "example/elsewhere/aws")
        ]

    def test_values_are_given_as_to_terraform(self, tmp_path: Path, run: Run) -> None:
        outputs = 'output "v" {\n  value = [var.a, terraform.workspace]\n}\n'
        write(
            tmp_path,
            {"main.tf": f'variable "a" {{\n  default = "default"\n}}\n{outputs}', "f.tfvars": 'a = "file"\n'},
        )
        file, var = ("--var-file", "f.tfvars"), ("--var", "a=var")
        environment = {"TF_VAR_a": "environment", "TF_WORKSPACE": "blue"}
        for args, expected in (
            ((), ["default", "default"]),
            (("--env-vars",), ["environment", "blue"]),
            (("--env-vars", "--workspace", "green", *file), ["file", "green"]),
            ((*file, *var), ["var", "default"]),
            ((*var, *file), ["file", "default"]),
            ((*var, *file, "--var", "a=last"), ["last", "default"]),
        ):
            assert inspected(run, *args, environment=environment)["outputs"]["v"] == expected

    def test_a_module_that_others_call_can_be_the_root(self, tmp_path: Path, run: Run) -> None:
        main = 'output "o" {\n  value = path.module\n}\n'
        example = 'module "it" {\n  source = "../.."\n}\noutput "o" {\n  value = module.it.o\n}\n'
        write(tmp_path, {"main.tf": main, "examples/one/main.tf": example})
        (tmp_path / ".git").mkdir()
        assert inspected(run)["outputs"] == {"o": "."}
        assert inspected(run, "examples/one")["outputs"] == {"o": "../.."}
        assert inspected(run, "examples/one/main.tf")["outputs"] == {"o": "../.."}

    def test_a_template(self, tmp_path: Path, run: Run) -> None:
        write(tmp_path, {"stack.yaml": STACK})
        for path in ("stack.yaml", "."):
            seen = inspected(run, path)
            assert seen["resources"] == {
                "Key": {},
                "Database": {
                    "MultiAZ": True,
                    "KmsKeyId": {"unknown": "Key.Arn"},
                    "DBName": {"unknown": "db-${Env}"},
                    "AllocatedStorage": 20.5,
                },
            }
            assert seen["exists_when"] == {"Database": "Prod is true"}
        seen = inspected(run, "--parameter", "Env=prod", "stack.yaml")
        assert seen["resources"]["Database"]["DBName"] == "db-prod"

    def test_attributes_of_a_template(self, tmp_path: Path, run: Run) -> None:
        write(
            tmp_path,
            {
                "stack.yaml": "Resources:\n  Data:\n    Type: AWS::EC2::Volume\n"
                "    DeletionPolicy: Snapshot\n    DependsOn: [Key]\n  Key: {Type: AWS::KMS::Key}\n"
            },
        )
        seen = inspected(run, "stack.yaml")
        assert seen["attributes"] == {"Data": {"DeletionPolicy": "Snapshot", "DependsOn": ["Key"]}}
        assert '  attribute DeletionPolicy = "Snapshot"\n' in run("inspect", "stack.yaml").out
        way = run("inspect", "stack.yaml", "--trace", "Data.DeletionPolicy").out
        assert way.splitlines()[0] == '"Snapshot"'

    def test_a_parameter_with_no_echo(self, tmp_path: Path, run: Run) -> None:
        write(
            tmp_path,
            {
                "stack.yaml": "Parameters:\n  Password: {Type: String, NoEcho: true, Default: hunter2}\n"
                "Resources:\n  Data:\n    Type: AWS::RDS::DBInstance\n    Properties:\n"
                "      MasterUserPassword: !Ref Password\n      DBName: !Sub 'x-${Password}-${AWS::Region}'\n"
                "      Port: !Join ['', ['a', !Ref Password]]\n",
                "secret.json": '{"Password": "swordfish"}',
            },
        )
        for given in ((), ("--parameters", "secret.json"), ("--parameter", "Password=swordfish")):
            whole = run("inspect", "stack.yaml", *given)
            assert whole.out.count("(sensitive value)") == 3
            for name in ("MasterUserPassword", "DBName", "Port"):
                way = run("inspect", "stack.yaml", *given, "--trace", f"Data.{name}")
                assert way.out.startswith("(sensitive value)\n")
                for text in (whole.out, whole.err, way.out):
                    assert "hunter2" not in text
                    assert "swordfish" not in text

    def test_a_plan(self, run: Run) -> None:
        seen = inspected(run, str(PLANS / "terraform-data" / "plan.json"))
        assert seen["resources"]["terraform_data.origin"]["input"] == "x"
        assert seen["resources"]["terraform_data.origin"]["id"] == {"unknown": "terraform_data.origin.id"}

    def test_a_file_that_is_missing_stops_terraform(self, tmp_path: Path, run: Run) -> None:
        write(tmp_path, {"main.tf": 'output "o" {\n  value = file("later.txt")\n}\n'})
        done = run("inspect", "-f", "json")
        assert done.status == 2
        [error] = json.loads(done.out)["errors"]
        assert error["location"]["start_line"] == 2

    def test_nothing_from_a_file_can_act_on_a_terminal(self, tmp_path: Path, run: Run) -> None:
        write(tmp_path, {"main.tf": 'output "o" {\n  value = "\\u001b[31m\\u202e"\n}\n'})
        for args in (("-f", "json"), ()):
            out = run("inspect", *args).out
            assert "\x1b" not in out
            assert "\u202e" not in out


class TestText:
    def test_what_people_see(self, tmp_path: Path, run: Run) -> None:
        write(tmp_path, {"main.tf": MAIN})
        done = run("inspect", ".")
        assert (done.status, done.err) == (
            2,
            'Error: main.tf:1:1: no value for the required variable "flag"\n',
        )
        assert done.out == TEXT
        assert "hunter2" not in done.out

    def test_nothing_to_see(self, tmp_path: Path, run: Run) -> None:
        write(tmp_path, {"main.tf": "locals {}\n"})
        assert run("inspect").out == "There are no outputs and no resources.\n"

    def test_no_infrastructure(self, run: Run) -> None:
        done = run("inspect", ".")
        assert (done.status, done.out) == (2, "")
        assert done.err == "Error: there is no Terraform and no CloudFormation in .\n"

    def test_one_of_several_must_be_named(self, tmp_path: Path, run: Run) -> None:
        write(tmp_path, {"a/main.tf": "", "b/main.tf": "locals {}\n"})
        assert run("inspect", ".").err == (
            "Error: . has 2 root modules, templates and plans; name one of them: a, b\n"
        )


class TestTrace:
    def test_the_way_of_a_value(self, tmp_path: Path, run: Run) -> None:
        write(tmp_path, CALLED)
        done = run("inspect", "--var-file", "prod.tfvars", "--trace", f"{DATABASE}.multi_az")
        assert (done.status, done.err) == (0, "")
        assert done.out == (
            "false\n"
            "  prod.tfvars:2:1  prod.tfvars                            multi_az = false\n"
            '  main.tf:4:3      argument multi_az of module.db["a.b"]  multi_az = var.multi_az\n'
            "  db/main.tf:4:2   attribute multi_az                     multi_az = var.multi_az\n"
        )

    def test_a_part_and_as_json(self, tmp_path: Path, run: Run) -> None:
        write(tmp_path, CALLED)
        target = f'{DATABASE}.tags["Zones"][0]'
        done = run("inspect", "-f", "json", "--var-file", "prod.tfvars", "--trace", target)
        assert json.loads(done.out) == {
            "ways": [
                {
                    "when": None,
                    "value": "x",
                    "trace": [
                        {
                            "file": "db/main.tf",
                            "start_line": 7,
                            "start_column": 14,
                            "end_line": 7,
                            "end_column": 17,
                            "text": "element",
                            "source": '    Zones = ["x", var.multi_az]',
                        }
                    ],
                }
            ]
        }

    def test_the_source_of_what_is_sensitive_is_not_shown(self, tmp_path: Path, run: Run) -> None:
        write(tmp_path, CALLED)
        for target in (f"{DATABASE}.password", "var.password"):
            done = run("inspect", "--var-file", "prod.tfvars", "--trace", target)
            assert "prod.tfvars:3:1" in done.out
            assert "hunter2" not in done.out

    def test_a_choice_has_several_ways(self, tmp_path: Path, run: Run) -> None:
        write(tmp_path, {"main.tf": MAIN})
        done = run("inspect", "--trace", "aws_db_instance.main[0].multi_az")
        way = "  main.tf:15:3  attribute multi_az  multi_az = var.flag ? true : false\n"
        assert done.out == f"when var.flag is true: true\n{way}when var.flag is false: false\n{way}"
        # Of an instance only those that can be while it is there.
        done = run("inspect", "--trace", "aws_db_instance.main[1].multi_az")
        assert done.out == f"when var.flag is true: true\n{way}"

    @pytest.mark.parametrize(
        ("target", "said"),
        [
            (
                "aws_nothing.x.y",
                "there is no resource, output or variable that 'aws_nothing.x.y' begins with",
            ),
            ("aws_db_instance.main[0].nope", "aws_db_instance.main[0] has no 'nope': it has kms_key_id, "),
            ("aws_db_instance.main[0].zones[7]", "aws_db_instance.main[0].zones has no 7"),
            ("aws_db_instance.main[0].[", "is not of the form ADDRESS.ARGUMENT"),
        ],
    )
    def test_what_is_not_there(self, tmp_path: Path, run: Run, target: str, said: str) -> None:
        write(tmp_path, {"main.tf": MAIN})
        done = run("inspect", "--trace", target)
        assert (done.status, done.out) == (2, "")
        assert said in done.err


TEXT = f"""\
outputs
  zones = [
    "a",
    "b",
  ]
  password = (sensitive value)
  from_elsewhere = {{
    id = (unknown: module.elsewhere.id)
  }}

aws_db_instance.main[0]
  multi_az = (
    when var.flag is true: true
    when var.flag is false: false
  )
  name = (unknown: db-${{aws_kms_key.main.id}})
  kms_key_id = (unknown: aws_kms_key.main.arn)
  share = {THIRD}
  zones = [
    "a",
    "b",
  ]
  tags = (
    when var.flag is true: {{
      Env = "prod"
    }}
    when var.flag is false: {{
      Env = "prod"
      Owner = null
    }}
  )
  timeouts = [
    {{
      create = "1h"
      secret = (sensitive value)
    }},
  ]

aws_db_instance.main[1]  (when var.flag is true)
  multi_az = true
  name = (unknown: db-${{aws_kms_key.main.id}})
  kms_key_id = (unknown: aws_kms_key.main.arn)
  share = {THIRD}
  zones = [
    "a",
    "b",
  ]
  tags = {{
    Env = "prod"
  }}
  timeouts = [
    {{
      create = "1h"
      secret = (sensitive value)
    }},
  ]

aws_kms_key.main

data.aws_region.here

module.elsewhere is not looked at: its source example/elsewhere/aws is not on disk
"""


def test_state_of_a_root_module_beside_it(run: Run, tmp_path: Path) -> None:
    reading = """\
data "terraform_remote_state" "net" {
  backend = "local"
  config  = { path = "../net/terraform.tfstate" }
}
output "vpc" {
  value = data.terraform_remote_state.net.outputs.vpc
}
"""
    write(
        tmp_path,
        {".git/HEAD": "", "net/main.tf": 'output "vpc" { value = "vpc-1" }\n', "app/main.tf": reading},
    )
    result = run("inspect", "app", "-f", "json")
    assert (result.status, json.loads(result.out)["outputs"]) == (0, {"vpc": "vpc-1"})
    (tmp_path / "net" / "main.tf").unlink()
    result = run("inspect", "app", "-f", "json")
    found = json.loads(result.out)
    assert (result.status, [error["kind"] for error in found["errors"]]) == (2, ["unreadable-file"])


def test_file_that_has_a_missing_value(run: Run, tmp_path: Path) -> None:
    declared = 'variable "zone" { type = string }\nvariable "size" { type = string }\n'
    write(
        tmp_path, {"main.tf": declared, "envs/prod.tfvars": 'zone = "a"\n', "envs/dev.tfvars": 'zone = "b"\n'}
    )
    found = json.loads(run("inspect", ".", "-f", "json").out)
    assert {error["message"]: error["hint"] for error in found["errors"]} == {
        'no value for the required variable "zone"': (
            "give it with --var-file envs/dev.tfvars or 1 more like it"
        ),
        'no value for the required variable "size"': None,
    }
    named = run("inspect", ".", "-f", "json", "--var-file", "envs/prod.tfvars", "--var", "size=1")
    assert (named.status, json.loads(named.out)["errors"]) == (0, [])


def test_only_the_entry_that_is_refused_is_unknown(run: Run, tmp_path: Path) -> None:
    main = """\
locals {
  settings = { script = file("build/run.sh"), size = 3 }
}
resource "aws_x" "main" {
  settings = [local.settings.size, { key = tonumber("x"), name = "a" }]
}
"""
    write(tmp_path, {"main.tf": main})
    found = json.loads(run("inspect", ".", "-f", "json").out)
    assert found["resources"]["aws_x.main"]["settings"] == [
        3,
        {"key": {"unknown": 'aws_x.main.settings[1]["key"]'}, "name": "a"},
    ]
    assert [(error["message"], error["location"]["start_line"]) for error in found["errors"]] == [
        ('there is no file at "build/run.sh"', 2),
        ('invalid value for "v": a number is required', 5),
    ]
