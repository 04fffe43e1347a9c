from collections.abc import Iterator

from wa_scan.engine.authoring import Graph, Resource, Risk, Verdict, rule
from wa_scan.engine.exposure import GROUP, INGRESS, nothing_opened, open_ports

PORTS = {
    1433: "SQL Server",
    1521: "Oracle",
    2484: "Oracle",
    3306: "MySQL",
    5432: "PostgreSQL",
    5439: "Redshift",
    5984: "CouchDB",
    6379: "Redis",
    7000: "Cassandra",
    7199: "Cassandra",
    8086: "InfluxDB",
    9042: "Cassandra",
    9092: "Kafka",
    9160: "Cassandra",
    9200: "Elasticsearch",
    9300: "Elasticsearch",
    11211: "Memcached",
    27017: "MongoDB",
    27018: "MongoDB",
    50000: "Db2",
}

# The numbers of their checks, one for each product.
# fmt: off
TERRASCAN = (
    234, 235, 238, 239, 244, 245, 247, 248, 249, 250, 251, 252, 253, 260, 261, 262, 263, 267, 268, 270,
    274, 280, 281, 286, 287, 289, 290, 291, 292, 293, 294, 295, 302, 303, 304, 305, 309, 310, 312, 316,
    317, 318, 324, 326, 328, 329, 331, 332, 333, 334, 335, 336, 338, 342, 349, 350, 351, 352, 356, 357,
    358, 362, 363,
)
REGULA = (212, 213, 215, 216, 217, 242, 243, 248, 249, 256, 257, 258, 261, 264, 265, 267)
# fmt: on


@rule(
    id="SEC-SG-02",
    risk=Risk.HRI,
    best_practices=["SEC05-BP01", "SEC05-BP02"],
    resources=[GROUP, INGRESS],
    security_severity=9.1,
    equivalents={
        "trivy": ["AWS-0107"],
        "cdk_nag": ["EC2RestrictedCommonPorts", "AwsSolutions-EC23"],
        "cfn_guard": ["RESTRICTED_INCOMING_TRAFFIC"],
        "terrascan": [f"AC_AWS_{number:04}" for number in TERRASCAN],
        "regula": [f"FG_R{number:05}" for number in REGULA],
        "kics": ["ec2_sensitive_port_is_publicly_exposed", "sensitive_port_is_exposed_to_entire_network"],
        "prowler": [
            "ec2_securitygroup_allow_ingress_from_internet_to_high_risk_tcp_ports",
            "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_cassandra_7199_9160_8888",
            "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_elasticsearch_kibana_9200_9300_5601",
            "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_kafka_9092",
            "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_memcached_11211",
            "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_mongodb_27017_27018",
            "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_mysql_3306",
            "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_oracle_1521_2483",
            "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_postgres_5432",
            "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_redis_6379",
            "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_sql_server_1433_1434",
        ],
        "aws_config": ["restricted-common-ports", "vpc-sg-open-only-to-authorized-ports"],
    },
    sources=["https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html"],
    misses="A database that listens on another port is missed; every port at once is SEC-SG-03.",
)
def sg_open_database_ports(resource: Resource, graph: Graph) -> Iterator[Verdict]:
    """A database's port is open to the whole internet.

    Why: databases are searched for and attacked around the clock; one weak password or unpatched flaw gives
    all the data away.

    How to fix: let in only the security group of the application that uses the database.
    Terraform: replace `0.0.0.0/0` and `::/0` with `security_groups` or `referenced_security_group_id`.
    CloudFormation: replace `CidrIp` and `CidrIpv6` with `SourceSecurityGroupId`.
    """
    yield from nothing_opened(resource, graph, open_ports(PORTS))
