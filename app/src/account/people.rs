//! Who there is: people with their roles, and the way for more to come.

use domain::{account::Role, list::Page};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use ui::{
    Button, ButtonKind, Card, CopyBlock, EmptyState, ErrorSummary, Glyph, LinkButton, PageHead, Pagination, SelectField, Skeleton, Tab,
    Tabs, TextField, view,
};

use super::{
    api::{self, Everybody},
    person::{Invited, Person},
    roles,
};
use crate::{
    data::resource,
    error::ErrorView,
    export::Export,
    form::{self, Flash, Key, Told},
    incident::query::joined,
    live, session,
};

/// The two views of this area.
pub fn tabs(current: &'static str) -> impl IntoView {
    let tabs = vec![Tab::new("/team", "People"), Tab::new("/team/teams", "Teams")];
    view! { <Tabs label="People and teams" tabs=tabs current=current.to_owned()/> }
}

/// What the address asks for.
#[derive(Clone, PartialEq)]
struct Asked {
    q: String,
    archived: bool,
    page: u32,
}

impl Asked {
    fn href(&self, page: u64) -> String {
        let archived = if self.archived { "true" } else { "" };
        let pairs = [("q", self.q.clone()), ("archived", archived.to_owned()), ("page", page.to_string())];
        joined("/team", &pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect::<Vec<_>>())
    }
}

/// `/team`.
#[component]
pub fn People() -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        query.with(|query| Asked {
            q: query.get("q").unwrap_or_default(),
            archived: query.get_str("archived") == Some("true"),
            page: query.get_str("page").and_then(|page| page.parse().ok()).unwrap_or(1),
        })
    });
    let everybody = resource(move || asked.get(), |asked| api::people(asked.q, asked.archived, asked.page));
    let exported = Signal::derive(move || {
        let Asked { q, archived, .. } = asked.get();
        vec![("q", q), ("archived", if archived { "true".to_owned() } else { String::new() })]
    });
    let (told, invited) = (form::flash("people"), form::flash("invite"));
    let view = move || {
        Suspend::new(async move {
            let (told, invited) = (told.await, invited.await);
            match everybody.await {
                Ok(found) => view! { <Told flash=told/><Shown found invited asked=asked.get_untracked()/> },
                Err(error) => view! { <ErrorView error/> },
            }
        })
    };
    view! {
        <Title text="People"/>
        <PageHead title="People and teams" actions=move || view! { <Export list="users" filters=exported/> }/>
        {tabs("/team")}
        <Transition fallback=|| view! { <Card flush=true><Skeleton/></Card> }>{view}</Transition>
    }
}

#[component]
fn Shown(found: Everybody, invited: Flash, asked: Asked) -> impl IntoView {
    let is_admin = session::may(Role::Admin);
    let teams = found.teams.clone();
    let Page { total, total_is_exact, page, page_size, .. } = found.users;
    let found = {
        let asked = asked.clone();
        live::followed(found, &["accounts"], move || api::people(asked.q.clone(), asked.archived, asked.page))
    };
    let nobody = Memo::new(move |_| found.with(|found| found.users.items.is_empty()));
    let nobody_invited = Memo::new(move |_| found.with(|found| found.invitations.is_empty()));
    let waiting = move || {
        (!nobody_invited.get()).then(|| {
            let rows = move || found.with(|found| found.invitations.clone());
            view! {
                <Card title="Invited, not yet here" flush=true>
                    <ul class="rows" aria-label="Invitations"><For each=rows key=|invitation| invitation.id let:invitation><Invited invitation/></For></ul>
                </Card>
            }
        })
    };
    let people = move || match nobody.get() {
        true => {
            view! { <EmptyState icon=Glyph::Users title="Nobody here" text="Nobody matches this search."><LinkButton href="/team">"Show everybody"</LinkButton></EmptyState> }
        }
        false => {
            let rows = move || found.with(|found| found.users.items.clone());
            view! { <ul class="rows" aria-label="People"><For each=rows key=|user| (user.id, user.rev) let:user><Person user/></For></ul> }
        }
    };
    let list = {
        let asked = asked.clone();
        view! {
            <Card flush=true>
                {people}
                <Pagination page=page.into() per_page=page_size.into() total total_is_exact href=Callback::new(move |page| asked.href(page))/>
            </Card>
        }
    };
    view! {
        <form class="filters" method="get" action="/team">
            <TextField name="q" label="Name or address" kind_of="search" value=asked.q.clone()/>
            <ui::CheckField name="archived" label="Archived" checked=asked.archived/>
            <Button>"Filter"</Button>
        </form>
        <div class=if is_admin { "cols" } else { "stack" }>
            <div class="stack">{list}{waiting}</div>
            {is_admin.then(|| view! { <InviteForm flash=invited teams/> })}
        </div>
    }
}

#[component]
fn InviteForm(flash: Flash, teams: Vec<(domain::Id<domain::account::Team>, String)>) -> impl IntoView {
    let link = flash.value("link").map(|link| {
        let who = flash.value("invited").unwrap_or_default();
        view! {
            <div class="stack-tight" role="status">
                <p><strong>"Send this link to "{who}"."</strong>" It is shown this once, works once, and for seven days."</p>
                <CopyBlock text=link label="Copy the link" wrap=true/>
            </div>
        }
    });
    let teams: Vec<_> = teams.into_iter().map(|(id, name)| (id.to_string(), name)).collect();
    view! {
        <Card title="Invite somebody" id="invite">
            <div class="stack">
                {link}
                <form class="form" method="post" action="/users/invite">
                    <ErrorSummary errors=flash.summary()/>
                    <Key/>
                    <TextField name="email" label="E-mail" kind_of="email" required=true autocomplete="off" value=flash.value("email").unwrap_or_default() error=flash.error("email")/>
                    <SelectField name="role" label="Role" required=true options=roles() value=flash.value("role").unwrap_or_else(|| "responder".into()) error=flash.error("role")/>
                    <SelectField name="team_id" label="Team" empty="No team" options=teams value=flash.value("team_id").unwrap_or_default() error=flash.error("team_id")/>
                    <Button kind=ButtonKind::Primary icon=Glyph::UserPlus>"Make the link"</Button>
                </form>
            </div>
        </Card>
    }
}
