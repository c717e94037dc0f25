"""The queries that tell a whole catalog, for PostgreSQL 14 to 18: pg_catalog only, one row an object.

They are meant for one transaction. Access control lists travel as text, and what each distinct one means is
told once (`acls`).
"""

from pytest_deploycheck.catalog import queries_of_relations as relations
from pytest_deploycheck.catalog import queries_of_the_rest as rest
from pytest_deploycheck.catalog import queries_of_the_server as server

OLDEST = 140000
"""server_version_num of the oldest PostgreSQL whose catalog is known here."""


FIRST = """
SELECT pg_catalog.set_config('search_path', '', true), pg_catalog.set_config('jit', 'off', true)
"""
"""Goes before the queries in their transaction: definitions name their schemas, and nothing is compiled.

Compiling pays for what runs long; here it took longer than the query it was for.
"""


def queries(version: int) -> dict[str, str]:
    """Return the queries by the name of what they tell; `version` is server_version_num (150018).

    Those with most rows come first: while the server works on the next, their rows are taken in.
    """
    return {
        "indexes": relations.INDEXES,
        "columns": relations.COLUMNS,
        "constraints": relations.constraints(version),
        "policies": relations.POLICIES,
        "functions": rest.FUNCTIONS,
        "relations": relations.RELATIONS,
        "triggers": relations.TRIGGERS,
        "rules": relations.RULES,
        "sequences": rest.SEQUENCES,
        "settings": server.SETTINGS,
        "reads": relations.READS,
        "acls": rest.ACLS,
        "server": server.SERVER,
        "own_settings": server.OWN_SETTINGS,
        "roles": server.ROLES,
        "memberships": server.memberships(version),
        "schemas": rest.SCHEMAS,
        "types": rest.TYPES,
        "default_privileges": rest.DEFAULT_PRIVILEGES,
        "privileges": server.privileges(version),
        "extensions": rest.EXTENSIONS,
        "publications": rest.publications(version),
        "subscriptions": server.SUBSCRIPTIONS,
        "event_triggers": rest.EVENT_TRIGGERS,
    }
