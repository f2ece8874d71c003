//! The head of a page.

use crate::{erase::words, view};
use leptos::{html, prelude::*};
use std::cell::RefCell;

thread_local! {
    /// The path whose heading has had its turn: a heading that only renders again must not take the focus.
    static ANNOUNCED: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// The path of the page that is shown, as a context. The address bar will not do: it follows when the page is there.
#[derive(Clone, Copy)]
pub struct Here(pub Signal<String>);

/// Title (`h1`), what stands above and below it, and the page's actions: one primary, the rest in a menu. After a
/// client-side navigation it takes the focus, so that a screen reader says where one is.
#[component]
pub fn PageHead(
    #[prop(into)] title: TextProp,
    /// Address and name of the page above this one.
    #[prop(optional, into)]
    back: Option<(String, String)>,
    #[prop(optional, into)] actions: ViewFnOnce,
    /// Below the title: chips, facts, a sentence.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let node = NodeRef::<html::H1>::new();
    let name = title.clone();
    let here = use_context::<Here>();
    Effect::new(move |_| {
        let _ = name.get();
        let (Some(heading), Some(Here(path))) = (node.get(), here) else { return };
        let path = path.get_untracked();
        let before = ANNOUNCED.with(|announced| announced.replace(Some(path.clone())));
        if before.is_some_and(|before| before != path) {
            // What waited for its data is put into the document behind this.
            request_animation_frame(move || {
                let _ = heading.focus();
            });
        }
    });
    view! {
        <header class="page-head">
            <div class="page-head-text">
                {back.map(|(href, name)| view! { <p class="meta"><a class="link-target hover:text-ink" href=href>{name}</a></p> })}
                <h1 tabindex="-1" node_ref=node>{words(title)}</h1>
                {children.map(|children| view! { <div class="page-sub">{children()}</div> })}
            </div>
            <div class="acts">{actions.run()}</div>
        </header>
    }
}
