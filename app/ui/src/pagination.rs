//! Pages of a list, as links.

use crate::{
    erase::words,
    icon::{Glyph, Icon},
    number::{grouped, total as total_text},
    view,
};
use leptos::prelude::*;

/// `1-50 of 10,000+`, and links to the page before and after. Nothing for an empty list.
#[component]
pub fn Pagination(
    /// From 1.
    page: u64,
    per_page: u64,
    total: u64,
    /// False where counting stopped at `total`.
    #[prop(default = true)]
    total_is_exact: bool,
    /// Address of a page.
    #[prop(into)]
    href: Callback<u64, String>,
) -> impl IntoView {
    let (first, last) = range(page, per_page, total, total_is_exact);
    (total > 0)
        .then(|| {
            let text = format!("{}-{} of {}", grouped(first), grouped(last), total_text(total, total_is_exact));
            let previous = (page > 1).then(|| href.run(page - 1));
            let next = (last < total || !total_is_exact).then(|| href.run(page + 1));
            view! { <CursorPagination text previous next/> }
        })
        .into_any()
}

/// The same for lists that are walked by cursor: the addresses are made by the caller.
#[component]
pub fn CursorPagination(
    #[prop(into)] text: TextProp,
    #[prop(optional_no_strip)] previous: Option<String>,
    #[prop(optional_no_strip)] next: Option<String>,
) -> impl IntoView {
    let link = |href: Option<String>, rel: &'static str, inner: AnyView| match href {
        Some(href) => view! { <a class="btn btn-small" href=href rel=rel>{inner}</a> },
        None => view! { <span class="btn btn-small" aria-disabled="true">{inner}</span> },
    };
    let before = view! { <Icon glyph=Glyph::ChevronLeft/>"Previous" };
    let after = view! { "Next"<Icon glyph=Glyph::ChevronRight/> };
    view! {
        <nav class="pager" aria-label="Pages">
            <span class="num">{words(text)}</span>
            <span class="acts">{link(previous, "prev", before)}{link(next, "next", after)}</span>
        </nav>
    }
}

fn range(page: u64, per_page: u64, total: u64, total_is_exact: bool) -> (u64, u64) {
    let first = page.saturating_sub(1).saturating_mul(per_page) + 1;
    let last = first + per_page.saturating_sub(1);
    (first, if total_is_exact { last.min(total) } else { last })
}

#[cfg(test)]
mod tests {
    use super::range;

    #[test]
    fn the_last_page_ends_with_the_list() {
        assert_eq!(range(1, 50, 120, true), (1, 50));
        assert_eq!(range(3, 50, 120, true), (101, 120));
        assert_eq!(range(201, 50, 10_000, false), (10_001, 10_050));
    }
}
