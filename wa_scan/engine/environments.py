"""Where programs get their environment variables from, for the rules about secrets."""

import re

from wa_scan.aws.resources import Resource
from wa_scan.engine.literals import Literal

# Types that run programs, with the path below which their environment variables are.
ENVIRONMENTS = {
    "AWS::Lambda::Function": r"Environment\.Variables\.",
    "AWS::ECS::TaskDefinition": r"ContainerDefinitions\[\]\.[Ee]nvironment\[\]\.",
    "AWS::CodeBuild::Project": r"Environment\.EnvironmentVariables\[\]\.",
    "AWS::ElasticBeanstalk::Environment": r"OptionSettings\[\]\.",
    "AWS::ElasticBeanstalk::ConfigurationTemplate": r"OptionSettings\[\]\.",
    "AWS::AppRunner::Service": r".*\.RuntimeEnvironmentVariables(\[\])?\.",
    "AWS::Batch::JobDefinition": r".*\b[Ee]nvironment\[\]\.",
    "AWS::SageMaker::Model": r".*\bEnvironment\.",
    "AWS::Amplify::App": r"EnvironmentVariables(\[\])?\.",
    "AWS::Amplify::Branch": r"EnvironmentVariables(\[\])?\.",
}
_PATHS = {type_: re.compile(path) for type_, path in ENVIRONMENTS.items()}
_BEANSTALK = "aws:elasticbeanstalk:application:environment"


def is_in_environment(resource: Resource, literal: Literal) -> bool:
    """Whether `literal` is (the name or value of) an environment variable that `resource` gives a program."""
    path = _PATHS.get(resource.type or "")
    if path is None or path.match(literal.path) is None:
        return False
    if literal.path.startswith("OptionSettings") and literal.holder is not None:
        return literal.holder.get("Namespace").text == _BEANSTALK
    return True
