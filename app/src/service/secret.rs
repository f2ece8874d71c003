//! The secret URL of an integration: shown to who asks, replaced when it leaked.

use domain::integration::Integration;
use leptos::prelude::*;
use ui::{Banner, Button, ButtonKind, Card, ConfirmButton, CopyBlock, Glyph, Tone, view};

use super::snippets::Snippets;
use crate::form::{Flash, Key};

/// The URL with its snippets when it was just asked for, else its last characters and the way to ask.
#[component]
pub fn SecretUrl(integration: Integration, flash: Flash, first: bool, may_see: bool, may_configure: bool) -> impl IntoView {
    let Integration { id, kind, key_hint, name, .. } = integration;
    let shown = flash.value("url").zip(flash.value("key"));
    let is_shown = shown.is_some();
    let body = match shown {
        Some((url, key)) => view! {
            <div class="stack">
                <Banner tone=Tone::Accent icon=Glyph::Key text="Who has this URL can open incidents. It is not shown again when you leave this page, but you can ask for it."/>
                <CopyBlock text=url.clone() label="Copy the URL" wrap=true/>
                <Snippets kind url key/>
            </div>
        },
        None => {
            view! { <p>"The secret of this integration ends in "<code>{key_hint}</code>". Showing it is noted in the audit journal."</p> }
        }
    };
    view! {
        <Card title=if is_shown { "Paste this into your source" } else { "Secret URL" }>
            <div class="stack">
                {body}
                <div class="acts">
                    {(may_see && !is_shown).then(|| view! {
                        <form method="post" action=format!("/integrations/{id}/reveal")>
                            <Key/>
                            {first.then(|| view! { <input type="hidden" name="first" value="true"/> })}
                            <Button icon=Glyph::Eye>"Show URL and snippets"</Button>
                        </form>
                    })}
                    {(may_configure && !first).then(|| view! {
                        <form method="post" action=format!("/integrations/{id}/rotate")>
                            <Key/>
                            <ConfirmButton label="Make a new secret" icon=Glyph::Refresh kind=ButtonKind::Ghost question=format!("Give {name} a new secret?")
                                detail="The old URL stops at once: what still uses it is refused until you paste the new one."/>
                        </form>
                    })}
                </div>
            </div>
        </Card>
    }
}
