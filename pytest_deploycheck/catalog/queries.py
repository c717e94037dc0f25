"""The queries that tell a whole catalog, for PostgreSQL 14 to 18: pg_catalog only, one row an object.

They are meant for one transaction with `search_path` empty, so that every definition names its schemas.
Access control lists travel as text, and what each distinct one means is told once (`acls`).
"""

from pytest_deploycheck.catalog import queries_of_relations as relations
from pytest_deploycheck.catalog import queries_of_the_rest as rest
from pytest_deploycheck.catalog import queries_of_the_server as server

OLDEST = 140000
"""server_version_num of the oldest PostgreSQL whose catalog is known here."""


def queries(version: int) -> dict[str, str]:
    """Return the queries by the name of what they tell; `version` is server_version_num (150018)."""
    return {
        "server": server.SERVER,
        "settings": server.SETTINGS,
        "own_settings": server.OWN_SETTINGS,
        "roles": server.ROLES,
        "memberships": server.memberships(version),
        "acls": rest.ACLS,
        "schemas": rest.SCHEMAS,
        "relations": relations.RELATIONS,
        "reads": relations.READS,
        "columns": relations.COLUMNS,
        "constraints": relations.constraints(version),
        "indexes": relations.INDEXES,
        "triggers": relations.TRIGGERS,
        "policies": relations.POLICIES,
        "functions": rest.FUNCTIONS,
        "sequences": rest.SEQUENCES,
        "types": rest.TYPES,
        "default_privileges": rest.DEFAULT_PRIVILEGES,
        "extensions": rest.EXTENSIONS,
        "publications": rest.publications(version),
        "event_triggers": rest.EVENT_TRIGGERS,
    }
