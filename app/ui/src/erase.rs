//! One type for all views.
//!
//! Every type of view costs the wasm a copy of what builds, hydrates, renews and drops it. `leptos` gives each root
//! element of a `view!` a type of its own, then each `Option`, `Vec` and closure of it. Here they are all `AnyView`.

use leptos::prelude::*;

/// `leptos::view!` whose result is always an [`AnyView`].
#[macro_export]
macro_rules! view {
    ($($tokens:tt)*) => { $crate::erase::any(::leptos::prelude::view! { $($tokens)* }) };
}

/// Forgets the type of a view. Called by [`view!`](crate::view).
pub fn any<T: IntoAny>(view: View<T>) -> AnyView {
    view.into_inner().into_any()
}

/// A text that may change, as a child or an attribute: one type for all of them too.
pub fn words(text: TextProp) -> impl Fn() -> String + Send + Sync + 'static {
    move || text.get().into_owned()
}
