"""Asks an emulator in this very process: requests and answers are real bytes, only the sockets are left out."""

from urllib.parse import urlencode

import botocore.parsers
import botocore.serialize
import botocore.session
from botocore import xform_name
from botocore.exceptions import ClientError

from emulator.answering import Emulator
from emulator.pages import paging_of
from emulator.principals import CALLER_ACCESS_KEY
from emulator.scenario import build
from emulator.wire import Answer, Request
from emulator.world import World

_SESSION = botocore.session.Session()


class Asked:
    """A scenario, perhaps patched, its ages counted from its own date."""

    def __init__(self, scenario: str, patch: dict | None = None):
        self.world = World(build({"base": scenario, "patch": patch or {}}, scenario))
        self.emulator = Emulator(self.world)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.world.moto.close()

    def client(self, service: str, region: str = "us-east-1", access_key: str = CALLER_ACCESS_KEY) -> "Client":
        """Asks a service in a Region, as the scenario's caller or with another access key."""
        return Client(self.emulator, service, region, access_key)


class Client:
    """Methods such as `list_users(MaxItems=3)`, named and answered like those of a botocore client."""

    def __init__(self, emulator: Emulator, service: str, region: str, access_key: str):
        self._emulator = emulator
        self._model = _SESSION.get_service_model(service)
        self._region = region
        self._access_key = access_key
        self._operations = {xform_name(name): name for name in self._model.operation_names}

    def __getattr__(self, method: str):
        operation = self._operations[method]
        return lambda **parameters: self._parse(operation, self.send(operation, parameters))

    def pages(self, operation: str, **parameters):
        """Every page of a listing."""
        paging = paging_of(self._model.service_name, operation)
        while True:
            page = self._parse(operation, self.send(operation, parameters))
            yield page
            if not page.get(paging["output_token"]):
                return
            parameters[paging["input_token"]] = page[paging["output_token"]]

    def send(self, operation: str, parameters: dict) -> Answer:
        """The answer as bytes."""
        model = self._model.operation_model(operation)
        serializer = botocore.serialize.create_serializer(self._model.metadata["protocol"])
        made = serializer.serialize_to_request(parameters, model)
        body = made["body"]
        body = (
            urlencode(body).encode() if isinstance(body, dict) else body if isinstance(body, bytes) else body.encode()
        )
        scope = f"{self._access_key}/20260101/{self._region}/{self._model.signing_name}/aws4_request"
        headers = {
            **made["headers"],
            "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=none",
        }
        query = f"?{urlencode(made['query_string'])}" if made.get("query_string") else ""
        return self._emulator.answer(Request(made["method"], made["url_path"] + query, headers, body)).answer

    def _parse(self, operation: str, answer: Answer) -> dict:
        if answer.status >= 500:
            raise AssertionError(answer.body.decode())
        model = self._model.operation_model(operation)
        parser = botocore.parsers.create_parser(self._model.metadata["protocol"])
        headers = {name.lower(): value for name, value in answer.headers.items()}
        parsed = parser.parse(
            {"body": answer.body, "headers": headers, "status_code": answer.status}, model.output_shape
        )
        if answer.status >= 300:
            raise ClientError(parsed, operation)
        return parsed


def code_of(call) -> str:
    """The error code that a call is refused with."""
    try:
        call()
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "no error"
