"""Files in buckets (Supabase): public ones, and policies that don't look at whose file it is."""

from pytest_deploycheck.catalog.lints.callers import Clause, lacks, wide
from pytest_deploycheck.catalog.lints.case import COMMANDS, Case, of
from pytest_deploycheck.catalog.lints.expressions import parts
from pytest_deploycheck.catalog.lints.lint import Blind, Finding, Found, Level, Lint
from pytest_deploycheck.catalog.lints.names import quoted
from pytest_deploycheck.model.catalog import Bucket
from pytest_deploycheck.model.relation import Unknown

_WHOSE = frozenset({"name", "owner", "owner_id", "path_tokens"})
"""Columns of storage.objects that tell whose file it is."""
_OBJECTS = "storage.objects"


def _buckets(case: Case) -> tuple[Bucket, ...] | Blind:
    found = case.catalog.buckets
    if isinstance(found, Unknown):
        return Blind(
            "storage.buckets", f"{found.reason}; GRANT SELECT, and a policy or BYPASSRLS, would let it look"
        )
    return found


def _empty(case: Case) -> str:
    return "" if case.catalog.buckets else "there is no bucket"


def _public(case: Case) -> Found:
    found = _buckets(case)
    if isinstance(found, Blind):
        yield found
        return
    for bucket in found:
        if bucket.public and not case.is_public(f"bucket {bucket.id}"):
            what = "is public: every file is served to who knows or guesses its name, and no policy is asked"
            yield Finding(f"bucket {bucket.id}", what, _update(bucket, "public = false"))


def _unlimited(case: Case) -> Found:
    found = _buckets(case)
    if isinstance(found, Blind):
        yield found
        return
    for bucket in found:
        if bucket.size_limit is None or not bucket.types:
            missing = [
                *(["size limit"] if bucket.size_limit is None else []),
                *(["list of types"] if not bucket.types else []),
            ]
            what = f"has no {' and no '.join(missing)}: what is uploaded is served from your own address"
            mend = _update(bucket, "file_size_limit = ..., allowed_mime_types = '{...}'")
            yield Finding(f"bucket {bucket.id}", what, mend)


def _update(bucket: Bucket, assignment: str) -> str:
    name = bucket.id.replace("'", "''")
    return f"UPDATE storage.buckets SET {assignment} WHERE id = '{name}';"  # noqa: S608 - shown, not sent


def _policy_open(case: Case) -> Found:
    for clause in wide(case, _OBJECTS, lambda clause: not clause.binds(_WHOSE) and not _meant(clause)):
        policy = clause.policy
        what = (
            f"{clause.shown} doesn't look at name or owner: every file that fits, for "
            f"{', '.join(case.concerned(policy))} ({COMMANDS[policy.command]})"
        )
        tie = "bucket_id = '...' AND (storage.foldername(name))[1] = <the caller's tenant>"
        mend = f"ALTER POLICY {quoted(policy.name)} ON {_OBJECTS} {clause.word} ({tie});"
        yield Finding(of(clause.table, policy.name), what, mend)


def _meant(clause: Clause) -> bool:
    """Whether it only lets files of buckets be read that are public on purpose."""
    named = {word[1:-1] for part in parts(clause.expression) for word in part if word.startswith("'")}
    meant = named and all(clause.case.is_public(f"bucket {name}") for name in named)
    return bool(meant) and clause.policy.command == "r" and "bucket_id" in clause.used


LINTS = (
    Lint(
        id="bucket_public",
        level=Level.ERROR,
        finds="a bucket that is public",
        why="its files are served to everybody, whatever the policies say",
        mend="UPDATE storage.buckets SET public = false; or declare `bucket NAME` under `public`",
        look=_public,
        lacking=_empty,
    ),
    Lint(
        id="storage_policy_open",
        level=Level.ERROR,
        finds="a policy on storage.objects that doesn't tie the file's name or owner to who asks",
        why="a policy on bucket_id alone opens the files of every tenant in it",
        mend="ALTER POLICY p ON storage.objects USING (... AND (storage.foldername(name))[1] = ...)",
        look=_policy_open,
        lacking=lacks(_OBJECTS),
    ),
    Lint(
        id="bucket_unlimited",
        level=Level.INFO,
        finds="a bucket without a size limit or a list of types",
        why="anything of any size can be put there and is served from your address",
        mend="UPDATE storage.buckets SET file_size_limit = ..., allowed_mime_types = ...",
        look=_unlimited,
        lacking=_empty,
    ),
)
