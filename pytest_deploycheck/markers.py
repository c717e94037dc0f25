"""The markers: one table that registration, the contract's sections and the reference page follow."""

MARKERS = {
    "smoke": "the deployment answers, with the right version, and its main paths work",
    "security": "credentials, headers, CORS, limits: who must be refused is refused",
    "tenant_isolation": "no tenant sees or changes another's data",
    "schema": "the database is what the release expects",
    "load": "speed and errors under load",
    "preflight": "the release's variables and files are in order before traffic",
    "backup": "what was lost can be restored",
    "operations": "alerts, monitoring and on-call are in place",
    "browser": "pages work in a real browser",
}
"""Marker and section of the contract → what its checks say."""

WRITES = "writes"

OTHER_MARKERS = {
    f"{WRITES}": "the test changes the deployment; refused where it is protected, unless --allow-writes",
    "runbook(*ids)": "the items of the runbook that this test decides",
}
"""Markers of Python tests, beside the sections."""
