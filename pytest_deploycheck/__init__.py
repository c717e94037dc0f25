"""Decides whether a deployment may take traffic: GO, NO-GO or INCONCLUSIVE, with the evidence."""
