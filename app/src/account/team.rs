//! One team: its members, and its own settings.

use domain::account::{Member, Team as Noun, TeamRow};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use ui::{
    Avatar, Button, ButtonKind, ButtonSize, Card, CheckField, Chip, ConfirmButton, EmptyState, ErrorSummary, Fact, Facts, Glyph, PageHead,
    SelectField, Skeleton, Tone, view,
};

use super::{
    api::{self, Shown},
    team_fields::TeamFields,
};
use crate::{
    data::resource,
    error::ErrorView,
    form::{self, Flash, Key, Told},
    live,
};

/// `/team/teams/:id`.
#[component]
pub fn Team() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").unwrap_or_default()));
    let team = resource(move || id.get(), api::show_team);
    let (flash, members) = (form::flash("team"), form::flash("members"));
    let view = move || {
        Suspend::new(async move {
            let (flash, members) = (flash.await, members.await);
            match team.await {
                Ok(shown) => view! { <Page shown flash members/> },
                Err(error) => view! { <ErrorView error/> },
            }
        })
    };
    view! { <Title text="Team"/><Transition fallback=|| view! { <Card flush=true><Skeleton/></Card> }>{view}</Transition> }
}

#[component]
fn Page(shown: Shown, flash: Flash, members: Flash) -> impl IntoView {
    let Shown { row: TeamRow { team, .. }, others, may_manage, .. } = shown.clone();
    let id = team.id;
    let is_archived = team.archived_at.is_some();
    let (name, description) = (team.name.clone(), team.description.clone());
    let shown = live::followed(shown, &["accounts"], move || api::show_team(id.to_string()));
    let is_empty = Memo::new(move |_| shown.with(|shown| shown.members.is_empty()));
    let list = move || match is_empty.get() {
        true => view! { <EmptyState icon=Glyph::Users title="Nobody yet" text="Add the people who answer for this team's services."/> },
        false => {
            let rows = move || shown.with(|shown| shown.members.clone());
            view! { <ul class="rows" aria-label="Members"><For each=rows key=|member| (member.user_id, member.lead) let:member><Person team=id member may_manage/></For></ul> }
        }
    };
    let others: Vec<_> = others.into_iter().map(|(id, name)| (id.to_string(), name)).collect();
    view! {
        <Title text=name.clone()/>
        <PageHead title=name back=("/team/teams".to_owned(), "Teams".to_owned())>
            {is_archived.then(|| view! { <Chip tone=Tone::Neutral icon=Glyph::Lock label="Archived"/> })}
            {(!description.is_empty()).then(|| view! { <span>{description}</span> })}
        </PageHead>
        <div class="cols">
            <div class="stack">
                <Told flash=flash.clone() done_only=may_manage/>
                <Told flash=members.clone()/>
                <Card title="Members" flush=true>{list}</Card>
                {(may_manage && !others.is_empty()).then(|| view! {
                    <Card title="Add a member">
                        <form class="form" method="post" action=format!("/teams/{id}/members")>
                            <Key/>
                            <SelectField name="user_id" label="Person" required=true empty="Choose" options=others error=members.error("user_id")/>
                            <CheckField name="lead" label="Leads the team" hint="Leads change the team and its services without being managers."/>
                            <Button icon=Glyph::UserPlus>"Add"</Button>
                        </form>
                    </Card>
                })}
            </div>
            {if may_manage { view! { <Settings team flash/> } } else {
                view! { <Card title="Facts"><Facts><Fact name="Time zone">{team.time_zone}</Fact></Facts></Card> }
            }}
        </div>
    }
}

#[component]
fn Person(team: domain::Id<Noun>, member: Member, may_manage: bool) -> impl IntoView {
    let Member { user_id, name, lead } = member;
    let acts = may_manage.then(|| {
        let (label, glyph) = if lead { ("Take the lead away", Glyph::ArrowDown) } else { ("Make lead", Glyph::ArrowUp) };
        view! {
            <form method="post" action=format!("/teams/{team}/members")>
                <Key/>
                <input type="hidden" name="user_id" value=user_id.to_string()/>
                <input type="hidden" name="lead" value=(!lead).to_string()/>
                <Button size=ButtonSize::Small kind=ButtonKind::Ghost icon=glyph>{label}</Button>
            </form>
            <form method="post" action=format!("/teams/{team}/members/{user_id}/remove")>
                <Key/>
                <ConfirmButton label="Remove" size=ButtonSize::Small kind=ButtonKind::Ghost question=format!("Take {name} out of the team?")/>
            </form>
        }
    });
    view! {
        <li class="row min-[900px]:grid-cols-[24px_minmax(0,1fr)_auto_auto]">
            <Avatar name=name.clone()/>
            <span class="row-title flex-1">{name.clone()}</span>
            <span>{lead.then(|| view! { <Chip tone=Tone::Accent icon=Glyph::Flag label="Lead"/> })}</span>
            <span class="acts row-end">{acts}</span>
        </li>
    }
}

#[component]
fn Settings(team: Noun, flash: Flash) -> impl IntoView {
    let Noun { id, version, archived_at, name, .. } = team.clone();
    let archive = match archived_at {
        Some(_) => {
            view! { <form method="post" action=format!("/teams/{id}/restore")><Key/><Button icon=Glyph::Undo>"Restore"</Button></form> }
        }
        None => view! {
            <form method="post" action=format!("/teams/{id}/archive")>
                <Key/>
                <ConfirmButton label="Archive" icon=Glyph::Lock question=format!("Archive the team {name}?")
                    detail="Nothing new can be given to it. What it owns stays its own, and you can restore it."/>
            </form>
        },
    };
    view! {
        <div class="stack">
            <Card title="Settings">
                <form class="form" method="post" action=format!("/teams/{id}/edit")>
                    <ErrorSummary errors=flash.summary()/>
                    <Key/>
                    <input type="hidden" name="version" value=version.to_string()/>
                    <TeamFields flash team/>
                    <Button kind=ButtonKind::Primary>"Save"</Button>
                </form>
            </Card>
            {archive}
        </div>
    }
}
