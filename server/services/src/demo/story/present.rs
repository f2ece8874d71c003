//! What is not over: the first screen of the demo.

use domain::incident::Severity::{Critical, High, Low, Medium};

use super::{
    Act::{Acknowledge, Again, Assign, Fires, Note, Start},
    DAY, HOUR, MIN,
    Opening::{Alert, Declared},
    Sign, Tale,
};
use crate::demo::{
    organisation::{ADAEZE, DEV, GRACE, JONAS, LUIS, MARA, PRIYA},
    service::{CHECKOUT, CLUSTERS, EDGE, GATEWAY, INVOICES, ORDERS_DB, RUNNERS, SEARCH},
};

pub(super) static TALES: &[Tale] = &[
    Tale {
        ago: 6,
        service: CHECKOUT,
        opening: Alert(Sign {
            key: "CheckoutErrorRate/eu-central",
            title: "Checkout error rate above 8 %",
            severity: Critical,
            description: "8.4 of 100 purchases end in an error (average of 5 minutes; usual: 0.2).",
            labels: &[("alertname", "CheckoutErrorRate"), ("env", "production"), ("region", "eu-central")],
        }),
        then: &[
            (
                35,
                Fires(Sign {
                    key: "CheckoutLatency/eu-central",
                    title: "Checkout p99 latency above 4 s",
                    severity: High,
                    description: "p99 is 4.7 s, the objective is 1.2 s.",
                    labels: &[("alertname", "CheckoutLatency"), ("env", "production"), ("region", "eu-central")],
                }),
            ),
            (60, Again("CheckoutErrorRate/eu-central")),
            (
                70,
                Fires(Sign {
                    key: "SyntheticPurchase/berlin",
                    title: "Synthetic purchase fails from Berlin",
                    severity: Critical,
                    description: "3 of 3 attempts failed at the step `pay`: 502 from checkout-api.",
                    labels: &[("check", "purchase"), ("from", "berlin"), ("step", "pay")],
                }),
            ),
            (
                95,
                Fires(Sign {
                    key: "PaymentRetryQueue",
                    title: "Payment retry queue longer than 5,000",
                    severity: High,
                    description: "5,212 payments wait for another try; it grows by 40 a second.",
                    labels: &[("alertname", "PaymentRetryQueue"), ("queue", "payment-retry")],
                }),
            ),
            (120, Again("CheckoutErrorRate/eu-central")),
            (
                150,
                Fires(Sign {
                    key: "PodRestarts/checkout-api",
                    title: "checkout-api restarts: 7 in 5 minutes",
                    severity: High,
                    description: "Last reason: OOMKilled.",
                    labels: &[("alertname", "PodRestarts"), ("namespace", "checkout"), ("workload", "checkout-api")],
                }),
            ),
            (180, Again("CheckoutErrorRate/eu-central")),
            (200, Again("SyntheticPurchase/berlin")),
            (240, Again("CheckoutErrorRate/eu-central")),
        ],
    },
    Tale {
        ago: 52,
        service: SEARCH,
        opening: Alert(Sign {
            key: "SearchLatency/ap-south",
            title: "Search latency p99 above 2 s",
            severity: High,
            description: "p99 is 2.3 s in ap-south; other regions are fine.",
            labels: &[("alertname", "SearchLatency"), ("region", "ap-south")],
        }),
        then: &[
            (3 * MIN + 5, Acknowledge(PRIYA)),
            (5 * MIN, Again("SearchLatency/ap-south")),
            (
                8 * MIN,
                Note(
                    PRIYA,
                    "One shard answers slowly, the others are fine:\n\n```\nshard 07  p99 6.1 s   segments 214\nshard 08  p99 0.2 s   segments  31\n```\n\nA merge has not run there since this morning.",
                ),
            ),
            (11 * MIN, Assign(PRIYA, DEV)),
            (15 * MIN, Again("SearchLatency/ap-south")),
            (26 * MIN, Note(DEV, "Forced merge on shard 07 is running; **about 40 minutes to go**. Latency falls already.")),
        ],
    },
    Tale {
        ago: 75,
        service: CLUSTERS,
        opening: Alert(Sign {
            key: "NodeNotReady/us-east/a",
            title: "3 of 24 nodes NotReady in us-east",
            severity: High,
            description: "ip-10-4-2-17, ip-10-4-2-31, ip-10-4-2-40: kubelet does not report.",
            labels: &[("alertname", "NodeNotReady"), ("cluster", "us-east"), ("namespace", "kube-system")],
        }),
        then: &[
            (2 * MIN, Acknowledge(ADAEZE)),
            (
                4 * MIN,
                Fires(Sign {
                    key: "PodsPending/us-east",
                    title: "18 pods pending in us-east",
                    severity: Medium,
                    description: "Insufficient memory on the nodes that are left.",
                    labels: &[("alertname", "PodsPending"), ("cluster", "us-east"), ("namespace", "kube-system")],
                }),
            ),
            (6 * MIN, Assign(ADAEZE, LUIS)),
            (9 * MIN, Start(LUIS)),
            (21 * MIN, Note(LUIS, "All three are in rack **b4**. Opened a case with the hosting company; their status page says nothing.")),
            (48 * MIN, Note(LUIS, "- [x] workloads moved\n- [x] autoscaler added 3 nodes\n- [ ] answer from the hosting company")),
        ],
    },
    Tale {
        ago: 140,
        service: ORDERS_DB,
        opening: Alert(Sign {
            key: "ReplicaLag/orders-db-2",
            title: "Replica orders-db-2 is 5 minutes behind",
            severity: High,
            description: "Replay lag 5 min 12 s and rising.",
            labels: &[("alertname", "ReplicaLag"), ("instance", "orders-db-2")],
        }),
        then: &[
            (4 * MIN, Acknowledge(GRACE)),
            (7 * MIN, Start(GRACE)),
            (10 * MIN, Again("ReplicaLag/orders-db-2")),
            (
                18 * MIN,
                Note(
                    GRACE,
                    "The nightly report holds a snapshot open since 06:10, so replay waits. Reads of Checkout go to **orders-db-3** meanwhile.",
                ),
            ),
            (55 * MIN, Note(GRACE, "Report ended. Lag: 5 min 40 s → 2 min 10 s. I stay until it is under 10 s.")),
        ],
    },
    Tale {
        ago: 31,
        service: GATEWAY,
        opening: Alert(Sign {
            key: "DeclineRate/nordbank",
            title: "Nordbank declines 4 % more cards than usual",
            severity: Medium,
            description: "11.8 % declined, usual for this hour: 7.6 %.",
            labels: &[("alertname", "DeclineRate"), ("provider", "nordbank")],
        }),
        then: &[(10 * MIN, Again("DeclineRate/nordbank")), (20 * MIN, Again("DeclineRate/nordbank"))],
    },
    Tale {
        ago: 5 * HOUR,
        service: RUNNERS,
        opening: Alert(Sign {
            key: "queue-wait",
            title: "Build queue longer than 20 minutes",
            severity: Medium,
            description: "46 jobs wait; 12 of 20 runners are busy, 8 are offline.",
            labels: &[("pool", "linux-large")],
        }),
        then: &[
            (22 * MIN, Acknowledge(LUIS)),
            (25 * MIN, Start(LUIS)),
            (
                70 * MIN,
                Note(
                    LUIS,
                    "The new base image lacks the runner's certificate, so machines started after 07:30 never register. Building a fixed image.",
                ),
            ),
        ],
    },
    Tale {
        ago: 9 * HOUR,
        service: EDGE,
        opening: Alert(Sign {
            key: "certificate/status.example.com",
            title: "Certificate of status.example.com expires in 12 days",
            severity: Low,
            description: "It should have been renewed 18 days ago.",
            labels: &[("host", "status.example.com"), ("check", "certificate")],
        }),
        then: &[(4 * 60 * MIN, Again("certificate/status.example.com"))],
    },
    Tale {
        ago: 14 * HOUR,
        service: CLUSTERS,
        opening: Alert(Sign {
            key: "DiskFill/log-3",
            title: "Disk of log-3 is 82 % full",
            severity: Low,
            description: "Full in about 4 days at the present rate.",
            labels: &[("alertname", "DiskFill"), ("cluster", "eu-central"), ("namespace", "logging")],
        }),
        then: &[],
    },
    Tale {
        ago: DAY + 2 * HOUR,
        service: INVOICES,
        opening: Declared {
            by: JONAS,
            title: "Some customers got their latest invoice twice",
            severity: Medium,
            description: "Support counts **14 customers** so far. The amounts are right, nobody was charged twice: only the mail went out twice.",
        },
        then: &[
            (26 * MIN, Acknowledge(MARA)),
            (
                3 * 60 * MIN,
                Note(
                    MARA,
                    "The batch was started twice, 40 s apart:\n\n| run | started | mails |\n|---|---|---|\n| 1 | 06:00:02 | 8,112 |\n| 2 | 06:00:41 | 14 |\n\nThe second one was stopped by the lock, but only after its first page.",
                ),
            ),
        ],
    },
];
