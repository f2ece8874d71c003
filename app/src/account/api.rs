//! What the pages of people ask the server.

use domain::{
    Id,
    account::{Invitation, InvitationView, Member, Team, TeamRow, User},
    list::Page,
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{Error, data::Json};

/// Whether the first administrator is still to be made.
#[server(input = Json, output = Json)]
pub async fn needs_setup() -> Result<bool, Error> {
    let cx = crate::server::cx()?;
    crate::server::answer(services::account::needs_setup(&cx.app).await)
}

/// What the link of an invitation shows.
#[server(input = Json, output = Json)]
pub async fn peek(token: String) -> Result<InvitationView, Error> {
    let cx = crate::server::cx()?;
    crate::server::answer(services::account::peek_invitation(&cx.app, &token).await)
}

/// Everybody, and what the invitation form offers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Everybody {
    /// Accounts by name.
    pub users: Page<User>,
    /// Open invitations; empty for who may not see them.
    pub invitations: Vec<Invitation>,
    /// Teams in use.
    pub teams: Vec<(Id<Team>, String)>,
}

/// One page of people.
#[server(input = Json, output = Json)]
pub async fn people(q: String, archived: bool, page: u32) -> Result<Everybody, Error> {
    let cx = crate::server::cx()?;
    let filter = services::account::UserFilter { q: Some(q), role: None, archived };
    let paging = domain::list::Paging { page: page.max(1), ..Default::default() };
    let users = crate::server::answer(services::account::list_users(&cx, &filter, &paging).await)?;
    let may_invite = cx.authorize(domain::account::Action::ManageUsers, &domain::account::Target::ANY, "invitation").is_ok();
    let (invitations, teams) = if may_invite {
        (crate::server::answer(services::account::list_invitations(&cx).await)?, teams_in_use().await?)
    } else {
        Default::default()
    };
    Ok(Everybody { users, invitations, teams })
}

/// Teams in use by name, for selects; at most 200.
#[server(input = Json, output = Json)]
pub async fn teams_in_use() -> Result<Vec<(Id<Team>, String)>, Error> {
    let cx = crate::server::cx()?;
    let all = domain::list::Paging { page_size: domain::list::MAX_PAGE_SIZE, ..Default::default() };
    let teams = crate::server::answer(services::account::list_teams(&cx, &Default::default(), &all).await)?;
    Ok(teams.items.into_iter().map(|row| (row.team.id, row.team.name)).collect())
}

/// One page of teams.
#[server(input = Json, output = Json)]
pub async fn teams(archived: bool, page: u32) -> Result<Page<TeamRow>, Error> {
    let cx = crate::server::cx()?;
    let paging = domain::list::Paging { page: page.max(1), ..Default::default() };
    let filter = services::account::TeamFilter { q: None, archived };
    crate::server::answer(services::account::list_teams(&cx, &filter, &paging).await)
}

/// A team with its people.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shown {
    /// The team.
    pub row: TeamRow,
    /// Who is in it.
    pub members: Vec<Member>,
    /// Who could join; empty for who may not change it.
    pub others: Vec<(Id<User>, String)>,
    /// Whether the person may change it.
    pub may_manage: bool,
}

/// Everything that the page of a team shows.
#[server(input = Json, output = Json)]
pub async fn show_team(id: String) -> Result<Shown, Error> {
    let cx = crate::server::cx()?;
    let id: Id<Team> = crate::server::answer(id.parse().map_err(|_| domain::Problem::not_found("team").into()))?;
    let row = crate::server::answer(services::account::get_team(&cx, id).await)?;
    let members = crate::server::answer(services::account::team_members(&cx, id).await)?;
    let target = domain::account::Target { team: Some(id), ..domain::account::Target::ANY };
    let may_manage = cx.authorize(domain::account::Action::ManageTeams, &target, "team").is_ok();
    let others = if may_manage {
        let all = domain::list::Paging { page_size: domain::list::MAX_PAGE_SIZE, ..Default::default() };
        let users = crate::server::answer(services::account::list_users(&cx, &Default::default(), &all).await)?;
        let is_in = |user: &User| members.iter().any(|member| member.user_id == user.id);
        users.items.into_iter().filter(|user| !is_in(user)).map(|user| (user.id, user.name)).collect()
    } else {
        Vec::new()
    };
    Ok(Shown { row, members, others, may_manage })
}
