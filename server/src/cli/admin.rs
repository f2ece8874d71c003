//! `opsguard admin`: people and tokens, when nobody can sign in.

use anyhow::bail;
use clap::Subcommand;
use domain::account::{Role, Secret, TokenIn, UserIn};
use services::App;

use crate::config::Config;

#[derive(Debug, Subcommand)]
pub(super) enum Admin {
    /// Makes a user; prints their password.
    CreateUser {
        /// Their address.
        email: String,
        /// Their name; the address unless given.
        #[arg(long)]
        name: Option<String>,
        /// viewer, responder, manager or admin.
        #[arg(long, default_value = "admin")]
        role: String,
    },
    /// Gives a user a new password and ends their sessions; prints it.
    ResetPassword {
        /// Their address.
        email: String,
    },
    /// Makes an API token of a user; prints it.
    CreateToken {
        /// Whose rights it has at most.
        email: String,
        /// What it is for.
        #[arg(long, default_value = "made on the command line")]
        name: String,
        /// `*`, or such as incidents:write; may be given several times.
        #[arg(long = "scope", default_value = "*")]
        scopes: Vec<String>,
    },
}

pub(super) async fn run(config: &Config, command: Admin) -> anyhow::Result<()> {
    let app = App::open(config.options()).await?;
    match command {
        Admin::CreateUser { email, name, role } => {
            let Some(role) = Role::parse(&role) else { bail!("{role:?} is not a role; right: viewer, responder, manager or admin") };
            let password = services::account::generated_password();
            let shown = password.0.clone();
            let new = UserIn {
                name: name.unwrap_or_else(|| email.clone()),
                email: email.clone(),
                role,
                password: Some(password),
                time_zone: "UTC".into(),
                locale: "en".into(),
            };
            services::account::admin_create_user(&app, new).await?;
            println!("{email} may sign in with the password {shown}");
        }
        Admin::ResetPassword { email } => {
            let password = services::account::generated_password();
            let shown: Secret = password.clone();
            services::account::admin_reset_password(&app, &email, password).await?;
            println!("{email} may sign in with the password {}", shown.0);
        }
        Admin::CreateToken { email, name, scopes } => {
            let made = services::account::admin_create_token(&app, &email, TokenIn { name, scopes, expires_at: None }).await?;
            println!("{}", made.token.0);
        }
    }
    app.stop().await?;
    Ok(())
}
