"""Resources and data sources: their instances, and what a reference to one gives."""

from wa_scan.blocks import Mode
from wa_scan.terraform.bodies import (
    BlockList,
    EvaluatedBody,
    add_block,
    evaluate_attribute,
    given,
    open_attributes,
)
from wa_scan.terraform.builtin import builtin_object
from wa_scan.terraform.choices import choose
from wa_scan.terraform.configuration import ResourceConfig
from wa_scan.terraform.context import MOST_RESOURCE_INSTANCES, Evaluation
from wa_scan.terraform.errors import EvaluationError, LimitReachedError
from wa_scan.terraform.instances import Expansion, Instance, Repetition, UnknownKey, expand
from wa_scan.terraform.policy_document import policy_document
from wa_scan.terraform.remote_state import remote_state
from wa_scan.terraform.scope import NOTHING, Scope
from wa_scan.terraform.symbolic import RepeatedData, open_object, unknown
from wa_scan.terraform.syntax import Attribute, Block
from wa_scan.terraform.types import DYNAMIC, NUMBER, STRING
from wa_scan.terraform.values import Mark, TfValue, deep_marks, object_of, tuple_of
from wa_scan.values import Guard, Location, Origin, Symbol
from wa_scan.values.kinds import Reason

# What every resource has whatever its type; not among its own arguments.
META_ARGUMENTS = frozenset(
    ("count", "for_each", "provider", "depends_on", "lifecycle", "provisioner", "connection")
)
# More independent conditions on the instances of one resource are not told apart in references.
MOST_GUARDS = 5


class ResourceInstance:
    """One instance; `body` is shared by all instances whose arguments do not differ.

    There may be many thousands, so what can be made again is made when it is asked for.
    """

    __slots__ = ("_instance", "_parts", "_value", "address", "body", "exists")

    def __init__(self, address: str, instance: Instance, exists: Guard, parts: "_SharedParts") -> None:
        self.address = address
        self.exists = exists
        self.body: EvaluatedBody
        self._instance = instance
        self._parts = parts
        self._value: TfValue | None = None

    @property
    def scope(self) -> Scope:
        """Where `each` or `count` is the instance's own."""
        return self._parts.scope.at_place(self.address, self._instance.names)

    @property
    def value(self) -> TfValue:
        """What a reference to this instance gives."""
        if self._value is None:
            self._value = _object(self._parts.config, self, self._parts.evaluation)
        return self._value


class EvaluatedBlock:
    """All instances of a resource."""

    __slots__ = ("_address", "_expansion", "_value", "config", "instances")

    def __init__(
        self, config: ResourceConfig, address: str, expansion: Expansion, instances: list[ResourceInstance]
    ) -> None:
        self.config = config
        self.instances = instances
        self._address = address
        self._expansion = expansion
        self._value: TfValue | None = None

    @property
    def repetition(self) -> Repetition:
        return self._expansion.repetition

    @property
    def value(self) -> TfValue:
        """What `aws_instance.x` means in an expression."""
        if self._value is None:
            self._value = _whole(self._address, self._expansion, self.instances)
        return self._value


def evaluate_resource(
    config: ResourceConfig, scope: Scope, prefix: str, exists: Guard, evaluation: Evaluation
) -> EvaluatedBlock:
    """`prefix`: the address of the module with a dot, or empty. `exists`: when the module does."""
    address = prefix + config.address
    block = config.block
    base = scope.at_place(address, NOTHING).sharing()
    try:
        expansion = expand(block.body, base, address)
        evaluation.resource_instances += len(expansion.instances)
        if evaluation.resource_instances > MOST_RESOURCE_INSTANCES:
            raise LimitReachedError(
                f"there are more than {MOST_RESOURCE_INSTANCES} resource instances", block.header
            )
    except EvaluationError as error:
        evaluation.report(error, block.header, exists)
        expansion = unexpanded(block, address)
    when = Guard.NEVER
    for instance in expansion.instances:
        when = when | instance.exists
    shared = _SharedParts(config, base, evaluation, exists & when)
    instances: list[ResourceInstance] = []
    for instance in expansion.instances:
        made = ResourceInstance(address + instance.suffix, instance, exists & instance.exists, shared)
        made.body = shared.body_for(made)
        if is_computed(config):
            # Says what is wrong with it, too.
            made._value = _object(config, made, evaluation)
        if config.type == "terraform_data":
            _refuse_ephemeral(made, evaluation)
        instances.append(made)
    return EvaluatedBlock(config, address, expansion, instances)


def is_computed(config: ResourceConfig) -> bool:
    """Whether the values of its instances may be more than what is configured."""
    return config.mode is Mode.DATA or config.type == "terraform_data"


def unexpanded(block: Block, address: str) -> Expansion:
    """One instance to stand for all, where it cannot be told which there are."""
    symbol = Symbol(f"{address} instances")
    counted = "count" in block.body.attributes
    if counted:
        names = {"count": object_of({"index": unknown(f"count.index of {address}", type=NUMBER)})}
    else:
        key = unknown(f"each.key of {address}", type=STRING)
        value = unknown(f"each.value of {address}")
        names = {"each": object_of({"key": key, "value": value})}
    instance = Instance(UnknownKey(symbol), Guard.of(f"{address} exists"), named=names)
    repetition = Repetition.COUNT if counted else Repetition.FOR_EACH
    return Expansion(repetition, (instance,), is_complete=False)


class _SharedParts:
    """Evaluates once what does not depend on `each` or `count`, so that memory grows with what is
    written and not with the number of instances.
    """

    def __init__(self, config: ResourceConfig, scope: Scope, evaluation: Evaluation, when: Guard) -> None:
        self.config = config
        self.scope = scope
        self.evaluation = evaluation
        # When there is an instance at all: nothing is evaluated unless that holds.
        self.when = when
        self.attributes: dict[str, TfValue] = {}
        self.blocks: dict[str, BlockList] = {}
        self.own_attributes: list[Attribute] = []
        self.own_blocks: list[Block] = []
        self._same: EvaluatedBody | None = None
        self._is_begun = False

    def _begin(self) -> None:
        # Not before there is an instance: Terraform evaluates nothing where `count` is 0.
        self._is_begun = True
        config, scope = self.config, self.scope
        body = config.block.body
        for name, attribute in body.attributes.items():
            if name in META_ARGUMENTS:
                continue
            if config.differs_by_instance(attribute):
                self.own_attributes.append(attribute)
            else:
                self.attributes[name] = evaluate_attribute(attribute, scope, self.report)
        nested = [block for block in body.blocks if block.type not in META_ARGUMENTS]
        # All blocks of a type together, to keep their order.
        differing = {_kind(block) for block in nested if config.differs_by_instance(block)}
        for block in nested:
            if _kind(block) in differing:
                self.own_blocks.append(block)
            else:
                add_block(self.blocks, block, scope, self.report)
        if not self.own_attributes and not self.own_blocks:
            body_of_all = EvaluatedBody(config.block.header, self.attributes, self.blocks)
            self._same = given(body_of_all, self.when)

    def report(self, error: EvaluationError, location: Location) -> None:
        self.evaluation.report(error, location, self.when)

    def body_for(self, instance: ResourceInstance) -> EvaluatedBody:
        if not self._is_begun:
            self._begin()
        if self._same is not None:
            return self._same
        scope = instance.scope
        attributes = dict(self.attributes)
        for attribute in self.own_attributes:
            attributes[attribute.name] = evaluate_attribute(attribute, scope, self.report)
        blocks = dict(self.blocks)
        for block in self.own_blocks:
            add_block(blocks, block, scope, self.report)
        return given(EvaluatedBody(self.config.block.header, attributes, blocks), self.when)


def _kind(block: Block) -> str:
    return block.labels[0] if block.type == "dynamic" and block.labels else block.type


def _refuse_ephemeral(instance: ResourceInstance, evaluation: Evaluation) -> None:
    """Other types may have write-only arguments, which take what is ephemeral."""
    for name, value in instance.body.attributes.items():
        if Mark.EPHEMERAL in deep_marks(value) and value.origin is not None:
            message = f'"{name}" of {instance.address} cannot take an ephemeral value'
            evaluation.refuse(message, value.origin.location, instance.exists)


def _object(config: ResourceConfig, instance: ResourceInstance, evaluation: Evaluation) -> TfValue:
    """What a reference to this instance gives."""
    if config.type == "terraform_remote_state" and config.mode is Mode.DATA:
        state = _state(config, instance, evaluation)
        if state is not None:
            return state
    if config.mode is Mode.MANAGED and config.type == "terraform_data":
        return builtin_object(instance.address, instance.body, evaluation.imported(instance.address))
    reason = Reason.COMPUTED if config.mode is Mode.MANAGED else Reason.DATA
    symbol = Symbol(instance.address, instance.address)
    origin = Origin(config.block.header, instance.address)
    attributes = open_attributes(instance.body, symbol)
    if config.type == "aws_iam_policy_document" and config.mode is Mode.DATA:
        attributes = {**attributes, **_policy(config, instance, evaluation)}
    return open_object(symbol, reason, attributes, origin)


def _state(config: ResourceConfig, instance: ResourceInstance, evaluation: Evaluation) -> TfValue | None:
    """What a state file in the tree holds; else what the root module says whose state it is, if that is
    scanned along."""
    refused: EvaluationError | None = None
    found: TfValue | None = None
    try:
        found = remote_state(instance.body, instance.scope.module.files)
    except EvaluationError as error:
        refused = error
    if found is None and evaluation.states is not None:
        found = evaluation.states.state(instance.body, evaluation.root, instance.address)
    is_read_later = "depends_on" in config.block.body.attributes
    if found is None and refused is not None and not is_read_later:
        evaluation.report(refused, config.block.header, instance.exists)
    return found


def _policy(config: ResourceConfig, instance: ResourceInstance, evaluation: Evaluation) -> dict[str, TfValue]:
    try:
        computed = policy_document(instance.body)
    except EvaluationError as error:
        evaluation.report(error, config.block.header, instance.exists)
        return {}
    origin = Origin(config.block.header, config.address)
    return {name: value.with_origin(origin) for name, value in computed.items()}


def _whole(address: str, expansion: Expansion, instances: list[ResourceInstance]) -> TfValue:
    if expansion.repetition is Repetition.SINGLE:
        return instances[0].value
    members = list(zip(expansion.instances, instances, strict=True))
    if not expansion.is_complete:
        return _repeated(address, instances)
    guards = {instance.exists for instance, _ in members if not instance.exists.is_always}
    if len(guards) > MOST_GUARDS:
        return _repeated(address, instances)
    return _under(sorted(guards, key=str), Guard.ALWAYS, members, expansion.repetition)


def _under(
    guards: list[Guard],
    when: Guard,
    members: list[tuple[Instance, ResourceInstance]],
    repetition: Repetition,
) -> TfValue:
    """The collection of those members that are there, a choice for each guard left."""
    if not guards:
        present = [(own.key, made) for own, made in members if when.implies(own.exists)]
        if repetition is Repetition.COUNT:
            return tuple_of(made.value for _, made in present)
        return object_of({str(key): made.value for key, made in present})
    first, rest = guards[0], guards[1:]
    if when.implies(first):
        return _under(rest, when, members, repetition)
    if (when & first).is_never:
        return _under(rest, when, members, repetition)
    return choose(
        first,
        _under(rest, when & first, members, repetition),
        _under(rest, when & ~first, members, repetition),
    )


def _repeated(address: str, instances: list[ResourceInstance]) -> TfValue:
    last = instances[-1]
    symbol = Symbol(address, last.address)
    exists = Guard.NEVER
    for instance in instances:
        exists = exists | instance.exists
    return TfValue(DYNAMIC, RepeatedData(symbol, last.value, exists), frozenset((symbol,)))
