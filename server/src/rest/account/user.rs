//! Users over REST.

use axum::{
    extract::{Path, Request},
    http::HeaderMap,
    response::Response,
};
use domain::{
    account::{Role, User, UserIn, UserPatch},
    list::Page,
};
use services::account::{self, UserFilter};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::user_id;
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
}

fn item(headers: &HeaderMap, u: &User) -> Response {
    tag::item(headers, u.version, u.rev, u)
}

#[utoipa::path(get, path = "/users", tag = "users", operation_id = "listUsers",
    params(("q" = Option<String>, Query, description = "A part of the name or address"), ("role" = Option<Role>, Query,), ("archived" = Option<bool>, Query,),
        ("page" = Option<u32>, Query, minimum = 1, maximum = 5000), ("page_size" = Option<u32>, Query, minimum = 1, maximum = 200), ("after" = Option<String>, Query,)),
    responses((status = 200, body = Page<User>), Conditional, Faults))]
async fn list(Call(cx): Call, request: Request) -> Answer {
    let params = Params::read(request.uri().query(), &["q", "role", "archived", "page", "page_size", "after"])?;
    let filter = UserFilter {
        q: params.get("q").map(str::to_owned),
        role: params.parse("role", "viewer, responder, manager or admin", Role::parse)?,
        archived: params.parse("archived", "true or false", |v| v.parse().ok())?.unwrap_or(false),
    };
    if let Some(format) = export::wanted(request.uri().path(), request.headers()) {
        cx.scope("accounts")?;
        let columns = &["name", "email", "role", "time_zone", "locale", "archived_at", "created_at", "id"];
        return Ok(export::stream(format, "users", columns, move |paging| {
            let (cx, filter) = (cx.clone(), filter.clone());
            async move { account::list_users(&cx, &filter, &paging).await }
        }));
    }
    Ok(tag::view(request.headers(), &account::list_users(&cx, &filter, &params.paging()?).await?))
}

/// Every matching user as CSV.
#[utoipa::path(get, path = "/users.csv", tag = "users", operation_id = "exportUsersCsv", responses((status = 200, body = String, content_type = "text/csv"), Faults))]
async fn list_csv(call: Call, request: Request) -> Answer {
    list(call, request).await
}

/// Every matching user as one JSON array.
#[utoipa::path(get, path = "/users.json", tag = "users", operation_id = "exportUsersJson", responses((status = 200, body = Vec<User>), Faults))]
async fn list_json(call: Call, request: Request) -> Answer {
    list(call, request).await
}

#[utoipa::path(post, path = "/users", tag = "users", operation_id = "createUser", request_body = UserIn, responses((status = 201, body = User), Faults))]
async fn create(Call(cx): Call, Body(new): Body<UserIn>) -> Answer {
    let u = account::create_user(&cx, new).await?;
    Ok(tag::created(&format!("/api/v1/users/{}", u.id), u.version, u.rev, &u))
}

#[utoipa::path(get, path = "/users/{id}", tag = "users", operation_id = "getUser", params(("id" = String, Path,)),
    responses((status = 200, body = User), Conditional, Faults))]
async fn get(Call(cx): Call, Path(text): Path<String>, headers: HeaderMap) -> Answer {
    Ok(item(&headers, &account::get_user(&cx, user_id(&text)?).await?))
}

/// One's own password and address need the present password.
#[utoipa::path(patch, path = "/users/{id}", tag = "users", operation_id = "editUser", request_body = UserPatch,
    params(("id" = String, Path,), ("If-Match" = Option<String>, Header,)), responses((status = 200, body = User), Faults))]
async fn edit(Call(cx): Call, Path(text): Path<String>, headers: HeaderMap, Body(patch): Body<UserPatch>) -> Answer {
    let id = user_id(&text)?;
    Ok(item(&HeaderMap::new(), &account::edit_user(&cx, id, patch, tag::seen(&headers)?).await?))
}

/// Archives: the person can no longer sign in; what they did stays.
#[utoipa::path(delete, path = "/users/{id}", tag = "users", operation_id = "archiveUser", params(("id" = String, Path,)),
    responses((status = 200, body = User), Faults))]
async fn archive(Call(cx): Call, Path(text): Path<String>) -> Answer {
    Ok(item(&HeaderMap::new(), &account::archive_user(&cx, user_id(&text)?).await?))
}

#[utoipa::path(post, path = "/users/{id}/restore", tag = "users", operation_id = "restoreUser", params(("id" = String, Path,)),
    responses((status = 200, body = User), Faults))]
async fn restore(Call(cx): Call, Path(text): Path<String>) -> Answer {
    Ok(item(&HeaderMap::new(), &account::restore_user(&cx, user_id(&text)?).await?))
}
