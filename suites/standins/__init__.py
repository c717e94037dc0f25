"""Stand-ins: small but real local deployments, with faults that can be switched."""
