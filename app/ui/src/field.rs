//! Form fields: label, hint and error around a native control. They work as plain HTML; `bind` adds a signal.
//!
//! The control's id is `f-<name>`, or `id` where two forms on a page share a name; [`crate::form::ErrorSummary`] links to it.

use crate::{
    button::ButtonKind,
    erase::words,
    icon::{Glyph, Icon},
    view,
};
use leptos::{html, prelude::*};

/// The id that a field gives its control when none is passed.
pub fn field_id(name: &str) -> String {
    format!("f-{name}")
}

struct Frame {
    id: String,
    label: TextProp,
    hint: Option<TextProp>,
    error: Signal<Option<String>>,
    required: bool,
}

impl Frame {
    /// Ids of the hint and of the error, when they are there.
    fn described_by(&self) -> impl Fn() -> Option<String> + Send + Sync + use<> {
        let (id, hint, error) = (self.id.clone(), self.hint.is_some(), self.error);
        move || match (hint, error.with(Option::is_some)) {
            (false, false) => None,
            (true, false) => Some(format!("{id}-hint")),
            (false, true) => Some(format!("{id}-error")),
            (true, true) => Some(format!("{id}-hint {id}-error")),
        }
    }

    fn invalid(&self) -> impl Fn() -> Option<&'static str> + Send + Sync + use<> {
        let error = self.error;
        move || error.with(Option::is_some).then_some("true")
    }

    fn view(self, control: AnyView) -> AnyView {
        let Frame { id, label, hint, error, required } = self;
        let error_id = format!("{id}-error");
        view! {
            <div class="field">
                <label class="field-label" for=id.clone()>
                    {words(label)}
                    {(!required).then(|| view! { <span class="field-opt">" (optional)"</span> })}
                </label>
                {hint.map(|hint| view! { <span class="field-hint" id=format!("{id}-hint")>{words(hint)}</span> })}
                {control}
                {error_line(error_id, error)}
            </div>
        }
    }
}

/// Keeps a control and its signal equal. What someone wrote before hydration, or the browser restored, is taken over.
fn keep(bind: Option<RwSignal<String>>, read: impl Fn() -> Option<String> + 'static, write: impl Fn(&str) + 'static) {
    let Some(bind) = bind else { return };
    Effect::new(move |taken_over: Option<bool>| {
        let wanted = bind.get();
        let Some(written) = read() else { return false };
        if taken_over != Some(true) && !written.is_empty() {
            bind.set(written);
        } else if written != wanted {
            write(&wanted);
        }
        true
    });
}

fn error_line(id: String, error: Signal<Option<String>>) -> impl IntoView {
    move || {
        error.get().map(|message| {
            view! {
                <span class="field-error" id=id.clone()><Icon glyph=Glyph::Alert/>{message}</span>
            }
        })
    }
}

/// One line of text; `kind_of` is the HTML type (`email`, `url`, `tel`, `number`, `search`, ..).
#[component]
pub fn TextField(
    #[prop(into)] name: String,
    #[prop(into)] label: TextProp,
    #[prop(default = "text")] kind_of: &'static str,
    #[prop(optional, into)] value: String,
    /// Two-way: its current value is the initial one, and typing sets it.
    #[prop(optional)]
    bind: Option<RwSignal<String>>,
    #[prop(optional, into)] hint: Option<TextProp>,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional)] required: bool,
    #[prop(optional, into)] autocomplete: Option<String>,
    #[prop(optional, into)] placeholder: Option<String>,
    #[prop(optional, into)] inputmode: Option<String>,
    #[prop(optional)] maxlength: Option<u32>,
    #[prop(optional, into)] min: Option<String>,
    #[prop(optional, into)] max: Option<String>,
    #[prop(optional, into)] pattern: Option<String>,
    #[prop(optional)] autofocus: bool,
    #[prop(optional, into)] id: Option<String>,
) -> impl IntoView {
    let id = id.unwrap_or_else(|| field_id(&name));
    let frame = Frame { id: id.clone(), label, hint, error, required };
    let value = bind.map_or(value, |bind| bind.get_untracked());
    let node = NodeRef::<html::Input>::new();
    keep(
        bind,
        move || node.get().map(|input| input.value()),
        move |text| {
            if let Some(input) = node.get() {
                input.set_value(text)
            }
        },
    );
    let control = view! {
        <input class="input" id=id name=name type=kind_of value=value node_ref=node
            required=required autocomplete=autocomplete placeholder=placeholder inputmode=inputmode
            maxlength=maxlength.map(|length| length.to_string()) min=min max=max pattern=pattern autofocus=autofocus
            aria-invalid=frame.invalid() aria-describedby=frame.described_by()
            on:input=move |event| if let Some(bind) = bind { bind.set(event_target_value(&event)) }/>
    };
    frame.view(control.into_any())
}

/// Several lines of text. It grows with what is written where the browser can.
#[component]
pub fn TextArea(
    #[prop(into)] name: String,
    #[prop(into)] label: TextProp,
    #[prop(optional, into)] value: String,
    /// Two-way, as in [`TextField`].
    #[prop(optional)]
    bind: Option<RwSignal<String>>,
    #[prop(optional, into)] hint: Option<TextProp>,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional)] required: bool,
    #[prop(optional, into)] placeholder: Option<String>,
    #[prop(optional)] maxlength: Option<u32>,
    #[prop(default = 4)] rows: u32,
    #[prop(optional, into)] id: Option<String>,
) -> impl IntoView {
    let id = id.unwrap_or_else(|| field_id(&name));
    let frame = Frame { id: id.clone(), label, hint, error, required };
    let value = bind.map_or(value, |bind| bind.get_untracked());
    let node = NodeRef::<html::Textarea>::new();
    keep(
        bind,
        move || node.get().map(|area| area.value()),
        move |text| {
            if let Some(area) = node.get() {
                area.set_value(text)
            }
        },
    );
    let control = view! {
        <textarea class="input" id=id name=name rows=rows.to_string() required=required placeholder=placeholder
            maxlength=maxlength.map(|length| length.to_string())
            aria-invalid=frame.invalid() aria-describedby=frame.described_by()
            node_ref=node
            on:input=move |event| if let Some(bind) = bind { bind.set(event_target_value(&event)) }
        >{value}</textarea>
    };
    frame.view(control.into_any())
}

/// A choice of one. `options` are (value, text).
#[component]
pub fn SelectField(
    #[prop(into)] name: String,
    #[prop(into)] label: TextProp,
    #[prop(into)] options: Signal<Vec<(String, String)>>,
    #[prop(optional, into)] value: String,
    /// Two-way, as in [`TextField`].
    #[prop(optional)]
    bind: Option<RwSignal<String>>,
    /// A first, empty choice with this text.
    #[prop(optional, into)]
    empty: Option<String>,
    #[prop(optional, into)] hint: Option<TextProp>,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional)] required: bool,
    #[prop(optional, into)] id: Option<String>,
) -> impl IntoView {
    let id = id.unwrap_or_else(|| field_id(&name));
    let frame = Frame { id: id.clone(), label, hint, error, required };
    let is_chosen = {
        let value = value.clone();
        move |option: &str| bind.map_or(value == option, |bind| bind.with(|chosen| chosen == option))
    };
    let control = view! {
        <span class="select">
            <select class="input" id=id name=name required=required
                aria-invalid=frame.invalid() aria-describedby=frame.described_by()
                on:change=move |event| if let Some(bind) = bind { bind.set(event_target_value(&event)) }
            >
                {empty.map(|text| view! { <option value="">{text}</option> })}
                {move || options.get().into_iter().map(|(value, text)| {
                    let selected = is_chosen(&value);
                    view! { <option value=value selected=selected>{text}</option> }
                }).collect_view()}
            </select>
            <Icon glyph=Glyph::ChevronDown/>
        </span>
    };
    frame.view(control.into_any())
}

/// A box to tick; sends `value` (default `true`) when ticked, nothing otherwise. `radio` makes it one of several.
#[component]
pub fn CheckField(
    #[prop(into)] name: String,
    #[prop(into)] label: TextProp,
    #[prop(optional)] checked: bool,
    /// Two-way.
    #[prop(optional)]
    bind: Option<RwSignal<bool>>,
    #[prop(default = "true".to_owned(), into)] value: String,
    #[prop(optional)] radio: bool,
    #[prop(optional, into)] hint: Option<TextProp>,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional)] required: bool,
    #[prop(optional, into)] id: Option<String>,
) -> impl IntoView {
    let id = id.unwrap_or_else(|| if radio { format!("f-{name}-{value}") } else { field_id(&name) });
    let frame = Frame { id: id.clone(), label: label.clone(), hint: hint.clone(), error, required };
    let checked = bind.map_or(checked, |bind| bind.get_untracked());
    let node = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        if let (Some(bind), Some(input)) = (bind, node.get()) {
            input.set_checked(bind.get());
        }
    });
    let hint = hint.map(|hint| view! { <span class="field-hint block" id=format!("{id}-hint")>{words(hint)}</span> });
    view! {
        <div class="field">
            <label class="check">
                <input id=id.clone() type=if radio { "radio" } else { "checkbox" } name=name value=value checked=checked required=required
                    node_ref=node
                    aria-invalid=frame.invalid() aria-describedby=frame.described_by()
                    on:change=move |event| if let Some(bind) = bind { bind.set(event_target_checked(&event)) }/>
                <span><span class="block">{words(label)}</span>{hint}</span>
            </label>
            {error_line(format!("{id}-error"), error)}
        </div>
    }
}

/// A password, with a button that shows it. Paste and password managers work: give the right `autocomplete`
/// (`current-password` or `new-password`).
#[component]
pub fn PasswordField(
    #[prop(into)] name: String,
    #[prop(into)] label: TextProp,
    #[prop(default = "current-password".to_owned(), into)] autocomplete: String,
    #[prop(optional, into)] hint: Option<TextProp>,
    #[prop(optional, into)] error: Signal<Option<String>>,
    /// Passwords are required unless this is set.
    #[prop(optional)]
    optional: bool,
    #[prop(optional)] minlength: Option<u32>,
    #[prop(optional, into)] id: Option<String>,
) -> impl IntoView {
    let id = id.unwrap_or_else(|| field_id(&name));
    let frame = Frame { id: id.clone(), label, hint, error, required: !optional };
    let (shown, set_shown) = signal(false);
    let control = view! {
        <span class="with-end">
            <input class="input" id=id name=name type=move || if shown.get() { "text" } else { "password" }.to_owned()
                required=!optional autocomplete=autocomplete minlength=minlength.map(|length| length.to_string())
                spellcheck="false" autocapitalize="none"
                aria-invalid=frame.invalid() aria-describedby=frame.described_by()/>
            <button class=format!("{} needs-js", crate::button::button_class(ButtonKind::Ghost, Default::default(), true)) type="button"
                aria-label="Show password" aria-pressed=move || if shown.get() { "true" } else { "false" }.to_owned()
                on:click=move |_| set_shown.update(|shown| *shown = !*shown)
            ><Icon glyph=Glyph::Eye/></button>
        </span>
    };
    frame.view(control.into_any())
}

/// A value that travels with the form and is not shown (idempotency key, version, return path).
#[component]
pub fn HiddenField(#[prop(into)] name: String, #[prop(into)] value: TextProp) -> impl IntoView {
    view! { <input type="hidden" name=name value=words(value)/> }
}

/// A local date and time (`2026-11-20T21:04`, no zone: say in `hint` whose zone it is).
#[component]
pub fn DateTimeField(
    #[prop(into)] name: String,
    #[prop(into)] label: TextProp,
    /// See [`crate::time::field_at`].
    #[prop(optional, into)]
    value: String,
    /// Two-way, as in [`TextField`].
    #[prop(optional)]
    bind: Option<RwSignal<String>>,
    #[prop(optional, into)] hint: Option<TextProp>,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional)] required: bool,
    #[prop(optional, into)] min: Option<String>,
    #[prop(optional, into)] max: Option<String>,
    #[prop(optional, into)] id: Option<String>,
) -> impl IntoView {
    let id = id.unwrap_or_else(|| field_id(&name));
    let frame = Frame { id: id.clone(), label, hint, error, required };
    let value = bind.map_or(value, |bind| bind.get_untracked());
    let node = NodeRef::<html::Input>::new();
    keep(
        bind,
        move || node.get().map(|input| input.value()),
        move |text| {
            if let Some(input) = node.get() {
                input.set_value(text)
            }
        },
    );
    let control = view! {
        <input class="input" id=id name=name type="datetime-local" value=value node_ref=node
            required=required min=min max=max aria-invalid=frame.invalid() aria-describedby=frame.described_by()
            on:input=move |event| if let Some(bind) = bind { bind.set(event_target_value(&event)) }/>
    };
    frame.view(control.into_any())
}
