"""`python3 -m emulator --scenario small-company`: serves a scenario until standard input closes."""

import argparse
import contextlib
import json
import os
import sys
import threading
from pathlib import Path

from .answering import Emulator
from .faults import FaultError
from .recorder import Recorder
from .scenario import ScenarioError, load, names
from .server import Server
from .world import World


def main() -> int:
    """Reads the arguments, seeds the scenario, says where it listens, serves."""
    parser = argparse.ArgumentParser(prog="emulator", description="An emulated AWS for probity's end-to-end tests.")
    parser.add_argument(
        "--scenario", required=True, metavar="NAME_OR_FILE", help=f"one of {', '.join(names())}, or a JSON file"
    )
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one (the default)")
    parser.add_argument(
        "--now",
        default="scenario",
        help="what the scenario's ages count from: 'scenario' (its own date, the default), 'real', or an RFC 3339 time",
    )
    parser.add_argument("--faults", metavar="JSON", default="[]", help="faults in force from the start, as a JSON list")
    parser.add_argument("--seed", type=int, default=1, help="seed of the faults' probabilities")
    parser.add_argument(
        "--record", type=Path, metavar="FILE", help="keep every call in this file, one JSON object a line"
    )
    arguments = parser.parse_args()
    # moto is called through botocore, which would listen to the settings of whoever starts us.
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    try:
        world = World(load(arguments.scenario), arguments.now)
        recorder = Recorder(arguments.record) if arguments.record else None
        emulator = Emulator(world, recorder, arguments.seed)
        emulator.faults.replace(json.loads(arguments.faults))
        server = Server(emulator, arguments.port)
    except (ScenarioError, FaultError, ValueError, OSError) as error:
        print(f"emulator: {error}", file=sys.stderr)
        return 2
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"emulator listening on {server.url}", flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        # Whoever started us holds the other end; when it goes, so do we.
        sys.stdin.buffer.read()
    if recorder:
        recorder.close()
    # At once: what still runs belongs to nobody, and taking moto apart costs a second.
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
