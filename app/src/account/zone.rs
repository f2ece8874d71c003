//! Time zones: the server knows their names, the browser its own.

use leptos::prelude::*;
use ui::{Button, ButtonKind, ButtonSize, TextField, view};

/// The IANA name of this device's zone. Browser only.
pub fn device_zone() -> Option<String> {
    let options = js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &js_sys::Object::new()).resolved_options();
    js_sys::Reflect::get(&options, &"timeZone".into()).ok()?.as_string()
}

/// The field `time_zone`, and a button that fills in the device's.
#[component]
pub fn ZoneField(
    #[prop(into)] value: String,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(default = "An IANA name such as Europe/Berlin.".into(), into)] hint: TextProp,
) -> impl IntoView {
    let zone = RwSignal::new(value);
    let fill = move |_| {
        if let Some(found) = device_zone() {
            zone.set(found);
        }
    };
    view! {
        <div class="stack-tight">
            <TextField name="time_zone" label="Time zone" bind=zone hint error required=true autocomplete="off"/>
            <div class="needs-js"><Button kind=ButtonKind::Ghost size=ButtonSize::Small kind_of="button" on_click=fill>"Use this device's zone"</Button></div>
        </div>
    }
}
