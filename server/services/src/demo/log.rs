//! What the demo's people wrote into their team's log.

use domain::{
    Instant,
    incident::{Filter, Sort},
    list::Paging,
    log::{BlockerIn, Resolution, UpdateIn},
};

use super::{
    ago,
    organisation::{ADAEZE, DEV, GRACE, JONAS, LUIS, MARA, Organisation, PRIYA},
};
use crate::{Cx, Result, incident, log};

/// In minutes.
const HOUR: i64 = 60;
/// In minutes.
const DAY: i64 = 24 * HOUR;

struct Entry {
    /// Posted so many minutes ago.
    ago: i64,
    by: &'static str,
    title: &'static str,
    content: &'static str,
    tags: &'static [&'static str],
}

const UPDATES: [Entry; 6] = [
    Entry {
        ago: 12 * DAY,
        by: LUIS,
        title: "Postgres 16 is on every replica",
        content: "Replicas first, the primary follows on Thursday at 07:00 UTC.\n\n- lag stayed below 2 s\n- one long query was killed, see the runbook",
        tags: &["postgres", "maintenance"],
    },
    Entry {
        ago: 7 * DAY,
        by: PRIYA,
        title: "Search index rebuilt without downtime",
        content: "Took 4 h 10 min, about as planned. The **old index stays for a week**.",
        tags: &["search"],
    },
    Entry {
        ago: 4 * DAY,
        by: ADAEZE,
        title: "Node pools: three instead of five",
        content: "Saves a fifth of the bill. `us-east` keeps its own pool until the quota is raised.",
        tags: &["kubernetes", "cost"],
    },
    Entry {
        ago: 2 * DAY,
        by: GRACE,
        title: "On-call handover, week 47",
        content: "Quiet but for the disk of `db-2`. Watch the certificate of the status page.",
        tags: &["handover"],
    },
    Entry {
        ago: DAY,
        by: JONAS,
        title: "Retries of card payments are capped",
        content: "Three tries in ten minutes, then the customer is asked. Behind the flag `capped-retries`, on for 5 %.",
        tags: &["payments", "deploy"],
    },
    Entry {
        ago: 3 * HOUR,
        by: MARA,
        title: "Checkout: today",
        content: "Following the error rate since the release of this morning. Rollback is ready.",
        tags: &["payments"],
    },
];

/// Posts and reports, each at its instant.
pub(super) async fn write(cx: &Cx, organisation: &Organisation, now: Instant) -> Result<()> {
    let mut latest = None;
    for entry in &UPDATES {
        let by = organisation.person(entry.by)?.at(ago(now, entry.ago));
        let tags = entry.tags.iter().map(|tag| (*tag).to_owned()).collect();
        let new = UpdateIn { title: entry.title.into(), content: entry.content.into(), tags };
        latest = Some(log::create_update(&by, new).await?.id);
    }
    let id = |name| organisation.person(name)?.user();

    let quota = BlockerIn {
        description: "The quota of us-east is used up".into(),
        impact: "The node pool cannot be merged".into(),
        waits_for: "the cloud provider's support".into(),
        ..BlockerIn::default()
    };
    let made = log::create_blocker(&organisation.person(ADAEZE)?.at(ago(now, 5 * DAY)), quota).await?;
    let how = Resolution { resolution_notes: "Raised to 400 cores.".into() };
    log::resolve_blocker(&organisation.person(LUIS)?.at(ago(now, 20 * HOUR)), made.id, how).await?;

    let access = BlockerIn {
        description: "No access to the payment provider's logs".into(),
        impact: "The cause of the refused cards cannot be seen".into(),
        waits_for_id: Some(id(JONAS)?),
        related_status_id: latest,
        related_incident_id: worst(cx, organisation).await?,
        ..BlockerIn::default()
    };
    log::create_blocker(&organisation.person(MARA)?.at(ago(now, 14)), access).await?;

    let review = BlockerIn {
        description: "Review of the new ranking is open".into(),
        impact: "The experiment cannot start".into(),
        waits_for_id: Some(id(PRIYA)?),
        ..BlockerIn::default()
    };
    log::create_blocker(&organisation.person(DEV)?.at(ago(now, 26 * HOUR)), review).await?;
    Ok(())
}

/// The worst of the demo's incidents that are not over.
async fn worst(cx: &Cx, organisation: &Organisation) -> Result<Option<domain::Id<domain::incident::Incident>>> {
    let services: Vec<_> = organisation.services().collect();
    let live = incident::list(cx, &Filter::live(), Sort::Severity, &Paging::default()).await?;
    Ok(live.items.into_iter().map(|row| row.incident).find(|i| services.contains(&i.service_id)).map(|i| i.id))
}
