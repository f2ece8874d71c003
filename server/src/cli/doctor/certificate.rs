//! The end of a certificate's validity: the one field of X.509 that `doctor` reads (RFC 5280, section 4.1).

use domain::Instant;

const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// The end of the certificate (DER); `None` when it is not one.
pub(super) fn not_after(der: &[u8]) -> Option<Instant> {
    let (_, certificate, _) = element(der, Some(SEQUENCE))?;
    let (_, mut rest, _) = element(certificate, Some(SEQUENCE))?;
    if rest.first() == Some(&VERSION) {
        rest = element(rest, None)?.2;
    }
    // Serial number, signature, issuer; then the validity.
    for _ in 0..3 {
        rest = element(rest, None)?.2;
    }
    let (_, validity, _) = element(rest, Some(SEQUENCE))?;
    let (.., end) = element(validity, None)?;
    let (tag, text, _) = element(end, None)?;
    time(tag, std::str::from_utf8(text).ok()?)
}

/// Tag, content and what follows of the first element (X.690, definite lengths only, as DER has them).
fn element(der: &[u8], wanted: Option<u8>) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = der.split_first()?;
    let (first, rest) = rest.split_first()?;
    if wanted.is_some_and(|w| w != *tag) {
        return None;
    }
    let (length, rest) = match first {
        0..=0x7f => (usize::from(*first), rest),
        0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*tag, content, rest))
}

/// `YYMMDDhhmmssZ` with years from 1950 on, or `YYYYMMDDhhmmssZ`.
fn time(tag: u8, text: &str) -> Option<Instant> {
    let full = match tag {
        UTC_TIME if text.len() == 13 => format!("{}{text}", if *text.get(..2)? < *"50" { "20" } else { "19" }),
        GENERALIZED_TIME => text.to_owned(),
        _ => return None,
    };
    let part = |from: usize, to: usize| full.get(from..to);
    Instant::parse(&format!("{}-{}-{}T{}:{}:{}Z", part(0, 4)?, part(4, 6)?, part(6, 8)?, part(8, 10)?, part(10, 12)?, part(12, 14)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_certificate_is_read() {
        let pem = include_bytes!("certificate.pem");
        let der = rustls_pemfile::certs(&mut pem.as_slice()).next().unwrap().unwrap();
        assert_eq!(not_after(&der), Instant::parse("2046-11-15T23:18:06Z"));
        for cut in 0..der.len() {
            // Whatever is cut off, nothing panics; behind the validity nothing is looked at.
            let _ = not_after(&der[..cut]);
        }
        assert_eq!(not_after(b"not a certificate"), None);
    }

    #[test]
    fn both_forms_of_time_are_known() {
        for (tag, text, expected) in [
            (UTC_TIME, "491231235959Z", Some("2049-12-31T23:59:59Z")),
            (UTC_TIME, "500101000000Z", Some("1950-01-01T00:00:00Z")),
            (GENERALIZED_TIME, "20500101000000Z", Some("2050-01-01T00:00:00Z")),
            (UTC_TIME, "4912", None),
            (0x04, "491231235959Z", None),
        ] {
            assert_eq!(time(tag, text), expected.and_then(Instant::parse), "{text}");
        }
    }
}
