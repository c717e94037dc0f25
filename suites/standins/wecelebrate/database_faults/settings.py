"""Settings that a migration loses, overrides or weakens."""

from suites.standins.kit.faults import Fault, InDatabase

FAULTS = (
    Fault(
        "settings_timeout_lost",
        "whoever signed in has no statement timeout any more",
        InDatabase(
            "alter role authenticated reset statement_timeout",
            "alter role authenticated set statement_timeout = '30s'",
        ),
    ),
    Fault(
        "settings_timeout_overridden",
        "in this database the API's login has no statement timeout, whatever it has elsewhere",
        InDatabase(
            "alter role authenticator in database postgres set statement_timeout = 0",
            "alter role authenticator in database postgres reset statement_timeout",
        ),
    ),
    Fault(
        "settings_timeout_in_minutes",
        "a statement of the anonymous may take half an hour: 30 minutes where seconds were meant",
        InDatabase(
            "alter role anon set statement_timeout = '30min'",
            "alter role anon set statement_timeout = '30s'",
        ),
    ),
    Fault(
        "settings_md5_passwords",
        "new passwords of roles are hashed with MD5",
        InDatabase(
            "alter database postgres set password_encryption = 'md5'",
            "alter database postgres reset password_encryption",
        ),
    ),
)

DECOYS = (
    Fault(
        "settings_decoy_milliseconds",
        "the same timeout, written in milliseconds and for this database",
        InDatabase(
            "alter role anon in database postgres set statement_timeout = 30000",
            "alter role anon in database postgres reset statement_timeout",
        ),
    ),
    Fault(
        "settings_decoy_default_for_all",
        "a default for the whole database, which the roles' own settings go over",
        InDatabase(
            "alter database postgres set statement_timeout = '2min'",
            "alter database postgres reset statement_timeout",
        ),
    ),
)
