"""Smithy's RPC v2 over CBOR, the one protocol that CloudWatch's SDKs speak and moto does not.

Reading and writing CBOR is botocore's. The operation stands in the path; answers and errors are maps.
"""

import io
import re

import botocore.parsers
import botocore.serialize

_PATH = re.compile(r"/service/(\w+)/operation/(\w+)")
PROTOCOL = "smithy-rpc-v2-cbor"


def operation_name(path: str) -> str | None:
    """The operation that a path names; nothing for a path of another protocol."""
    match = _PATH.fullmatch(path)
    return match[2] if match else None


def read(body: bytes) -> dict:
    """The input of a call."""
    if not body:
        return {}
    return botocore.parsers.RpcV2CBORParser().parse_data_item(io.BufferedReader(io.BytesIO(body)))


def write(shape, result: dict) -> bytes:
    """The output of a call."""
    written = bytearray()
    botocore.serialize.RpcV2CBORSerializer()._serialize_data_item(written, result, shape)
    return bytes(written)


def write_error(code: str, message: str) -> bytes:
    """An error."""
    texts = [text.encode() for text in ("__type", code, "message", message)]
    # A map of two, and each text with its length in two bytes.
    return b"\xa2" + b"".join(b"\x79" + len(text).to_bytes(2, "big") + text for text in texts)

