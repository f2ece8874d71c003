//! Time zones by their IANA names; the database is built in.

/// The name as it is written, or `None` for an unknown one.
pub(super) fn known(name: &str) -> Option<String> {
    let zone = jiff::tz::TimeZone::get(name).ok()?;
    if zone.is_unknown() { None } else { zone.iana_name().map(str::to_owned) }
}

#[cfg(test)]
mod tests {
    use super::known;

    #[test]
    fn a_zone_is_known_by_its_iana_name() {
        for (name, expected) in [
            ("UTC", Some("UTC")),
            ("Europe/Berlin", Some("Europe/Berlin")),
            ("europe/berlin", Some("Europe/Berlin")),
            ("Mars/Base", None),
            ("Etc/Unknown", None),
            ("", None),
            ("../../etc/passwd", None),
        ] {
            assert_eq!(known(name).as_deref(), expected, "{name}");
        }
    }
}
