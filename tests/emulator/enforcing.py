"""`python3 -m emulator.enforcing --policy JSON`: ministack with IAM enforced, and one user who has exactly that policy.

ministack is an emulator by others. With `AUTH=true` it verifies signatures and evaluates identity policies, conditions
and boundaries, and denies in the words of AWS; so it shows whether a policy is enough for an audit. When the account is
ready it prints one line of JSON (endpoint, account, access_key, secret_key). A policy on a line of standard input takes
the place of the user's, which an empty line on standard output confirms; it ends when standard input closes.
"""

import argparse
import json
import os
import shutil
import socket
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

import botocore.session

from .seeding.documents import trust_document

ACCOUNT = "111122223333"
REGION = "us-east-1"
USER = "auditor"
_READY_WITHIN_SECONDS = 45


def main() -> None:
    """Runs ministack here, and beside it what fills the account and waits for the end of standard input."""
    parser = argparse.ArgumentParser(prog="emulator.enforcing", description="ministack with IAM enforced.")
    parser.add_argument("--policy", required=True, help="the user's policy document, as JSON")
    parser.add_argument("--stack", help="a CloudFormation template to make a stack of")
    parser.add_argument("--parameters", default="{}", help="the stack's parameters, as a JSON object")
    arguments = parser.parse_args()
    policy = json.dumps(json.loads(arguments.policy))
    stack = (arguments.stack, json.loads(arguments.parameters)) if arguments.stack else None
    folder = tempfile.mkdtemp(prefix="ministack-")
    port = _free_port()
    os.environ.update(
        {
            "HOME": folder,
            "TMPDIR": folder,
            "AUTH": "true",
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(port),
            "MINISTACK_ACCOUNT_ID": ACCOUNT,
            "MINISTACK_REGION": REGION,
            "LOG_LEVEL": "ERROR",
            "DOCKER_HOST": f"unix://{folder}/no-docker.sock",
            "SFTP_ENABLED": "0",
            "IOT_MTLS_ENABLED": "0",
        }
    )
    said, sys.stdout = sys.stdout, sys.stderr
    sys.argv = ["ministack"]
    threading.Thread(
        target=_serve_one_user, args=(f"http://127.0.0.1:{port}", policy, stack, folder, said), daemon=True
    ).start()
    # It reads its settings when it is imported.
    from ministack.app import main as run

    run()


def _serve_one_user(endpoint: str, policy: str, stack, folder: str, said) -> None:
    try:
        _wait(endpoint)
        key = _fill(endpoint, policy)
        if stack:
            _make_stack(endpoint, *stack)
        ready = {
            "endpoint": endpoint,
            "account": ACCOUNT,
            "access_key": key["AccessKeyId"],
            "secret_key": key["SecretAccessKey"],
        }
        print(json.dumps(ready), file=said, flush=True)
        for line in sys.stdin:
            _root(endpoint, "iam").put_user_policy(UserName=USER, PolicyName="audit", PolicyDocument=line.strip())
            print(file=said, flush=True)
        code = 0
    except Exception as error:  # whatever it is, nobody waits for this thread
        print(f"ministack cannot be used: {error}", file=sys.stderr)
        code = 2
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(code)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait(endpoint: str) -> None:
    until = time.monotonic() + _READY_WITHIN_SECONDS
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"{endpoint}/_ministack/ready", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise TimeoutError(f"it did not listen within {_READY_WITHIN_SECONDS} seconds")


def _root(endpoint: str, service: str):
    """A client with the root user's key: ministack takes the account id for one."""
    session = botocore.session.Session()
    return session.create_client(
        service, region_name=REGION, endpoint_url=endpoint, aws_access_key_id=ACCOUNT, aws_secret_access_key="root"
    )


def _make_stack(endpoint: str, template: str, parameters: dict) -> None:
    """Makes a stack and waits until it stands."""
    cloudformation = _root(endpoint, "cloudformation")
    with open(template, encoding="utf-8") as file:
        body = file.read()
    cloudformation.create_stack(
        StackName="probity",
        TemplateBody=body,
        Capabilities=["CAPABILITY_NAMED_IAM"],
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
    )
    until = time.monotonic() + _READY_WITHIN_SECONDS
    while time.monotonic() < until:
        stack = cloudformation.describe_stacks(StackName="probity")["Stacks"][0]
        if stack["StackStatus"] == "CREATE_COMPLETE":
            return
        if not stack["StackStatus"].endswith("_IN_PROGRESS"):
            raise RuntimeError(f"the stack is {stack['StackStatus']}: {stack.get('StackStatusReason')}")
        time.sleep(0.1)
    raise TimeoutError("the stack was not complete in time")


def _fill(endpoint: str, policy: str) -> dict:
    """A small account."""

    def client(service: str):
        return _root(endpoint, service)

    iam = client("iam")
    iam.create_account_alias(AccountAlias="enforcing")
    iam.update_account_password_policy(MinimumPasswordLength=14, RequireSymbols=True)
    iam.create_group(GroupName="readers")
    iam.create_user(UserName="alice")
    iam.add_user_to_group(GroupName="readers", UserName="alice")
    iam.create_role(
        RoleName="worker", AssumeRolePolicyDocument=trust_document("aws", {"service": "lambda.amazonaws.com"})
    )
    client("s3").create_bucket(Bucket="enforcing-trail")
    trails = client("cloudtrail")
    trails.create_trail(
        Name="everything", S3BucketName="enforcing-trail", IsMultiRegionTrail=True, EnableLogFileValidation=True
    )
    trails.start_logging(Name="everything")
    iam.create_user(UserName=USER)
    iam.put_user_policy(UserName=USER, PolicyName="audit", PolicyDocument=policy)
    return iam.create_access_key(UserName=USER)["AccessKey"]


if __name__ == "__main__":
    main()
