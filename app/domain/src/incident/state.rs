//! The state table of an incident (spec: incidents, "Table of (state, verb)").

use serde::{Deserialize, Serialize};

use crate::Problem;

/// Where an incident stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum State {
    /// Nobody has it.
    Open,
    /// Somebody has it.
    Acknowledged,
    /// Somebody works on it.
    InProgress,
    /// Over; may be reopened.
    Resolved,
    /// Put away.
    Closed,
}

impl State {
    /// In the order of an incident's life.
    pub const ALL: [Self; 5] = [Self::Open, Self::Acknowledged, Self::InProgress, Self::Resolved, Self::Closed];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Acknowledged => "acknowledged",
            Self::InProgress => "in_progress",
            Self::Resolved => "resolved",
            Self::Closed => "closed",
        }
    }

    /// Reads the word on the wire.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == text)
    }

    /// Neither resolved nor closed.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Open | Self::Acknowledged | Self::InProgress)
    }

    /// The verbs that change something from here.
    pub fn allowed(self) -> Vec<Verb> {
        Verb::ALL.into_iter().filter(|v| matches!(entry(self, *v), Some(Next::To(_) | Next::Continue))).collect()
    }
}

/// What a person or the engine does to an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// I have it.
    Acknowledge,
    /// I work on it.
    Start,
    /// It is over.
    Resolve,
    /// Put away.
    Close,
    /// It is not over.
    Reopen,
    /// Back to open: escalation, ack timeout, hand back.
    HandBack,
}

impl Verb {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 6] = [Self::Acknowledge, Self::Start, Self::Resolve, Self::Close, Self::Reopen, Self::HandBack];

    /// The word in refusals.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Acknowledge => "acknowledge",
            Self::Start => "start",
            Self::Resolve => "resolve",
            Self::Close => "close",
            Self::Reopen => "reopen",
            Self::HandBack => "hand back",
        }
    }
}

/// What a verb does in a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Goes there.
    To(State),
    /// Is there already: a success without effect.
    Same,
    /// A new incident continues this one.
    Continue,
}

/// The table. A refusal says from, to and what is allowed.
pub fn next(from: State, verb: Verb) -> Result<Next, Problem> {
    entry(from, verb).ok_or_else(|| refusal(from, verb))
}

/// One entry of the table; `None` is refused. Apart from [`next`], since a refusal asks for the other entries.
const fn entry(from: State, verb: Verb) -> Option<Next> {
    use State::{Acknowledged, Closed, InProgress, Open, Resolved};
    Some(match (from, verb) {
        (Open, Verb::Acknowledge) => Next::To(Acknowledged),
        (Acknowledged | InProgress, Verb::Acknowledge) => Next::Same,
        (Open | Acknowledged, Verb::Start) => Next::To(InProgress),
        (InProgress, Verb::Start) => Next::Same,
        (Open | Acknowledged | InProgress, Verb::Resolve) => Next::To(Resolved),
        (Resolved, Verb::Resolve) => Next::Same,
        (Open | Acknowledged | InProgress | Resolved, Verb::Close) => Next::To(Closed),
        (Closed, Verb::Close) => Next::Same,
        (Resolved, Verb::Reopen) => Next::To(Open),
        (Closed, Verb::Reopen) => Next::Continue,
        (Open | Acknowledged | InProgress, Verb::HandBack) => Next::To(Open),
        (Resolved | Closed, Verb::Acknowledge | Verb::Start | Verb::HandBack)
        | (Closed, Verb::Resolve)
        | (Open | Acknowledged | InProgress, Verb::Reopen) => return None,
    })
}

fn refusal(from: State, verb: Verb) -> Problem {
    let allowed: Vec<_> = from.allowed().into_iter().map(Verb::as_str).collect();
    Problem::conflict(format!(
        "An incident that is {} cannot be told to {}; possible now: {}.",
        from.as_str(),
        verb.as_str(),
        allowed.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of the specification, a row per state, a column per verb of [`Verb::ALL`].
    #[test]
    fn the_table_is_the_one_of_the_specification() {
        let table = [
            (State::Open, "acknowledged in_progress resolved closed refused open"),
            (State::Acknowledged, "same in_progress resolved closed refused open"),
            (State::InProgress, "same same resolved closed refused open"),
            (State::Resolved, "refused refused same closed open refused"),
            (State::Closed, "refused refused refused same continue refused"),
        ];
        for (from, row) in table {
            for (verb, expected) in Verb::ALL.into_iter().zip(row.split(' ')) {
                let got = match next(from, verb) {
                    Ok(Next::To(to)) => to.as_str(),
                    Ok(Next::Same) => "same",
                    Ok(Next::Continue) => "continue",
                    Err(_) => "refused",
                };
                assert_eq!(got, expected, "{from:?} {verb:?}");
            }
        }
    }

    #[test]
    fn a_refusal_says_what_is_possible() {
        let refusal = next(State::Resolved, Verb::Acknowledge).unwrap_err();
        assert_eq!(refusal.detail, "An incident that is resolved cannot be told to acknowledge; possible now: close, reopen.");
    }
}
