//! The person's menu: theme, shortcuts, signing out.

use leptos::prelude::*;
use ui::{Avatar, ButtonKind, Glyph, Menu, MenuButton, MenuLine, ThemeSwitch, view};

use super::{address, shortcuts};
use crate::{form::Key, server, session};

/// The avatar in the bar, and what is behind it.
#[component]
pub fn Person() -> impl IntoView {
    let Some(me) = session::me() else { return ().into_any() };
    let name = me.user.name.clone();
    let here = address();
    view! {
        <Menu label=format!("Account of {name}") kind=ButtonKind::Ghost face=move || view! { <Avatar name/> }>
            <div class="px-2 py-2">
                <p class="font-semibold">{me.user.name.clone()}</p>
                <p class="meta">{me.user.email.clone()}", "{me.user.role.as_str()}</p>
            </div>
            <MenuLine/>
            <div class="px-2 py-1"><ThemeSwitch current=server::theme()><input type="hidden" name="next" value=here/></ThemeSwitch></div>
            <MenuLine/>
            <div class="needs-js"><MenuButton label="Keyboard shortcuts" icon=Glyph::Keyboard on_click=|_| shortcuts::open()/></div>
            <form method="post" action="/sign-out"><Key/><MenuButton label="Sign out" icon=Glyph::SignOut/></form>
        </Menu>
    }
}
