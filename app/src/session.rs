//! Who looks at the page. Known with the document: nothing waits for it.

use domain::account::{Me, Role};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{data::shared, incident, live, server};

/// What the frame of every page shows; made by the server before it renders.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Visit {
    /// Who is signed in.
    pub me: Option<Me>,
    /// For the navigation.
    pub counts: Counts,
    /// The newest event when the page was made: the live feed goes on from here.
    pub seq: i64,
    /// Which journal `seq` counts in.
    pub epoch: String,
    /// The build that rendered the page.
    pub build: String,
    /// Name of the installation.
    pub instance: String,
}

/// Numbers beside the areas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Incidents that are neither resolved nor closed.
    pub live: u64,
    /// Of these, how many nobody has acknowledged.
    pub open: u64,
}

/// The visit and what of it changes; a context of the whole application.
#[derive(Clone, Copy)]
pub struct Session {
    visit: StoredValue<Visit>,
    /// Kept current by the live feed.
    pub counts: RwSignal<Counts>,
}

impl Session {
    /// Call once, in the root component.
    pub fn provide() -> Self {
        let visit = shared(server::this_visit);
        let session = Self { counts: RwSignal::new(visit.counts), visit: StoredValue::new(visit) };
        provide_context(session);
        session
    }

    /// The visit as it was when the document was made.
    pub fn visit(&self) -> Visit {
        self.visit.get_value()
    }

    /// Keeps the counts current while people work.
    pub fn follow(self) {
        if self.visit.with_value(|visit| visit.me.is_none()) {
            return;
        }
        let refresh = live::calmly(1_000, move || {
            leptos::task::spawn_local(async move {
                if let Ok(counts) = incident::api::count().await {
                    self.counts.set(counts);
                }
            });
        });
        live::on(&["incidents"], move |_| refresh());
    }
}

/// The session. Panics outside of the application: a wiring error.
pub fn session() -> Session {
    expect_context()
}

/// Who is signed in.
pub fn me() -> Option<Me> {
    session().visit.with_value(|visit| visit.me.clone())
}

/// Whether the person has at least this role. What the page offers follows it; the server decides.
pub fn may(least: Role) -> bool {
    session().visit.with_value(|visit| visit.me.as_ref().is_some_and(|me| me.user.role >= least))
}
