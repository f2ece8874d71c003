//! Who may do what: the one table of rights. Deny by default.

use super::{Role, Team, User};
use crate::{Id, Problem, service::Visibility};

/// What somebody wants to do. Reading is governed by [`Scope`], not by an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Declare an incident by hand or API.
    DeclareIncident,
    /// Acknowledge, start, resolve, close, reopen, assign, note, edit.
    Respond,
    /// Post to the team's log, report and resolve blockers.
    WriteLog,
    /// Make a service.
    CreateService,
    /// Edit or archive a service; make, reveal, rotate, disable, replay its integrations.
    ConfigureService,
    /// See an integration's payloads and errors.
    SeeIntegration,
    /// Make, edit or archive a team, change its members.
    ManageTeams,
    /// Invite, change role, archive, end sessions of others.
    ManageUsers,
    /// Own profile, password, sessions, tokens.
    OwnAccount,
    /// Read the audit journal with addresses.
    Audit,
    /// Settings, demo data, backup.
    Administer,
}

/// Who is asking: what authorisation needs to know of an actor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// Nobody is signed in.
    Anonymous,
    /// A person, or a token with a person's rights.
    Person {
        /// Who.
        user: Id<User>,
        /// What they may do.
        role: Role,
        /// Their teams.
        teams: Vec<Id<Team>>,
        /// Of these, the ones that they lead.
        leads: Vec<Id<Team>>,
        /// A token's scopes; absent for a person.
        scopes: Option<Vec<String>>,
    },
    /// OpsGuard itself: engine, jobs, ingest, command line.
    System,
}

/// The thing acted on, as far as rights depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// The owning team.
    pub team: Option<Id<Team>>,
    /// Who may know of it.
    pub visibility: Visibility,
    /// Whose it is, for what belongs to one person.
    pub owner: Option<Id<User>>,
}

impl Target {
    /// Nothing in particular.
    pub const ANY: Self = Self { team: None, visibility: Visibility::All, owner: None };
}

/// The rows that a caller may know of: the first argument of every read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Everything.
    All,
    /// What is visible to all, and what belongs to these teams.
    Teams(Vec<Id<Team>>),
    /// Nothing.
    Nothing,
}

impl Scope {
    /// Whether a row with this team and visibility is inside.
    pub fn sees(&self, team: Option<Id<Team>>, visibility: Visibility) -> bool {
        match self {
            Self::All => true,
            Self::Nothing => false,
            Self::Teams(teams) => visibility == Visibility::All || team.is_some_and(|t| teams.contains(&t)),
        }
    }
}

impl Action {
    /// The area and verb that a token needs.
    const fn token_scope(self) -> (&'static str, &'static str) {
        match self {
            Self::DeclareIncident | Self::Respond => ("incidents", "write"),
            Self::WriteLog => ("log", "write"),
            Self::CreateService | Self::ConfigureService => ("services", "write"),
            Self::SeeIntegration => ("services", "read"),
            Self::ManageTeams | Self::ManageUsers | Self::OwnAccount | Self::Administer => ("accounts", "write"),
            Self::Audit => ("audit", "read"),
        }
    }

    /// The least role for which it is always allowed, and the words of the refusal.
    const fn least_role(self) -> (Role, &'static str) {
        match self {
            Self::OwnAccount => (Role::Viewer, "This belongs to somebody else."),
            Self::DeclareIncident | Self::Respond | Self::WriteLog => (Role::Responder, "This needs the role responder or higher."),
            Self::CreateService | Self::ConfigureService | Self::SeeIntegration => {
                (Role::Manager, "This needs the role manager, or to lead the team that owns the service.")
            }
            Self::ManageTeams => (Role::Manager, "This needs the role manager, or to lead the team."),
            Self::ManageUsers | Self::Audit | Self::Administer => (Role::Admin, "This needs the role admin."),
        }
    }
}

impl Caller {
    /// What the caller may read of an area (`incidents`, `services`, ...).
    pub fn scope(&self, area: &str) -> Result<Scope, Problem> {
        match self {
            Self::System => Ok(Scope::All),
            Self::Anonymous => Err(Problem::unauthenticated()),
            Self::Person { role, teams, scopes, .. } => {
                let allowed = scopes.as_ref().is_none_or(|s| covers(s, area, "read"));
                if !allowed {
                    return Err(Problem::forbidden(format!("This token needs the scope {area}:read.")));
                }
                Ok(if *role == Role::Admin { Scope::All } else { Scope::Teams(teams.clone()) })
            }
        }
    }

    /// The person, when it is one.
    pub const fn user(&self) -> Option<Id<User>> {
        match self {
            Self::Person { user, .. } => Some(*user),
            Self::Anonymous | Self::System => None,
        }
    }
}

/// A write scope includes reading.
fn covers(scopes: &[String], area: &str, verb: &str) -> bool {
    scopes.iter().any(|s| s == "*" || s.split_once(':').is_some_and(|(a, v)| a == area && (v == verb || v == "write")))
}

/// Whether the caller may do this to the target. What the caller may not know of answers "not found".
pub fn authorize(caller: &Caller, action: Action, target: &Target, noun: &str) -> Result<(), Problem> {
    let Caller::Person { user, role, teams, leads, scopes } = caller else {
        return if *caller == Caller::System { Ok(()) } else { Err(Problem::unauthenticated()) };
    };
    if let Some(scopes) = scopes {
        let (area, verb) = action.token_scope();
        if !covers(scopes, area, verb) {
            return Err(Problem::forbidden(format!("This token needs the scope {area}:{verb}.")));
        }
    }
    let scope = if *role == Role::Admin { Scope::All } else { Scope::Teams(teams.clone()) };
    if !scope.sees(target.team, target.visibility) {
        return Err(Problem::not_found(noun));
    }
    let (least, refusal) = action.least_role();
    let leads_it = matches!(action, Action::ConfigureService | Action::SeeIntegration | Action::ManageTeams | Action::CreateService)
        && *role >= Role::Responder
        && target.team.is_some_and(|t| leads.contains(&t));
    let owns = target.owner.is_none_or(|o| o == *user) || *role == Role::Admin;
    if (*role >= least || leads_it) && owns { Ok(()) } else { Err(Problem::forbidden(refusal)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Code;

    fn team(n: u8) -> Id<Team> {
        Id::mint(1, [n; 10])
    }

    fn person(role: Role) -> Caller {
        Caller::Person { user: Id::mint(1, [9; 10]), role, teams: vec![team(1)], leads: vec![], scopes: None }
    }

    fn code(caller: &Caller, action: Action, target: &Target) -> Option<Code> {
        authorize(caller, action, target, "service").err().map(|p| p.code)
    }

    #[test]
    fn each_action_needs_its_role() {
        let table = [
            (Action::DeclareIncident, Role::Responder),
            (Action::Respond, Role::Responder),
            (Action::WriteLog, Role::Responder),
            (Action::CreateService, Role::Manager),
            (Action::ConfigureService, Role::Manager),
            (Action::SeeIntegration, Role::Manager),
            (Action::ManageTeams, Role::Manager),
            (Action::ManageUsers, Role::Admin),
            (Action::OwnAccount, Role::Viewer),
            (Action::Audit, Role::Admin),
            (Action::Administer, Role::Admin),
        ];
        for (action, least) in table {
            for role in Role::ALL {
                let expected = if role >= least { None } else { Some(Code::Forbidden) };
                assert_eq!(code(&person(role), action, &Target::ANY), expected, "{action:?} as {role:?}");
            }
            assert_eq!(code(&Caller::Anonymous, action, &Target::ANY), Some(Code::Unauthenticated));
            assert_eq!(code(&Caller::System, action, &Target::ANY), None);
        }
    }

    #[test]
    fn what_belongs_to_another_team_in_private_is_not_there() {
        let private = Target { team: Some(team(2)), visibility: Visibility::Team, owner: None };
        assert_eq!(code(&person(Role::Manager), Action::Respond, &private), Some(Code::NotFound));
        assert_eq!(code(&person(Role::Admin), Action::Respond, &private), None);
        let own = Target { team: Some(team(1)), ..private };
        assert_eq!(code(&person(Role::Responder), Action::Respond, &own), None);
    }

    #[test]
    fn a_team_lead_configures_the_teams_services() {
        let lead =
            Caller::Person { user: Id::mint(1, [9; 10]), role: Role::Responder, teams: vec![team(1)], leads: vec![team(1)], scopes: None };
        let own = Target { team: Some(team(1)), visibility: Visibility::All, owner: None };
        let other = Target { team: Some(team(2)), ..own };
        assert_eq!(code(&lead, Action::ConfigureService, &own), None);
        assert_eq!(code(&lead, Action::ConfigureService, &other), Some(Code::Forbidden));
    }

    #[test]
    fn what_is_anothers_own_needs_an_administrator() {
        let others = Target { owner: Some(Id::mint(1, [1; 10])), ..Target::ANY };
        assert_eq!(code(&person(Role::Manager), Action::OwnAccount, &others), Some(Code::Forbidden));
        assert_eq!(code(&person(Role::Admin), Action::OwnAccount, &others), None);
    }

    #[test]
    fn a_token_does_only_what_its_scopes_say() {
        let with = |scopes: &[&str]| Caller::Person {
            user: Id::mint(1, [9; 10]),
            role: Role::Admin,
            teams: vec![],
            leads: vec![],
            scopes: Some(scopes.iter().map(|s| (*s).into()).collect()),
        };
        assert_eq!(code(&with(&["*"]), Action::Administer, &Target::ANY), None);
        assert_eq!(code(&with(&["incidents:write"]), Action::Respond, &Target::ANY), None);
        assert_eq!(code(&with(&["incidents:read"]), Action::Respond, &Target::ANY), Some(Code::Forbidden));
        assert!(with(&["incidents:write"]).scope("incidents").is_ok());
        assert!(with(&["incidents:read"]).scope("services").is_err());
    }
}
