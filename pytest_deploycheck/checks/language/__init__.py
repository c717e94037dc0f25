"""The small words that all kinds share in YAML: paths, matchers, names in braces, amounts."""
