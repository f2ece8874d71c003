//! A new API token: what it is for, what it may do, when it ends.

use domain::account::SCOPE_AREAS;
use leptos::prelude::*;
use ui::{Button, ButtonKind, Card, CheckField, ErrorSummary, Glyph, SelectField, TextField, view};

use crate::form::{Flash, Key};

/// The form; as typed when it was refused.
#[component]
pub fn TokenForm(flash: Flash) -> impl IntoView {
    // The flash of a token that was made has its name in it: the form begins anew.
    let flash = if flash.errors.is_empty() { Flash::default() } else { flash };
    let chosen: Vec<String> = flash.value("scopes").unwrap_or_default().split(' ').map(str::to_owned).collect();
    let is = |scope: &str| chosen.iter().any(|one| one == scope);
    let ends = [("30", "In 30 days"), ("90", "In 90 days"), ("365", "In a year"), ("", "Never")]
        .map(|(days, words)| (days.to_owned(), words.to_owned()));
    let scopes = SCOPE_AREAS.iter().flat_map(|area| ["read", "write"].map(|verb| (format!("{area}:{verb}"), *area, verb)));
    let scopes = scopes.filter(|(_, area, verb)| !(*verb == "write" && matches!(*area, "events" | "audit"))).map(|(scope, ..)| {
        let checked = is(&scope);
        view! { <CheckField name="scopes" id=format!("f-scopes-{}", scope.replace(':', "-")) value=scope.clone() label=scope checked/> }
    });
    let (everything, scopes) = (is("*"), scopes.collect_view());
    view! {
        <Card title="New token">
            <form class="form" method="post" action="/settings/tokens">
                <ErrorSummary errors=flash.summary()/>
                <Key/>
                <TextField name="name" label="What it is for" required=true maxlength=120 placeholder="Deploy script" value=flash.value("name").unwrap_or_default() error=flash.error("name")/>
                <fieldset class="fieldset">
                    <legend class="font-semibold px-1">"What it may do"</legend>
                    <CheckField name="scopes" value="*" label="Everything that you may do" checked=everything error=flash.error("scopes")/>
                    <div class="grid gap-2 grid-cols-[repeat(auto-fill,minmax(136px,1fr))]">{scopes}</div>
                </fieldset>
                <SelectField name="days" label="Ends" required=false options=ends.to_vec() value=flash.value("days").unwrap_or_else(|| "90".into()) error=flash.error("days")/>
                <Button kind=ButtonKind::Primary icon=Glyph::Key>"Make the token"</Button>
            </form>
        </Card>
    }
}
