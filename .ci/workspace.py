"""What cargo knows about this workspace, for the scripts beside this file."""

import json
import subprocess


def cargo(*args):
    """The standard output of a cargo command; its errors are shown, and end the script."""
    return subprocess.run(["cargo", *args], check=True, stdout=subprocess.PIPE, text=True).stdout


def metadata():
    return json.loads(cargo("metadata", "--format-version", "1", "--all-features", "--locked"))


def members(meta):
    """The packages of the workspace, by name."""
    return sorted((p for p in meta["packages"] if p["id"] in meta["workspace_members"]), key=lambda p: p["name"])


def published(meta):
    return [p for p in members(meta) if p["publish"] != []]


def reach_users(meta):
    """The packages that a user of ours builds: on any platform, with every feature, and no dev-dependency.

    `cargo metadata` alone cannot say it: it mixes the features in that dev-dependencies switch on.
    """
    named = [arg for p in published(meta) for arg in ("-p", p["name"])]
    tree = cargo("tree", *named, "--all-features", "--locked", "--target", "all", "-e", "normal,build",
                 "--prefix", "none", "--format", "{p}")
    # A line is `name v1.2.3`, then perhaps `(proc-macro)`, `(/a/path)` or `(*)`.
    found = {tuple(line.split()[:2]) for line in tree.splitlines() if line}
    return sorted((p for p in meta["packages"] if (p["name"], "v" + p["version"]) in found),
                  key=lambda p: (p["name"], p["version"]))
