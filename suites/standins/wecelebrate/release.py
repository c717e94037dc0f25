"""The release as it would be deployed: a git work tree, and secrets that git must not see."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from importlib import resources
from pathlib import Path

from suites.standins.wecelebrate import seed
from suites.standins.wecelebrate.api import openapi

ENV_FILE = ".env.production"
IGNORED = f"{ENV_FILE}\nnode_modules/\n"
LEAK = "supabase/functions/server/config.ts"
SECRETS = ("SUPABASE_URL", "SUPABASE_ANON_KEY", "SUPABASE_SERVICE_ROLE_KEY", "API_KEY", "NODE_ENV")
FUNCTION = "supabase/functions/server"
SOURCES = {
    ".gitignore": IGNORED,
    "README.md": "# WeCelebrate\n\nDeploy with `supabase functions deploy server`.\n",
    "package.json": '{\n  "name": "wecelebrate",\n  "version": "2.0.0",\n  "private": true\n}\n',
    "openapi.json": json.dumps(openapi.document(), indent=2) + "\n",
    f"{FUNCTION}/index.ts": (
        'import { Hono } from "npm:hono";\n\nconst app = new Hono();\n'
        'app.get("/health", (c) => c.json({ status: "ok" }));\n\nexport default app;\n'
    ),
    LEAK: (
        'export const serviceRoleKey = Deno.env.get("SUPABASE_SERVICE_ROLE_KEY");\n'
        'export const apiKey = Deno.env.get("API_KEY");\n'
    ),
    f"{FUNCTION}/middleware/auth.ts": (
        'export const bearer = (header: string | null) => header?.replace(/^Bearer /, "");\n'
    ),
}
MIGRATIONS = "supabase/migrations"
WHEN = "2026-02-15T10:00:00+00:00"


class NoGitError(RuntimeError):
    """The release is a git work tree, so git is needed."""

    def __init__(self) -> None:
        super().__init__("git was not found: the stand-in's release is a git work tree")


def make(folder: Path) -> str:
    """Write and commit the release's sources; return the commit."""
    scripts = resources.files(__package__) / "sql"
    migrations = {
        f"{MIGRATIONS}/{name}": (scripts / script).read_text("utf-8")
        for name, script in seed.RELEASED.items()
    }
    for name, content in {**SOURCES, **migrations}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    _git(folder, "init", "--quiet", "--initial-branch=main")
    _git(folder, "add", "--all")
    _git(folder, "commit", "--quiet", "--message=Release 2.0")
    return _git(folder, "rev-parse", "HEAD").strip()


def write_secrets(folder: Path, variables: Mapping[str, str]) -> None:
    """Write the file that holds the real secrets, untracked."""
    path = folder / ENV_FILE
    path.touch(mode=0o600)
    path.write_text("".join(f"{name}={variables[name]}\n" for name in SECRETS))


def stop_ignoring(folder: Path, _variables: Mapping[str, str]) -> None:
    """Drop the environment file from .gitignore."""
    (folder / ".gitignore").write_text(IGNORED.replace(f"{ENV_FILE}\n", ""))


def ignore_again(folder: Path, _variables: Mapping[str, str]) -> None:
    """Restore .gitignore."""
    (folder / ".gitignore").write_text(IGNORED)


def commit_secret(folder: Path, variables: Mapping[str, str]) -> None:
    """Commit a source file that holds a secret."""
    key = variables["SUPABASE_SERVICE_ROLE_KEY"]
    (folder / LEAK).write_text(f'export const serviceRoleKey = "{key}";\n{SOURCES[LEAK]}')
    _git(folder, "commit", "--quiet", "--message=Fix the key", "--", LEAK)


def remove_secret(folder: Path, variables: Mapping[str, str]) -> None:
    """Go back to the commit without it."""
    _git(folder, "reset", "--quiet", "--soft", variables["DEPLOY_SHA"])
    _git(folder, "checkout", "--quiet", variables["DEPLOY_SHA"], "--", LEAK)


def _git(folder: Path, *arguments: str) -> str:
    git = shutil.which("git")
    if git is None:
        raise NoGitError
    person = {"NAME": "WeCelebrate", "EMAIL": "release@wecelebrate.example", "DATE": WHEN}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment = {
        **kept,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        **{f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in person.items()},
    }
    run = subprocess.run(  # noqa: S603 - git with our own arguments
        [git, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    return run.stdout
