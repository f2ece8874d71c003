//! People as initials.

use crate::view;
use leptos::prelude::*;

/// Initials in a circle. Decorative unless `alone`: a name stands beside it, or it is the name.
#[component]
pub fn Avatar(
    /// Empty for nobody.
    #[prop(into)]
    name: String,
    /// 32 px instead of 24.
    #[prop(optional)]
    big: bool,
    /// No name stands beside it: it carries the name itself.
    #[prop(optional)]
    alone: bool,
) -> impl IntoView {
    let class = match (name.is_empty(), big) {
        (true, _) => "avatar avatar-none",
        (false, true) => "avatar avatar-big",
        (false, false) => "avatar",
    };
    let text = initials(&name);
    let name = if name.is_empty() { "Nobody".to_owned() } else { name };
    view! {
        <span class=class title=name.clone() role=alone.then_some("img") aria-label=alone.then_some(name) aria-hidden=(!alone).then_some("true")>{text}</span>
    }
}

/// First letters of the first and last word.
fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().find(|letter| letter.is_alphanumeric()));
    let first = words.next();
    let text: String = first.into_iter().chain(words.next_back()).flat_map(char::to_uppercase).collect();
    if text.is_empty() { "-".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn first_and_last_word_count() {
        for (name, text) in [("Mara Klein", "MK"), ("ana", "A"), ("Jean van der Berg", "JB"), ("", "-"), ("(bot) relay", "BR")] {
            assert_eq!(initials(name), text);
        }
    }
}
