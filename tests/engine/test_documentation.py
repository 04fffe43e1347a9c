"""A rule's page, as a person reads it."""

from pathlib import Path
from textwrap import dedent

import pytest

from tests.engine.hand_made import own_rules, write
from wa_scan.blocks import Language
from wa_scan.engine.documentation import rule_markdown
from wa_scan.engine.functions import documentation_of
from wa_scan.engine.loading import load_rules


def test_the_whole_page(tmp_path: Path) -> None:
    write(
        tmp_path,
        "security/disk_open.yaml",
        """
        id: SEC-X-1
        risk: MRI
        best_practices: [SEC08-BP02]
        pillars: [reliability]
        what: A disk is open.
        why: Anyone can read it.
        fix: {all: Close it., terraform: Set `open = false`., cloudformation: Set `Open` to false.}
        remedy: {terraform: 'open = false'}
        misses: Disks of others.
        sources: ["https://example.com/disks"]
        equivalents: {trivy: [AWS-0026], checkov: [CKV_AWS_3, CKV_AWS_4]}
        require: {type: AWS::EC2::Volume, property: Open, equals: false}
        """,
    )
    (rule,) = own_rules(tmp_path).rules
    url = "https://docs.aws.amazon.com/wellarchitected/latest/framework/sec_protect_data_rest_encrypt.html"
    expected = f"""\
        # SEC-X-1 disk-open

        **A disk is open.**

        Anyone can read it.

        | | |
        |---|---|
        | Risk | MRI (medium risk): fix within 90 days |
        | Pillars | Security, Reliability |
        | Looks at | `AWS::EC2::Volume` |

        ## How to fix it

        Close it.

        **Terraform:** Set `open = false`.

        ```hcl
        open = false
        ```

        **CloudFormation:** Set `Open` to false.

        ## Well-Architected best practices

        - [SEC08-BP02 Enforce encryption at rest]({url})

        ## What it does not see

        Disks of others.

        ## The same check elsewhere

        | Tool | Checks |
        |---|---|
        | Checkov | `CKV_AWS_3`, `CKV_AWS_4` |
        | Trivy | `AWS-0026` |

        ## Sources

        - <https://example.com/disks>
        """
    assert rule_markdown(rule) == dedent(expected)
    assert rule_markdown(rule, heading=False) == dedent(expected).split("\n\n", 1)[1]


def test_one_text_for_both_languages_stands_once(tmp_path: Path) -> None:
    write(
        tmp_path,
        "security/disk_open.yaml",
        """
        {id: SEC-X-1, risk: LRI, best_practices: [SEC08-BP02], what: A disk., why: It is., fix: Close it.,
         require: {type: AWS::EC2::Volume, property: Open, equals: false}}
        """,
    )
    (rule,) = own_rules(tmp_path).rules
    assert rule_markdown(rule).count("Close it.") == 1
    assert "Terraform" not in rule_markdown(rule)


@pytest.mark.parametrize("rule", load_rules().rules, ids=lambda rule: rule.id)
def test_every_page_shows_the_right_way_in_each_language(rule: object) -> None:
    from wa_scan.engine.rules import Rule

    assert isinstance(rule, Rule)
    page = rule_markdown(rule)
    for language, fence in ((Language.TERRAFORM, "```hcl\n"), (Language.CLOUDFORMATION, "```yaml\n")):
        assert page.count(fence) == (1 if language in rule.languages else 0)


def test_a_docstring_may_be_on_few_lines_or_many() -> None:
    found = documentation_of("""Something is wrong.

    Why: it
    matters.
    How to fix: mend it: now.
    Terraform: `a = 1`.
    """)
    assert (found.title, found.why) == ("Something is wrong.", "It matters.")
    assert (found.fix.all, found.fix.terraform, found.fix.cloudformation) == (
        "Mend it: now.",
        "`a = 1`.",
        "",
    )
