"""A running emulator for tests, and botocore clients for it."""

import json
import subprocess
import sys
from pathlib import Path

import botocore.session
from botocore.config import Config

from emulator.principals import CALLER_ACCESS_KEY, CALLER_SECRET_KEY, CALLER_SESSION_TOKEN

_TESTS = Path(__file__).parents[2]


class Served:
    """A module of ours run as a process of its own, until the `with` block ends."""

    def __init__(self, module: str, *arguments: str):
        command = [sys.executable, "-m", module, *arguments]
        self.process = subprocess.Popen(command, cwd=_TESTS, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.line = self.process.stdout.readline().strip()
        if not self.line:
            raise AssertionError(f"{module} said nothing and ended with {self.process.wait()}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(timeout=20)
        self.process.stdout.close()


class ServedEmulator(Served):
    """A served scenario, its dates counted from its own now."""

    def __init__(self, scenario: str, *arguments: str):
        super().__init__("emulator", "--scenario", scenario, *arguments)
        self.endpoint = self.line.removeprefix("emulator listening on ")

    def client(self, service: str, region: str = "us-east-1", credentials: dict | None = None):
        """A botocore client that does not retry: as the scenario's caller, or with credentials of AssumeRole."""
        if credentials:
            key, secret, token = credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"]
        else:
            key, secret, token = CALLER_ACCESS_KEY, CALLER_SECRET_KEY, CALLER_SESSION_TOKEN
        return make_client(service, region, self.endpoint, key, secret, token)


def make_client(service: str, region: str, endpoint: str, key: str, secret: str, token: str | None = None):
    """A botocore client that does not retry."""
    return botocore.session.Session().create_client(
        service,
        region_name=region,
        endpoint_url=endpoint,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
        config=Config(retries={"total_max_attempts": 1}),
    )


def parse(line: str) -> dict:
    """A ready line that is JSON."""
    return json.loads(line)
