"""Budget, ledger and redaction."""
