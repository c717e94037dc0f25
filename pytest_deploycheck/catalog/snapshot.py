"""Rows of the queries → an immutable catalog. No I/O: the same rows give the same catalog."""

from pytest_deploycheck.catalog import cluster, objects
from pytest_deploycheck.catalog.relations import relations
from pytest_deploycheck.catalog.told import Known, Told
from pytest_deploycheck.model.catalog import Catalog


def catalog(told: Told) -> Catalog:
    """Return the catalog that the rows tell, by the name of their query."""
    known = Known.of(told)
    return Catalog(
        server=cluster.server(told),
        schemas=objects.schemas(told, known),
        relations=relations(told, known),
        functions=objects.functions(told, known),
        sequences=objects.sequences(told, known),
        types=objects.types(told),
        roles=cluster.roles(told),
        default_privileges=objects.default_privileges(told, known),
        privileges=cluster.privileges(told),
        extensions=objects.extensions(told),
        publications=objects.publications(told, known),
        subscriptions=cluster.subscriptions(told),
        event_triggers=objects.event_triggers(told),
        settings=cluster.settings(told),
        units=cluster.units(told),
        database_settings=cluster.own_settings(told).get("", ()),
    )
