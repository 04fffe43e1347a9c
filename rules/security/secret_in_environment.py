from collections.abc import Iterator

from wa_scan.engine.authoring import FALSE, TRUE, Graph, Resource, Risk, Verdict, require, rule
from wa_scan.engine.credentials import sort_of, to_mask
from wa_scan.engine.environments import ENVIRONMENTS, is_in_environment
from wa_scan.engine.literals import literals

BY_REFERENCE = ("PARAMETER_STORE", "SECRETS_MANAGER")


@rule(
    id="SEC-SECRET-02",
    risk=Risk.HRI,
    best_practices=["SEC02-BP03"],
    resources=list(ENVIRONMENTS),
    security_severity=8.8,
    equivalents={
        "checkov": ["CKV_AWS_45"],
        "trivy": ["AWS-0036"],
        "kics": ["hardcoded_aws_access_key_in_lambda"],
        "cdk_nag": ["AwsSolutions-ECS2", "CodeBuildProjectEnvVarAwsCred"],
        "cfn_guard": ["CODEBUILD_PROJECT_ENVVAR_AWSCRED_CHECK"],
        "terrascan": ["AC_AWS_0095"],
        "prowler": [
            "awslambda_function_no_secrets_in_variables",
            "ecs_task_definitions_no_environment_secrets",
            "codebuild_project_no_secrets_in_variables",
            "batch_job_definition_no_secrets",
            "amplify_app_no_secrets_in_environment",
        ],
        "aws_config": ["codebuild-project-envvar-awscred-check"],
    },
    sources=[
        "https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-security",
        "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specifying-sensitive-data.html",
    ],
    misses="A key or token that is made of plain words, such as `my-jwt-secret`, is taken for a name.",
)
def secret_in_environment(program: Resource, graph: Graph) -> Iterator[Verdict]:
    """A secret is written in a program's environment variables.

    Why: whoever can read the code or look at the program's configuration in the console has the secret; logs
    and crash reports often show environment variables too.

    How to fix: change the secret now, keep it in Secrets Manager, and give the program only its name or ARN.
    Terraform: for containers use `secrets` with `valueFrom`; let functions read it with their role.
    CloudFormation: for containers use `Secrets` with `ValueFrom`; let functions read it with their role.
    """
    for literal in literals(program.properties):
        if not is_in_environment(program, literal):
            continue
        kind = literal.holder.get("Type").text if literal.holder is not None else None
        by_reference = kind in BY_REFERENCE
        found = [] if by_reference else literal.secrets()
        if found:
            yield require(
                FALSE.given(literal.guard, TRUE),
                at=literal.value,
                resource=program,
                path=f"{literal.path}:{literal.name}",
                message=f"The environment variable `{literal.name}` holds {found[0].words}.",
                secrets=to_mask(found),
            )
        elif by_reference or sort_of(literal.name) is not None:
            yield require(TRUE, at=literal.value, resource=program, path=f"{literal.path}:{literal.name}")
