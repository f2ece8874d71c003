//! What the page of one incident holds: the incident as it is now, and what this person has under way.

use std::collections::BTreeMap;

use domain::{
    Id,
    account::{Me, Role, User},
    incident::{Detail, Incident, Row, State, Verb},
};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use ui::Toasts;

use super::api;
use crate::{
    live::{self, News, calmly, merged},
    outbox::{self, Item},
    session,
};

/// The page's state; cheap to copy.
#[derive(Clone, Copy)]
pub struct Model {
    /// Which incident.
    pub id: Id<Incident>,
    /// Everything that the page shows; events change its row, a fetch all of it.
    pub detail: RwSignal<Detail>,
    /// The incident alone.
    pub incident: Memo<Incident>,
    /// Where it stands.
    pub status: Memo<State>,
    /// A verb is on its way.
    pub busy: RwSignal<Option<Verb>>,
    /// A note is being written here.
    pub writing: RwSignal<bool>,
    /// What waits to be sent about it.
    pub queue: Memo<Vec<Item>>,
    /// Names of the people that it may be given to.
    pub people: StoredValue<Vec<(Id<User>, String)>>,
    /// Who looks at the page.
    pub me: StoredValue<Option<Me>>,
    /// Goes to an address.
    pub go: Callback<String>,
    /// For messages.
    pub toasts: Toasts,
}

impl Model {
    /// For one page; `since` is the feed's mark from before the data was fetched.
    pub fn new(detail: Detail, people: Vec<(Id<User>, String)>, since: Option<i64>) -> Self {
        let id = detail.row.incident.id;
        let detail = RwSignal::new(detail);
        let navigate = use_navigate();
        let incident = Memo::new(move |_| detail.with(|detail| detail.row.incident.clone()));
        let model = Self {
            id,
            detail,
            incident,
            status: Memo::new(move |_| detail.with(|detail| detail.row.incident.status)),
            busy: RwSignal::new(None),
            writing: RwSignal::new(false),
            queue: outbox::outbox().about(format!("/api/v1/incidents/{id}")),
            people: StoredValue::new(people),
            me: StoredValue::new(session::me()),
            go: Callback::new(move |to: String| navigate(&to, NavigateOptions::default())),
            toasts: Toasts::of_context(),
        };
        model.follow(since);
        model
    }

    /// Changes with the incident while the page is shown.
    fn follow(self, since: Option<i64>) {
        let topic = format!("incident:{}", self.id);
        let refetch = calmly(300, move || self.fetch());
        let entity = topic.clone();
        live::on_since(vec![topic.clone()], since, move |news| {
            if let News::Event(event) = &news
                && event.entity == entity
            {
                let row =
                    self.detail.with_untracked(|detail| merged(&detail.row, &event.patch).filter(|_| event.rev > detail.row.incident.rev));
                if let Some(row) = row {
                    self.show(row);
                }
            }
            // The timeline, the alerts and the rendered texts are the server's.
            refetch();
        });
        live::viewing(topic, self.writing.into());
    }

    /// Shows a row that is newer, or that is hoped for.
    pub fn show(self, row: Row) {
        let _ = self.detail.try_update(|detail| detail.row = row);
    }

    /// Fetches everything again.
    pub fn fetch(self) {
        spawn_local(async move {
            if let Ok(fresh) = api::show(self.id.to_string()).await {
                // An older answer may come last; and the person may be elsewhere by now.
                let _ = self.detail.try_update(|detail| {
                    if fresh.row.incident.rev >= detail.row.incident.rev {
                        *detail = fresh;
                    }
                });
            }
        });
    }

    /// Whether this person may change it.
    pub fn may_respond(self) -> bool {
        session::may(Role::Responder)
    }

    /// The name of a person, where it is known.
    pub fn name_of(self, id: &str) -> Option<String> {
        self.people.with_value(|people| people.iter().find(|(person, _)| person.to_string() == id).map(|(_, name)| name.clone()))
    }

    /// `/incidents/<id>/acknowledge`, for the form without wasm.
    pub fn form_action(self, verb: &str) -> String {
        format!("/incidents/{}/{verb}", self.id)
    }
}

/// Everybody who looks at the incident but the person themselves: name, and whether they write.
pub fn others(model: Model) -> Memo<BTreeMap<String, (String, bool)>> {
    let me = session::me().map(|me| me.user.id.uuid());
    let viewers = live::presence(format!("incident:{}", model.id));
    Memo::new(move |_| {
        let there = viewers.get().into_iter().filter(|viewer| Some(viewer.user_id) != me);
        there.map(|viewer| (viewer.user_id.to_string(), (viewer.name, viewer.writing))).collect()
    })
}

/// "Ana is viewing", "Ana and 2 others are viewing", "Ana is writing a note".
pub fn presence_words(others: &BTreeMap<String, (String, bool)>) -> Option<String> {
    let writers: Vec<&str> = others.values().filter(|(_, writing)| *writing).map(|(name, _)| name.as_str()).collect();
    let viewers: Vec<&str> = others.values().map(|(name, _)| name.as_str()).collect();
    let said = |names: &[&str], one: &str, many: &str| match names {
        [] => None,
        [a] => Some(format!("{a} is {one}")),
        [a, b] => Some(format!("{a} and {b} are {many}")),
        [a, rest @ ..] => Some(format!("{a} and {} others are {many}", rest.len())),
    };
    said(&writers, "writing a note", "writing notes").or_else(|| said(&viewers, "viewing", "viewing"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(people: &[(&str, bool)], expected: Option<&str>) {
        let others = people.iter().enumerate().map(|(n, (name, writing))| (n.to_string(), ((*name).to_owned(), *writing))).collect();
        assert_eq!(presence_words(&others).as_deref(), expected);
    }

    #[test]
    fn presence_reads_as_a_sentence() {
        check(&[], None);
        check(&[("Ana", false)], Some("Ana is viewing"));
        check(&[("Ana", false), ("Ben", false)], Some("Ana and Ben are viewing"));
        check(&[("Ana", false), ("Ben", false), ("Lea", false)], Some("Ana and 2 others are viewing"));
        check(&[("Ana", false), ("Ben", true)], Some("Ben is writing a note"));
    }
}
