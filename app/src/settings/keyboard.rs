//! The switch of single-key shortcuts.

use leptos::prelude::*;
use ui::{Button, Card, Glyph, view};

use crate::frame;

/// Leads to the list of shortcuts, where they are switched; the choice belongs to the device.
#[component]
pub fn Keyboard() -> impl IntoView {
    view! {
        <Card title="Keyboard">
            <div class="stack-tight">
                <p>"Single keys such as j, k and c act on pages. Turn them off on a device where speech input types for you."</p>
                <div class="needs-js"><Button kind_of="button" icon=Glyph::Keyboard on_click=|_| frame::open_shortcuts()>"Shortcuts, and the switch"</Button></div>
                <p class="no-js meta">"Single keys act only with JavaScript."</p>
            </div>
        </Card>
    }
}
