"""The ways to be somebody: each an environment, which both drivers read by themselves."""

from recorder import IDENTITY_TOKEN

SECRET_ACCESS_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

FEDERATION = {
    "ANTHROPIC_FEDERATION_RULE_ID": "fdrl_1",
    "ANTHROPIC_ORGANIZATION_ID": "00000000-0000-4000-8000-000000000001",
    "ANTHROPIC_SERVICE_ACCOUNT_ID": "svac_1",
    "ANTHROPIC_WORKSPACE_ID": "wrkspc_1",
}


def modes(url, directory):
    """Environments by the mode's name, for a platform at `url`; files go into `directory`."""
    token_file = directory / "identity-token"
    token_file.write_text(IDENTITY_TOKEN + "\n")
    direct = {"ANTHROPIC_BASE_URL": url}
    aws = {
        "ANTHROPIC_USE_AWS": "1",
        "ANTHROPIC_AWS_BASE_URL": url,
        "ANTHROPIC_AWS_WORKSPACE_ID": "wrkspc_1",
        "AWS_REGION": "eu-west-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        # Ignored there by both.
        "ANTHROPIC_API_KEY": "sk-ant-api-of-the-direct-platform",
    }
    static = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY}
    github = {
        "ACTIONS_ID_TOKEN_REQUEST_URL": f"{url}/github/token?api-version=2.0",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "runner-token",
    }
    return {
        "api key": direct | {"ANTHROPIC_API_KEY": "sk-ant-api-key"},
        "token file": direct | FEDERATION | {"ANTHROPIC_IDENTITY_TOKEN_FILE": str(token_file)},
        "token": direct | FEDERATION | {"ANTHROPIC_IDENTITY_TOKEN": IDENTITY_TOKEN},
        "github": direct | FEDERATION | github,
        "aws": aws | static,
        "aws session": aws | static | {"AWS_SESSION_TOKEN": "session/token+of=role"},
        "aws key": aws | {"ANTHROPIC_AWS_API_KEY": "aws-api-key"},
    }
