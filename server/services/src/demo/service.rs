//! The services of the demo, with what they promise and how they treat their alerts.

use domain::{
    Id,
    account::Team,
    integration::Kind::{self, Alertmanager, Generic, Pagerduty},
    service::{AlertSettings, Grouping, Link, ServiceIn, Visibility},
};

/// A service to make.
pub(super) struct Wanted {
    pub name: &'static str,
    pub team: &'static str,
    description: &'static str,
    /// Minutes to acknowledge, to resolve.
    promise: (u32, u32),
    grouping: By,
    pub auto_pause_minutes: u32,
    /// Its page under the documentation.
    slug: &'static str,
    pub integrations: &'static [(Kind, &'static str)],
}

enum By {
    Alert,
    Labels(&'static [&'static str]),
    Minutes(u32),
}

pub(super) const CHECKOUT: &str = "Checkout";
pub(super) const GATEWAY: &str = "Card gateway";
pub(super) const INVOICES: &str = "Invoices";
pub(super) const CLUSTERS: &str = "Kubernetes";
pub(super) const ORDERS_DB: &str = "Orders database";
pub(super) const EDGE: &str = "Edge proxy";
pub(super) const RUNNERS: &str = "Build runners";
pub(super) const SEARCH: &str = "Search API";
pub(super) const INDEXER: &str = "Indexer";

pub(super) const SERVICES: [Wanted; 9] = [
    Wanted {
        name: CHECKOUT,
        team: "Payments",
        description: "From the basket to the paid order. If it is slow, people leave; if it fails, nobody buys.",
        promise: (5, 60),
        grouping: By::Minutes(30),
        auto_pause_minutes: 0,
        slug: "checkout",
        integrations: &[(Alertmanager, "Prometheus eu-central"), (Generic, "Synthetic purchases")],
    },
    Wanted {
        name: GATEWAY,
        team: "Payments",
        description: "Talks to the card acquirers and retries what they drop. One provider may be down; two may not.",
        promise: (5, 60),
        grouping: By::Labels(&["provider"]),
        auto_pause_minutes: 0,
        slug: "card-gateway",
        integrations: &[(Alertmanager, "Prometheus eu-central"), (Pagerduty, "Acquirer status")],
    },
    Wanted {
        name: INVOICES,
        team: "Payments",
        description: "Monthly invoices and their PDFs. Busy on the first working day of a month, quiet otherwise.",
        promise: (60, 1_440),
        grouping: By::Alert,
        auto_pause_minutes: 0,
        slug: "invoices",
        integrations: &[(Pagerduty, "Batch scheduler")],
    },
    Wanted {
        name: CLUSTERS,
        team: "Platform",
        description: "Three clusters: eu-central, us-east, ap-south. Everything else stands on them.",
        promise: (10, 240),
        grouping: By::Labels(&["cluster", "namespace"]),
        auto_pause_minutes: 0,
        slug: "kubernetes",
        integrations: &[(Alertmanager, "Prometheus of the clusters")],
    },
    Wanted {
        name: ORDERS_DB,
        team: "Platform",
        description: "PostgreSQL, one primary and two replicas. Checkout and Invoices depend on it.",
        promise: (10, 120),
        grouping: By::Labels(&["instance"]),
        auto_pause_minutes: 0,
        slug: "orders-database",
        integrations: &[(Alertmanager, "Prometheus eu-central")],
    },
    Wanted {
        name: EDGE,
        team: "Platform",
        description: "TLS, routing and rate limits in front of everything. Certificates renew themselves, mostly.",
        promise: (5, 60),
        grouping: By::Alert,
        auto_pause_minutes: 0,
        slug: "edge-proxy",
        integrations: &[(Generic, "Uptime checks"), (Alertmanager, "Prometheus of the edge")],
    },
    Wanted {
        name: RUNNERS,
        team: "Platform",
        description: "Machines that build and test. Nobody outside notices; every developer does.",
        promise: (240, 2_880),
        grouping: By::Alert,
        auto_pause_minutes: 0,
        slug: "build-runners",
        integrations: &[(Generic, "Runner autoscaler")],
    },
    Wanted {
        name: SEARCH,
        team: "Search",
        description: "Answers what people type, in under 200 ms for 99 of 100.",
        promise: (10, 120),
        grouping: By::Labels(&["region"]),
        auto_pause_minutes: 0,
        slug: "search-api",
        integrations: &[(Alertmanager, "Prometheus ap-south")],
    },
    Wanted {
        name: INDEXER,
        team: "Search",
        description: "Carries changes of the catalogue into the index. Short lags pass by themselves, so alerts wait five minutes.",
        promise: (30, 480),
        grouping: By::Alert,
        auto_pause_minutes: 5,
        slug: "indexer",
        integrations: &[(Generic, "Queue monitor")],
    },
];

impl Wanted {
    /// As its team asks for it.
    pub fn given(&self, team: Id<Team>) -> ServiceIn {
        let link = |title: &str, place: &str| Link { title: title.into(), url: format!("https://{place}.example.com/{}", self.slug) };
        ServiceIn {
            name: self.name.into(),
            team_id: Some(team),
            description: self.description.into(),
            visibility: Visibility::All,
            target_ack_minutes: Some(self.promise.0),
            target_resolve_minutes: Some(self.promise.1),
            links: vec![link("Runbook", "runbooks"), link("Dashboard", "grafana"), link("Source", "git")],
            alerts: AlertSettings {
                grouping: match self.grouping {
                    By::Alert => Grouping::None,
                    By::Labels(labels) => Grouping::Labels { labels: labels.iter().map(|l| (*l).to_owned()).collect() },
                    By::Minutes(minutes) => Grouping::Window { minutes },
                },
                auto_pause_minutes: self.auto_pause_minutes,
                ..AlertSettings::default()
            },
        }
    }
}
