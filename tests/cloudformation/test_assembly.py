"""What a cloud assembly says of its stacks counts: values, names, source lines."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from wa_scan.api import ScanOptions, scan
from wa_scan.engine.findings import Finding
from wa_scan.errors import ProblemKind
from wa_scan.review.report import Report

SHOP = """\
import { Stack } from "aws-cdk-lib";
export class Shop extends Stack {
  constructor(scope, id) {
    super(scope, id);
    new Mailbox(this, "Mail");
  }
}
class Mailbox extends Construct {
  constructor(scope, id) {
    super(scope, id);
    new Queue(this, "Queue");
  }
}
"""
NODE = "Module._compile (node:internal/modules/cjs/loader:1521:14)"
LIBRARY = "new Queue (/app/node_modules/aws-cdk-lib/aws-sqs/lib/queue.js:1:19290)"
TRACE = [LIBRARY, "new Mailbox (/app/lib/shop.ts:11:5)", "new Shop (/app/lib/shop.ts:5:5)", NODE]
UNTAGGED = "COST-TAG-01"


def queue(path: str | None = "Shop/Mail/Queue/Resource", **properties: Any) -> dict[str, Any]:
    metadata = {"Metadata": {"aws:cdk:path": path}} if path else {}
    return {"Type": "AWS::SQS::Queue", "Properties": properties, **metadata}


def write(
    tmp_path: Path,
    resources: dict[str, Any],
    metadata: dict[str, Any] | None = None,
    properties: dict[str, Any] | None = None,
    environment: str = "aws://unknown-account/unknown-region",
    **files: Any,
) -> None:
    artifact = {
        "type": "aws:cloudformation:stack",
        "environment": environment,
        "properties": {"templateFile": "Shop.template.json", **(properties or {})},
        "metadata": metadata or {},
    }
    assembly = tmp_path / "cdk.out"
    assembly.mkdir()
    (assembly / "manifest.json").write_text(
        json.dumps({"version": "34.0.0", "artifacts": {"Shop": artifact}})
    )
    (assembly / "Shop.template.json").write_text(json.dumps({"Resources": resources}, indent=1))
    for name, content in files.items():
        (assembly / f"{name}.nested.template.json").write_text(json.dumps(content, indent=1))
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "shop.ts").write_text(SHOP)


def scanned(tmp_path: Path, path: str = ".", **options: Any) -> Report:
    return scan([path], ScanOptions(working_directory=tmp_path, **options))


def the(report: Report, rule: str = UNTAGGED) -> Finding:
    (finding,) = (finding for finding in report.failures() if finding.rule.id == rule)
    return finding


def logical_id(name: str, trace: list[str] | None = None) -> list[dict[str, Any]]:
    return [{"type": "aws:cdk:logicalId", "data": name, **({"trace": trace} if trace else {})}]


def created(trace: list[str]) -> list[dict[str, Any]]:
    return [*logical_id("Q"), {"type": "aws:cdk:creationStack", "data": trace}]


class TestNames:
    def test_the_address_is_the_construct_path(self, tmp_path: Path) -> None:
        write(tmp_path, {"Q": queue()})
        finding = the(scanned(tmp_path))
        assert finding.resource.address == "Shop/Mail/Queue/Resource"
        assert finding.resource.aliases == ("Q",)

    def test_without_paths_in_the_template_the_manifest_tells_them(self, tmp_path: Path) -> None:
        write(tmp_path, {"Q": queue(None)}, {"/Shop/Mail/Queue/Resource": logical_id("Q")})
        assert the(scanned(tmp_path)).resource.address == "Shop/Mail/Queue/Resource"

    def test_two_constructs_of_one_path_keep_apart(self, tmp_path: Path) -> None:
        write(tmp_path, {"Q": queue(), "R": queue()})
        addresses = {f.resource.address for f in scanned(tmp_path).failures() if f.rule.id == UNTAGGED}
        assert addresses == {"Shop/Mail/Queue/Resource", "R"}

    def test_links_lead_from_construct_to_construct(self, tmp_path: Path) -> None:
        target = {"Fn::GetAtt": ["Dead", "Arn"]}
        redrive = {"deadLetterTargetArn": target, "maxReceiveCount": 3}
        write(tmp_path, {"Dead": queue("Shop/Dead/Resource"), "Q": queue(RedrivePolicy=redrive)})
        graph = scanned(tmp_path).graph
        assert {(link.source.address, link.target.address) for link in graph.links} == {
            ("Shop/Mail/Queue/Resource", "Shop/Dead/Resource")
        }

    def test_nested_stacks_are_part_of_theirs_and_named_by_constructs(self, tmp_path: Path) -> None:
        nested = {
            "Type": "AWS::CloudFormation::Stack",
            "Properties": {
                "Parameters": {"Name": "inner"},
                "TemplateURL": {"Fn::Sub": "https://x/${AWS::Region}"},
            },
            "Metadata": {
                "aws:cdk:path": "Shop/Inner.NestedStack/Inner.NestedStackResource",
                "aws:asset:path": "Inner.nested.template.json",
                "aws:asset:property": "TemplateURL",
            },
        }
        inner = {
            "Parameters": {"Name": {"Type": "String"}},
            "Resources": {"Q": queue("Shop/Inner/Queue/Resource", QueueName={"Ref": "Name"})},
        }
        write(tmp_path, {"Inner": nested}, Inner=inner)
        report = scanned(tmp_path)
        assert report.problems == ()
        assert report.coverage.modules_not_found == ()
        finding = the(report)
        assert finding.resource.address == "Shop/Inner/Queue/Resource"
        assert finding.resource.unit == "cdk.out/Shop.template.json"
        assert finding.location.file == "cdk.out/Inner.nested.template.json"


class TestValues:
    def test_the_environment_is_what_the_stack_runs_in(self, tmp_path: Path) -> None:
        name = {"Fn::Sub": "${AWS::StackName}-${AWS::AccountId}-${AWS::Region}"}
        write(
            tmp_path,
            {"Q": queue(QueueName=name)},
            properties={"stackName": "shop-prod"},
            environment="aws://123456789012/eu-west-1",
        )
        (resource,) = scanned(tmp_path).resources
        assert resource["QueueName"].text == "shop-prod-123456789012-eu-west-1"

    def test_the_stacks_tags_are_its_resources_tags(self, tmp_path: Path) -> None:
        write(tmp_path, {"Q": queue()}, properties={"tags": {"Owner": "shop", "CostCenter": "1"}})
        report = scanned(tmp_path)
        assert [f for f in report.failures() if f.rule.id == UNTAGGED] == []
        assert report.resources[0].tags.get("Owner").text == "shop"

    def test_given_values_win_over_the_assemblys(self, tmp_path: Path) -> None:
        write(tmp_path, {"Q": queue(QueueName={"Ref": "AWS::Region"})}, environment="aws://1/eu-west-1")
        (resource,) = scanned(tmp_path, parameters={"AWS::Region": "us-east-1"}).resources
        assert resource["QueueName"].text == "us-east-1"


class TestSourceLines:
    @pytest.mark.parametrize("entries", [logical_id("Q", TRACE), created(TRACE)], ids=["old", "new"])
    def test_a_finding_stands_where_its_construct_is_made(
        self, tmp_path: Path, entries: list[dict[str, Any]]
    ) -> None:
        write(tmp_path, {"Q": queue()}, {"/Shop/Mail/Queue/Resource": entries})
        finding = the(scanned(tmp_path))
        assert str(finding.location) == "lib/shop.ts:11:5"
        assert finding.location.end_column == len('    new Queue(this, "Queue");') + 1
        assert [str(step.location) for step in finding.resource.calls] == [
            "lib/shop.ts:5:5",
            "lib/shop.ts:11:5",
        ]
        (template,) = finding.related
        assert template.location.file == "cdk.out/Shop.template.json"
        assert template.location == finding.resource.location

    def test_metadata_in_a_file_of_its_own(self, tmp_path: Path) -> None:
        write(tmp_path, {"Q": queue()})
        manifest = tmp_path / "cdk.out" / "manifest.json"
        content = json.loads(manifest.read_text())
        content["artifacts"]["Shop"]["additionalMetadataFile"] = "Shop.metadata.json"
        manifest.write_text(json.dumps(content))
        metadata = tmp_path / "cdk.out" / "Shop.metadata.json"
        metadata.write_text(json.dumps({"/Shop/Mail/Queue/Resource": created(TRACE)}))
        assert str(the(scanned(tmp_path)).location) == "lib/shop.ts:11:5"
        metadata.write_text("{")
        report = scanned(tmp_path)
        assert the(report).location.file == "cdk.out/Shop.template.json"
        (problem,) = report.problems
        assert problem.kind is ProblemKind.UNREADABLE_FILE
        assert problem.location is not None
        assert problem.location.file == "cdk.out/Shop.metadata.json"

    def test_a_trace_that_ends_in_the_library_gives_way_to_the_construct_around(self, tmp_path: Path) -> None:
        cut = ["...new Queue2 in aws-cdk-lib...", "(no user code in 10 frames)"]
        metadata = {
            "/Shop/Mail/Queue/Dead/Resource": created(cut),
            "/Shop/Mail/Queue/Resource": created(TRACE),
            "/Shop": created(["<anonymous> (/app/lib/shop.ts:1:1)"]),
        }
        resources = {"D": queue("Shop/Mail/Queue/Dead/Resource"), "E": queue("Shop/Elsewhere/Resource")}
        write(tmp_path, resources, metadata)
        places = {
            f.resource.address: str(f.location) for f in scanned(tmp_path).failures() if f.rule.id == UNTAGGED
        }
        assert places["Shop/Mail/Queue/Dead/Resource"] == "lib/shop.ts:11:5"
        # The line that makes the whole stack is nobody's in particular.
        assert places["Shop/Elsewhere/Resource"].startswith("cdk.out/Shop.template.json:")

    def test_the_stack_of_a_stage_is_not_blamed_either(self, tmp_path: Path) -> None:
        metadata = {"/Prod/Shop": created(["<anonymous> (/app/lib/shop.ts:1:1)"])}
        write(tmp_path, {"Q": queue("Prod/Shop/Mail/Queue/Resource")}, metadata)
        manifest = tmp_path / "cdk.out" / "manifest.json"
        content = json.loads(manifest.read_text())
        content["artifacts"]["Shop"]["displayName"] = "Prod/Shop (Shop-prod)"
        manifest.write_text(json.dumps(content))
        assert the(scanned(tmp_path)).location.file == "cdk.out/Shop.template.json"

    def test_a_path_of_any_length_does_no_harm(self, tmp_path: Path) -> None:
        write(tmp_path, {"Q": queue("Shop/" + "x/" * 20_000)})
        assert scanned(tmp_path).problems == ()

    def test_what_one_line_makes_several_times_is_one_finding(self, tmp_path: Path) -> None:
        paths = [f"Shop/Mail{number}/Queue/Resource" for number in range(2)]
        metadata = {f"/{path}": created(TRACE) for path in paths}
        write(tmp_path, {f"Q{at}": queue(path) for at, path in enumerate(paths)}, metadata)
        finding = the(scanned(tmp_path))
        assert list(finding.instances) == paths
        assert len(finding.related) == 2

    def test_values_and_shapes_of_any_kind_do_no_harm(self, tmp_path: Path) -> None:
        odd: list[Any] = [None, 1, "x", [], {}, [None], [{"type": 1}], logical_id("Q", ["x" * 10_000])]
        odd += [[{"type": "aws:cdk:logicalId", "data": {}, "trace": {"a": 1}}]]
        odd += [[{"type": "aws:cdk:creationStack", "data": [1, None, {"a": []}]}]]
        metadata = {f"/Shop/{number}": entry for number, entry in enumerate(odd)}
        metadata["/Shop/Mail/Queue/Resource"] = odd[-1]
        write(tmp_path, {"Q": queue()}, metadata)
        report = scanned(tmp_path)
        assert the(report).location.file == "cdk.out/Shop.template.json"
        assert report.problems == ()


class TestCustomResources:
    def test_a_cluster_of_eks_is_judged_by_what_its_custom_resource_is_told(self, tmp_path: Path) -> None:
        def cluster(construct: str, **config: Any) -> dict[str, Any]:
            return {
                "Type": "Custom::AWSCDK-EKS-Cluster",
                "Properties": {
                    "ServiceToken": {"Fn::GetAtt": ["Provider", "Outputs.Arn"]},
                    "Config": {"version": "1.31", "roleArn": "arn:aws:iam::123456789012:role/eks", **config},
                },
                "Metadata": {"aws:cdk:path": f"Shop/{construct}/Resource/Resource/Default"},
            }

        provider = {
            "Type": "AWS::CloudFormation::Stack",
            "Properties": {"TemplateURL": "https://example.com/p"},
        }
        private = {"endpointPublicAccess": False, "endpointPrivateAccess": True}
        resources = {
            "Provider": provider,
            "Open": cluster("Open", resourcesVpcConfig={"endpointPublicAccess": True}),
            "Shut": cluster(
                "Shut",
                resourcesVpcConfig=private,
                encryptionConfig=[{"provider": {"keyArn": "arn:k"}, "resources": ["secrets"]}],
                logging={"clusterLogging": [{"enabled": True, "types": ["api", "audit"]}]},
            ),
        }
        write(tmp_path, resources)
        report = scanned(tmp_path)
        found = {(f.rule.id, f.resource.address) for f in report.failures() if "EKS" in f.rule.id}
        assert found == {
            ("SEC-EKS-01", "Shop/Open/Resource/Resource/Default"),
            ("SEC-EKS-02", "Shop/Open/Resource/Resource/Default"),
        }
        (shut,) = (one for one in report.resources if "Shut" in one.address)
        types = shut["Logging.ClusterLogging.EnabledTypes"]
        assert [item.get("Type").text for item, _ in types.items()] == ["api", "audit"]
        assert [problem.message for problem in report.problems] == []

    def test_who_hears_of_a_buckets_objects_is_linked(self, tmp_path: Path) -> None:
        def at(path: str, type_: str, **properties: Any) -> dict[str, Any]:
            return {"Type": type_, "Properties": properties, "Metadata": {"aws:cdk:path": path}}

        told = {"Events": ["s3:ObjectCreated:*"], "LambdaFunctionArn": {"Fn::GetAtt": ["Fn", "Arn"]}}
        resources = {
            "Bucket": at("Shop/Bucket/Resource", "AWS::S3::Bucket"),
            "Fn": at("Shop/Fn/Resource", "AWS::Lambda::Function", Runtime="nodejs22.x"),
            "Notifications": at(
                "Shop/Bucket/Notifications/Resource",
                "Custom::S3BucketNotifications",
                BucketName={"Ref": "Bucket"},
                NotificationConfiguration={"LambdaFunctionConfigurations": [told]},
            ),
        }
        write(tmp_path, resources)
        graph = scanned(tmp_path).graph
        assert [(link.source.address, link.kind.value, link.target.address) for link in graph.links] == [
            ("Shop/Bucket/Resource", "invokes", "Shop/Fn/Resource")
        ]


class TestUpkeep:
    def test_nobody_is_blamed_for_what_the_library_adds(self, tmp_path: Path) -> None:
        own = "Shop/Custom::S3AutoDeleteObjectsCustomResourceProvider"
        role = {
            "AssumeRolePolicyDocument": {
                "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*"}]
            },
            "Policies": [
                {
                    "PolicyName": "all",
                    "PolicyDocument": {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]},
                }
            ],
        }
        resources = {
            "Theirs": {
                "Type": "AWS::IAM::Role",
                "Properties": role,
                "Metadata": {"aws:cdk:path": f"{own}/Role"},
            },
            "Mine": {
                "Type": "AWS::IAM::Role",
                "Properties": role,
                "Metadata": {"aws:cdk:path": "Shop/Role/Resource"},
            },
        }
        write(tmp_path, resources)
        report = scanned(tmp_path)
        assert report.failures() != ()
        assert {address for f in report.failures() for address in f.instances} == {"Shop/Role/Resource"}
        assert report.coverage.upkeep == 1
        assert {resource.address for resource in report.graph.resources} == {
            f"{own}/Role",
            "Shop/Role/Resource",
        }


def test_where_git_ignores_the_assembly_and_nothing_else_is_there_it_is_named(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    write(tmp_path, {"Q": queue()})
    (tmp_path / ".gitignore").write_text("cdk.out\n")
    (problem,) = scanned(tmp_path).problems
    assert problem.kind is ProblemKind.NOTHING_TO_SCAN
    assert problem.hint == "git ignores what the CDK wrote to cdk.out: name it to scan it."
    assert the(scanned(tmp_path, "cdk.out")).resource.address == "Shop/Mail/Queue/Resource"
