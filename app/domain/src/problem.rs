//! What went wrong, for programs and people: the one shape of a refusal (RFC 9457).
//!
//! Rules answer a [`Problem`] with a code and parameters; REST maps the code to a status, pages to a message.

use serde::{Deserialize, Serialize};

/// The kinds of refusal. Each has one HTTP status, [`Code::status`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Code {
    /// The request cannot be read (malformed JSON, unknown filter).
    BadRequest,
    /// Nobody is signed in, or the token is not known.
    Unauthenticated,
    /// Known, but not allowed.
    Forbidden,
    /// There is no such thing, or the caller may not know that there is.
    NotFound,
    /// The path exists, the method does not.
    MethodNotAllowed,
    /// The state does not allow this verb.
    Conflict,
    /// The same idempotency key is being worked on.
    InProgress,
    /// The key's request was done; its answer held a secret and is not kept.
    AlreadyDone,
    /// If-Match names an older version.
    Stale,
    /// An edit needs If-Match.
    PreconditionRequired,
    /// The body is larger than this route takes.
    TooLarge,
    /// The content type is not one this route reads.
    UnsupportedMediaType,
    /// Fields are wrong; `fields` names each.
    Invalid,
    /// An idempotency key came again with another request.
    KeyReused,
    /// Too many requests; try again later.
    TooMany,
    /// The database is away or the queue is full; try again.
    Unavailable,
    /// Something went wrong inside; the log has it under the request id.
    Internal,
}

impl Code {
    /// The HTTP status of this refusal.
    pub const fn status(self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::Unauthenticated => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::Conflict | Self::InProgress | Self::AlreadyDone => 409,
            Self::Stale => 412,
            Self::PreconditionRequired => 428,
            Self::TooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::Invalid | Self::KeyReused => 422,
            Self::TooMany => 429,
            Self::Unavailable => 503,
            Self::Internal => 500,
        }
    }
}

/// One field that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// The name in the request, dotted for what is nested.
    pub field: String,
    /// `required`, `too_long`, `not_allowed`, ...
    pub code: String,
    /// Words for a person.
    pub message: String,
}

impl FieldError {
    /// A wrong field.
    pub fn new(field: &str, code: &str, message: impl Into<String>) -> Self {
        Self { field: field.into(), code: code.into(), message: message.into() }
    }
}

/// A refusal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[error("{title}: {detail}")]
pub struct Problem {
    /// Which kind.
    pub code: Code,
    /// A few words, the same for every refusal of this kind.
    pub title: String,
    /// What exactly, and what to do.
    pub detail: String,
    /// Each wrong field.
    #[serde(default, rename = "errors", skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldError>,
    /// The present representation of what an edit was refused on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<serde_json::Value>,
    /// The fields that others changed since the version in If-Match.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<String>,
    /// Seconds until it is worth trying again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<u32>,
}

impl Problem {
    /// A refusal with its words.
    pub fn new(code: Code, title: &str, detail: impl Into<String>) -> Self {
        Self {
            code,
            title: title.into(),
            detail: detail.into(),
            fields: Vec::new(),
            current: None,
            changed: Vec::new(),
            retry_after_s: None,
        }
    }

    /// Nothing of this noun answers to that name.
    pub fn not_found(noun: &str) -> Self {
        Self::new(Code::NotFound, "Not found", format!("There is no such {noun}, or it is not visible to you."))
    }

    /// The caller's role or team does not allow it; `need` says what would.
    pub fn forbidden(need: impl Into<String>) -> Self {
        Self::new(Code::Forbidden, "Not allowed", need)
    }

    /// Nobody is signed in.
    pub fn unauthenticated() -> Self {
        Self::new(Code::Unauthenticated, "Sign in first", "This needs a signed-in person or an API token.")
    }

    /// The present state refuses the verb.
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(Code::Conflict, "Not possible now", detail)
    }

    /// Every field that is wrong, at once.
    pub fn invalid(fields: Vec<FieldError>) -> Self {
        let detail = fields.iter().map(|f| format!("{}: {}", f.field, f.message)).collect::<Vec<_>>().join("; ");
        Self { fields, ..Self::new(Code::Invalid, "Some fields are not right", detail) }
    }

    /// The request could not be read.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(Code::BadRequest, "The request cannot be read", detail)
    }

    /// The database is away, or more is waiting than we take.
    pub fn unavailable(detail: impl Into<String>) -> Self {
        Self { retry_after_s: Some(2), ..Self::new(Code::Unavailable, "Not available right now", detail) }
    }

    /// Somebody else edited it first.
    pub fn stale(current: serde_json::Value, changed: Vec<String>) -> Self {
        Self {
            current: Some(current),
            changed,
            ..Self::new(Code::Stale, "It changed meanwhile", "Someone edited it after the version you saw; compare and try again.")
        }
    }
}

/// Collects the faults of a request, so that it is refused once and names them all.
#[derive(Debug, Default)]
pub struct Faults(Vec<FieldError>);

impl Faults {
    /// Notes a fault unless `holds`.
    pub fn check(&mut self, holds: bool, field: &str, code: &str, message: impl Into<String>) {
        if !holds {
            self.0.push(FieldError::new(field, code, message));
        }
    }

    /// A text that must be there, trimmed, within `max` characters.
    pub fn text(&mut self, field: &str, value: &str, max: usize) -> String {
        let value = value.trim();
        self.check(!value.is_empty(), field, "required", "This is needed.");
        self.check(value.chars().count() <= max, field, "too_long", format!("At most {max} characters."));
        self.check(!value.contains('\0'), field, "not_allowed", "A NUL character is not allowed.");
        value.to_owned()
    }

    /// A text that may be empty, within `max` characters.
    pub fn optional_text(&mut self, field: &str, value: &str, max: usize) -> String {
        let value = value.trim();
        self.check(value.chars().count() <= max, field, "too_long", format!("At most {max} characters."));
        self.check(!value.contains('\0'), field, "not_allowed", "A NUL character is not allowed.");
        value.to_owned()
    }

    /// Adds a fault.
    pub fn push(&mut self, fault: FieldError) {
        self.0.push(fault);
    }

    /// `Ok` when nothing was noted.
    pub fn finish(self) -> Result<(), Problem> {
        if self.0.is_empty() { Ok(()) } else { Err(Problem::invalid(self.0)) }
    }
}

/// For the fields of a patch: absent stays `None`, `null` becomes `Some(None)`.
pub fn nullable<'de, D, T>(d: D) -> Result<Option<Option<T>>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::<T>::deserialize(d).map(Some)
}
