//! What a form says as a whole.

use crate::{
    erase::words,
    field::field_id,
    icon::{Glyph, Icon},
    view,
};
use leptos::prelude::*;

/// Errors of a form, each with a link to its field; nothing while there are none. Put it first in the form.
#[component]
pub fn ErrorSummary(
    /// (field name, message); an empty name is about the form as a whole.
    #[prop(into)]
    errors: Signal<Vec<(String, String)>>,
    #[prop(default = "Please correct this".into(), into)] title: TextProp,
) -> impl IntoView {
    let summary = move || {
        let errors = errors.get();
        (!errors.is_empty()).then(|| {
            let title = title.clone();
            let lines = errors.into_iter().map(|(name, message)| match name.is_empty() {
                true => view! { <li>{message}</li> },
                false => view! { <li><a class="underline link-target" rel="external" href=format!("#{}", field_id(&name))>{message}</a></li> },
            }).collect_view();
            view! {
                <div class="banner chip-crit" role="alert">
                    <Icon glyph=Glyph::Alert/>
                    <div class="banner-text"><p>{words(title)}</p><ul>{lines}</ul></div>
                </div>
            }
        })
    };
    summary.into_any()
}
