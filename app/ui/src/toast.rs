//! Short messages that come and go. One polite live region for the whole application.

use crate::icon::{Glyph, Icon};
use crate::view;
use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*};
use std::time::Duration;

const AT_MOST: usize = 4;
const STAYS: Duration = Duration::from_secs(10);

/// What a toast tells. Errors stay until they are closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToastKind {
    Done,
    Info,
    Error,
}

/// One message; made by [`Toast::done`], [`Toast::info`] or [`Toast::error`].
#[derive(Clone)]
pub struct Toast {
    kind: ToastKind,
    text: String,
    action: Option<(String, Callback<()>)>,
    request_id: Option<String>,
}

impl Toast {
    fn new(kind: ToastKind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into(), action: None, request_id: None }
    }

    /// Something was done.
    pub fn done(text: impl Into<String>) -> Self {
        Self::new(ToastKind::Done, text)
    }

    /// Something happened.
    pub fn info(text: impl Into<String>) -> Self {
        Self::new(ToastKind::Info, text)
    }

    /// Something failed.
    pub fn error(text: impl Into<String>) -> Self {
        Self::new(ToastKind::Error, text)
    }

    /// With an Undo button.
    pub fn undo(self, undo: impl Into<Callback<()>>) -> Self {
        self.action("Undo", undo)
    }

    /// With a button of any name; pressing it closes the toast.
    pub fn action(mut self, label: impl Into<String>, action: impl Into<Callback<()>>) -> Self {
        self.action = Some((label.into(), action.into()));
        self
    }

    /// Shows the id under which the log knows the failure.
    pub fn request_id(mut self, id: impl Into<String>) -> Self {
        self.request_id = Some(id.into());
        self
    }
}

/// The toasts on screen: a context, provided once at the root by [`Toasts::provide`].
///
/// Each has a place of its own, so that one that goes leaves the others, their clocks and the focus alone.
#[derive(Clone, Copy)]
pub struct Toasts {
    places: [RwSignal<Option<(u64, Toast)>>; AT_MOST],
    next: StoredValue<u64>,
}

impl Toasts {
    /// Call in the root component, which also renders one [`ToastHost`].
    pub fn provide() -> Self {
        let toasts = Self { places: std::array::from_fn(|_| RwSignal::new(None)), next: StoredValue::new(0) };
        provide_context(toasts);
        toasts
    }

    /// The toasts of this application. Panics where none were provided: a wiring error.
    pub fn of_context() -> Self {
        expect_context()
    }

    /// Shows one; the oldest goes when there would be more than four, an error last.
    pub fn show(self, toast: Toast) {
        let id = self.next.get_value();
        self.next.set_value(id + 1);
        let [first, ..] = self.places;
        // Free before taken, taken by something done before an error, old before new.
        let rank = |place: &RwSignal<Option<(u64, Toast)>>| {
            place.with_untracked(|taken| taken.as_ref().map(|(id, toast)| (toast.kind == ToastKind::Error, *id)))
        };
        let place = self.places.into_iter().min_by_key(rank).unwrap_or(first);
        place.set(Some((id, toast)));
    }

    fn close(self, id: u64) {
        for place in self.places {
            // The owner may be gone when a timer fires late.
            if place.try_with_untracked(|taken| taken.as_ref().is_some_and(|(other, _)| *other == id)).unwrap_or_default() {
                place.set(None);
            }
        }
    }
}

/// Where toasts appear. One, in the root component, after [`Toasts::provide`].
#[component]
pub fn ToastHost() -> impl IntoView {
    let toasts = Toasts::of_context();
    let places = toasts.places.map(|place| move || place.get().map(|(id, toast)| view! { <Shown id toast/> }));
    view! {
        <div class="toasts" role="status" aria-live="polite" aria-relevant="additions text">{places.into_iter().collect_view()}</div>
    }
}

#[component]
fn Shown(id: u64, toast: Toast) -> impl IntoView {
    let toasts = Toasts::of_context();
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let stays = toast.kind == ToastKind::Error;
    let pause = move || {
        if let Some(handle) = timer.try_update_value(Option::take).flatten() {
            handle.clear();
        }
    };
    let start = move || {
        pause();
        if !stays {
            timer.set_value(set_timeout_with_handle(move || toasts.close(id), STAYS).ok());
        }
    };
    Effect::new(move |_| start());
    on_cleanup(pause);
    let (glyph, tone) = match toast.kind {
        ToastKind::Done => (Glyph::Check, "text-ok"),
        ToastKind::Info => (Glyph::Info, "text-accent"),
        ToastKind::Error => (Glyph::Alert, "text-crit"),
    };
    view! {
        <div class="toast" style:order=id.to_string() on:pointerenter=move |_| pause() on:pointerleave=move |_| start() on:focusin=move |_| pause() on:focusout=move |_| start()>
            <span class=tone><Icon glyph big=true/></span>
            <div class="toast-text">
                <p>{toast.text}</p>
                {toast.request_id.map(|id| view! { <p class="meta">"Request " <code>{id}</code></p> })}
            </div>
            {toast.action.map(|(label, action)| view! {
                <button class="btn btn-small" type="button" on:click=move |_| { action.run(()); toasts.close(id) }>{label}</button>
            })}
            <button class="btn btn-ghost btn-small btn-icon" type="button" aria-label="Dismiss" on:click=move |_| toasts.close(id)><Icon glyph=Glyph::X/></button>
        </div>
    }
}
