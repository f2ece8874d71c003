//! Where somebody is: the time zone and the language that things are told to them in.

use crate::problem::Faults;

/// Looks a time zone up: the IANA name as it is written, or `None` for an unknown one. The database of zones is the
/// server's, so who validates brings it.
pub type Zones = fn(&str) -> Option<String>;

/// The zone of who has not said theirs.
pub const DEFAULT_TIME_ZONE: &str = "UTC";
/// The locale of who has not said theirs.
pub const DEFAULT_LOCALE: &str = "en";

pub(super) fn default_time_zone() -> String {
    DEFAULT_TIME_ZONE.into()
}

pub(super) fn default_locale() -> String {
    DEFAULT_LOCALE.into()
}

/// An IANA time zone.
pub(super) fn check_zone(faults: &mut Faults, field: &str, name: &str, zones: Zones) -> String {
    let known = zones(name.trim());
    faults.check(known.is_some(), field, "unknown_time_zone", "An IANA time zone such as Europe/Berlin.");
    known.unwrap_or_default()
}

/// The shape of a BCP 47 tag: letters first, then parts of up to eight letters or digits.
pub(super) fn check_locale(faults: &mut Faults, field: &str, tag: &str) -> String {
    let tag = tag.trim();
    let mut parts = tag.split('-');
    let language = parts.next().is_some_and(|p| (2..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphabetic()));
    let rest = parts.all(|p| (1..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphanumeric()));
    faults.check(language && rest && tag.len() <= 35, field, "not_a_locale", "A language tag such as en or de-AT.");
    tag.to_owned()
}
