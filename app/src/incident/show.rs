//! The page of one incident: what it is and what to do, what is wrong, who is on it, what happened.

use domain::incident::{Detail, Incident, Verb};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use ui::{Chip, ErrorSummary, Glyph, Icon, PageHead, PaletteItem, Skeleton, Time, on_key, view};

use super::{
    act,
    actions::{Actions, NotSentYet},
    api::{self, Choices},
    facts::FactsCard,
    model::{Model, others, presence_words},
    people::People,
    timeline::Timeline,
    wrong::Wrong,
};
use crate::{
    data::resource,
    error::ErrorView,
    form::Flash,
    frame, live,
    log::{BlockerRows, Brief},
    words,
};

/// `/incidents/418`, `/incidents/INC-418`, `/incidents/<uuid>`.
#[component]
pub fn ShowPage() -> impl IntoView {
    let params = use_params_map();
    let reference = Memo::new(move |_| params.with(|params| params.get("reference").unwrap_or_default()));
    let detail = resource(
        move || reference.get(),
        |reference| async move {
            // Taken before the data: what happens from here on is heard.
            let mark = live::mark();
            api::show(reference).await.map(|detail| (detail, mark))
        },
    );
    let choices = resource(|| (), |()| api::offer());
    let query = use_query_map();
    let refused = Memo::new(move |_| query.with(|query| query.get("form").filter(|form| !form.is_empty() && form != "notes")));
    let flash = resource(
        move || refused.get(),
        |form| async move {
            match form {
                Some(form) => crate::form::api::bring_back(form).await.unwrap_or_default(),
                None => Flash::default(),
            }
        },
    );
    view! {
        <Transition fallback=|| view! { <Skeleton rows=10/> }>
            {move || Suspend::new(async move {
                match detail.await {
                    Ok((detail, mark)) => {
                        let (choices, flash) = (choices.await.unwrap_or_default(), flash.await);
                        view! { <OneIncident detail choices mark flash/> }
                    }
                    Err(error) => view! { <Title text="Incident"/><h1 class="sr-only">"Incident"</h1><ErrorView error/> },
                }
            })}
        </Transition>
    }
}

#[component]
fn OneIncident(detail: Detail, choices: Choices, #[prop(optional_no_strip)] mark: Option<i64>, flash: Flash) -> impl IntoView {
    let model = Model::new(detail, choices.people, mark);
    let label = model.incident.with_untracked(Incident::label);
    let title = {
        let label = label.clone();
        move || format!("{label} {}", model.incident.with(|incident| incident.title.clone()))
    };
    let acknowledge = move || {
        if model.status.get_untracked().allowed().contains(&Verb::Acknowledge) && model.may_respond() {
            act::perform(model, Verb::Acknowledge, String::new());
        }
    };
    let may = model.may_respond();
    on_key("a", move || {
        if may {
            acknowledge()
        }
    });
    frame::say_here({
        let label = label.clone();
        move || {
            let allowed = model.status.get().allowed();
            let verbs = [Verb::Acknowledge, Verb::Start, Verb::Close, Verb::Reopen, Verb::HandBack].into_iter();
            verbs
                .filter(|verb| may && allowed.contains(verb))
                .map(|verb| {
                    let (word, glyph) = words::verb(verb);
                    PaletteItem::action(
                        "On this page",
                        format!("{word} {label}"),
                        glyph,
                        Callback::new(move |()| act::perform(model, verb, String::new())),
                    )
                })
                .collect()
        }
    });
    view! {
        <Title text=title/>
        <div class="stack">
            <PageHead title=move || model.incident.with(|incident| incident.title.clone()) back=("/incidents".to_owned(), format!("Incidents / {label}"))
                actions=move || may.then(|| view! { <Actions model/> })>
                <Standing model/>
            </PageHead>
            <ErrorSummary errors=Signal::stored(flash.summary()) title="This was not done"/>
            <NotSentYet model/>
            <div class="cols">
                <div class="stack">
                    <Wrong model/>
                    <Blockers model/>
                    <div class="stack min-[1100px]:hidden"><People model/></div>
                    <Timeline model/>
                </div>
                <div class="stack">
                    <div class="stack max-[1099.9px]:hidden"><People model/></div>
                    <FactsCard model/>
                </div>
            </div>
        </div>
    }
}

/// What holds it up.
#[component]
fn Blockers(model: Model) -> impl IntoView {
    let rows = Memo::new(move |_| model.detail.with(|detail| Brief::all(&detail.blockers)));
    move || {
        let rows = rows.get();
        (!rows.is_empty() || model.may_respond())
            .then(|| view! { <BlockerRows title="Blockers" rows report=format!("incident_id={}", model.id)/> })
    }
}

/// Below the title: severity, state, service, since when, who else looks.
#[component]
fn Standing(model: Model) -> impl IntoView {
    let severity = Memo::new(move |_| model.incident.with(|incident| incident.severity));
    let service = Memo::new(move |_| model.detail.with(|detail| detail.row.service_name.clone()));
    let at = model.incident.with_untracked(|incident| incident.detected_at.ms());
    let others = others(model);
    view! {
        {move || { let look = words::severity(severity.get()); view! { <Chip tone=look.tone label=look.word icon=look.glyph/> } }}
        {move || { let look = words::state(model.status.get()); view! { <Chip tone=look.tone label=look.word icon=look.glyph/> } }}
        {move || model.busy.get().map(|_| view! { <span class="meta flex items-center gap-1" role="status"><Icon glyph=Glyph::Spinner spin=true/>"Sending"</span> })}
        <span>{move || service.get()}", detected "<Time utc_ms=at/></span>
        {move || others.with(presence_words).map(|words| view! { <span class="meta flex items-center gap-1"><Icon glyph=Glyph::Eye/>{words}</span> })}
    }
}
