import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from wa_scan.engine.authoring import (
    FALSE,
    TRUE,
    Absent,
    Graph,
    Guard,
    Known,
    ListValue,
    MapValue,
    Mode,
    Origin,
    Resource,
    Risk,
    Value,
    Verdict,
    require,
    rule,
)
from wa_scan.engine.credentials import Secret, is_no_secret, sort_of, to_mask
from wa_scan.engine.environments import is_in_environment
from wa_scan.engine.literals import Literal, own_literals
from wa_scan.values import Location

# Where the property's name does not tell that its value is a secret: how to read it instead.
STORES = {
    ("AWS::SecretsManager::Secret", "SecretString"): "secret password",
    ("AWS::ApiGateway::ApiKey", "Value"): "api key",
}
EXAMPLE_DATA = ("Body.", "DefinitionBody.")


@rule(
    id="SEC-SECRET-01",
    risk=Risk.HRI,
    best_practices=["SEC02-BP03"],
    security_severity=9.1,
    equivalents={
        "checkov": ["CKV_AWS_46", "CKV_AWS_41", "CKV_AWS_384"],
        "trivy": ["AWS-0029", "AWS-0129"],
        "kics": [
            "hardcoded_aws_access_key",
            "user_data_contains_encoded_private_key",
            "docdb_cluster_master_password_in_plaintext",
            "directory_service_microsoft_ad_password_set_to_plaintext_or_default_ref",
            "directory_service_simple_ad_password_exposed",
            "dms_endpoint_password_exposed",
            "dms_endpoint_mongo_db_settings_password_exposed",
            "iam_user_login_profile_password_is_in_plaintext",
            "alexa_skill_plaintext_client_secret_exposed",
            "refresh_token_is_exposed",
            "amplify_app_access_token_exposed",
            "amplify_app_oauth_token_exposed",
            "amplify_app_basic_auth_config_password_exposed",
            "amplify_branch_basic_auth_config_password_exposed",
            "cloudformation_specifying_credentials_not_safe",
        ],
        "cfn_nag": [
            *(
                "F23",
                "F31",
                "F34",
                "F35",
                "F36",
                "F37",
                "F41",
                "F50",
                "F51",
                "F52",
                "F53",
                "F54",
                "F55",
                "F58",
            ),
            *(
                "F60",
                "F61",
                "F62",
                "F63",
                "F64",
                "F65",
                "F66",
                "F67",
                "F68",
                "F69",
                "F70",
                "F71",
                "F74",
                "F75",
            ),
        ],
        "cfn_guard": [
            "RDS_MASTER_USER_PASSWORD_USES_SECURE_PARAMETER",
            "RDS_CLUSTER_MASTER_USER_PASSWORD_USES_SECURE_PARAMETER",
            "REDSHIFT_CLUSTER_MASTER_USER_PASSWORD_USES_SECURE_PARAMETER",
            "AMAZON_MQ_BROKER_USERS_USES_SECURE_PARAMETER",
            "DMS_USES_SECURE_PARAMETER",
            "MICROSOFT_AD_PASSWORD_USES_SECURE_PARAMETER",
            "IAM_USER_LOGIN_PROFILE_USES_SECURE_PARAMETER",
            "KINESIS_FIREHOSE_REDSHIFT_DESTINATION_CONFIGURATION_USES_SECURE_PARAMETER",
            "KINESIS_FIREHOSE_SPLUNK_DESTINATION_CONFIGURATION_USES_SECURE_PARAMETER",
            "CFN_AUTHENTICATION_RULE",
        ],
        "terrascan": ["AC_AWS_0168", "AC_AWS_0170"],
        "prowler": [
            "ec2_instance_secrets_user_data",
            "ec2_launch_template_no_secrets",
            "autoscaling_find_secrets_ec2_launch_configuration",
            "awslambda_function_no_secrets_in_code",
            "stepfunctions_statemachine_no_secrets_in_definition",
            "ssm_document_secrets",
            "sagemaker_notebook_instance_no_secrets",
            "glue_etl_jobs_no_secrets_in_arguments",
            "glue_catalog_connection_no_secrets",
            "apigateway_restapi_no_secrets_in_stage_variables",
        ],
    },
    sources=[
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids",
        "https://docs.aws.amazon.com/secretsmanager/latest/userguide/cfn-example_reference-secret.html",
    ],
    misses="A key or token that is made of plain words, such as `my-jwt-secret`, is taken for a name.",
)
def secret_in_code(graph: Graph) -> Iterator[Verdict]:
    """A secret is written in the code.

    Why: everyone who can read the code, its history or the deployment's state has the secret, and it cannot
    be changed without a deployment.

    How to fix: change the secret now, keep it in Secrets Manager, and refer to it from the code.
    Terraform: use `manage_master_user_password`, an ephemeral resource, or a variable without a default.
    CloudFormation: use `ManageMasterUserPassword` or a dynamic reference, `{{resolve:secretsmanager:…}}`.
    """
    for resource in (*graph.resources, *_providers(graph)):
        if resource.mode is Mode.MANAGED:
            yield from _judge(resource, graph)


def _providers(graph: Graph) -> Iterator[Resource]:
    """The provider configurations of root modules, asked like resources."""
    for unit in graph.units:
        for provider, _ in unit.settings.get("provider", ListValue(())).items():
            if isinstance(provider, MapValue) and provider.origin is not None:
                place = provider.origin.location
                yield Resource(
                    address=f"provider.{provider.get('name').text}",
                    type=None,
                    source_type="provider",
                    mode=Mode.MANAGED,
                    language=unit.language,
                    unit=unit.name,
                    properties=provider,
                    location=place,
                    extent=place,
                    tags=Absent(None),
                )


def _judge(resource: Resource, graph: Graph) -> Iterator[Verdict]:
    # Settings that are resources of their own are judged as themselves.
    elsewhere = [one.extent for a in resource.folded if (one := graph.find(resource.unit, a)) is not None]
    found: dict[tuple[Location | None, str, str], _Written] = {}
    for literal in own_literals(resource):
        if is_in_environment(resource, literal) or literal.path.startswith(EXAMPLE_DATA):
            continue
        place = (literal.value.origin or resource.origin).location
        if any(extent.contains(place) for extent in elsewhere):
            continue
        secrets = _secrets(resource, literal)
        for at, of_line in _by_place(literal, secrets):
            origin = at if isinstance(at, Origin) else at.origin
            message = f"{_sentence(of_line)} written in the code."
            key = (origin.location if origin is not None else None, literal.path, message)
            found.setdefault(key, _Written(at)).add(literal.guard, of_line)
        if not secrets and sort_of(literal.name) is not None:
            yield require(TRUE, at=literal.value, resource=resource, path=literal.path)
    for (_, path, message), written in found.items():
        yield require(
            FALSE.given(written.guard, TRUE),
            at=written.at,
            resource=resource,
            path=path,
            message=message,
            secrets=to_mask(written.secrets),
        )


@dataclass(slots=True)
class _Written:
    """Secrets of one place, whichever side of a choice it is read on."""

    at: Value | Origin
    guard: Guard = Guard.NEVER
    secrets: list[Secret] = field(default_factory=list)

    def add(self, guard: Guard, secrets: list[Secret]) -> None:
        self.guard |= guard
        self.secrets += secrets


def _by_place(literal: Literal, secrets: list[Secret]) -> list[tuple[Value | Origin, list[Secret]]]:
    """The secrets of one line together."""
    found: dict[Location | None, tuple[Value | Origin, list[Secret]]] = {}
    for secret in secrets:
        at = literal.place(secret)
        key = at.location if isinstance(at, Origin) else None
        found.setdefault(key, (at, []))[1].append(secret)
    return list(found.values())


def _secrets(resource: Resource, literal: Literal) -> list[Secret]:
    found = literal.secrets()
    if found or not isinstance(literal.value, Known):
        return found
    name = STORES.get((resource.type or "", literal.path))
    if resource.type == "AWS::SSM::Parameter" and literal.path == "Value":
        name = _name_of_parameter(resource)
    if name is None or is_no_secret(literal.text):
        return []
    as_named = Literal(literal.path, name, literal.value, literal.text, literal.guard, literal.holder)
    return as_named.secrets()


def _name_of_parameter(parameter: Resource) -> str:
    """What the value of an SSM parameter is: a SecureString holds a secret whatever it is called."""
    if parameter["Type"].text == "SecureString":
        return "secure password"
    last = (parameter["Name"].text or parameter.address).rstrip("/").rsplit("/", 1)[-1]
    return re.sub(r"\[.*\]$", "", last)


def _sentence(found: list[Secret]) -> str:
    words = list(dict.fromkeys(each.words for each in found))
    listed = words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
    return f"{listed[:1].upper()}{listed[1:]} {'is' if len(words) == 1 else 'are'}"
