"""From a request to its answer: who calls, what they ask, which faults strike, who answers, what goes back."""

import threading
import time
import traceback
from collections import Counter
from dataclasses import dataclass

from . import errors, identifiers
from .errors import ApiError
from .faults import Faults
from .pages import PageFaults, cut, paging_of
from .principals import Principal
from .recorder import Recorder
from .services import HANDLERS, Call
from .wire import (
    Answer,
    AnswerBreaksModel,
    Operation,
    Request,
    Signature,
    guess_operation,
    parse,
    read_signature,
    serialize,
)
from .world import World

# Kinds of fault that put an error in the place of the answer; the rest change how the answer is sent.
_ERRORS = {
    "throttle": lambda call, _: errors.throttled(call.service),
    "server-error": lambda call, _: errors.unavailable(call.service),
    "expired": lambda call, _: errors.expired(call.service),
    "deny": lambda call, words: errors.denied(
        call.service, call.operation, call.principal.arn, because=words.get("because", "identity")
    ),
}
GARBAGE = b"<html><body><h1>Proxy Error</h1></body></html>"


@dataclass
class Sent:
    """An answer and what is to go wrong while it is sent."""

    answer: Answer
    drop: bool = False
    truncate: bool = False


class Emulator:
    """Answers requests, and keeps account of them."""

    def __init__(self, world: World, recorder: Recorder | None = None, seed: int = 1):
        self.world = world
        self.faults = Faults(seed)
        self.recorder = recorder
        self.calls: list[dict] = []
        self.allowed: set[str] | None = None
        self._lock = threading.Lock()
        self._repeats: Counter = Counter()

    def answer(self, request: Request) -> Sent:
        """Answers one AWS request."""
        signature = read_signature(request) or Signature("", self.world.home_region, "sts")
        entry = {
            "service": signature.service,
            "operation": guess_operation(request),
            "region": signature.region,
            "account": None,
            "principal": None,
            "by": "emulator",
            "status": None,
            "error": None,
            "faults": [],
        }
        sent = self._answer(request, signature, entry)
        entry["status"] = sent.answer.status
        with self._lock:
            self.calls.append(entry)
        if self.recorder:
            self.recorder.keep(entry, request, sent.answer)
        return sent

    def allow(self, actions: list[str] | None) -> None:
        """From here on every other action is denied; with nothing all are allowed again."""
        self.allowed = None if actions is None else {action.lower() for action in actions}

    def _is_allowed(self, operation: Operation) -> bool:
        # Who somebody is everybody may ask, and who may assume a role is for the role to say.
        if self.allowed is None or operation.service == "sts":
            return True
        actions = errors.actions_of(operation.service, operation.name)
        return all(action.lower() in self.allowed for action in actions)

    def forget(self) -> None:
        """Clears calls and faults."""
        self.faults.replace([])
        with self._lock:
            self.calls.clear()

    def _answer(self, request: Request, signature: Signature, entry: dict) -> Sent:
        try:
            operation = parse(request, signature.service)
        except Exception as error:  # moto's parsers raise whatever they stumble over
            return Sent(_unparsable(signature.service, entry, error))
        entry["operation"] = operation.name
        request_id = self._request_id(signature, request)
        principal = self._authenticate(signature, operation)
        if principal is None:
            return self._refuse(operation, errors.unknown_credentials(operation.service), request_id, entry)
        entry["account"], entry["principal"] = principal.account, principal.arn
        if principal.is_expired():
            return self._refuse(operation, errors.expired(operation.service), request_id, entry)
        if not self._is_allowed(operation):
            refusal = errors.denied(operation.service, operation.name, principal.arn)
            return self._refuse(operation, refusal, request_id, entry)
        call = Call(
            self.world,
            operation.service,
            operation.name,
            operation.parameters,
            principal.account,
            signature.region,
            principal,
        )
        return self._perform(call, operation, request_id, entry)

    def _authenticate(self, signature: Signature, operation: Operation) -> Principal | None:
        if not signature.access_key and operation.name == "AssumeRoleWithWebIdentity":
            return Principal(self.world.caller.account, "anonymous", "anonymous")
        return self.world.credentials.find(signature.access_key)

    def _perform(self, call: Call, operation: Operation, request_id: str, entry: dict) -> Sent:
        struck = self.faults.strike(f"{call.service}:{call.operation}", call.account, call.region)
        kinds = {words["kind"]: words for words in struck}
        entry["faults"] = sorted(kinds)
        if "latency" in kinds:
            time.sleep(kinds["latency"].get("milliseconds", 200) / 1000)
        if "drop" in kinds:
            return Sent(Answer(0), drop=True)
        for kind, make in _ERRORS.items():
            if kind in kinds:
                return self._refuse(operation, make(call, kinds[kind]), request_id, entry)
        if "garbage" in kinds:
            return Sent(Answer(200, {"Content-Type": "text/html"}, GARBAGE))
        try:
            result = self._result(call, kinds, entry)
            answer = serialize(operation, result, request_id)
        except ApiError as error:
            return self._refuse(operation, error, request_id, entry)
        except AnswerBreaksModel as error:
            return Sent(_broken(entry, str(error)))
        except Exception:
            return Sent(_broken(entry, traceback.format_exc()))
        return Sent(answer, truncate="truncate" in kinds)

    def _result(self, call: Call, kinds: dict, entry: dict) -> dict:
        handler = HANDLERS.get(f"{call.service}:{call.operation}")
        with self.world.moto.lock:
            if handler:
                full = handler(call)
            else:
                entry["by"] = "moto"
                full = call.moto()
        if paging_of(call.service, call.operation) is None:
            return full
        faults = PageFaults(
            "repeat-marker" in kinds, kinds.get("page-size", {}).get("size", 2 if "page-size" in kinds else None)
        )
        return cut(call.service, call.operation, full, call.parameters, faults)

    def _refuse(self, operation: Operation, error: ApiError, request_id: str, entry: dict) -> Sent:
        entry["error"] = error.code
        return Sent(serialize(operation, error, request_id))

    def _request_id(self, signature: Signature, request: Request) -> str:
        """The same request has the same id in every run; asked again it has another."""
        said = (
            signature.service,
            signature.region,
            request.path,
            request.header("x-amz-target"),
            request.body.decode("utf-8", "replace"),
        )
        with self._lock:
            self._repeats[said] += 1
            return identifiers.uuid("request", *said, str(self._repeats[said]))


def _unparsable(service: str, entry: dict, error: Exception) -> Answer:
    entry["error"] = "NotImplementedByEmulator"
    text = f"the emulated AWS cannot read this {service} request as {entry['operation']}: {error!r}"
    return Answer(400, {"Content-Type": "text/plain"}, text.encode())


def _broken(entry: dict, text: str) -> Answer:
    """Our own mistake or the scenario's: loud in the log, and nothing that a client could take for an answer."""
    entry["error"] = f"EmulatorError: {text}"
    return Answer(500, {"Content-Type": "text/plain"}, f"EmulatorError: {text}".encode())
