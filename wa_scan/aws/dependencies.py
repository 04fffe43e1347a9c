"""Dependencies that are spelt out: Terraform's `depends_on`, CloudFormation's `DependsOn`."""

import re
from collections.abc import Iterator, Sequence

from wa_scan.aws.links import Link, LinkKind
from wa_scan.aws.references import References
from wa_scan.aws.resources import Resource
from wa_scan.blocks import Language

# The module calls (or nested stacks) that an address begins with.
_SCOPE = re.compile(r'(?:module\.[\w-]+(?:\[(?:"(?:[^"\\]|\\.)*"|[^\]"]*)\])?\.)*')
_ATTRIBUTE = re.compile(r'((?:data\.)?[\w-]+\.[\w-]+(?:\[(?:"(?:[^"\\]|\\.)*"|[^\]"]*)\])?).*')


def dependency_links(resources: Sequence[Resource], references: References) -> Iterator[Link]:
    """A link to each resource that a resource names among its dependencies.

    A module that is named stands for all that is in it: there is no link to each.
    """
    for resource in resources:
        for name, path in (("depends_on", "depends_on"), ("DependsOn", "DependsOn")):
            written = resource.meta.entries.get(name)
            if written is None:
                continue
            seen: set[int] = set()
            for item, guard in written.items():
                for target in references.at(_address(resource, item.text or "")):
                    if target is not resource and id(target) not in seen:
                        seen.add(id(target))
                        location = (item.origin or resource.origin).location
                        yield Link(resource, target, LinkKind.DEPENDS_ON, path, location, guard)


def _address(resource: Resource, name: str) -> str:
    """`name` as `resource` writes it, from the root of its unit."""
    if resource.language is Language.CLOUDFORMATION:
        return f"{resource.address.rpartition('/')[0]}/{name}" if "/" in resource.address else name
    match = _ATTRIBUTE.fullmatch(name)
    scope = _SCOPE.match(resource.address)
    return f"{scope[0] if scope else ''}{match[1] if match else name}"
