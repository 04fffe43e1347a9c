"""Whatever an evaluator may give, normalising it and asking the views raises nothing."""

from hypothesis import given, settings
from hypothesis import strategies as st

from wa_scan.aws.networks import ingress_rules
from wa_scan.aws.normalise import normalise
from wa_scan.aws.policies import policy_documents
from wa_scan.aws.table import table
from wa_scan.aws.tags import environment
from wa_scan.aws.volumes import block_devices, has_root_device, is_root
from wa_scan.blocks import EvaluatedResource, EvaluatedUnit, Language, Mode
from wa_scan.values import (
    Guard,
    Known,
    ListValue,
    Location,
    MapValue,
    Origin,
    Symbol,
    Text,
    Unknown,
    Value,
    choose,
)

PLACE = Location("main.tf", 1, 1, 1, 10)
ORIGIN = Origin(PLACE, "here")
TYPES = [*sorted(table().sources), "AWS::S3::Bucket", "AWS::IAM::Role", "AWS::EC2::SecurityGroup", "null"]
ADDRESSES = ["a.a", "a.b[0]", 'a.c["x"]', "a.d"]
NAMES = sorted(
    {
        part
        for row in table().sources.values()
        for attribute in row.attributes
        for part in attribute.removeprefix("**.").split(".")
    }
    | {
        "Tags",
        "tags",
        "Statement",
        "Principal",
        "Condition",
        "PolicyDocument",
        "Key",
        "Value",
        "key",
        "value",
    }
)

symbols = st.sampled_from(
    [Symbol("var.x"), *(Symbol(f"{address}.id", address, "id") for address in [*ADDRESSES, "a.b", "a.z[*]"])]
)
unknowns = symbols.map(lambda symbol: Unknown(symbol, origin=ORIGIN))
scalars: st.SearchStrategy[Value] = st.one_of(
    st.sampled_from(
        [None, True, "true", "", "0.0.0.0/0", "*", "arn:aws:s3:::b", "{", "[1]", '{"Statement": 3}']
    )
    | st.text(max_size=8)
    | st.integers(),
).map(lambda data: Known(data, ORIGIN))
leaves: st.SearchStrategy[Value] = st.one_of(
    scalars, unknowns, unknowns.map(lambda unknown: Text(('{"Statement": [', unknown, "]}"), ORIGIN))
)


def containers(inner: st.SearchStrategy[Value]) -> st.SearchStrategy[Value]:
    rest = st.none() | unknowns
    return st.one_of(
        st.builds(lambda items, more: ListValue(items, ORIGIN, more), st.lists(inner, max_size=3), rest),
        st.builds(
            lambda entries, more: MapValue(entries, ORIGIN, more),
            st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
            rest,
        ),
        st.builds(
            lambda one, other, atom: choose(Guard.of(atom), one, other, ORIGIN),
            inner,
            inner,
            st.sampled_from(["A", "B"]),
        ),
    )


values = st.recursive(leaves, containers, max_leaves=12)


@st.composite
def units(draw: st.DrawFn) -> EvaluatedUnit:
    resources = []
    for address in ADDRESSES:
        type_ = draw(st.sampled_from(TYPES))
        attributes = sorted(table().sources[type_].attributes) if type_ in table().sources else []
        own = sorted({name.split(".")[0] for name in attributes if "*" not in name}) or NAMES
        body = draw(st.dictionaries(st.sampled_from(own) | st.sampled_from(NAMES), values, max_size=5))
        resources.append(
            EvaluatedResource(
                address,
                type_,
                draw(st.sampled_from(Mode)),
                Language.CLOUDFORMATION if type_.startswith("AWS::") else Language.TERRAFORM,
                MapValue(body, ORIGIN),
                PLACE,
                PLACE,
                exists=draw(st.sampled_from([Guard.ALWAYS, Guard.of("A")])),
                default_tags=draw(st.none() | values),
            )
        )
    return EvaluatedUnit("infra", Language.TERRAFORM, tuple(resources))


@settings(max_examples=300, deadline=None)
@given(units())
def test_nothing_raises(unit: EvaluatedUnit) -> None:
    found = normalise(unit)
    addresses = {resource.address for resource in found.resources}
    folded = {address for resource in found.resources for address in resource.folded}
    assert {resource.address for resource in unit.resources} <= addresses | folded
    for resource in found.resources:
        environment(resource).is_set()
        for rule, _ in ingress_rules(resource):
            rule.open_to_world() & rule.covers_port(22) & rule.covers_all_ports()
            assert rule.origin.location.file == "main.tf"
        for document in policy_documents(resource):
            document.is_public() & document.requires_tls() & document.allows("s3:*", "*")
        for part, _ in block_devices(resource):
            is_root(part)
        has_root_device(resource)
