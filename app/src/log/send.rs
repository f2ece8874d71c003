//! A form of the log on its way: through the outbox when the page is alive, so that nothing written is lost without network.

use domain::FieldError;
use leptos::{prelude::*, task::spawn_local};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use serde_json::Value;
use ui::{Toast, Toasts};

use crate::{
    form::Flash,
    outbox::{self, Outcome, Refusal, Write},
};

/// What a form knows of its sending.
#[derive(Clone, Copy)]
pub struct Sending {
    /// It is on its way.
    pub pending: RwSignal<bool>,
    errors: RwSignal<Vec<FieldError>>,
    toasts: Toasts,
    go: Callback<String>,
}

/// What follows when it was sent or is kept.
pub struct Then {
    /// Said when it was sent.
    pub done: &'static str,
    /// Where its answer leads.
    pub to: fn(&Value) -> String,
    /// Where one goes when it is kept.
    pub kept: &'static str,
    /// Done in both cases, before going.
    pub forget: Callback<()>,
}

impl Sending {
    /// For one form; begins with what a refusal brought back.
    pub fn new(flash: &Flash) -> Self {
        let navigate = use_navigate();
        Self {
            pending: RwSignal::new(false),
            errors: RwSignal::new(flash.errors.clone()),
            toasts: Toasts::of_context(),
            go: Callback::new(move |to: String| navigate(&to, NavigateOptions::default())),
        }
    }

    /// What is wrong with a field.
    pub fn error(self, field: &'static str) -> Signal<Option<String>> {
        let of = move |errors: &Vec<FieldError>| errors.iter().find(|error| error.field == field).map(|error| error.message.clone());
        Signal::derive(move || self.errors.with(of))
    }

    /// Everything that is wrong.
    pub fn summary(self) -> Signal<Vec<(String, String)>> {
        let both = |error: &FieldError| (error.field.clone(), error.message.clone());
        Signal::derive(move || self.errors.with(|errors| errors.iter().map(both).collect()))
    }

    /// Sends it. Browser only.
    pub fn send(self, write: Write, then: Then) {
        if self.pending.get_untracked() {
            return;
        }
        self.pending.set(true);
        self.errors.set(Vec::new());
        spawn_local(async move {
            let outcome = outbox::send(&write).await;
            // The feed may have told of it first, and the form be gone: then nobody is led away from where they are.
            let _ = self.pending.try_set(false);
            match outcome {
                Outcome::Sent { body } => {
                    let _ = then.forget.try_run(());
                    self.toasts.show(Toast::done(then.done));
                    let _ = self.go.try_run((then.to)(&body));
                }
                Outcome::Queued { reason } => {
                    let _ = then.forget.try_run(());
                    self.toasts.show(match reason.as_str() {
                        "auth" => Toast::error("Not sent yet: your session has ended. Sign in, and it is sent."),
                        _ => Toast::info("Not sent yet. It is kept here and sent when the server can be reached."),
                    });
                    let _ = self.go.try_run(then.kept.to_owned());
                }
                Outcome::Parked { problem: Some(problem), .. } if problem.status == 412 => {
                    // Sent again from here it would meet the same refusal: the form holds the version of before.
                    let _ = then.forget.try_run(());
                    self.toasts.show(Toast::info("Someone edited it meanwhile. Compare, then decide."));
                    let _ = self.go.try_run("/outbox".to_owned());
                }
                Outcome::Parked { id, problem, .. } => {
                    // Refused while the person looks: the form shows why, and still holds what was written.
                    outbox::discard(&id).await;
                    self.refused(problem);
                }
                Outcome::Failed { problem, .. } => self.refused(problem),
                Outcome::Gone => {
                    let _ = self.go.try_run(then.kept.to_owned());
                }
            }
        });
    }

    fn refused(self, problem: Option<Refusal>) {
        let refusal = problem.unwrap_or_default();
        let errors = if refusal.errors.is_empty() { vec![FieldError::new("", "refused", refusal.words())] } else { refusal.errors };
        let _ = self.errors.try_set(errors);
    }
}
