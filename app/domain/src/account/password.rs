//! What a password must be: long enough, and not one of those that everyone tries first.

use crate::problem::Faults;

/// Shortest, in characters.
pub const MIN_PASSWORD: usize = 8;
/// Longest, in characters: hashing time is bounded by it.
pub const MAX_PASSWORD: usize = 256;

/// The most used passwords of at least eight characters in published breaches; compared without case.
const COMMON: &str = include_str!("common_passwords.txt");

/// Notes the faults of a password; the person's own name and address count as common.
pub fn check_password(faults: &mut Faults, field: &str, password: &str, email: &str) {
    let length = password.chars().count();
    faults.check(length >= MIN_PASSWORD, field, "too_short", format!("At least {MIN_PASSWORD} characters."));
    faults.check(length <= MAX_PASSWORD, field, "too_long", format!("At most {MAX_PASSWORD} characters."));
    let lower = password.to_lowercase();
    let local = email.split('@').next().unwrap_or_default().to_lowercase();
    let common = COMMON.lines().any(|c| c == lower) || lower == email.to_lowercase() || (local.len() >= 4 && lower == local);
    faults.check(!common, field, "too_common", "This is one of the first passwords that anyone would try.");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_and_commonness_are_all_that_is_asked() {
        for (password, fine) in [
            ("correct horse", true),
            ("aaaaaaab", true),
            ("short", false),
            ("Password1", false),
            ("12345678", false),
            ("mara@example.org", false),
            (&"x".repeat(257), false),
        ] {
            let mut faults = Faults::default();
            check_password(&mut faults, "password", password, "mara@example.org");
            assert_eq!(faults.finish().is_ok(), fine, "{password}");
        }
    }
}
