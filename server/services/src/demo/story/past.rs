//! What is over: a month of it.

use domain::incident::Severity::{Critical, High, Low, Medium};

use super::{
    Act::{Acknowledge, Assign, Fires, Note, Over, Resolve, Start},
    DAY, HOUR, MIN,
    Opening::{Alert, Declared},
    Sign, Tale,
};
use crate::demo::{
    organisation::{ADAEZE, DEV, GRACE, JONAS, LUIS, MARA, PRIYA},
    service::{CHECKOUT, CLUSTERS, EDGE, GATEWAY, INDEXER, INVOICES, ORDERS_DB, RUNNERS, SEARCH},
};

/// An alert that somebody took and ended, with the words that they left.
macro_rules! fixed {
    ($ago:expr, $service:expr, $severity:expr, $key:literal, $title:literal, $who:expr, $ack:expr, $end:expr, $notes:literal) => {
        Tale {
            ago: $ago,
            service: $service,
            opening: Alert(Sign { key: $key, title: $title, severity: $severity, description: "", labels: &[("alertname", $key)] }),
            then: &[($ack, Acknowledge($who)), ($end, Resolve($who, $notes))],
        }
    };
}

/// An alert that ended by itself.
macro_rules! passed {
    ($ago:expr, $service:expr, $severity:expr, $key:literal, $title:literal, $end:expr) => {
        Tale {
            ago: $ago,
            service: $service,
            opening: Alert(Sign { key: $key, title: $title, severity: $severity, description: "", labels: &[("alertname", $key)] }),
            then: &[($end, Over($key))],
        }
    };
}

pub(super) static TALES: &[Tale] = &[
    Tale {
        ago: 2 * DAY + 3 * HOUR,
        service: CHECKOUT,
        opening: Alert(Sign {
            key: "CheckoutErrorRate/eu-central",
            title: "Checkout error rate above 2 %",
            severity: High,
            description: "2.9 of 100 purchases end in an error.",
            labels: &[("alertname", "CheckoutErrorRate"), ("region", "eu-central")],
        }),
        then: &[
            (74, Acknowledge(JONAS)),
            (3 * MIN, Start(JONAS)),
            (
                5 * MIN,
                Fires(Sign {
                    key: "CheckoutLatency/eu-central",
                    title: "Checkout p99 latency above 4 s",
                    severity: High,
                    description: "",
                    labels: &[("alertname", "CheckoutLatency"), ("region", "eu-central")],
                }),
            ),
            (9 * MIN, Note(JONAS, "Began with release `checkout 2026.11.3`. Rolling back.")),
            (16 * MIN, Over("CheckoutLatency/eu-central")),
            (19 * MIN, Over("CheckoutErrorRate/eu-central")),
            (
                31 * MIN,
                Resolve(
                    JONAS,
                    "Rolled back `checkout 2026.11.3`. It opened a database connection for each voucher instead of for each basket.\n\n**Next:** the load test gets a basket with vouchers.",
                ),
            ),
        ],
    },
    Tale {
        ago: 6 * DAY + 5 * HOUR,
        service: ORDERS_DB,
        opening: Alert(Sign {
            key: "PrimaryDown/orders-db-1",
            title: "Primary orders-db-1 does not answer",
            severity: Critical,
            description: "No answer for 20 s.",
            labels: &[("alertname", "PrimaryDown"), ("instance", "orders-db-1")],
        }),
        then: &[
            (48, Acknowledge(ADAEZE)),
            (90, Start(ADAEZE)),
            (
                2 * MIN,
                Fires(Sign {
                    key: "ConnectionsRefused/orders-db-1",
                    title: "Connections to orders-db-1 are refused",
                    severity: High,
                    description: "",
                    labels: &[("alertname", "ConnectionsRefused"), ("instance", "orders-db-1")],
                }),
            ),
            (4 * MIN, Note(ADAEZE, "Promoting orders-db-3. Checkout is told to retry writes for 5 minutes.")),
            (7 * MIN, Note(ADAEZE, "orders-db-3 is primary. Writes work again since minute 6.")),
            (9 * MIN, Over("ConnectionsRefused/orders-db-1")),
            (38 * MIN, Note(GRACE, "The machine is back with a new controller. It follows as a replica now.")),
            (
                52 * MIN,
                Resolve(
                    ADAEZE,
                    "The RAID controller of orders-db-1 failed. Failover took **6 minutes**, of which 4 were spent looking for the runbook.\n\n1. Link the runbook from the service (done).\n2. Try the failover once a quarter.",
                ),
            ),
        ],
    },
    Tale {
        ago: 11 * DAY + 8 * HOUR,
        service: GATEWAY,
        opening: Alert(Sign {
            key: "ProviderDown/nordbank",
            title: "Nordbank answers no authorisations",
            severity: Critical,
            description: "0 of 412 requests answered in 2 minutes.",
            labels: &[("alertname", "ProviderDown"), ("provider", "nordbank")],
        }),
        then: &[
            (62, Acknowledge(MARA)),
            (2 * MIN, Start(MARA)),
            (6 * MIN, Note(MARA, "Routing all cards to the second acquirer. Costs us 0.3 % per payment, loses nobody.")),
            (84 * MIN, Over("ProviderDown/nordbank")),
            (97 * MIN, Resolve(MARA, "Nordbank had an outage of 83 minutes. Rerouted after 7; 388 payments were retried, none lost.")),
        ],
    },
    Tale {
        ago: 17 * DAY + 2 * HOUR,
        service: SEARCH,
        opening: Declared {
            by: PRIYA,
            title: "Search finds nothing for words with umlauts",
            severity: High,
            description: "`schlüssel` finds 0 products, `schlussel` finds 312. Since the index of last night.",
        },
        then: &[
            (40, Acknowledge(PRIYA)),
            (5 * MIN, Assign(PRIYA, DEV)),
            (7 * MIN, Start(DEV)),
            (
                33 * MIN,
                Note(
                    DEV,
                    "The new analyser folds letters when indexing but not when asking. Going back to the old one; the index has to be built again.",
                ),
            ),
            (
                3 * 60 * MIN + 12 * MIN,
                Resolve(DEV, "Index built again with the old analyser. The test set has words in German, Polish and Turkish now."),
            ),
        ],
    },
    Tale {
        ago: 22 * DAY + 6 * HOUR,
        service: EDGE,
        opening: Alert(Sign {
            key: "uptime/www",
            title: "www.example.com does not answer from 3 places",
            severity: Critical,
            description: "Frankfurt, Virginia, Mumbai.",
            labels: &[("host", "www.example.com")],
        }),
        then: &[
            (55, Acknowledge(LUIS)),
            (100, Start(LUIS)),
            (8 * MIN, Note(LUIS, "A rule that was meant for `staging` blocks everything. Taking it out.")),
            (11 * MIN, Over("uptime/www")),
            (
                24 * MIN,
                Resolve(
                    LUIS,
                    "A firewall rule for staging was applied to production. **11 minutes** without a site.\n\nRules now carry their environment in the name, and the tool refuses the others.",
                ),
            ),
        ],
    },
    // Flaps, so that it stays open until somebody looks.
    Tale {
        ago: 4 * DAY + 7 * HOUR,
        service: RUNNERS,
        opening: Alert(Sign {
            key: "runner-18",
            title: "Runner 18 goes offline and comes back",
            severity: Low,
            description: "",
            labels: &[("pool", "linux-large")],
        }),
        then: &[
            (3 * MIN, Over("runner-18")),
            (
                5 * MIN,
                Fires(Sign {
                    key: "runner-18",
                    title: "Runner 18 goes offline and comes back",
                    severity: Low,
                    description: "",
                    labels: &[("pool", "linux-large")],
                }),
            ),
            (8 * MIN, Over("runner-18")),
            (
                12 * MIN,
                Fires(Sign {
                    key: "runner-18",
                    title: "Runner 18 goes offline and comes back",
                    severity: Low,
                    description: "",
                    labels: &[("pool", "linux-large")],
                }),
            ),
            (14 * MIN, Over("runner-18")),
            (20 * MIN, Acknowledge(GRACE)),
            (28 * MIN, Resolve(GRACE, "Its network cable was loose. Really.")),
        ],
    },
    // Held for five minutes and over after two: no incident came of it.
    passed!(3 * DAY + HOUR, INDEXER, Medium, "lag/catalogue", "Index is 60 s behind the catalogue", 2 * MIN),
    fixed!(
        DAY + 6 * HOUR,
        CHECKOUT,
        Medium,
        "VoucherErrors",
        "Voucher check fails for 1 % of baskets",
        JONAS,
        3 * MIN + 20,
        44 * MIN,
        "A campaign began with codes that nobody had loaded. Loaded them."
    ),
    fixed!(
        DAY + 11 * HOUR,
        SEARCH,
        Medium,
        "SuggestSlow/eu",
        "Suggestions slower than 300 ms in eu-central",
        DEV,
        6 * MIN,
        71 * MIN,
        "Cache was emptied by the restart of last night; it fills itself. Warm-up added to the start."
    ),
    passed!(2 * DAY + 9 * HOUR, CLUSTERS, Medium, "CpuThrottling", "CPU throttling in namespace search", 13 * MIN),
    fixed!(
        3 * DAY + 4 * HOUR,
        GATEWAY,
        High,
        "TokenVaultLatency",
        "Token vault slower than 800 ms",
        MARA,
        95,
        38 * MIN,
        "One of two vault nodes had a full log disk. Log rotation repaired, disk alert added."
    ),
    passed!(3 * DAY + 15 * HOUR, EDGE, Low, "uptime/docs", "docs.example.com answers slowly", 9 * MIN),
    fixed!(
        4 * DAY + 2 * HOUR,
        INVOICES,
        Low,
        "pdf-backlog",
        "400 invoices wait for their PDF",
        JONAS,
        48 * MIN,
        5 * 60 * MIN,
        "Worker count was 1 since the move. It is 4 again."
    ),
    fixed!(
        5 * DAY + HOUR,
        INDEXER,
        High,
        "lag/prices",
        "Prices in the index are 20 minutes old",
        PRIYA,
        7 * MIN,
        52 * MIN,
        "A poison message stopped the partition. Moved it to the dead letters; fixed the parser for negative discounts."
    ),
    passed!(5 * DAY + 13 * HOUR, RUNNERS, Medium, "queue-wait/arm", "Build queue of ARM longer than 20 minutes", 35 * MIN),
    fixed!(
        7 * DAY + 9 * HOUR,
        CLUSTERS,
        Medium,
        "CrashLoop/reports",
        "reports-worker restarts over and over",
        LUIS,
        9 * MIN,
        63 * MIN,
        "Its secret was rotated, its deployment not. Restarted; secrets now restart who reads them."
    ),
    passed!(8 * DAY + 3 * HOUR, SEARCH, Low, "IndexSize", "Index of ap-south grows faster than usual", 4 * 60 * MIN),
    fixed!(
        8 * DAY + 12 * HOUR,
        CHECKOUT,
        High,
        "AddressService",
        "Address lookup fails for 12 % of customers",
        MARA,
        80,
        27 * MIN,
        "The supplier answered 429: our new retry asked too often. Retry with backoff is out."
    ),
    fixed!(
        9 * DAY + 5 * HOUR,
        EDGE,
        Medium,
        "ratelimit/login",
        "Rate limit hits on sign-in: 9,000 a minute",
        ADAEZE,
        4 * MIN,
        55 * MIN,
        "Credential stuffing from one network; blocked it at the edge. No account was opened."
    ),
    passed!(10 * DAY + 2 * HOUR, ORDERS_DB, Medium, "Checkpoints", "Checkpoints come too often", 26 * MIN),
    fixed!(
        10 * DAY + 16 * HOUR,
        RUNNERS,
        Low,
        "artifact-disk",
        "Artifact store is 90 % full",
        GRACE,
        3 * 60 * MIN,
        9 * 60 * MIN,
        "Retention was 365 days. It is 30."
    ),
    fixed!(
        12 * DAY + 7 * HOUR,
        INDEXER,
        Medium,
        "dead-letters",
        "37 dead letters in the index queue",
        DEV,
        25 * MIN,
        2 * 60 * MIN,
        "Products without a category. Replayed after the catalogue team gave them one."
    ),
    passed!(13 * DAY + HOUR, CHECKOUT, Medium, "BasketLatency", "Basket p99 above 900 ms", 11 * MIN),
    fixed!(
        14 * DAY + 4 * HOUR,
        CLUSTERS,
        High,
        "ApiServerLatency",
        "API server of eu-central slower than 1 s",
        ADAEZE,
        2 * MIN + 10,
        49 * MIN,
        "A controller listed all pods every second. Gave it a watch instead."
    ),
    fixed!(
        15 * DAY + 10 * HOUR,
        GATEWAY,
        Medium,
        "Webhooks/late",
        "Webhooks of the second acquirer come 5 minutes late",
        JONAS,
        5 * MIN,
        3 * 60 * MIN,
        "Theirs to repair, and they did. We poll as well from now on when a webhook is missing."
    ),
    passed!(16 * DAY + 6 * HOUR, EDGE, Medium, "uptime/api-us", "api.example.com answers slowly from Virginia", 7 * MIN),
    fixed!(
        18 * DAY + 3 * HOUR,
        ORDERS_DB,
        High,
        "LongTransaction",
        "A transaction is open for 40 minutes",
        GRACE,
        3 * MIN,
        18 * MIN,
        "Somebody's console. Ended it; consoles get `idle_in_transaction_session_timeout` of 5 minutes."
    ),
    fixed!(
        19 * DAY + 8 * HOUR,
        SEARCH,
        High,
        "ErrorRate/us",
        "Search errors above 1 % in us-east",
        DEV,
        2 * MIN + 45,
        34 * MIN,
        "One node had an old synonym file. Files are checked by hash at start now."
    ),
    fixed!(
        20 * DAY + 5 * HOUR,
        INVOICES,
        High,
        "batch-failed",
        "Monthly batch stopped at 61 %",
        JONAS,
        12 * MIN,
        2 * 60 * MIN + 20 * MIN,
        "A customer without a country. Finished by hand; the import refuses such customers now."
    ),
    passed!(21 * DAY + 9 * HOUR, CLUSTERS, Low, "ImagePull", "Image pulls slow in ap-south", 41 * MIN),
    fixed!(
        24 * DAY + 4 * HOUR,
        CHECKOUT,
        Critical,
        "OrdersLost",
        "Paid baskets without an order: 6",
        MARA,
        51,
        76 * MIN,
        "The message broker acknowledged before it stored. Publisher confirms are on; the 6 orders were made by hand and the customers told."
    ),
    fixed!(
        26 * DAY + 7 * HOUR,
        EDGE,
        Low,
        "certificate/old",
        "Certificate of old.example.com expires in 20 days",
        LUIS,
        5 * 60 * MIN,
        26 * 60 * MIN,
        "Nobody needs the host any more. Took it out of DNS."
    ),
    passed!(28 * DAY + 2 * HOUR, RUNNERS, Medium, "queue-wait/macos", "Build queue of macOS longer than 20 minutes", 50 * MIN),
    fixed!(
        29 * DAY + 6 * HOUR,
        ORDERS_DB,
        Medium,
        "BackupLate",
        "Backup of orders-db is 3 hours late",
        ADAEZE,
        14 * MIN,
        95 * MIN,
        "The target bucket was full. Older backups go to cold storage now; a restore was tried and works."
    ),
];
