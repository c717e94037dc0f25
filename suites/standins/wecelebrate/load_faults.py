"""Faults that only load shows: reads of the API that are slow, fail, hang or stop; and what is no fault."""

from suites.standins.kit.faults import Fault
from suites.standins.kit.strain import (
    Both,
    Caps,
    ChangesCertificate,
    Dies,
    Dripping,
    Errors,
    Hanging,
    Kills,
    Noise,
    Slow,
    SlowFirst,
    Some,
    Stalls,
    Strained,
    Tires,
    Weighted,
)

CANARY = 1
"""The replica that is the canary, from 0."""
TEN_PERCENT = Weighted(0.1)

LOAD_FAULTS = (
    Fault(
        "load_slow_tail", "5 % of the reads take 400 ms more", Strained(lambda _: Some(Slow(0.4), every=20))
    ),
    Fault("load_slow_mean", "every read takes 150 ms more", Strained(lambda _: Slow(0.15))),
    Fault("load_errors_1_percent", "1 % of the reads get 500", Strained(lambda _: Some(Errors(), every=100))),
    Fault(
        "load_errors_half_percent",
        "0.5 % of the reads get 500",
        Strained(lambda _: Some(Errors(), every=200)),
    ),
    Fault("load_stalls", "nothing is answered for a second of every ten", Strained(lambda _: Stalls(1, 10))),
    Fault("load_capped", "no more than 50 reads a second", Strained(lambda _: Caps(50))),
    Fault("load_tires", "every read makes later ones slower by 0.5 ms", Strained(lambda _: Tires(0.0005))),
    Fault(
        "load_slow_replica",
        "one replica takes 300 ms more",
        Strained(lambda _: Some(Slow(0.3), replica=CANARY)),
    ),
    Fault(
        "load_slow_endpoint",
        "orders take 300 ms more",
        Strained(lambda _: Some(Slow(0.3), path="/api/orders")),
    ),
    Fault("load_hangs", "no read is answered", Strained(lambda _: Hanging())),
    Fault(
        "load_hangs_10_percent",
        "every tenth read is never answered",
        Strained(lambda _: Some(Hanging(), every=10)),
    ),
    Fault("load_drips", "bodies come a byte in half a second", Strained(lambda _: Dripping())),
    Fault("load_dies", "after 100 reads the port is closed", Strained(lambda parts: Dies(100, parts))),
    Fault(
        "load_worker_killed",
        "after 100 reads one of two worker processes is killed",
        Strained(lambda parts: Kills(100, parts, CANARY)),
    ),
    Fault(
        "load_certificate_changes",
        "after 100 reads the certificate is for another name",
        Strained(lambda parts: ChangesCertificate(100, parts)),
    ),
    Fault(
        "canary_errors",
        "the canary, at 10 %, fails in 5 % of its reads",
        Both(TEN_PERCENT, Strained(lambda _: Some(Errors(), every=20, replica=CANARY))),
    ),
    Fault(
        "canary_slow",
        "the canary, at 10 %, takes 250 ms more",
        Both(TEN_PERCENT, Strained(lambda _: Some(Slow(0.25), replica=CANARY))),
    ),
)

LOAD_DECOYS = (
    Fault("load_noise", "reads take up to 30 ms more, which is allowed", Strained(lambda _: Noise(0.03))),
    Fault("load_cold_start", "the first read takes 2 s, the others don't", Strained(lambda _: SlowFirst(2))),
    Fault("canary_alike", "the canary, at 10 %, is no worse", TEN_PERCENT),
)
