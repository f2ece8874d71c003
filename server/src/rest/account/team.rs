//! Teams and their members over REST.

use axum::{
    extract::{Path, Request},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use domain::{
    account::{Member, MemberIn, Team, TeamIn, TeamPatch, TeamRow},
    list::Page,
};
use serde::Deserialize;
use services::account::{self, TeamFilter};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{team_id, user_id};
use crate::{
    http::{State, body::Body, context::Call, export, query::Params, refusal::Answer, tag},
    openapi::{Conditional, Faults},
};

/// The routes of this part.
pub fn router() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(list_csv))
        .routes(routes!(list_json))
        .routes(routes!(get, edit, archive))
        .routes(routes!(restore))
        .routes(routes!(members, add_member))
        .routes(routes!(set_member, remove_member))
}

fn item(t: &Team) -> Response {
    tag::item(&HeaderMap::new(), t.version, t.rev, t)
}

#[utoipa::path(get, path = "/teams", tag = "teams", operation_id = "listTeams",
    params(("q" = Option<String>, Query, description = "A part of the name"), ("archived" = Option<bool>, Query,),
        ("page" = Option<u32>, Query, minimum = 1, maximum = 5000), ("page_size" = Option<u32>, Query, minimum = 1, maximum = 200), ("after" = Option<String>, Query,)),
    responses((status = 200, body = Page<TeamRow>), Conditional, Faults))]
async fn list(Call(cx): Call, request: Request) -> Answer {
    let params = Params::read(request.uri().query(), &["q", "archived", "page", "page_size", "after"])?;
    let archived = params.parse("archived", "true or false", |v| v.parse().ok())?.unwrap_or(false);
    let filter = TeamFilter { q: params.get("q").map(str::to_owned), archived };
    if let Some(format) = export::wanted(request.uri().path(), request.headers()) {
        cx.scope("accounts")?;
        let columns = &["name", "description", "members", "time_zone", "locale", "archived_at", "created_at", "id"];
        return Ok(export::stream(format, "teams", columns, move |paging| {
            let (cx, filter) = (cx.clone(), filter.clone());
            async move { account::list_teams(&cx, &filter, &paging).await }
        }));
    }
    Ok(tag::view(request.headers(), &account::list_teams(&cx, &filter, &params.paging()?).await?))
}

/// Every matching team as CSV.
#[utoipa::path(get, path = "/teams.csv", tag = "teams", operation_id = "exportTeamsCsv", responses((status = 200, body = String, content_type = "text/csv"), Faults))]
async fn list_csv(call: Call, request: Request) -> Answer {
    list(call, request).await
}

/// Every matching team as one JSON array.
#[utoipa::path(get, path = "/teams.json", tag = "teams", operation_id = "exportTeamsJson", responses((status = 200, body = Vec<TeamRow>), Faults))]
async fn list_json(call: Call, request: Request) -> Answer {
    list(call, request).await
}

#[utoipa::path(post, path = "/teams", tag = "teams", operation_id = "createTeam", request_body = TeamIn, responses((status = 201, body = Team), Faults))]
async fn create(Call(cx): Call, Body(new): Body<TeamIn>) -> Answer {
    let t = account::create_team(&cx, new).await?;
    Ok(tag::created(&format!("/api/v1/teams/{}", t.id), t.version, t.rev, &t))
}

#[utoipa::path(get, path = "/teams/{id}", tag = "teams", operation_id = "getTeam", params(("id" = String, Path,)),
    responses((status = 200, body = TeamRow), Conditional, Faults))]
async fn get(Call(cx): Call, Path(text): Path<String>, headers: HeaderMap) -> Answer {
    let row = account::get_team(&cx, team_id(&text)?).await?;
    Ok(tag::row(&headers, row.team.version, row.team.rev, &row))
}

#[utoipa::path(patch, path = "/teams/{id}", tag = "teams", operation_id = "editTeam", request_body = TeamPatch,
    params(("id" = String, Path,), ("If-Match" = Option<String>, Header,)), responses((status = 200, body = Team), Faults))]
async fn edit(Call(cx): Call, Path(text): Path<String>, headers: HeaderMap, Body(patch): Body<TeamPatch>) -> Answer {
    let id = team_id(&text)?;
    Ok(item(&account::edit_team(&cx, id, patch, tag::seen(&headers)?).await?))
}

/// Archives: what the team owns stays its own.
#[utoipa::path(delete, path = "/teams/{id}", tag = "teams", operation_id = "archiveTeam", params(("id" = String, Path,)),
    responses((status = 200, body = Team), Faults))]
async fn archive(Call(cx): Call, Path(text): Path<String>) -> Answer {
    Ok(item(&account::archive_team(&cx, team_id(&text)?).await?))
}

#[utoipa::path(post, path = "/teams/{id}/restore", tag = "teams", operation_id = "restoreTeam", params(("id" = String, Path,)),
    responses((status = 200, body = Team), Faults))]
async fn restore(Call(cx): Call, Path(text): Path<String>) -> Answer {
    Ok(item(&account::restore_team(&cx, team_id(&text)?).await?))
}

#[utoipa::path(get, path = "/teams/{id}/members", tag = "teams", operation_id = "listMembers", params(("id" = String, Path,)),
    responses((status = 200, body = Vec<Member>), Conditional, Faults))]
async fn members(Call(cx): Call, Path(text): Path<String>, headers: HeaderMap) -> Answer {
    let members = account::team_members(&cx, team_id(&text)?).await?;
    Ok(export::view(&headers, "members", &["name", "lead", "user_id"], &members))
}

/// Puts somebody into the team, or changes whether they lead it; answers the members.
#[utoipa::path(post, path = "/teams/{id}/members", tag = "teams", operation_id = "addMember", request_body = MemberIn, params(("id" = String, Path,)),
    responses((status = 200, body = Vec<Member>), Faults))]
async fn add_member(Call(cx): Call, Path(text): Path<String>, Body(member): Body<MemberIn>) -> Answer {
    let id = team_id(&text)?;
    account::set_member(&cx, id, member).await?;
    Ok(tag::view(&HeaderMap::new(), &account::team_members(&cx, id).await?))
}

/// A member's place, whose person the path names.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct PlaceIn {
    /// Leads change the team and its services.
    #[serde(default)]
    lead: bool,
}

/// The same with the person in the path.
#[utoipa::path(put, path = "/teams/{id}/members/{user_id}", tag = "teams", operation_id = "setMember", request_body = PlaceIn,
    params(("id" = String, Path,), ("user_id" = String, Path,)), responses((status = 200, body = Vec<Member>), Faults))]
async fn set_member(call: Call, Path((team, user)): Path<(String, String)>, Body(place): Body<PlaceIn>) -> Answer {
    let member = MemberIn { user_id: user_id(&user)?, lead: place.lead };
    add_member(call, Path(team), Body(member)).await
}

#[utoipa::path(delete, path = "/teams/{id}/members/{user_id}", tag = "teams", operation_id = "removeMember",
    params(("id" = String, Path,), ("user_id" = String, Path,)), responses((status = 204), Faults))]
async fn remove_member(Call(cx): Call, Path((team, user)): Path<(String, String)>) -> Answer {
    account::remove_member(&cx, team_id(&team)?, user_id(&user)?).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
