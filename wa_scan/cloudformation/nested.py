"""Resources that are stacks of their own: which template is theirs, and what they hand to it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import NamedTuple

from wa_scan.cloudformation.evaluator import Evaluator
from wa_scan.cloudformation.files import TemplateFile, TemplateFiles
from wa_scan.cloudformation.inline import decode_inline
from wa_scan.cloudformation.nodes import Entry, MappingNode, Node, ScalarNode, SequenceNode, text_of
from wa_scan.cloudformation.passing import Argument
from wa_scan.cloudformation.resources import WrittenResource
from wa_scan.cloudformation.template_places import asset_at, shown_url, template_at
from wa_scan.values import Choice, Guard, Known, ListValue, Location, MapValue, Value, choose

NESTED_STACK = "AWS::CloudFormation::Stack"
STACK_SET = "AWS::CloudFormation::StackSet"
_TYPES = (NESTED_STACK, STACK_SET)

MakeEvaluator = Callable[[bool], Evaluator]


class Nested(NamedTuple):
    """A nested stack. `is_named`, `is_near` as in `FoundTemplate`; `is_inline`: its template is a text in the
    file of the parent; `is_elsewhere`: it is deployed to other accounts or regions."""

    file: TemplateFile
    arguments: Mapping[str, Argument]
    tags: Value | None
    is_named: bool
    is_near: bool = True
    is_inline: bool = False
    is_elsewhere: bool = False


class Unfound(NamedTuple):
    """A nested stack whose template is not in the tree: what is known of its place, and where that stands."""

    url: str
    place: Location


def find_nested(
    name: str,
    resource: WrittenResource,
    evaluator_of: MakeEvaluator,
    exists: Guard,
    file: TemplateFile,
    files: TemplateFiles,
) -> Nested | Unfound:
    """The template of the stack `resource`, and what it is given. `evaluator_of` makes evaluators of the
    parent, for conditions or not; `exists`: when there is the stack."""

    def evaluate(key: Location, node: Node, text: str, for_condition: bool = False) -> Value:
        evaluator = evaluator_of(for_condition)
        with evaluator.binding(resource.bindings), evaluator.given(exists):
            return evaluator.property(key, node, text)

    properties = resource.node.get("Properties")
    if not isinstance(properties, MappingNode) or properties.function is not None:
        return Unfound("that is not known", resource.key)
    is_set = resource.type == STACK_SET
    found: Nested | Unfound
    body = properties.entries.get("TemplateBody") if is_set else None
    if body is not None:
        if not isinstance(body.value, ScalarNode) or not isinstance(body.value.data, str):
            return Unfound("written by a function", body.key)
        decoded = decode_inline(body.value, file.text)
        inline = TemplateFile(file.template, file.text, decoded.root, decoded.problems)
        found = Nested(inline, {}, None, is_named=True, is_inline=True)
    else:
        found = _in_tree(resource, properties, evaluate, file, files)
    if isinstance(found, Unfound):
        return found
    arguments: dict[str, Argument] = {}
    given = properties.entries.get("Parameters")
    if given is not None and _is_made(given.value):
        whole = Argument(partial(evaluate, given.key, given.value, "property Parameters"), given.key)
        for parameter in _keys(whole.value(True), _declared(found.file.root)):
            arguments[parameter] = Argument(partial(_part, whole, parameter), given.key)
    for parameter, key, node in _given(given.value if given is not None else None, is_set):
        arguments[parameter] = Argument(partial(evaluate, key, node, f"parameter {parameter} of {name}"), key)
    if not found.is_near and not _fits(found.file.root, arguments):
        return Unfound(found.file.template.display, resource.key)
    tags = properties.entries.get("Tags")
    stack_tags = evaluate(tags.key, tags.value, "property Tags") if tags is not None else None
    return found._replace(arguments=arguments, tags=stack_tags, is_elsewhere=is_set)


def _in_tree(
    resource: WrittenResource,
    properties: MappingNode,
    evaluate: Callable[[Location, Node, str], Value],
    file: TemplateFile,
    files: TemplateFiles,
) -> Nested | Unfound:
    metadata = resource.node.get("Metadata")
    if isinstance(metadata, MappingNode):
        asset = asset_at(metadata, "TemplateURL", file.template, files)
        if asset is not None:
            return Nested(files.read(asset), {}, None, is_named=True)
    url = properties.entries.get("TemplateURL")
    if url is None:
        return Unfound("that is not written", resource.key)
    value = evaluate(url.key, url.value, "property TemplateURL")
    found = template_at(value, file.template, files)
    place = value.origin.location if value.origin is not None else url.key
    if found is None:
        return Unfound(shown_url(value), place)
    read = files.read(found.template)
    if not found.is_named and not _is_template(read.root):
        return Unfound(shown_url(value), place)
    return Nested(read, {}, None, found.is_named, found.is_near)


def _is_template(root: Node | None) -> bool:
    return isinstance(root, MappingNode) and isinstance(root.get("Resources"), MappingNode)


def _is_made(node: Node) -> bool:
    """Whether functions decide which parameters there are."""
    items = node.items if isinstance(node, SequenceNode) else (node,)
    return any(isinstance(item, MappingNode) and item.function is not None for item in items)


def _keys(value: Value, declared: Iterable[str]) -> Iterator[str]:
    """The names of the parameters in a map, in a list of them or in alternatives; of what is not known all
    that are `declared`."""
    for alternative, _ in value.alternatives():
        if isinstance(alternative, MapValue):
            yield from alternative.entries
        elif isinstance(alternative, ListValue):
            for item, _ in ListValue(alternative.elements).items():
                name = item.get("ParameterKey").text
                yield from (name,) if name is not None else declared
        if not isinstance(alternative, MapValue | ListValue) or alternative.rest is not None:
            yield from declared


def _part(whole: Argument, name: str, for_condition: bool) -> Value:
    return _parameter(whole.value(for_condition), name)


def _parameter(value: Value, name: str) -> Value:
    if isinstance(value, Choice):
        return choose(
            value.guard, _parameter(value.if_true, name), _parameter(value.if_false, name), value.origin
        )
    if not isinstance(value, ListValue):
        return value.get(name)
    found: Value = Known(None) if value.rest is None else value.rest
    for item, guard in ListValue(value.elements).items():
        if item.get("ParameterKey").equals(name).is_surely_true:
            found = choose(guard, item.get("ParameterValue"), found)
    return found


def _given(node: Node | None, is_set: bool) -> Iterator[tuple[str, Location, Node]]:
    """The parameters that a stack is given: name, place, value."""
    if isinstance(node, MappingNode) and node.function is None and not is_set:
        for name, (key, value) in node.entries.items():
            yield name, key, value
    elif isinstance(node, SequenceNode) and is_set:
        for item in node.items:
            name_of = text_of(item.get("ParameterKey")) if isinstance(item, MappingNode) else None
            entry = item.entries.get("ParameterValue") if isinstance(item, MappingNode) else None
            if name_of is not None and entry is not None:
                yield name_of, entry.key, entry.value


def _fits(root: Node | None, arguments: Mapping[str, Argument]) -> bool:
    """Whether a template that was found by its name alone takes what it is given: else it is another one."""
    declared = _declared(root)
    required = {
        name
        for name, (_, body) in declared.items()
        if isinstance(body, MappingNode) and "Default" not in body.entries
    }
    return arguments.keys() <= declared.keys() and required <= arguments.keys()


def _declared(root: Node | None) -> Mapping[str, Entry]:
    """The parameters of a template."""
    parameters = root.get("Parameters") if isinstance(root, MappingNode) else None
    return parameters.entries if isinstance(parameters, MappingNode) else {}


def with_outer_tags(own: Value | None, outer: Value | None) -> Value | None:
    """The tags that a nested stack puts on its resources: those of the stacks around it, then its own."""
    if own is None or outer is None:
        return own if outer is None else outer
    if isinstance(own, ListValue) and isinstance(outer, ListValue):
        rest = own.rest or outer.rest
        return ListValue(
            (*outer.elements, *own.elements), own.origin, rest, own.references | outer.references
        )
    if isinstance(outer, MapValue) and isinstance(own, ListValue):
        listed = [MapValue({"Key": Known(key), "Value": value}) for key, value in outer.entries.items()]
        return ListValue((*listed, *own.elements), own.origin, own.rest or outer.rest, own.references)
    return own


def in_order(written: Mapping[str, WrittenResource]) -> list[str]:
    """The stacks among the resources, each after those whose outputs it is handed."""
    stacks = {name: resource for name, resource in written.items() if resource.type in _TYPES}
    named = {name: sorted(_mentioned(resource.node, stacks) - {name}) for name, resource in stacks.items()}
    done: dict[str, None] = {}
    entered: set[str] = set()
    for start in stacks:
        todo = [(start, iter(named[start]))] if start not in entered else []
        entered.add(start)
        while todo:
            name, rest = todo[-1]
            following = next((other for other in rest if other not in entered), None)
            if following is None:
                done[name] = None
                todo.pop()
            else:
                entered.add(following)
                todo.append((following, iter(named[following])))
    return list(done)


def _mentioned(node: Node, names: Mapping[str, object]) -> set[str]:
    """Those of `names` that stand in a text inside `node`, alone or before a dot."""
    found: set[str] = set()
    seen: set[int] = set()
    todo: list[Node] = [node]
    while todo:
        at = todo.pop()
        if id(at) in seen:
            continue
        seen.add(id(at))
        if isinstance(at, MappingNode):
            todo += (child for _, child in at.entries.values())
        elif isinstance(at, SequenceNode):
            todo += at.items
        elif (text := text_of(at)) is not None and len(text) < 10_000:
            for piece in text.replace("}", "${").split("${"):
                found.add(piece.strip().partition(".")[0])
    return found & names.keys()
