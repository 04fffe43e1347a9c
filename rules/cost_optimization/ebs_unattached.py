from collections.abc import Iterator

from wa_scan.engine.authoring import Graph, LinkKind, Pillar, Resource, Risk, Truth, Verdict, require, rule


@rule(
    id="COST-EBS-01",
    risk=Risk.LRI,
    best_practices=["COST04-BP03", "SUS02-BP03"],
    pillars=[Pillar.SUSTAINABILITY],
    resources=["AWS::EC2::Volume"],
    equivalents={
        "kics": ["ebs_volume_not_attached_to_instances"],
        "aws_config": ["ec2-volume-inuse-check"],
    },
    sources=["https://docs.aws.amazon.com/ebs/latest/userguide/ebs-attaching-volume.html"],
    misses="A volume that a program attaches at run time, found by its tags, looks unattached.",
)
def ebs_unattached(volume: Resource, graph: Graph) -> Iterator[Verdict]:
    """A volume is not attached to any instance.

    Why: its whole size is paid for every hour while nothing reads or writes it.

    How to fix: attach it, or keep a snapshot and remove it.
    Terraform: add an `aws_volume_attachment`.
    CloudFormation: add an `AWS::EC2::VolumeAttachment`, or name it in the instance's `Volumes`.
    """
    attached = graph.edges(out_of=volume, kind=LinkKind.ATTACHED_TO).exist()
    attached = attached | graph.edges(into=volume, kind=LinkKind.ATTACHED_TO).exist()
    for instance in graph.of_type("AWS::EC2::Instance", unit=volume.unit):
        named = any(symbol.resource == volume.address for symbol in instance["Volumes"].all_references())
        attached = attached | Truth.when(instance.exists) if named else attached
    # A snapshot does not use it; whatever else names it may attach it.
    users = [
        link
        for link in graph.edges(into=volume)
        if link.kind is not LinkKind.DEPENDS_ON and "snapshot" not in link.source.source_type.lower()
    ]
    perhaps = Truth.of(None if users or graph.is_output(volume) else False)
    yield require(attached | perhaps, at=volume)
