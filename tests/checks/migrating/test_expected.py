"""What each tool's files say of the release's migrations."""

import pytest

from pytest_deploycheck.checks.migrating.expected import FILES, Expected, dotted


def versions(tool: str, *paths: str) -> tuple[str, ...]:
    read = FILES[tool].expected
    assert read is not None
    return read(dict.fromkeys(paths)).versions


def of_texts(tool: str, **texts: str) -> Expected:
    read = FILES[tool].expected
    assert read is not None
    return read({name.replace("__", "/", 1).replace("_py", ".py"): text for name, text in texts.items()})


@pytest.mark.parametrize(
    ("tool", "paths", "expected"),
    [
        (
            "supabase",
            ("20260201_b.sql", "20260101_a.sql", "README.md", "20260301.sql", "old/20250101_x.sql"),
            ("20260101", "20260201"),
        ),
        ("dbmate", ("20260201_b.sql", "9_a.sql", "schema.sql"), ("9", "20260201")),
        (
            "prisma",
            ("20260101_init/migration.sql", "20260201_b/migration.sql", "migration_lock.toml"),
            ("20260101_init", "20260201_b"),
        ),
        (
            "flyway",
            ("sub/V1_10__c.sql", "V1.2__b.sql", "V001__a.sql", "R__views.sql", "U1__undo.sql", "x.conf"),
            ("1", "1.2", "1.10", "R__views.sql"),
        ),
        ("golang-migrate", ("000002_b.up.sql", "000001_a.up.sql", "000001_a.down.sql"), ("1", "2")),
        (
            "django",
            (
                "shop/migrations/0001_initial.py",
                "shop/migrations/__init__.py",
                "src/pay/migrations/0001_a.py",
            ),
            ("shop.0001_initial", "pay.0001_a"),
        ),
    ],
)
def test_versions_are_read_from_the_names(
    tool: str, paths: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    assert versions(tool, *paths) == expected


def test_revisions_of_alembic_name_those_before_them() -> None:
    expected = of_texts(
        "alembic",
        a_py="revision = 'a'\ndown_revision = None\n",
        b_py="revision: str = 'b'\ndown_revision: str | None = 'a'\n",
        c_py="revision = 'c'\ndown_revision = ('a',)\n",
        d_py="revision = 'd'\ndown_revision = ('b', 'c')\ndepends_on = None\nimport nothing_that_is_run\n",
        env_py="import os\nconfig = os.environ\n",
        broken_py="def (",
    )

    assert expected.versions == ("a", "b", "c", "d")
    assert expected.below["d"] == {"a", "b", "c", "d"}


def test_what_a_squashed_migration_of_django_replaces_may_have_been_applied() -> None:
    expected = of_texts(
        "django",
        **{
            "shop/migrations__0002_squashed_py": "class Migration:\n"
            "    replaces = [('shop', '0001_initial'), ('shop', '0002_b')]\n    dependencies = []\n"
        },
    )

    assert expected.versions == ("shop.0002_squashed",)
    assert expected.known == {"shop.0001_initial", "shop.0002_b"}
    assert expected.own == frozenset({"shop."})


PLAN = """\
%syntax-version=1.0.0
%project=shop

appschema 2026-01-01T00:00:00Z Ann <ann@shop.example> # first
users [appschema] 2026-01-02T00:00:00Z Ann <ann@shop.example>
@v1.0 2026-01-03T00:00:00Z Ann <ann@shop.example>
# a remark
users [users@v1.0] 2026-01-04T00:00:00Z Ann <ann@shop.example> # reworked
"""


def test_the_changes_of_a_plan_of_sqitch() -> None:
    read = FILES["sqitch"].expected
    assert read is not None

    assert read({"sqitch.plan": PLAN, "deploy/users.sql": None}).versions == (
        "appschema",
        "users",
        "users (2)",
    )


@pytest.mark.parametrize(
    ("one", "other"), [("1", "1.0"), ("1_1", "1.1"), ("001.02", "1.2"), ("R__a.sql", "R__a.sql")]
)
def test_versions_of_flyway_that_are_the_same(one: str, other: str) -> None:
    assert dotted(one) == dotted(other)
