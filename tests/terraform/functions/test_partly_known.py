"""What functions make of values of which not all is known, of conditions, marks and origins."""

import pytest

from wa_scan.terraform.branches import conditional
from wa_scan.terraform.convert import convert
from wa_scan.terraform.errors import EvaluationError
from wa_scan.terraform.functions import FUNCTIONS, call
from wa_scan.terraform.operators import concat_template, get_attr
from wa_scan.terraform.types import BOOL, DYNAMIC, NUMBER, STRING, ListType, MapType, SetType
from wa_scan.terraform.values import (
    NO_MARKS,
    NULL,
    SENSITIVE,
    ChoiceData,
    Mark,
    TfValue,
    UnknownData,
    list_of,
    number,
    object_of,
    string,
    tuple_of,
    unknown,
)
from wa_scan.values import Guard, Location, Origin, Symbol
from wa_scan.values.kinds import Reason

ARN = Symbol("aws_kms_key.k.arn", "aws_kms_key.k", "arn")
ID = unknown(STRING, ARN, never_null=True, marks=frozenset((ARN,)))
FLAG = unknown(BOOL, Symbol("var.flag"), Reason.INPUT)
OPEN = unknown(DYNAMIC, Symbol("var.any"), Reason.INPUT)
NAMES = unknown(ListType(STRING), Symbol("data.z.names"), Reason.DATA)


def run(name: str, *arguments: TfValue) -> TfValue:
    return call(name, arguments, None)


def symbol(value: TfValue) -> str:
    assert isinstance(value.data, UnknownData)
    return value.data.symbol.text


def branches(value: TfValue) -> tuple[object, object]:
    assert isinstance(value.data, ChoiceData)
    return value.data.if_true.data, value.data.if_false.data


def either(if_true: TfValue, if_false: TfValue) -> TfValue:
    return conditional(FLAG, if_true, if_false, guard_text="")


def test_an_unknown_argument_gives_an_unknown_result_with_a_name_and_a_type() -> None:
    value = run("upper", ID)
    assert symbol(value) == "upper(aws_kms_key.k.arn)"
    assert value.type is STRING
    assert value.marks == {ARN}
    assert isinstance(value.data, UnknownData)
    assert value.data.never_null
    assert value.data.reason is Reason.COMPUTED


def test_long_names_are_shortened_but_stay_different() -> None:
    one, other = (run("format", string("%5s" + "x" * 500 + end), ID) for end in ("a", "b"))
    assert len(symbol(one)) < 200
    assert symbol(one) != symbol(other)


def test_secrets_do_not_show_in_names() -> None:
    secret = string("hunter2").with_marks(SENSITIVE)
    assert "hunter2" not in symbol(run("replace", ID, string("x"), secret))


def test_what_does_not_depend_on_unknown_parts_is_known() -> None:
    assert run("length", tuple_of([ID, ID])).data == 2
    assert run("contains", tuple_of([string("a"), ID]), string("a")).data is True
    assert run("index", tuple_of([string("x"), ID]), string("x")).data == 0
    keys = run("keys", object_of({"a": ID})).data
    assert isinstance(keys, tuple)
    assert [key.data for key in keys] == ["a"]
    image = concat_template([string("ami-"), ID])
    assert run("startswith", image, string("ami-")).data is True
    assert run("startswith", image, string("vol-")).data is False
    assert run("strcontains", image, string("mi")).data is True
    assert run("element", tuple_of([string("a"), ID]), number(2)).data == "a"
    assert run("coalesce", NULL, string("a"), ID).data == "a"
    assert run("alltrue", tuple_of([FLAG, run("tobool", string("false"))])).data is False


def test_what_depends_on_unknown_parts_is_not() -> None:
    for value in (
        run("length", run("toset", tuple_of([ID, string("a")]))),
        run("distinct", tuple_of([ID, string("a")])),
        run("join", string(","), tuple_of([ID])),
        run("coalesce", ID, string("a")),
        run("lookup", OPEN, string("a"), NULL),
        run("merge", object_of({}), OPEN),
        run("flatten", tuple_of([NAMES])),
    ):
        assert isinstance(value.data, UnknownData)


def test_what_is_surely_in_a_merged_map_is_known() -> None:
    tags = unknown(MapType(STRING), Symbol("var.tags"), Reason.INPUT)
    name = object_of({"Name": string("web"), "Team": string("a")})
    merged = run("merge", name, tags, object_of({"Name": string("db")}))
    assert isinstance(merged.data, UnknownData)
    assert get_attr(merged, "Name").data == "db"
    assert run("lookup", convert(merged, MapType(STRING)), string("Name")).data == "db"
    assert symbol(get_attr(merged, "Team")).endswith('["Team"]')
    assert isinstance(get_attr(run("merge", merged, name), "Other").data, UnknownData)


def test_what_is_surely_in_a_joined_list_is_known() -> None:
    data = run("concat", NAMES, tuple_of([string("a")])).data
    assert isinstance(data, UnknownData)
    assert isinstance(data.contents, tuple)
    assert [item.data for item in data.contents] == ["a"]


def test_types_of_unknown_results() -> None:
    assert run("split", string(","), ID).type is ListType(STRING)
    assert run("toset", NAMES).type is SetType(STRING)
    assert run("element", NAMES, number(0)).type is STRING
    assert run("zipmap", list_of(STRING, [ID]), list_of(NUMBER, [number(1)])).type is MapType(NUMBER)
    assert run("jsondecode", ID).type is DYNAMIC


def test_wrong_types_are_refused_though_the_value_is_unknown() -> None:
    for name, arguments in (("upper", [NAMES]), ("keys", [NAMES]), ("slice", [ID, number(0), number(1)])):
        with pytest.raises(EvaluationError):
            run(name, *arguments)


def test_a_policy_with_an_unknown_arn_keeps_the_rest_of_its_text() -> None:
    policy = object_of({"Resource": concat_template([ID, string("/*")]), "Effect": string("Allow")})
    data = run("jsonencode", policy).data
    assert isinstance(data, UnknownData)
    assert data.parts is not None
    assert [part if isinstance(part, str) else symbol(part) for part in data.parts] == [
        '{"Effect":"Allow","Resource":"',
        "aws_kms_key.k.arn",
        '/*"}',
    ]


def test_format_keeps_the_rest_of_its_text() -> None:
    data = run("format", string("arn:%s:%d"), ID, number(5)).data
    assert isinstance(data, UnknownData)
    assert data.parts is not None
    assert (data.parts[0], data.parts[-1]) == ("arn:", ":5")


def test_functions_go_into_both_branches_of_a_choice() -> None:
    assert branches(run("upper", either(string("a"), string("b")))) == ("A", "B")
    assert branches(run("length", either(tuple_of([string("a")]), tuple_of([])))) == (1, 0)


def test_the_same_condition_is_decided_once() -> None:
    name = either(string("a"), string("b"))
    assert branches(run("join", string("-"), tuple_of([name, name]))) == ("a-a", "b-b")


def test_a_choice_inside_a_list_decides_what_depends_on_all_of_it() -> None:
    inside = tuple_of([either(string("x"), string("y")), string("z")])
    assert branches(run("join", string(","), inside)) == ("x,z", "y,z")
    assert branches(run("jsonencode", inside)) == ('["x","z"]', '["y","z"]')
    assert run("length", inside).data == 2


def test_optional_elements_are_flattened_under_their_condition() -> None:
    optional = either(tuple_of([string("a")]), tuple_of([]))
    value = run("flatten", tuple_of([optional, tuple_of([string("b")])]))
    assert isinstance(value.data, ChoiceData)
    lengths = [
        len(side.data) for side in (value.data.if_true, value.data.if_false) if isinstance(side.data, tuple)
    ]
    assert lengths == [2, 1]


def test_whether_a_list_contains_something_may_be_a_condition() -> None:
    value = run("contains", tuple_of([either(string("a"), string("b"))]), string("a"))
    assert isinstance(value.data, ChoiceData)
    assert value.data.guard is Guard.of("var.flag")


def test_too_many_conditions_give_an_unknown_result() -> None:
    parts = [
        conditional(unknown(BOOL, Symbol(f"var.f{n}")), string(f"{n}"), string("x"), guard_text="")
        for n in range(7)
    ]
    assert isinstance(run("join", string(","), tuple_of(parts)).data, UnknownData)
    assert isinstance(run("join", string(","), tuple_of(parts[:6])).data, ChoiceData)


def test_a_branch_that_is_refused_is_unknown_and_two_are_an_error() -> None:
    value = run("tonumber", either(string("1"), string("x")))
    assert isinstance(value.data, ChoiceData)
    with pytest.raises(EvaluationError):
        run("tonumber", either(string("x"), string("y")))


def test_sensitivity_spreads_from_inside_unless_the_function_only_hands_on() -> None:
    secret = string("x").with_marks(SENSITIVE)
    assert Mark.SENSITIVE in run("join", string(","), tuple_of([secret])).marks
    assert run("keys", object_of({"a": secret})).marks == NO_MARKS
    assert run("concat", tuple_of([secret]), tuple_of([])).marks == NO_MARKS
    assert run("length", tuple_of([]).with_marks(SENSITIVE)).marks == SENSITIVE
    assert run("issensitive", tuple_of([secret])).data is False
    assert run("nonsensitive", secret).marks == NO_MARKS
    assert run("sensitive", NULL).marks == SENSITIVE


def test_each_element_keeps_its_own_references() -> None:
    one = string("a").with_marks(frozenset((ARN,)))
    value = run("distinct", tuple_of([one, string("b"), one]))
    assert value.marks == NO_MARKS
    assert isinstance(value.data, tuple)
    assert [item.marks for item in value.data] == [{ARN}, NO_MARKS]
    assert run("join", string(","), tuple_of([one])).marks == {ARN}


def test_ephemeral_values_become_null() -> None:
    value = run("ephemeralasnull", object_of({"a": string("x").with_marks(frozenset((Mark.EPHEMERAL,)))}))
    assert isinstance(value.data, dict)
    assert value.data["a"].is_null


def test_what_is_picked_keeps_where_it_was_written() -> None:
    here = Origin(Location("main.tf", 1, 1, 1, 5), "here")
    there = Origin(Location("main.tf", 2, 1, 2, 5), "there")
    one, other = string("a", here), string("b", there)
    assert run("coalesce", NULL, other).origin is there
    assert run("element", tuple_of([one, other]), number(1)).origin is there
    assert run("lookup", object_of({"k": one}), string("k"), other).origin is here
    merged = run("merge", object_of({"k": one}), object_of({"l": other})).data
    assert isinstance(merged, dict)
    assert (merged["k"].origin, merged["l"].origin) == (here, there)
    assert run("upper", one).origin is here
    assert run("format", string("%s%s"), one, other).origin is None


def test_what_differs_at_every_run_is_unknown() -> None:
    for name in ("timestamp", "plantimestamp", "uuid"):
        data = run(name).data
        assert isinstance(data, UnknownData)
        assert data.reason is Reason.IMPURE
    assert run("endswith", run("timestamp"), string("Z")).data is True


def test_functions_of_providers_are_unknown_and_others_refused() -> None:
    assert symbol(run("provider::aws::arn_parse", string("x"))) == 'provider::aws::arn_parse("x")'
    with pytest.raises(EvaluationError, match='there is no function named "nope"'):
        run("nope")
    with pytest.raises(EvaluationError, match=r"since Terraform 0\.15 it is tolist\(\[ \.\.\. \]\)"):
        run("list", string("a"))
    assert run("core::upper", string("a")).data == "A"


def test_the_argument_that_is_to_blame_is_told() -> None:
    for arguments, blamed in (
        ([string("a")], None),
        ([string("a"), NULL], 1),
        ([tuple_of([]), string("a")], 0),
        ([string("a"), string("b"), string("c")], 2),
    ):
        with pytest.raises(EvaluationError) as caught:
            run("trimprefix", *arguments)
        assert caught.value.argument == blamed


# `terraform metadata functions -json` of 1.11.4, without the forms `can` and `try`.
TERRAFORM_FUNCTIONS = """
abs abspath alltrue anytrue base64decode base64encode base64gzip base64sha256 base64sha512 basename
bcrypt ceil chomp chunklist cidrhost cidrnetmask cidrsubnet cidrsubnets coalesce coalescelist
compact concat contains csvdecode dirname distinct element endswith ephemeralasnull file filebase64
filebase64sha256 filebase64sha512 fileexists filemd5 fileset filesha1 filesha256 filesha512 flatten
floor format formatdate formatlist indent index issensitive join jsondecode jsonencode keys length
log lookup lower matchkeys max md5 merge min nonsensitive one parseint pathexpand plantimestamp pow
range regex regexall replace reverse rsadecrypt sensitive setintersection setproduct setsubtract
setunion sha1 sha256 sha512 signum slice sort split startswith strcontains strrev substr sum
templatefile templatestring textdecodebase64 textencodebase64 timeadd timecmp timestamp title tobool
tolist tomap tonumber toset tostring transpose trim trimprefix trimspace trimsuffix upper urlencode
uuid uuidv5 values yamldecode yamlencode zipmap
"""


def test_all_functions_of_terraform_are_there() -> None:
    assert FUNCTIONS.keys() == set(TERRAFORM_FUNCTIONS.split())
