//! A new password.

use domain::account::User;
use leptos::prelude::*;
use ui::{Button, ButtonKind, Card, ErrorSummary, PasswordField, view};

use crate::form::{Flash, Key, Told};

/// Asks for the present one first; a new one ends every other session.
#[component]
pub fn Password(user: User, flash: Flash) -> impl IntoView {
    view! {
        <Card title="Password">
            <form class="form" method="post" action="/settings/password">
                <Told flash=flash.clone() done_only=true/>
                <ErrorSummary errors=flash.summary()/>
                <Key/>
                <input type="hidden" name="version" value=user.version.to_string()/>
                <input class="sr-only" type="email" name="username" autocomplete="username" value=user.email tabindex="-1" aria-hidden="true" readonly=true/>
                <PasswordField name="current_password" label="Present password" error=flash.error("current_password")/>
                <PasswordField name="password" label="New password" autocomplete="new-password" minlength=8 hint="At least 8 characters. Longer beats stranger." error=flash.error("password")/>
                <Button kind=ButtonKind::Primary>"Change it"</Button>
                <p class="meta">"Every other device is signed out."</p>
            </form>
        </Card>
    }
}
