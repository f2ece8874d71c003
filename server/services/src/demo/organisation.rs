//! Who works here, and on what: teams, people, services, integrations.

use std::collections::HashMap;

use domain::{
    Id, Instant, Problem,
    account::{Caller, MemberIn, Role, Team, TeamIn, User, UserIn},
    integration::{Integration, IntegrationIn, Kind, Settings},
    service::Service,
    time::DAY,
};
use sea_orm::{ConnectionTrait, Statement};

use super::service::SERVICES;
use crate::{Actor, Cx, Request, Result, account, alert::Source, integration, service};

/// The organisation was there before the first incident of its history.
const FOUNDED_MS: i64 = 45 * DAY;

/// Name, IANA zone, what they answer for.
const TEAMS: [(&str, &str, &str); 3] = [
    ("Payments", "Europe/Berlin", "Takes the money: checkout, card processing, invoices."),
    ("Platform", "America/New_York", "Keeps the ground solid: clusters, databases, edge, build machines."),
    ("Search", "Asia/Kolkata", "Finds things: the search API and what fills its index."),
];

struct Person {
    name: &'static str,
    mailbox: &'static str,
    role: Role,
    team: Option<&'static str>,
    lead: bool,
    zone: &'static str,
}

const fn person(
    name: &'static str,
    mailbox: &'static str,
    role: Role,
    team: Option<&'static str>,
    lead: bool,
    zone: &'static str,
) -> Person {
    Person { name, mailbox, role, team, lead, zone }
}

pub(super) const MARA: &str = "Mara Lindqvist";
pub(super) const JONAS: &str = "Jonas Weber";
pub(super) const GRACE: &str = "Grace Kim";
pub(super) const LUIS: &str = "Luis Romero";
pub(super) const ADAEZE: &str = "Adaeze Okafor";
pub(super) const PRIYA: &str = "Priya Raman";
pub(super) const DEV: &str = "Dev Mehta";
const TOM: &str = "Tom Hughes";

const PEOPLE: [Person; 8] = [
    person(MARA, "mara.lindqvist", Role::Manager, Some("Payments"), true, "Europe/Berlin"),
    person(JONAS, "jonas.weber", Role::Responder, Some("Payments"), false, "Europe/Berlin"),
    person(ADAEZE, "adaeze.okafor", Role::Manager, Some("Platform"), true, "America/New_York"),
    person(GRACE, "grace.kim", Role::Responder, Some("Platform"), false, "America/Chicago"),
    person(LUIS, "luis.romero", Role::Responder, Some("Platform"), false, "America/New_York"),
    person(PRIYA, "priya.raman", Role::Responder, Some("Search"), true, "Asia/Kolkata"),
    person(DEV, "dev.mehta", Role::Responder, Some("Search"), false, "Asia/Kolkata"),
    person(TOM, "tom.hughes", Role::Viewer, None, false, "Europe/London"),
];

fn address(mailbox: &str) -> String {
    format!("{mailbox}@example.com")
}

/// What was made, by name.
pub(super) struct Organisation {
    pub teams: HashMap<&'static str, Id<Team>>,
    /// A context of each person, with their rights.
    pub people: HashMap<&'static str, Cx>,
    pub integrations: usize,
    sources: HashMap<&'static str, Source>,
}

impl Organisation {
    /// A person of the demo, as one who calls.
    pub fn person(&self, name: &str) -> Result<&Cx> {
        self.people.get(name).ok_or_else(|| missing(name))
    }

    /// Where the alerts of a service come from.
    pub fn source(&self, service: &str) -> Result<&Source> {
        self.sources.get(service).ok_or_else(|| missing(service))
    }

    pub fn services(&self) -> impl Iterator<Item = Id<Service>> + '_ {
        self.sources.values().map(|s| s.service)
    }
}

fn missing(name: &str) -> crate::Error {
    crate::Error::Stored(format!("the demo knows no {name}"))
}

/// Refuses where a name of the demo is in use, before anything is made.
pub(super) async fn refuse_taken(cx: &Cx) -> Result<()> {
    let store = &cx.app.store;
    let names = [
        ("team", "name", TEAMS.iter().map(|t| t.0.to_lowercase()).collect::<Vec<_>>()),
        ("service", "name", SERVICES.iter().map(|s| s.name.to_lowercase()).collect()),
        ("account", "email", PEOPLE.iter().map(|p| address(p.mailbox)).collect()),
    ];
    for (table, column, names) in names {
        let marks = (1..=names.len()).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ");
        let sql = format!("SELECT {column} FROM {table} WHERE archived_at IS NULL AND lower({column}) IN ({marks}) LIMIT 1");
        if let Some(row) =
            store.reader.query_one_raw(Statement::from_sql_and_values(store.backend(), sql, names.into_iter().map(Into::into))).await?
        {
            let name: String = row.try_get_by_index(0)?;
            let noun = if table == "account" { "person" } else { table };
            return Err(Problem::conflict(format!("The demo brings a {noun} {name:?}, and there is one here; nothing was made.")).into());
        }
    }
    Ok(())
}

/// Makes it, as it was when the company began to use OpsGuard.
pub(super) async fn make(cx: &Cx, now: Instant) -> Result<Organisation> {
    let cx = cx.at(now.plus(-FOUNDED_MS));
    let mut teams = HashMap::new();
    for (name, zone, description) in TEAMS {
        let new = TeamIn { name: name.into(), description: description.into(), time_zone: zone.into(), locale: "en".into() };
        teams.insert(name, account::create_team(&cx, new).await?.id);
    }
    let mut people = HashMap::new();
    for person in &PEOPLE {
        people.insert(person.name, hire(&cx, person, &teams).await?);
    }
    let mut made = Organisation { teams, people, integrations: 0, sources: HashMap::new() };
    for service in &SERVICES {
        let (source, integrations) = open(&made, &cx, service).await?;
        made.integrations += integrations;
        made.sources.insert(service.name, source);
    }
    Ok(made)
}

async fn hire(cx: &Cx, person: &Person, teams: &HashMap<&str, Id<Team>>) -> Result<Cx> {
    let new = UserIn {
        name: person.name.into(),
        email: address(person.mailbox),
        role: person.role,
        // Without one nobody can sign in as them.
        password: None,
        time_zone: person.zone.into(),
        locale: "en".into(),
    };
    let user = account::create_user(cx, new).await?.id;
    let team = person.team.and_then(|t| teams.get(t).copied());
    if let Some(team) = team {
        account::set_member(cx, team, MemberIn { user_id: user, lead: person.lead }).await?;
    }
    Ok(as_caller(cx, user, person, team))
}

/// A context with the rights that their role and teams give them.
fn as_caller(cx: &Cx, user: Id<User>, person: &Person, team: Option<Id<Team>>) -> Cx {
    let teams: Vec<_> = team.into_iter().collect();
    let leads = if person.lead { teams.clone() } else { Vec::new() };
    let caller = Caller::Person { user, role: person.role, teams, leads, scopes: None };
    Cx::new(cx.app.clone(), Actor { caller, kind: "user", id: Some(user.uuid()), session: None }, Request::inside(super::SOURCE))
}

/// The lead of the owning team makes the service and its integrations; alerts come by the first of these.
async fn open(made: &Organisation, cx: &Cx, wanted: &super::service::Wanted) -> Result<(Source, usize)> {
    let lead = PEOPLE.iter().find(|p| p.lead && p.team == Some(wanted.team)).ok_or_else(|| missing(wanted.team))?;
    let lead = made.person(lead.name)?.at(cx.now());
    let team = made.teams.get(wanted.team).copied().ok_or_else(|| missing(wanted.team))?;
    let service = service::create(&lead, wanted.given(team)).await?.id;
    let mut first: Option<(Id<Integration>, Kind)> = None;
    for (kind, name) in wanted.integrations {
        let new = IntegrationIn { kind: *kind, name: (*name).into(), settings: Settings::default() };
        let made = integration::create(&lead, service, new).await?.integration;
        first.get_or_insert((made.id, made.kind));
    }
    let source = Source { integration: first.map(|f| f.0), service, kind: first.map(|f| f.1) };
    Ok((source, wanted.integrations.len()))
}
