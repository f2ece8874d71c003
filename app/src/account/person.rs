//! A line of the list of people, and one of the list of invitations.

use domain::account::{Invitation, Role, User};
use leptos::prelude::*;
use ui::{Avatar, ButtonSize, Chip, ConfirmButton, Glyph, Menu, MenuButton, MenuLine, Time, Tone, view};

use super::role;
use crate::{form::Key, session};

/// Somebody with their role; for administrators also what may be changed.
#[component]
pub fn Person(user: User) -> impl IntoView {
    let look = role(user.role);
    let is_archived = user.archived_at.is_some();
    let is_me = session::me().is_some_and(|me| me.user.id == user.id);
    let acts = session::may(Role::Admin).then(|| view! { <Acts user=user.clone() is_me/> });
    view! {
        <li class="row min-[900px]:grid-cols-[24px_minmax(0,1fr)_auto_auto]">
            <Avatar name=user.name.clone()/>
            <span class="row-main">
                <span class="row-title">{user.name}{is_me.then_some(" (you)")}</span>
                <span class="row-sub">{user.email}", "{user.time_zone}</span>
            </span>
            <span class="acts">
                {is_archived.then(|| view! { <Chip tone=Tone::Neutral icon=Glyph::Lock label="Archived"/> })}
                <Chip tone=look.tone icon=look.glyph label=look.word/>
            </span>
            <span class="row-end">{acts}</span>
        </li>
    }
}

#[component]
fn Acts(user: User, is_me: bool) -> impl IntoView {
    let User { id, name, role: now, version, archived_at, .. } = user;
    if archived_at.is_some() {
        return view! {
            <form method="post" action=format!("/users/{id}/restore")><Key/><ui::Button size=ButtonSize::Small icon=Glyph::Undo>"Restore"</ui::Button></form>
        };
    }
    let roles = Role::ALL.into_iter().filter(|other| *other != now).map(|other| {
        let look = role(other);
        view! {
            <form method="post" action=format!("/users/{id}/edit")>
                <Key/>
                <input type="hidden" name="version" value=version.to_string()/>
                <input type="hidden" name="role" value=other.as_str()/>
                <MenuButton label=format!("Make {}", look.word.to_lowercase()) icon=look.glyph/>
            </form>
        }
    });
    let roles = roles.collect_view();
    view! {
        <Menu label=format!("Change {name}")>
            {roles}
            <MenuLine/>
            {(!is_me).then(|| view! {
                <form class="px-2 py-1" method="post" action=format!("/users/{id}/archive")>
                    <Key/>
                    <ConfirmButton label="Archive" icon=Glyph::Lock size=ButtonSize::Small question=format!("Archive {name}?")
                        detail="They are signed out everywhere and their tokens stop. What they did stays, and you can restore them."/>
                </form>
            })}
        </Menu>
    }
}

/// Somebody who was invited and did not come yet.
#[component]
pub fn Invited(invitation: Invitation) -> impl IntoView {
    let look = role(invitation.role);
    view! {
        <li class="row min-[900px]:grid-cols-[minmax(0,1fr)_auto_auto]">
            <span class="row-main">
                <span class="row-title">{invitation.email.clone()}</span>
                <span class="row-sub">"Link works until "<Time utc_ms=invitation.expires_at.ms() show=ui::TimeShow::Exact/></span>
            </span>
            <Chip tone=look.tone icon=look.glyph label=look.word/>
            <form class="row-end" method="post" action=format!("/invitations/{}/revoke", invitation.id)>
                <Key/>
                <ConfirmButton label="Withdraw" size=ButtonSize::Small question=format!("Withdraw the invitation of {}?", invitation.email)/>
            </form>
        </li>
    }
}
