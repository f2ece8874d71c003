//! The filters of the list: a GET form whose address says everything. Hydrated, a choice applies at once.

use domain::incident::{Severity, Sort, State};
use leptos::{ev, html, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use ui::{Glyph, Icon, Tab, Tabs, view};
use wasm_bindgen::JsCast;

use super::{api::Choices, query::Query};
use crate::words;

/// The views that people use most.
#[component]
pub fn Views(query: Memo<Query>) -> impl IntoView {
    let tabs = vec![
        Tab::new("/incidents", "Not over"),
        Tab::new("/incidents?assigned=me", "Mine"),
        Tab::new("/incidents?status=open", "Not acknowledged"),
        Tab::new("/incidents?status=resolved&sort=newest", "Resolved"),
        Tab::new("/incidents?status=all&sort=newest", "All"),
    ];
    let current = Signal::derive(move || query.with(|query| query.page(1).address()));
    view! { <Tabs label="Views" tabs=Signal::stored(tabs) current/> }
}

/// The form.
#[component]
pub fn Filters(query: Memo<Query>, choices: Choices) -> impl IntoView {
    let node = NodeRef::<html::Form>::new();
    let navigate = use_navigate();
    let go = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if let Some(form) = node.get_untracked() {
            navigate(&address_of(&form), NavigateOptions { scroll: false, ..NavigateOptions::default() });
        }
    };
    let apply = move |event: ev::Event| {
        let is_select = event.target().is_some_and(|target| target.dyn_ref::<web_sys::HtmlSelectElement>().is_some());
        if let Some(form) = node.get_untracked().filter(|_| is_select) {
            // Refused only when a field is invalid: then the browser says so.
            let _ = form.request_submit();
        }
    };
    let states = State::ALL.map(|state| (state.as_str().to_owned(), words::state(state).word.to_owned()));
    let severities = Severity::ALL.map(|severity| (severity.as_str().to_owned(), words::severity(severity).word.to_owned()));
    let services = choices.services.into_iter().map(|(id, name)| (id.to_string(), name)).collect();
    let people = choices.people.into_iter().map(|(id, name)| (id.to_string(), name)).collect();
    let sorts = vec![("newest".to_owned(), "Newest first".to_owned()), ("oldest".to_owned(), "Oldest first".to_owned())];
    let state_options = [vec![("all".to_owned(), "Every state".to_owned())], states.to_vec()].concat();
    view! {
        <form class="filters" method="get" action="/incidents" role="search" node_ref=node on:submit=go on:change=apply>
            <input class="input flex-[1_1_220px] min-w-0 w-auto" type="search" name="q" placeholder="Search title and description" aria-label="Search incidents"
                autocomplete="off" maxlength="200" value=query.with_untracked(|query| query.filter.q.clone())
                prop:value=move || query.with(|query| query.filter.q.clone().unwrap_or_default())/>
            <div class="filter-row">
                <Choice name="status" label="State" empty="Not over" options=state_options
                    value=Signal::derive(move || query.with(|query| match query.every_state { true => "all".to_owned(), false => only(&query.filter.status, |s| s.as_str()) }))/>
                <Choice name="severity" label="Severity" empty="Any severity" options=severities.to_vec()
                    value=Signal::derive(move || query.with(|query| only(&query.filter.severity, |s| s.as_str())))/>
                <Choice name="service_id" label="Service" empty="Any service" options=services
                    value=Signal::derive(move || query.with(|query| query.filter.service_id.map(|id| id.to_string()).unwrap_or_default()))/>
                <Choice name="assigned_to_id" label="Assigned to" empty="Anybody" options=people
                    value=Signal::derive(move || query.with(|query| query.filter.assigned_to_id.map(|id| id.to_string()).unwrap_or_default()))/>
                <Choice name="sort" label="Order" empty="Worst first" options=sorts
                    value=Signal::derive(move || query.with(|query| match query.sort { Sort::Severity => "", Sort::Newest => "newest", Sort::Oldest => "oldest" }.to_owned()))/>
            </div>
            {move || query.with(|query| query.mine).then(|| view! { <input type="hidden" name="assigned" value="me"/> })}
            <button class="btn no-js" type="submit">"Apply"</button>
        </form>
    }
}

/// A select without a visible label: the choice says what it is.
#[component]
fn Choice(
    name: &'static str,
    label: &'static str,
    empty: &'static str,
    options: Vec<(String, String)>,
    value: Signal<String>,
) -> impl IntoView {
    let options = options
        .into_iter()
        .map(|(option, text)| {
            let chosen = {
                let option = option.clone();
                move || value.with(|value| *value == option)
            };
            view! { <option value=option selected=chosen.clone() prop:selected=chosen>{text}</option> }
        })
        .collect_view();
    view! {
        <span class="select">
            <select class="input" name=name aria-label=label>
                <option value="" prop:selected=move || value.with(String::is_empty)>{empty}</option>
                {options}
            </select>
            <Icon glyph=Glyph::ChevronDown/>
        </span>
    }
}

/// The one value, when it is one.
fn only<T>(values: &[T], word: impl Fn(&T) -> &'static str) -> String {
    match values {
        [one] => word(one).to_owned(),
        _ => String::new(),
    }
}

/// The address that the browser would go to, without the fields that say nothing.
fn address_of(form: &web_sys::HtmlFormElement) -> String {
    let fields = web_sys::FormData::new_with_form(form).ok();
    let query = fields.and_then(|fields| web_sys::UrlSearchParams::new_with_str_sequence_sequence(&fields).ok());
    let query = query.map(|query| String::from(query.to_string())).unwrap_or_default();
    let said: Vec<&str> = query.split('&').filter(|pair| !pair.ends_with('=')).collect();
    if said.is_empty() || said == [""] { "/incidents".to_owned() } else { format!("/incidents?{}", said.join("&")) }
}
