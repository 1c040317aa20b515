"""The emulator as a process: it says where it listens, obeys its control endpoint, and ends with its starter."""

import json
import subprocess
import sys
import unittest
import urllib.error
import urllib.request
from pathlib import Path

from emulator.principals import CALLER_ACCESS_KEY, CALLER_SECRET_KEY

from .asking import code_of
from .serving import Served, make_client


def control(endpoint: str, what: str, body=None) -> tuple[int, object]:
    """Asks the control endpoint."""
    data = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(f"{endpoint}/_emulator/{what}", data), timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


class Process(unittest.TestCase):
    def test_it_serves_until_its_input_closes(self):
        with Served("emulator", "--scenario", "empty") as served:
            endpoint = served.line.removeprefix("emulator listening on ")
            iam = make_client("iam", "us-east-1", endpoint, CALLER_ACCESS_KEY, CALLER_SECRET_KEY)
            self.assertEqual(iam.list_users()["Users"], [])
            self.assertEqual(
                control(endpoint, "scenario")[1],
                {"name": "empty", "now": "2026-11-02T09:00:00Z", "caller": "arn:aws:iam::111122223333:root"},
            )
            self.assertEqual(control(endpoint, "faults", [{"operation": "iam:ListUsers", "kind": "deny"}])[0], 200)
            self.assertEqual(code_of(iam.list_users), "AccessDenied")
            self.assertEqual(control(endpoint, "faults")[1][0]["struck"], 1)
            self.assertEqual(control(endpoint, "faults", [{"operation": "iam:*", "kind": "thunder"}])[0], 400)
            calls = control(endpoint, "calls")[1]
            self.assertEqual(
                [(call["operation"], call["status"], call["by"]) for call in calls],
                [("ListUsers", 200, "emulator"), ("ListUsers", 403, "emulator")],
            )
            control(endpoint, "forget", {})
            self.assertEqual(control(endpoint, "calls")[1], [])
        self.assertEqual(served.process.returncode, 0)

    def test_what_it_cannot_serve_it_says_at_once(self):
        tests = Path(__file__).parents[2]
        ended = subprocess.run(
            [sys.executable, "-m", "emulator", "--scenario", "nowhere"],
            cwd=tests,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        self.assertEqual((ended.returncode, ended.stdout), (2, ""))
        self.assertIn("no scenario 'nowhere'", ended.stderr)


if __name__ == "__main__":
    unittest.main()
