//! The first administrator: claimed with the setup token, given by the environment, or made on the command line. Whoever
//! merely finds the page cannot claim anything.
//!
//! The token stands in the settings, sealed, so that all nodes print the same one, and in the data folder for who has
//! access to the machine. It is gone once there is an administrator, which nobody of the demo data is; of two that claim at
//! once, one takes the row.

use std::{fs, io::Write, os::unix::fs::OpenOptionsExt, path::PathBuf, sync::Arc};

use domain::{
    Problem,
    account::{DEFAULT_LOCALE, DEFAULT_TIME_ZONE, Role, Secret, SetupIn, User, UserIn},
};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;

use super::{repo, secret};
use crate::{
    Actor, App, Cx, Error, Request, Result,
    store::{self, setting},
};

const SETTING: &str = "setup_token";
const PLACE: &str = "setting|value|setup_token";

fn file(app: &App) -> PathBuf {
    app.data_dir.join("setup.token")
}

/// Whether the first administrator is still to be made.
pub async fn needs_setup(app: &App) -> Result<bool> {
    Ok(!repo::any_admin(&app.store).await?)
}

/// The token that holds, made now when there is none; `None` once there is an administrator.
async fn held(app: &App) -> Result<Option<String>> {
    if !needs_setup(app).await? {
        return Ok(None);
    }
    let sealed = app.keyring.seal(PLACE, secret::new().as_bytes())?;
    let first = setting::put_first(&app.store, SETTING, &sealed, app.clock.now()).await?;
    String::from_utf8(app.keyring.open_sealed(PLACE, &first)?).map(Some).map_err(|e| Error::Stored(e.to_string()))
}

/// The setup token, for the log of the first start; `None` once there is an administrator. Also kept in `setup.token` in the
/// data folder, readable for its owner only.
pub async fn setup_token(app: &App) -> Result<Option<String>> {
    let Some(token) = held(app).await? else { return Ok(None) };
    let path = file(app);
    let fault = |e: std::io::Error| Error::Stored(format!("{}: {e}", path.display()));
    fs::create_dir_all(&app.data_dir).map_err(fault)?;
    // Anew, so that the mode is ours whatever stood there.
    match fs::remove_file(&path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(fault(e)),
        _ => {}
    }
    let mut out = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).map_err(fault)?;
    writeln!(out, "{token}").map_err(fault)?;
    Ok(Some(token))
}

fn taken() -> Problem {
    Problem::conflict("OpsGuard has its first administrator; sign in, or ask for an invitation.")
}

/// Makes the first administrator for who has the setup token. Refused once there is an administrator.
pub async fn create_first_admin(cx: &Cx, given: SetupIn) -> Result<User> {
    let held = held(&cx.app).await?.ok_or_else(taken)?;
    if !secret::same(given.token.0.trim(), &held) {
        return Err(Problem::forbidden(
            "This is not the setup token; it stands in the log of the first start and in setup.token in the data folder.",
        )
        .into());
    }
    claim(cx, given.validate()?).await
}

/// Makes the first administrator from OPSGUARD_ADMIN_EMAIL and _PASSWORD; answers whether it did. Later starts change nothing.
pub async fn ensure_admin_from_env(app: &Arc<App>, email: &str, password: &str) -> Result<bool> {
    if held(app).await?.is_none() {
        return Ok(false);
    }
    let name = email.split('@').next().unwrap_or_default().to_owned();
    let given = SetupIn { token: Secret::default(), name, email: email.to_owned(), password: password.into() }.validate()?;
    let cx = Cx::new(app.clone(), Actor::system(), Request::inside("engine"));
    match claim(&cx, given).await {
        Ok(_) => Ok(true),
        // Another node was first.
        Err(Error::Problem(p)) if p == taken() => Ok(false),
        Err(e) => Err(e),
    }
}

async fn claim(cx: &Cx, given: SetupIn) -> Result<User> {
    let hash = cx.app.hasher.hash(given.password.0).await?;
    let new = UserIn {
        name: given.name,
        email: given.email,
        role: Role::Admin,
        password: None,
        time_zone: DEFAULT_TIME_ZONE.into(),
        locale: DEFAULT_LOCALE.into(),
    };
    let backend = cx.app.store.backend();
    let user = cx
        .write(move |tx| {
            let (new, hash) = (new.clone(), hash.clone());
            async move {
                let take = Statement::from_sql_and_values(backend, "DELETE FROM setting WHERE name = $1", [SETTING.into()]);
                if tx.conn().execute_raw(take).await?.rows_affected() == 0 {
                    return Err(taken().into());
                }
                let user = repo::insert(&tx, store::id(tx.now()), new, Some(hash)).await?;
                tx.event(repo::event(&user, "user.created", json!({ "role": user.role, "first": true })));
                Ok(user)
            }
        })
        .await?;
    if let Err(e) = fs::remove_file(file(&cx.app)) {
        tracing::debug!(error = %e, "setup.token; it opens nothing any more");
    }
    Ok(user)
}
