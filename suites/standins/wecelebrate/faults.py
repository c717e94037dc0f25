"""What a bad deploy of WeCelebrate breaks: one entry a fault."""

from suites.standins.kit.faults import (
    Closed,
    Fault,
    Hangs,
    IdleSessions,
    InDatabase,
    InRelease,
    InVariables,
    Killed,
    ShowsCertificate,
)
from suites.standins.wecelebrate import keys, release
from suites.standins.wecelebrate.database_faults import DATABASE_DECOYS, DATABASE_FAULTS
from suites.standins.wecelebrate.http_faults import HTTP_FAULTS
from suites.standins.wecelebrate.load_faults import LOAD_DECOYS, LOAD_FAULTS

FAULTS = (
    # Is it up, and is it the release that was meant?
    Fault("health_degraded", "health says degraded"),
    Fault("health_needs_token", "health answers 401 without a token"),
    Fault("health_slow", "health answers after 1.2 s"),
    Fault("health_error", "health answers 503"),
    Fault("version_one_replica_old", "one of two replicas runs the old commit"),
    Fault("version_missing", "the version route answers 404"),
    Fault("everything_hangs", "requests are accepted and never answered", Hangs()),
    Fault("replica_down", "one of two replicas is dead; its share gets 502", Killed((1,))),
    Fault("all_down", "both replicas are dead; everything gets 502", Killed((0, 1))),
    Fault("port_closed", "nothing listens on the public port", Closed()),
    Fault("certificate_wrong_name", "the certificate is for another name", ShowsCertificate("wrong_name")),
    Fault("certificate_expired", "the certificate has expired", ShowsCertificate("expired")),
    Fault(
        "certificate_expires_soon", "the certificate expires in five days", ShowsCertificate("expires_soon")
    ),
    Fault("certificate_untrusted", "another authority signed the certificate", ShowsCertificate("untrusted")),
    # Login and sign-up.
    Fault("login_broken", "the password grant answers 500"),
    Fault("login_wrong_password", "the password grant refuses the right password"),
    Fault("email_login_disabled", "login with e-mail and password is switched off"),
    Fault("token_lifetime_long", "access tokens live a day"),
    Fault("weak_password_accepted", "sign-up accepts any password"),
    # CORS.
    Fault("cors_any_origin", "any origin is let in, with credentials"),
    Fault("cors_origin_missing", "the configured origins are not let in"),
    Fault("cors_null_origin", "the origin null is let in"),
    Fault("cors_suffix_origin", "origins that begin or end like a configured one are let in"),
    # Database.
    Fault(
        "table_missing",
        "audit_logs is not there",
        InDatabase(
            "alter table public.audit_logs rename to audit_logs_old",
            "alter table public.audit_logs_old rename to audit_logs",
        ),
    ),
    Fault(
        "table_in_other_schema",
        "site_category_exclusions is in another schema",
        InDatabase(
            "create schema legacy authorization postgres;"
            " alter table public.site_category_exclusions set schema legacy",
            "alter table legacy.site_category_exclusions set schema public; drop schema legacy",
        ),
    ),
    Fault(
        "rls_off_orders",
        "orders has no row-level security",
        InDatabase(
            "alter table public.orders disable row level security",
            "alter table public.orders enable row level security",
        ),
    ),
    Fault(
        "rest_orders_of_all",
        "a policy shows every order to every user, past the function",
        InDatabase(
            "create policy orders_of_all on public.orders for select to authenticated using (true)",
            "drop policy orders_of_all on public.orders",
        ),
    ),
    Fault(
        "rest_employees_public",
        "the role of the key that everybody has may read the employees, past the function",
        InDatabase(
            "grant select on public.employees to anon;"
            " create policy employees_public on public.employees for select to anon using (true)",
            "drop policy employees_public on public.employees; revoke select on public.employees from anon",
        ),
    ),
    Fault(
        "rls_off_new_table",
        "a new table has no row-level security",
        InDatabase(
            "create table public.promotions (id uuid primary key default gen_random_uuid(),"
            " client_id uuid not null references public.clients (id), title text not null);"
            " create index promotions_client_idx on public.promotions (client_id);"
            " alter table public.promotions owner to postgres;"
            " grant select on public.promotions to authenticated",
            "drop table public.promotions",
        ),
    ),
    Fault(
        "connections_exhausted",
        "83 % of the connections are in use",
        IdleSessions(0.83, "authenticator", "wecelebrate-worker"),
    ),
    # Who may do what without a token.
    Fault("products_public", "GET products is served without a token"),
    Fault("orders_post_public", "POST orders is processed without a token"),
    Fault("orders_delete_public", "DELETE of an order is processed without a token"),
    Fault("api_403_instead_of_401", "a request without a valid token gets 403"),
    Fault("api_route_public_sites", "GET sites is served without a token"),
    Fault("expired_token_accepted", "an expired token is accepted"),
    Fault("invalid_token_accepted", "a token's signature is not verified"),
    Fault("malformed_token_error", "a malformed token leads to 500"),
    # Products and orders.
    Fault("products_empty", "the product list is empty"),
    Fault("products_error", "the product list answers 500"),
    Fault("products_wrong_shape", "the product list has another shape"),
    Fault("redirect_elsewhere", "the product list redirects to another origin"),
    Fault("order_create_error", "creating an order answers 500"),
    Fault("order_create_hangs", "an order is created, and the answer never comes"),
    Fault("order_not_persisted", "a created order is not there afterwards"),
    Fault("order_wrong_quantity", "another quantity is stored than was ordered"),
    Fault("order_delete_ignored", "a removed order is still there"),
    Fault("order_delete_forbidden", "removing an order answers 403"),
    # Tenants.
    Fault("tenant_leak_orders", "another tenant's order is shown by its id"),
    Fault("tenant_leak_list", "the order list holds every tenant's orders"),
    # What the deployment says about itself.
    Fault(
        "anon_key_is_service_role",
        "the anon key is the service-role key",
        InVariables(lambda v: {"SUPABASE_ANON_KEY": v["SUPABASE_SERVICE_ROLE_KEY"]}),
    ),
    Fault(
        "service_key_is_anon",
        "the service-role key is the anon key",
        InVariables(lambda v: {"SUPABASE_SERVICE_ROLE_KEY": v["SUPABASE_ANON_KEY"]}),
    ),
    Fault(
        "service_key_expired",
        "the service-role key has expired",
        InVariables(lambda v: {"SUPABASE_SERVICE_ROLE_KEY": keys.expired_service_key(v)}),
    ),
    Fault(
        "key_of_other_project",
        "the service-role key belongs to another project",
        InVariables(lambda v: {"SUPABASE_SERVICE_ROLE_KEY": keys.foreign_service_key(v)}),
    ),
    Fault(
        "node_env_development", "NODE_ENV is development", InVariables(lambda _: {"NODE_ENV": "development"})
    ),
    Fault("variable_missing", "API_KEY is not set", InVariables(lambda _: {"API_KEY": None})),
    Fault(
        "supabase_url_malformed",
        "SUPABASE_URL is no URL",
        InVariables(lambda v: {"SUPABASE_URL": v["SUPABASE_URL"].replace("https://", "https:/")}),
    ),
    # The release's files.
    Fault(
        "env_file_not_ignored",
        "git does not ignore .env.production",
        InRelease(release.stop_ignoring, release.ignore_again),
    ),
    Fault(
        "secret_committed",
        "a source file of the release holds a secret",
        InRelease(release.commit_secret, release.remove_secret),
    ),
    *HTTP_FAULTS,
    *DATABASE_FAULTS,
    *DATABASE_DECOYS,
    *LOAD_FAULTS,
    *LOAD_DECOYS,
)
