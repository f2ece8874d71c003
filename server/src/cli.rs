//! The command line.

use anyhow::{Context, bail};
use clap::{Parser, Subcommand};
use domain::account::{Role, Secret, TokenIn, UserIn};
use services::App;

use crate::{config::Config, serve};

/// OpsGuard: alerts in, people paged, incidents tracked.
#[derive(Debug, Parser)]
#[command(name = "opsguard", version, about)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves until it is told to end.
    Serve,
    /// Brings the schema up to date.
    Migrate {
        /// Only says what would be done.
        #[arg(long)]
        dry_run: bool,
    },
    /// People and tokens, when nobody can sign in.
    Admin {
        #[command(subcommand)]
        command: Admin,
    },
    /// Looks at the configuration without starting.
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Asks a running server whether it is ready; for containers.
    Healthcheck,
    /// Says which version this is.
    Version,
}

#[derive(Debug, Subcommand)]
enum Admin {
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

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Says what is wrong, or that nothing is.
    Check,
}

/// Runs the command; the fault is one line.
pub async fn run(cli: Cli) -> anyhow::Result<()> {
    if let Command::Version = cli.command {
        println!("opsguard {}", env!("CARGO_PKG_VERSION"));
        return Ok(());
    }
    let config = Config::from_env().map_err(anyhow::Error::msg)?;
    match cli.command {
        Command::Version => Ok(()),
        Command::Serve => serve::run(config).await,
        Command::Migrate { dry_run } => migrate(&config, dry_run).await,
        Command::Admin { command } => admin(&config, command).await,
        Command::Config { command: ConfigCommand::Check } => {
            println!("The configuration is right. Address {}, public URL {}, data in {}.", config.addr, config.public_url, config.data_dir.display());
            Ok(())
        }
        Command::Healthcheck => healthcheck(&config).await,
    }
}

async fn migrate(config: &Config, dry_run: bool) -> anyhow::Result<()> {
    let store = services::store::Store::open(&config.database_url).await?;
    let pending = services::store::migrate::pending(&store).await?;
    if pending.is_empty() {
        println!("The schema is up to date.");
    } else if dry_run {
        println!("Would apply: {}", pending.join(", "));
    } else {
        println!("Applied: {}", services::store::migrate::run(&store).await?.join(", "));
    }
    store.close().await?;
    Ok(())
}

async fn admin(config: &Config, command: Admin) -> anyhow::Result<()> {
    let app = App::open(config.options()).await?;
    match command {
        Admin::CreateUser { email, name, role } => {
            let Some(role) = Role::parse(&role) else { bail!("{role:?} is not a role; right: viewer, responder, manager or admin") };
            let password = services::account::generated_password();
            let shown = password.0.clone();
            let new = UserIn { name: name.unwrap_or_else(|| email.clone()), email: email.clone(), role, password: Some(password), time_zone: "UTC".into(), locale: "en".into() };
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

/// A plain GET of /readyz over loopback, without a client library.
async fn healthcheck(config: &Config) -> anyhow::Result<()> {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    if config.tls.is_some() {
        bail!("healthcheck speaks plain http; with OPSGUARD_TLS_CERT ask /readyz by https instead");
    }
    let mut addr = config.addr;
    if addr.ip().is_unspecified() {
        addr.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    let mut stream = tokio::net::TcpStream::connect(addr).await.with_context(|| format!("nothing listens on {addr}"))?;
    stream.write_all(b"GET /readyz HTTP/1.0\r\nhost: localhost\r\n\r\n").await?;
    let mut answer = String::new();
    stream.take(4096).read_to_string(&mut answer).await?;
    if answer.split(' ').nth(1) == Some("200") { Ok(()) } else { bail!("not ready: {}", answer.lines().next().unwrap_or_default()) }
}
