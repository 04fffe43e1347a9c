from collections.abc import Iterator

from wa_scan.aws.subnets import routes_of
from wa_scan.engine.authoring import (
    FALSE,
    TRUE,
    UNKNOWN,
    Absent,
    Graph,
    LinkKind,
    Resource,
    Risk,
    Truth,
    Unknown,
    Verdict,
    all_of,
    any_of,
    require,
    rule,
)

INSTANCE, CLUSTER = "AWS::RDS::DBInstance", "AWS::RDS::DBCluster"
GROUP, SUBNET = "AWS::RDS::DBSubnetGroup", "AWS::EC2::Subnet"


@rule(
    id="SEC-RDS-01",
    risk=Risk.HRI,
    best_practices=["SEC05-BP01", "SEC05-BP02"],
    resources=[INSTANCE, CLUSTER],
    security_severity=9.1,
    equivalents={
        "checkov": ["CKV_AWS_17"],
        "trivy": ["AWS-0180"],
        "cdk_nag": ["RDSInstancePublicAccess"],
        "cfn_guard": ["RDS_INSTANCE_PUBLIC_ACCESS_CHECK"],
        "cfn_nag": ["F22"],
        "terrascan": ["AC_AWS_0054"],
        "regula": ["FG_R00278"],
        "kics": ["rds_db_instance_publicly_accessible"],
        "prowler": ["rds_instance_no_public_access"],
        "aws_config": ["rds-instance-public-access-check"],
    },
    sources=["https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html"],
    misses="What a template does not say is unknown where the routes of the subnets are elsewhere.",
)
def rds_public(database: Resource, graph: Graph) -> Iterator[Verdict]:
    """A relational database is reachable from the internet.

    Why: it gets a public address, so that one loose security group rule or one leaked password is enough for
    anyone to read and change the data.

    How to fix: keep it private and reach it through a VPN, Session Manager or a bastion.
    Terraform: set `publicly_accessible = false`.
    CloudFormation: set `PubliclyAccessible` to false.
    """
    public = database["PubliclyAccessible"]
    is_aurora = database.type == CLUSTER and database["Engine"].matches("^aurora").is_surely_true
    if is_aurora and isinstance(public, Absent):
        # Of these the instances are public or not.
        return
    found, message = FALSE, None
    for leaf, guard in public.alternatives():
        if isinstance(leaf, Absent) and isinstance(leaf.default, Unknown):
            # RDS then gives it a public address where the VPC of its subnets has an internet gateway.
            is_public = _by_subnets(database, graph)
            if is_public.is_surely_true and isinstance(public, Absent):
                message = "Nothing keeps it private, so it is public as all of its subnets are."
        else:
            is_public = leaf.equals(True)
        found = found | is_public.given(guard, FALSE)
    yield require(~found, at=public, resource=database, path="PubliclyAccessible", message=message)


def _by_subnets(database: Resource, graph: Graph) -> Truth:
    """Whether the subnets of a database are public; unknown where only some are, or they are elsewhere."""
    groups = _groups(database, graph)
    if not groups and database.type == INSTANCE:
        clusters = [
            one
            for one in graph.edges(out_of=database, kind=LinkKind.ATTACHED_TO).targets()
            if one.type == CLUSTER
        ]
        groups = [group for one in clusters for group in _groups(one, graph)]
    if len(groups) != 1:
        return UNKNOWN
    (group,) = groups
    subnets = [
        one for one in graph.edges(out_of=group, kind=LinkKind.IN_SUBNET).targets() if one.type == SUBNET
    ]
    named = list(group["SubnetIds"].items())
    if not subnets or len(subnets) != len(named):
        return UNKNOWN
    routes = [
        routes_of(one, lambda each: graph.edges(out_of=each), lambda each: graph.edges(into=each)).is_public
        for one in subnets
    ]
    if any_of(routes).is_surely_false:
        return FALSE
    return TRUE if all_of(routes).is_surely_true else UNKNOWN


def _groups(database: Resource, graph: Graph) -> list[Resource]:
    links = graph.edges(out_of=database, kind=LinkKind.IN_SUBNET)
    return [link.target for link in links if link.target.type == GROUP]
