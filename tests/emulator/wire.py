"""Between bytes and Python: requests and answers of every AWS protocol, by the AWS API model that botocore ships.

Parsers and serializers are moto's, which read the same model; what a handler returns is validated by botocore before
it is written, so that a wrong scenario is an error and never a wrong answer.
"""

import re
import warnings
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from botocore.validate import ParamValidator
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request as MotoRequest
from moto.core.request import determine_request_protocol
from moto.core.serialize import SerializationContext, get_serializer_class

from . import cbor
from .errors import ApiError
from .models import match_operation, service_model

# Codes that every service may send (AccessDenied, Throttling) are in no service's model, and moto says so each time.
warnings.filterwarnings("ignore", message=".*does not match an error shape.*")

# Services whose name in a signature differs from the one that botocore files their model under.
_MODEL_OF_SIGNING_NAME = {"sso": "sso-admin", "access-analyzer": "accessanalyzer", "monitoring": "cloudwatch"}

# The account settings of S3 are signed as S3, and stand under this path.
_S3_CONTROL = "/v20180820/"

# Where AWS itself does not keep to its model: the root user's virtual device comes with a user that has neither name
# nor path, and the account's 12 digits for an id.
_LIBERTIES = {"iam:ListVirtualMFADevices": re.compile(r"VirtualMFADevices\[\d+\]\.User(\.UserId)?$")}

_CREDENTIAL = re.compile(r"Credential=([^/]+)/\d{8}/([^/]+)/([^/]+)/aws4_request")


@dataclass
class Request:
    """An HTTP request, read in full."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def header(self, name: str) -> str:
        """A header's value, or nothing."""
        return next((value for key, value in self.headers.items() if key.lower() == name), "")


@dataclass
class Answer:
    """An HTTP answer, before faults of the wire are put on it."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass
class Operation:
    """A parsed call: which operation of which service, and with what input."""

    service: str
    name: str
    model: object
    protocol: str
    parameters: dict


@dataclass
class Signature:
    """What the signature of a request says about it. It is read, never verified."""

    access_key: str
    region: str
    service: str


class AnswerBreaksModel(Exception):
    """A handler's answer is not one that the AWS API model allows."""


def read_signature(request: Request) -> Signature | None:
    """The signature of a request; an unsigned one (web identity) has none."""
    match = _CREDENTIAL.search(request.header("authorization"))
    if not match:
        return None
    access_key, region, name = match.groups()
    if name == "s3" and request.path.startswith(_S3_CONTROL):
        name = "s3control"
    return Signature(access_key, region, _MODEL_OF_SIGNING_NAME.get(name, name))


def parse(request: Request, service: str) -> Operation:
    """The operation of a request and its input."""
    message = MotoRequest.from_primitives(
        request.method, f"https://{service}.amazonaws.com{request.path}", request.headers, request.body
    )
    in_cbor = cbor.operation_name(request.path)
    if in_cbor:
        model = service_model(service).operation_model(in_cbor)
        return Operation(service, in_cbor, model, cbor.PROTOCOL, cbor.read(request.body))
    target = request.header("x-amz-target")
    if target:
        # SDKs differ in what they put before the last dot (CloudTrail), and agree on what follows.
        model, in_path = service_model(service).operation_model(target.rsplit(".", 1)[-1]), {}
    else:
        model, in_path = match_operation(service, message)
    protocol = determine_request_protocol(model.service_model, message.content_type)
    parameters = PROTOCOL_PARSERS[protocol](model).parse(
        {
            "method": message.method,
            "values": message.values,
            "headers": message.headers,
            "body": message.data,
            "url_path": message.path,
            "url_params": in_path,
        }
    )
    return Operation(service, model.name, model, protocol, parameters or {})


def guess_operation(request: Request) -> str:
    """The name of an operation that could not be parsed, for the log."""
    target = request.header("x-amz-target") or cbor.operation_name(request.path)
    if target:
        return target.rsplit(".", 1)[-1]
    fields = dict(parse_qsl(request.body.decode("utf-8", "replace")))
    return fields.get("Action") or f"{request.method} {request.path}"


def serialize(operation: Operation, result: dict | ApiError, request_id: str) -> Answer:
    """An answer in the protocol's own shape."""
    if not isinstance(result, ApiError):
        validate(operation, result)
    if operation.protocol == cbor.PROTOCOL:
        return _in_cbor(operation, result, request_id)
    serializer = get_serializer_class(operation.service, operation.protocol)
    written = serializer(operation.model, context=SerializationContext(request_id)).serialize(result)
    status = written["status_code"]
    if isinstance(result, ApiError) and result.status:
        status = result.status
    body = written["body"]
    body = body.encode() if isinstance(body, str) else body
    if operation.service == "s3":
        body = _root_of_s3(operation, body)
    headers = {**written["headers"], "x-amzn-RequestId": request_id}
    return Answer(status, headers | getattr(result, "headers", {}), body)


def _in_cbor(operation: Operation, result: dict | ApiError, request_id: str) -> Answer:
    headers = {"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor", "x-amzn-RequestId": request_id}
    if isinstance(result, ApiError):
        return Answer(result.status or 400, headers, cbor.write_error(result.code, result.message))
    return Answer(200, headers, cbor.write(operation.model.output_shape, result))


# What S3 calls the outermost element, where moto has the operation's name.
_ROOTS_OF_S3 = {
    "GetBucketAcl": b"AccessControlPolicy",
    "GetBucketLogging": b"BucketLoggingStatus",
    "GetBucketVersioning": b"VersioningConfiguration",
    "ListBuckets": b"ListAllMyBucketsResult",
}


def _root_of_s3(operation: Operation, body: bytes) -> bytes:
    root = _ROOTS_OF_S3.get(operation.name)
    return re.sub(rb"(</?)" + operation.name.encode() + rb"(Response|Output|Result)\b", rb"\1" + root, body) if root else body


def validate(operation: Operation, result: dict) -> None:
    """Refuses what the model does not allow: missing or unknown members, wrong types, lengths and ranges."""
    shape = operation.model.output_shape
    if shape is None:
        return
    report = ParamValidator().validate(result, shape)
    liberty = _LIBERTIES.get(f"{operation.service}:{operation.name}")
    if liberty:
        report._errors = [error for error in report._errors if not liberty.search(error[1])]
    if report.has_errors():
        raise AnswerBreaksModel(f"{operation.service}:{operation.name}: {report.generate_report()}")
