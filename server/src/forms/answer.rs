//! What a form leads back to besides its refusal: word that it was done, a secret that is shown once, and the refusal of a
//! visitor who has no session yet.

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use domain::Problem;
use serde_json::json;
use services::Cx;
use uuid::Uuid;

use super::{see, shown_again, with_form};
use crate::http::{State, cookie, refusal::Refusal};

/// The cookie by which a visitor without a session finds what their form brought back.
pub const VISITOR: &str = "opsguard_form";
/// As long as a flash is kept.
const VISITOR_S: i64 = 60;

/// Leads to the page, which says once that it was done.
pub async fn told(cx: &Cx, to: &str, form: &str, words: &str) -> Response {
    shown_once(cx, to, form, &[("done", words.to_owned())]).await
}

/// Leads to the page, which shows these values once and never again.
pub async fn shown_once(cx: &Cx, to: &str, form: &str, values: &[(&str, String)]) -> Response {
    let values: serde_json::Map<String, serde_json::Value> = values.iter().map(|(k, v)| ((*k).to_owned(), json!(v))).collect();
    match services::account::put_flash(cx, form, &json!({ "values": values, "errors": [] })).await {
        Ok(()) => see(&with_form(to, form)),
        Err(e) => {
            tracing::warn!(error = %e, form, "what a form has to show once could not be kept");
            see(to)
        }
    }
}

/// The refusal of a form that people send before they are signed in.
pub async fn refused(state: &State, cx: &Cx, to: &str, form: &str, fields: &[(&str, String)], refusal: impl Into<Refusal>) -> Response {
    let Refusal(problem) = refusal.into();
    let content = shown_again(fields, &in_words(problem.clone()));
    if cx.actor.session.is_some() {
        return match services::account::put_flash(cx, form, &content).await {
            Ok(()) => see(&with_form(to, form)),
            Err(_) => Refusal(problem).into_response(),
        };
    }
    let visitor = Uuid::new_v4();
    if let Err(e) = services::account::put_visitor_flash(cx, visitor, form, &content).await {
        tracing::debug!(error = %e, "a refused form could not be kept");
        return Refusal(problem).into_response();
    }
    let mut response = see(&with_form(to, form));
    let cookie = cookie::write(&state.config, VISITOR, &visitor.simple().to_string(), VISITOR_S, true);
    response.headers_mut().append(header::SET_COOKIE, cookie);
    response
}

/// A text as it may stand in an address, whatever it is.
pub fn escaped(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() || b"-_.~".contains(&b) { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

/// Says how long to wait as people say it.
fn in_words(problem: Problem) -> Problem {
    let Some(seconds) = problem.retry_after_s.filter(|_| problem.code == domain::Code::TooMany) else { return problem };
    let wait = match seconds {
        0..=1 => "a second".to_owned(),
        2..=59 => format!("{seconds} seconds"),
        60..=119 => "a minute".to_owned(),
        more => format!("{} minutes", more.div_ceil(60)),
    };
    Problem { detail: format!("There were too many tries. Wait {wait}, then try again."), ..problem }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Code;

    #[test]
    fn a_wait_is_told_as_people_say_it() {
        for (seconds, words) in [(1, "a second"), (32, "32 seconds"), (64, "a minute"), (128, "3 minutes"), (300, "5 minutes")] {
            let told = in_words(Problem { retry_after_s: Some(seconds), ..Problem::new(Code::TooMany, "Too many tries", "") });
            assert_eq!(told.detail, format!("There were too many tries. Wait {words}, then try again."));
        }
    }
}
