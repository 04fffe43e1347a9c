import re
from collections.abc import Iterator

from wa_scan.engine.authoring import (
    FALSE,
    Graph,
    Guard,
    Language,
    Mode,
    Precision,
    Resource,
    Risk,
    Truth,
    Value,
    Verdict,
    require,
    rule,
)

# These log in to a machine and change it there (the last four were removed in Terraform 0.15).
ON_THE_MACHINE = ("remote-exec", "file", "chef", "habitat", "puppet", "salt-masterless")
# What a local command has to call to change something out there; builds and waits are left alone.
CHANGES = re.compile(
    r"\b(aws\s+[a-z0-9-]+\s+(create|delete|put|update|modify|attach|detach|associate|disassociate|"
    r"enable|disable|register|deregister|run|start|stop|reboot|tag|untag|set|sync|cp|rm|mv|invoke|send)[a-z-]*"
    r"|kubectl\s+[^|;&\n]*\b(apply|create|delete|patch|replace|annotate|label|scale|rollout|set)\b"
    r"|helm\s+[^|;&\n]*\b(install|upgrade|uninstall|rollback)\b"
    r"|ansible(-playbook)?\s|ssh\s|scp\s|terraform\s+(apply|destroy|import|state)\b"
    r"|curl\s[^|;&\n]*(-X\s*|--request[ =])(POST|PUT|PATCH|DELETE)\b)"
)


@rule(
    id="OPS-CHANGE-01",
    risk=Risk.MRI,
    best_practices=["OPS05-BP10", "OPS06-BP04", "REL08-BP05"],
    precision=Precision.MEDIUM,
    only_in=Language.TERRAFORM,
    because="templates have no provisioners",
    sources=["https://developer.hashicorp.com/terraform/language/resources/provisioners/syntax"],
    misses="A local command that runs a script is judged by its own text, not by what the script does.",
)
def provisioner_changes_by_hand(graph: Graph) -> Iterator[Verdict]:
    """A provisioner makes changes that no plan shows.

    Why: they run once, fail half-way without a way back, and what they did is neither in the plan nor in the
    state: machines drift apart and cannot be made again.

    How to fix: put what a machine needs into its image, user data or a Systems Manager document, and use the
    provider's resources in place of commands.
    """
    for resource in graph.resources:
        if resource.mode is not Mode.MANAGED:
            continue
        for provisioner, guard in resource.meta.get("provisioner").items():
            kind = provisioner.get("type").text
            if kind is not None:
                yield _judged(resource, provisioner, guard, kind)


def _judged(resource: Resource, provisioner: Value, guard: Guard, kind: str) -> Verdict:
    if kind in ON_THE_MACHINE:
        right, what = FALSE, f"The provisioner `{kind}` changes a machine by hand."
    else:
        command = provisioner.get("command")
        changes = command.matches(CHANGES.pattern)
        # A command of which only the names in it are unknown is judged by the rest.
        right = Truth.of(True) if not changes.is_surely_true else FALSE
        what = "A local command makes changes that no plan shows."
    return require(
        right | Truth.when(~guard), at=provisioner, resource=resource, message=what, path="provisioner"
    )
