"""Our modules as processes of their own, and botocore clients for what they serve."""

import subprocess
import sys
from pathlib import Path

import botocore.session
from botocore.config import Config

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


def make_client(service: str, region: str, endpoint: str, key: str, secret: str):
    """A botocore client that does not retry."""
    return botocore.session.Session().create_client(
        service,
        region_name=region,
        endpoint_url=endpoint,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=Config(retries={"total_max_attempts": 1}),
    )
