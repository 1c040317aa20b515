"""`python3 -m emulator.enforcing --policy JSON`: ministack with IAM enforced, and one user who has exactly that policy.

ministack is an emulator by others. With `AUTH=true` it verifies signatures and evaluates identity policies, conditions
and boundaries, and denies in the words of AWS; so it shows whether a policy is enough for an audit. It prints one line
of JSON (endpoint, account, access_key, secret_key) when the account is ready, and ends when standard input closes.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import botocore.session

from .seeding.documents import trust_document

ACCOUNT = "111122223333"
REGION = "us-east-1"
USER = "auditor"
_READY_WITHIN_SECONDS = 45


def main() -> int:
    """Starts ministack, fills the account, waits for the end of standard input."""
    parser = argparse.ArgumentParser(prog="emulator.enforcing", description="ministack with IAM enforced.")
    parser.add_argument("--policy", required=True, help="the user's policy document, as JSON")
    arguments = parser.parse_args()
    policy = json.dumps(json.loads(arguments.policy))
    with tempfile.TemporaryDirectory() as folder:
        port = _free_port()
        child = _start(port, folder)
        try:
            endpoint = f"http://127.0.0.1:{port}"
            _wait(child, endpoint)
            key = _fill(endpoint, policy)
            ready = {"endpoint": endpoint, "account": ACCOUNT, "access_key": key["AccessKeyId"], "secret_key": key["SecretAccessKey"]}
            print(json.dumps(ready), flush=True)
            sys.stdin.buffer.read()
        finally:
            child.terminate()
            child.wait()
    return 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _start(port: int, folder: str) -> subprocess.Popen:
    environment = {
        "PATH": os.environ.get("PATH", ""),
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
    return subprocess.Popen([sys.executable, "-m", "ministack"], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def _wait(child: subprocess.Popen, endpoint: str) -> None:
    until = time.monotonic() + _READY_WITHIN_SECONDS
    while time.monotonic() < until:
        if child.poll() is not None:
            raise SystemExit(f"ministack ended with {child.returncode}")
        try:
            with urllib.request.urlopen(f"{endpoint}/_ministack/ready", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise SystemExit(f"ministack did not listen within {_READY_WITHIN_SECONDS} seconds")


def _fill(endpoint: str, policy: str) -> dict:
    """A small account, made with the root user's key: ministack takes the account id for one."""

    def client(service: str):
        session = botocore.session.Session()
        return session.create_client(
            service, region_name=REGION, endpoint_url=endpoint, aws_access_key_id=ACCOUNT, aws_secret_access_key="root"
        )

    iam = client("iam")
    iam.create_account_alias(AccountAlias="enforcing")
    iam.update_account_password_policy(MinimumPasswordLength=14, RequireSymbols=True)
    iam.create_group(GroupName="readers")
    iam.create_user(UserName="alice")
    iam.add_user_to_group(GroupName="readers", UserName="alice")
    iam.create_role(RoleName="worker", AssumeRolePolicyDocument=trust_document("aws", {"service": "lambda.amazonaws.com"}))
    client("s3").create_bucket(Bucket="enforcing-trail")
    trails = client("cloudtrail")
    trails.create_trail(Name="everything", S3BucketName="enforcing-trail", IsMultiRegionTrail=True, EnableLogFileValidation=True)
    trails.start_logging(Name="everything")
    iam.create_user(UserName=USER)
    iam.put_user_policy(UserName=USER, PolicyName="audit", PolicyDocument=policy)
    return iam.create_access_key(UserName=USER)["AccessKey"]


if __name__ == "__main__":
    sys.exit(main())
