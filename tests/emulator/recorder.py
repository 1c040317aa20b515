"""Keeps every call as it went over the wire, one JSON object a line.

```json
{"service": "iam", "operation": "GetAccountSummary", "region": "us-east-1", "account": "111122223333",
 "request": {"method": "POST", "path": "/", "target": "", "content_type": "application/x-www-form-urlencoded",
             "body": "Action=…"},
 "response": {"status": 200, "headers": {"Content-Type": "text/xml"}, "body": "<GetAccountSummaryResponse …"}}
```

A body that is not UTF-8 is base64 under `body_base64`. Neither credentials nor signatures are kept.
"""

import base64
import json
import threading
from pathlib import Path

from .wire import Answer, Request


class Recorder:
    """Appends calls to a file."""

    def __init__(self, path: Path):
        self._out = path.open("w", encoding="utf-8")
        self._lock = threading.Lock()

    def keep(self, call: dict, request: Request, answer: Answer) -> None:
        """Writes one call."""
        line = {
            **{key: call[key] for key in ("service", "operation", "region", "account")},
            "request": {
                "method": request.method,
                "path": request.path,
                "target": request.header("x-amz-target"),
                "content_type": request.header("content-type"),
                **_body(request.body),
            },
            "response": {"status": answer.status, "headers": answer.headers, **_body(answer.body)},
        }
        with self._lock:
            self._out.write(json.dumps(line, ensure_ascii=False) + "\n")
            self._out.flush()

    def close(self) -> None:
        """Ends the file."""
        self._out.close()


def _body(body: bytes) -> dict:
    try:
        return {"body": body.decode()}
    except UnicodeDecodeError:
        return {"body_base64": base64.b64encode(body).decode()}
