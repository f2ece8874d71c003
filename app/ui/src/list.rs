//! Lists of things: rows, and what stands in their place while there are none.

use crate::{
    browser::focus,
    erase::words,
    icon::{Glyph, Icon},
    keys::on_key,
    view,
};
use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast;

/// Rows that can be walked by keyboard: `j` and `k` from anywhere on the page, arrows, Home and End once inside.
/// Children are [`Row`]s (or `<li>` with an `a.row`). One per page takes `j` and `k`: pass `keys=false` to the others.
#[component]
pub fn DataList(
    /// Accessible name.
    #[prop(into)]
    label: TextProp,
    #[prop(default = true)] keys: bool,
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Ul>::new();
    if keys {
        on_key("j", move || step(node, Step::By(1)));
        on_key("k", move || step(node, Step::By(-1)));
    }
    let arrows = move |event: ev::KeyboardEvent| {
        let to = match event.key().as_str() {
            "ArrowDown" => Step::By(1),
            "ArrowUp" => Step::By(-1),
            "Home" => Step::First,
            "End" => Step::Last,
            _ => return,
        };
        let on_row = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
            .is_some_and(|target| target.class_list().contains("row"));
        if on_row {
            event.prevent_default();
            step(node, to);
        }
    };
    view! { <ul class="rows" node_ref=node aria-label=words(label) on:keydown=arrows>{children()}</ul> }
}

#[derive(Clone, Copy)]
enum Step {
    By(i64),
    First,
    Last,
}

fn step(node: NodeRef<html::Ul>, to: Step) {
    let Some(list) = node.get_untracked() else { return };
    let Ok(rows) = list.query_selector_all("a.row") else { return };
    let active: Option<web_sys::Node> = document().active_element().map(Into::into);
    let at = (0..rows.length()).find(|index| active.is_some() && rows.item(*index) == active);
    let Some(target) = target(to, at, rows.length()).and_then(|index| rows.item(index)) else { return };
    if let Ok(row) = target.dyn_into::<web_sys::Element>() {
        focus(&row);
    }
}

/// The row to go to from row `at` of `count`; from none, the first.
fn target(to: Step, at: Option<u32>, count: u32) -> Option<u32> {
    let last = count.checked_sub(1)?;
    Some(match (to, at) {
        (Step::First, _) | (Step::By(_), None) => 0,
        (Step::Last, _) => last,
        (Step::By(by), Some(at)) => (i64::from(at) + by).clamp(0, i64::from(last)) as u32,
    })
}

/// One row: a link that holds everything about the thing. On a phone it is a card, from 900 px a line whose columns
/// the page names, as in `class="min-[900px]:grid-cols-[88px_64px_minmax(0,1fr)_120px_88px]"`.
#[component]
pub fn Row(
    #[prop(into)] href: String,
    #[prop(optional, into)] class: &'static str,
    /// It has just arrived: lights up once.
    #[prop(optional)]
    fresh: bool,
    children: Children,
) -> impl IntoView {
    let class = format!("row{} {class}", if fresh { " row-new" } else { "" });
    view! { <li><a class=class.trim_end().to_owned() href=href>{children()}</a></li> }
}

/// Title and second line of a [`Row`]: the column that takes what is left, and a line of its own on phones.
#[component]
pub fn RowMain(#[prop(into)] title: TextProp, #[prop(optional, into)] sub: Option<TextProp>) -> impl IntoView {
    view! {
        <span class="row-main">
            <span class="row-title">{words(title)}</span>
            {sub.map(|sub| view! { <span class="row-sub">{words(sub)}</span> })}
        </span>
    }
}

/// "3 new - show": new rows wait here while someone reads. Nothing while `count` is 0.
#[component]
pub fn WaitingRows(#[prop(into)] count: Signal<usize>, #[prop(into)] show: Callback<()>) -> impl IntoView {
    let waiting = move || {
        (count.get() > 0).then(|| {
            view! {
                <div class="waiting">
                    <button class="btn btn-small" type="button" on:click=move |_| show.run(())>
                        <Icon glyph=Glyph::ArrowUp/>{move || format!("{} new, show", count.get())}
                    </button>
                </div>
            }
        })
    };
    waiting.into_any()
}

/// What stands in an empty list: says why, and what to do (children: a button or link).
#[component]
pub fn EmptyState(
    #[prop(optional)] icon: Option<Glyph>,
    #[prop(into)] title: TextProp,
    #[prop(into)] text: TextProp,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty">
            <span class="empty-icon"><Icon glyph=icon.unwrap_or(Glyph::Check) big=true/></span>
            <h2>{words(title)}</h2>
            <p>{words(text)}</p>
            {children.map(|children| view! { <div class="acts justify-center">{children()}</div> })}
        </div>
    }
}

/// Grey rows of the final height, while rows are on their way.
#[component]
pub fn Skeleton(#[prop(default = 5)] rows: usize) -> impl IntoView {
    let widths = ["skeleton w-part-1", "skeleton w-part-2", "skeleton w-part-3"];
    let lines = (0..rows).map(|index| view! {
        <li class="row"><span class="row-main stack-tight"><span class=widths[index % 3]></span><span class=widths[(index + 1) % 3]></span></span></li>
    }).collect_view();
    view! { <div aria-busy="true"><span class="sr-only">"Loading"</span><ul class="rows" aria-hidden="true">{lines}</ul></div> }
}

/// What stands in the place of something that could not be loaded.
#[component]
pub fn ErrorState(
    #[prop(into)] message: TextProp,
    #[prop(optional, into)] request_id: Option<String>,
    /// The page itself, as a rule.
    #[prop(into)]
    retry_href: String,
) -> impl IntoView {
    view! {
        <div class="empty" role="status">
            <span class="empty-icon text-crit"><Icon glyph=Glyph::Alert big=true/></span>
            <h2>"This could not be loaded"</h2>
            <p>{words(message)}</p>
            {request_id.map(|id| view! { <p class="meta">"Request " <code>{id}</code></p> })}
            <a class="btn" href=retry_href rel="external"><Icon glyph=Glyph::Refresh/>"Try again"</a>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::{Step, target};

    #[test]
    fn steps_stay_inside_the_list() {
        for (to, at, count, expected) in [
            (Step::By(1), None, 3, Some(0)),
            (Step::By(1), Some(0), 3, Some(1)),
            (Step::By(1), Some(2), 3, Some(2)),
            (Step::By(-1), Some(0), 3, Some(0)),
            (Step::Last, Some(0), 3, Some(2)),
            (Step::First, Some(2), 3, Some(0)),
            (Step::By(1), None, 0, None),
        ] {
            assert_eq!(target(to, at, count), expected);
        }
    }
}
