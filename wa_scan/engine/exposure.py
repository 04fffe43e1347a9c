"""What security groups and policies open to everyone, for the rules about it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from wa_scan.aws.account_settings import by_account
from wa_scan.aws.networks import NetworkRule, ingress_rules
from wa_scan.aws.policies import PolicyDocument
from wa_scan.aws.resources import Resource
from wa_scan.engine.verdicts import Verdict, require
from wa_scan.graph.graph import Graph
from wa_scan.values import Absent, Guard, Location, Step, Truth, Value, all_of, any_of
from wa_scan.values.truths import FALSE, TRUE

GROUP, INGRESS = "AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupIngress"

# What a rule opens, in words, and whether it does.
Opened = Callable[[NetworkRule], Mapping[str, Truth]]


@dataclass(frozen=True, slots=True)
class IngressBlock:
    """The rules written in one place: a Terraform `ingress` block with three ranges is three of them."""

    owner: Resource
    rules: tuple[tuple[NetworkRule, Guard], ...]


def ingress_blocks(resource: Resource, graph: Graph) -> list[IngressBlock]:
    """What a security group says itself, or the one block that a rule of its own is.

    Rules that are resources of their own are left out of their group: they are judged as themselves.
    """
    if resource.type == INGRESS:
        return [IngressBlock(resource, tuple(ingress_rules(resource)))]
    elsewhere = [one.extent for a in resource.folded if (one := graph.find(resource.unit, a)) is not None]
    blocks: dict[Location, list[tuple[NetworkRule, Guard]]] = {}
    for rule, guard in ingress_rules(resource):
        place = (rule.value.origin or resource.origin).location
        if not any(extent.contains(place) for extent in elsewhere):
            blocks.setdefault(place, []).append((rule, guard))
    return [IngressBlock(resource, tuple(rules)) for rules in blocks.values()]


def nothing_opened(resource: Resource, graph: Graph, opened: Opened) -> Iterator[Verdict]:
    """Whether none of what `opened` looks for is let in from the whole internet.

    One verdict a block, at the first range that is open; one for a group without any.
    """
    blocks = ingress_blocks(resource, graph)
    if not blocks:
        yield require(TRUE, at=resource)
    for block in blocks:
        yield _verdict(block, opened)


def open_ports(ports: Mapping[int, str]) -> Opened:
    """Looks for TCP `ports` (number to name), unless a rule opens all there are."""

    def opened(rule: NetworkRule) -> dict[str, Truth]:
        some = ~rule.covers_all_ports()
        if some.is_surely_false:
            return {}
        return {
            f"port {port} ({ports[port]})": some & covered
            for port, covered in rule.covers_ports(ports).items()
            if not covered.is_surely_false
        }

    return opened


def _source(rule: NetworkRule) -> Value:
    """The range that a rule opens to, else the rule."""
    written = (one for one in (rule.cidr_ipv4, rule.cidr_ipv6) if not one.is_set().is_surely_false)
    return next(written, rule.value)


def _verdict(block: IngressBlock, opened: Opened) -> Verdict:
    found: list[tuple[Truth, NetworkRule]] = []
    names: dict[str, None] = {}
    for rule, guard in block.rules:
        to_world = rule.open_to_world() & Truth.when(guard)
        if to_world.is_surely_false:
            continue
        for name, truth in opened(rule).items():
            is_open = to_world & truth
            found.append((is_open, rule))
            if not is_open.true.is_never:
                names[name] = None
    bad = [rule for is_open, rule in found if not is_open.true.is_never]
    doubtful = [rule for is_open, rule in found if not is_open.unknown.is_never]
    shown = (bad or doubtful or [block.rules[0][0]])[0]
    others = {rule.origin.location: None for rule in bad if rule is not shown}
    return require(
        all_of(~is_open for is_open, _ in found),
        at=_source(shown),
        resource=block.owner,
        path="SecurityGroupIngress",
        message=f"Open to the whole internet: {', '.join(names)}." if names else None,
        related=[Step(place, "open here too") for place in others if place != shown.origin.location],
    )


def let_in_by(document: PolicyDocument) -> tuple[Truth, Value]:
    """Whether a policy lets anyone in, and where: the first principal that is anyone, else the document."""
    doors = [
        ((each.allows() & each.is_for_anyone() & ~each.is_limited()).given(guard, FALSE), each)
        for each, guard in document.statements
    ]
    principals = [each.value.get("Principal") for truth, each in doors if not truth.true.is_never]
    place = next(
        (one for one in principals if one.origin is not None and not isinstance(one, Absent)), document.value
    )
    return any_of(truth for truth, _ in doors), place


def blocks_public(bucket: Resource, path: str) -> Truth:
    """Whether the bucket, or the whole account, has the block of public access at `path` switched on."""
    return written_on(bucket[path]) | by_account(bucket, path, True)


def written_on(setting: Value) -> Truth:
    """Whether `setting` is true in so many words, and not by a default that may have been taken back."""
    return any_of(
        FALSE if isinstance(leaf, Absent) else leaf.equals(True).given(guard, FALSE)
        for leaf, guard in setting.alternatives()
    )
