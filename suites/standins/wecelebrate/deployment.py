"""WeCelebrate, deployed on this machine: every part started and joined."""

import asyncio
import base64
import os
import secrets
import string
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from suites.standins.kit.balancer import Balancer
from suites.standins.kit.control import Control, Protected
from suites.standins.kit.elsewhere import Elsewhere
from suites.standins.kit.faults import Parts, Variables
from suites.standins.kit.limiter import Limiter, MovableClock
from suites.standins.kit.places import private_folder
from suites.standins.kit.postgres import Postgres, launch
from suites.standins.kit.replicas import Program, Replicas
from suites.standins.kit.supervisor import Options, Started
from suites.standins.kit.switchboard import Switchboard
from suites.standins.kit.tls import Certificates, make_certificates
from suites.standins.wecelebrate import counts, keys, release, seed
from suites.standins.wecelebrate.faults import FAULTS
from suites.standins.wecelebrate.signing import HS256, RS256, Signer, new_key
from suites.standins.wecelebrate.staging import Staging

NAME = "standin-wecelebrate"
SUPERUSER = "supabase_admin"
READER = "gate_reader"
COUNTS = "counts.yaml"
REPLICAS = 2
REFERENCE_LENGTH = 20
ORIGINS = ("https://wecelebrate.example", "https://admin.wecelebrate.example")
OLD_COMMIT = "0b5e7f3c9d1a4826e0f7c35d8a9b6e1402fd7c53"
SESSION_TABLES = frozenset({"auth.refresh_tokens"})


@dataclass(frozen=True, slots=True)
class Secrets:
    """What is different at every start."""

    jwt_secret: str
    project: str
    api_key: str
    reader_password: str
    control_token: str
    staging_secret: str
    payments_webhook: str
    messages_webhook: str

    @classmethod
    def new(cls) -> "Secrets":
        """Draw them."""
        project = "".join(secrets.choice(string.ascii_lowercase) for _ in range(REFERENCE_LENGTH))
        drawn = [secrets.token_urlsafe(32) for _ in range(5)]
        signing = [f"whsec_{base64.b64encode(secrets.token_bytes(24)).decode()}" for _ in range(2)]
        return cls(drawn[0], project, *drawn[1:], *signing)


def _tenants() -> tuple[seed.Tenant, seed.Tenant]:
    def person(name: str, key: str, role: str) -> seed.Person:
        return seed.Person(f"{name}@{key}.example", f"Aa1-{secrets.token_urlsafe(12)}", role)

    return (
        seed.Tenant("acme", "Acme", (person("shopper", "acme", "member"), person("admin", "acme", "admin"))),
        seed.Tenant(
            "globex", "Globex", (person("shopper", "globex", "member"), person("admin", "globex", "admin"))
        ),
    )


async def start(stack: AsyncExitStack, options: Options) -> Started:
    """Start every part; `stack` stops them, in reverse."""
    drawn, tenants = Secrets.new(), _tenants()
    postgres = launch(NAME, SUPERUSER)
    stack.push_async_callback(asyncio.to_thread, postgres.stop)
    front = await _open_front(stack, postgres)
    code = private_folder(postgres.directory / "release")
    variables = {
        **_variables(drawn, tenants, f"https://localhost:{front.balancer.port}"),
        "DATABASE_URL": postgres.url(READER, drawn.reader_password),
        "STANDIN_ADMIN_DATABASE_URL": postgres.socket_url(SUPERUSER),
        "PLAIN_URL": f"http://localhost:{front.balancer.plain_port}",
        "CA_FILE": str(front.certificates.authority),
        "RELEASE_DIR": str(code),
        "COUNTS_FILE": str(postgres.directory / COUNTS),
        "DEPLOY_SHA": await asyncio.to_thread(release.make, code),
    }
    release.write_secrets(code, variables)
    tokens = await asyncio.to_thread(_tokens, options.tokens, drawn, postgres.directory)
    variables |= {
        "TOKENS": options.tokens,
        "SIGNING_ALGORITHM": tokens.here.algorithm,
        "SIGNING_KEY": tokens.here.private,
        "RATE_LIMIT": str(options.rate_limit),
        "RATE_WINDOW": f"{options.rate_window:g}s",
        "JWT_PRIVATE_KEY_FILE": str(tokens.private_key),
        "STAGING_ACCESS_TOKEN": Staging(tokens.staging).token(tenants[0]),
    }
    clock = MovableClock()
    limiter = Limiter(options.rate_limit, options.rate_window, clock)
    program = _program(variables, postgres, front.elsewhere.listener.port, tokens)
    replicas = Replicas(program, limiter, front.sockets)
    stack.push_async_callback(replicas.kill)
    filling = asyncio.to_thread(_fill, postgres, {READER: drawn.reader_password}, tenants)
    await asyncio.gather(replicas.start(), filling)
    parts = Parts(postgres.local(SUPERUSER), front.certificates, front.balancer, replicas, code, variables)
    switchboard = Switchboard(FAULTS, parts)
    for name in options.faults:
        await switchboard.on(name)
    protected = Protected(parts.database, SESSION_TABLES, drawn.control_token)
    control = Control(switchboard, limiter, clock, front.elsewhere, protected)
    await control.listener.open()
    stack.push_async_callback(control.listener.close)
    variables |= {
        "STANDIN_CONTROL": f"http://127.0.0.1:{control.listener.port}",
        "STANDIN_CONTROL_TOKEN": drawn.control_token,
    }
    return Started(switchboard.variables(), _summary(variables))


@dataclass(frozen=True, slots=True)
class _Tokens:
    """What signs access tokens here, and what signs them in staging."""

    here: Signer
    staging: Signer
    private_key: Path
    """Signs here in the mode rs256, and is worth nothing otherwise."""


def _tokens(mode: str, drawn: Secrets, directory: Path) -> _Tokens:
    here = new_key()
    path = private_folder(directory / "keys") / "jwt-private.pem"
    path.touch(mode=0o600)
    path.write_text(here)
    if mode == "rs256":
        return _Tokens(Signer(RS256, here), Signer(RS256, new_key()), path)
    return _Tokens(Signer(HS256, drawn.jwt_secret), Signer(HS256, drawn.staging_secret), path)


@dataclass(frozen=True, slots=True)
class _Front:
    """What is seen from outside."""

    certificates: Certificates
    sockets: tuple[Path, ...]
    balancer: Balancer
    elsewhere: Elsewhere


async def _open_front(stack: AsyncExitStack, postgres: Postgres) -> _Front:
    certificates = make_certificates(private_folder(postgres.directory / "tls"), "WeCelebrate")
    folder = private_folder(postgres.directory / "replicas")
    sockets = tuple(folder / f"{number}.sock" for number in range(1, REPLICAS + 1))
    front = _Front(
        certificates, sockets, Balancer(certificates.context, sockets), Elsewhere(certificates.context)
    )
    for part in (front.balancer, front.elsewhere.listener):
        await part.open()
        stack.push_async_callback(part.close)
    return front


def _fill(postgres: Postgres, passwords: dict[str, str], tenants: tuple[seed.Tenant, ...]) -> None:
    postgres.wait()
    seed.load(postgres.local(SUPERUSER), passwords, tenants)
    counts.write(postgres.local(SUPERUSER), postgres.directory / COUNTS)


def _program(variables: Variables, postgres: Postgres, elsewhere: int, tokens: _Tokens) -> Program:
    settings = {
        "issuer": f"{variables['SUPABASE_URL']}/auth/v1",
        "signer": asdict(tokens.here),
        "staging": asdict(tokens.staging),
        "anon_key": variables["SUPABASE_ANON_KEY"],
        "service_key": variables["SUPABASE_SERVICE_ROLE_KEY"],
        "payments_webhook_secret": variables["PAYMENTS_WEBHOOK_SECRET"],
        "messages_webhook_secret": variables["MESSAGES_WEBHOOK_SECRET"],
        "gate_key": variables["GATE_KEY"],
        "commit": variables["DEPLOY_SHA"],
        "old_commit": OLD_COMMIT,
        "origins": ORIGINS,
        "second_tenant": variables["TENANT_B_ID"],
        "database": postgres.local("authenticator"),
        "elsewhere": f"https://localhost:{elsewhere}",
    }
    known = tuple(fault.name for fault in FAULTS)
    return Program("suites.standins.wecelebrate.api.app:create", settings, known)


def _variables(drawn: Secrets, tenants: tuple[seed.Tenant, seed.Tenant], url: str) -> Variables:
    shopper_a, admin_a = tenants[0].people
    shopper_b, admin_b = tenants[1].people
    return {
        "SUPABASE_URL": url,
        "SUPABASE_ANON_KEY": keys.project_key(drawn.jwt_secret, drawn.project, "anon"),
        "SUPABASE_SERVICE_ROLE_KEY": keys.project_key(drawn.jwt_secret, drawn.project, "service_role"),
        "SUPABASE_JWT_SECRET": drawn.jwt_secret,
        "SUPABASE_PROJECT_REF": drawn.project,
        "API_KEY": drawn.api_key,
        "PAYMENTS_WEBHOOK_SECRET": drawn.payments_webhook,
        "MESSAGES_WEBHOOK_SECRET": drawn.messages_webhook,
        "NODE_ENV": "production",
        "GATE_KEY": secrets.token_urlsafe(24),
        "SHOPPER_A_EMAIL": shopper_a.email,
        "SHOPPER_A_PASSWORD": shopper_a.password,
        "SHOPPER_B_EMAIL": shopper_b.email,
        "SHOPPER_B_PASSWORD": shopper_b.password,
        "ADMIN_A_EMAIL": admin_a.email,
        "ADMIN_A_PASSWORD": admin_a.password,
        "ADMIN_B_EMAIL": admin_b.email,
        "ADMIN_B_PASSWORD": admin_b.password,
        "TENANT_A_ID": tenants[0].id("client"),
        "TENANT_B_ID": tenants[1].id("client"),
    }


def _summary(variables: Variables) -> str:
    return (
        f"WeCelebrate stands at {variables['SUPABASE_URL']}; Ctrl-C or SIGTERM (pid {os.getpid()}) stops it."
    )
