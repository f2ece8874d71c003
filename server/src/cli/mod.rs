//! The command line. A fault is one line that says what to do.

mod admin;
mod data;
mod doctor;

use anyhow::{Context, bail};
use clap::{Parser, Subcommand};

use crate::{config::Config, serve};

pub use data::ensure_demo;

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
    Serve {
        /// Fills an empty installation with demo data first.
        #[arg(long)]
        demo: bool,
    },
    /// Brings the schema up to date.
    Migrate {
        /// Only says what would be done.
        #[arg(long)]
        dry_run: bool,
    },
    /// People and tokens, when nobody can sign in.
    Admin {
        #[command(subcommand)]
        command: admin::Admin,
    },
    /// Adds a believable organisation to look at, or takes it out again.
    SeedDemo {
        /// Takes the demo out, with all that happened on its services.
        #[arg(long)]
        remove: bool,
    },
    /// Writes everything into one new file; the server may go on meanwhile.
    Backup(data::Backup),
    /// Loads a backup into an empty database of either kind.
    Restore(data::Restore),
    /// Looks at the configuration without starting.
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Looks at everything that a running OpsGuard depends on, and says what to do about what is wrong.
    Doctor,
    /// Asks a running server whether it is ready; for containers.
    Healthcheck,
    /// Says which version this is.
    Version,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Says what is wrong, or that nothing is.
    Check,
}

/// Runs the command; the fault is one line.
pub async fn run(cli: Cli) -> anyhow::Result<()> {
    command(cli).await.map_err(|fault| match fault.downcast_ref::<services::Error>() {
        Some(e) if fault.chain().count() == 1 => anyhow::Error::msg(e.plain()),
        _ => fault,
    })
}

async fn command(cli: Cli) -> anyhow::Result<()> {
    if let Command::Version = cli.command {
        println!("opsguard {}", env!("CARGO_PKG_VERSION"));
        return Ok(());
    }
    let config = Config::from_env().map_err(anyhow::Error::msg)?;
    match cli.command {
        Command::Version => Ok(()),
        Command::Serve { demo } => serve::run(config, demo).await,
        Command::Migrate { dry_run } => data::migrate(&config, dry_run).await,
        Command::Admin { command } => admin::run(&config, command).await,
        Command::SeedDemo { remove } => data::seed_demo(&config, remove).await,
        Command::Backup(what) => data::backup(&config, what).await,
        Command::Restore(what) => data::restore(&config, what).await,
        Command::Config { command: ConfigCommand::Check } => {
            println!(
                "The configuration is right. Address {}, public URL {}, data in {}.",
                config.addr,
                config.public_url,
                config.data_dir.display()
            );
            Ok(())
        }
        Command::Doctor => doctor::run(&config).await,
        Command::Healthcheck => healthcheck(&config).await,
    }
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

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::Cli;

    #[test]
    fn every_command_is_well_formed() {
        Cli::command().debug_assert();
        for line in [
            "serve --demo",
            "seed-demo --remove",
            "backup b.tar.gz --with-key",
            "restore b.tar.gz --with-key",
            "doctor",
            "config check",
            "migrate --dry-run",
        ] {
            assert!(Cli::try_parse_from(["opsguard"].into_iter().chain(line.split(' '))).is_ok(), "{line}");
        }
    }
}
