//! Starting other programs: with a clean environment, from the checkout, and with their output either shown,
//! kept, or both. Nothing here knows what the programs are for.

use std::env;
use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::{Result, workspace};

/// A command that starts in the checkout, without what `cargo run` told us about ourselves (build scripts and
/// `env!` of other packages would take our name and version for theirs).
pub fn command(program: impl AsRef<Path>) -> Command {
    let mut command = Command::new(program.as_ref());
    command.current_dir(workspace::root());
    for (name, _) in env::vars_os() {
        let about_us = name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"));
        if about_us {
            command.env_remove(name);
        }
    }
    command
}

/// Runs with the terminal as it is; a failure names the program and how it ended.
pub fn run(command: &mut Command) -> Result<()> {
    let name = name_of(command);
    let status = command.status().map_err(|error| format!("cannot start {name}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{name} failed ({status})")) }
}

/// Runs silently; a failure carries the last lines of the output.
pub fn run_quietly(command: &mut Command) -> Result<String> {
    let name = name_of(command);
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("cannot start {name}: {error}"))?;
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(stdout);
    }
    let all = format!("{stdout}{}", String::from_utf8_lossy(&output.stderr));
    Err(format!("{name} failed ({}):\n{}", output.status, abridged(&all)))
}

/// Some programs say first what is wrong, others last.
fn abridged(output: &str) -> String {
    let lines: Vec<&str> = output.lines().collect();
    if lines.len() <= 30 {
        return lines.join("\n");
    }
    format!("{}\n..\n{}", lines[..12].join("\n"), lines[lines.len() - 18..].join("\n"))
}

/// Runs, shows standard output line by line, and hands each line to `see` as well.
pub fn run_and_watch(command: &mut Command, mut see: impl FnMut(&str)) -> Result<ExitStatus> {
    let name = name_of(command);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().map_err(|error| format!("cannot start {name}: {error}"))?;
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).split(b'\n') {
            let line = line.map_err(|error| format!("cannot read from {name}: {error}"))?;
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            see(&line);
        }
    }
    child.wait().map_err(|error| format!("cannot wait for {name}: {error}"))
}

/// Sends a signal by name; a process that is gone is no error.
pub fn signal(pid: u32, name: &str) {
    let _ = Command::new("kill").args([&format!("-{name}"), &pid.to_string()]).stderr(Stdio::null()).status();
}

/// Waits for a child that was told to end; kills it when it does not obey in time.
pub fn reap(child: &mut Child, patience: Duration) {
    let deadline = Instant::now() + patience;
    while Instant::now() < deadline {
        match child.try_wait() {
            Ok(None) => thread::sleep(Duration::from_millis(20)),
            _ => return,
        }
    }
    let _ = child.kill();
    let _ = child.wait();
}

/// The program's full path, when PATH has it.
pub fn on_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(program)).find(|candidate| candidate.is_file())
}

/// PATH with these folders in front.
pub fn path_with(folders: &[PathBuf]) -> OsString {
    let own = env::var_os("PATH").unwrap_or_default();
    let all = folders.iter().cloned().chain(env::split_paths(&own));
    env::join_paths(all).unwrap_or(own)
}

/// A TCP port of the loopback address that was free a moment ago.
pub fn free_port() -> Result<u16> {
    std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| format!("no free loopback port: {error}"))
}

fn name_of(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy().into_owned();
    let verb = command.get_args().find_map(|arg| arg.to_str().filter(|arg| !arg.starts_with('-')));
    verb.map_or(program.clone(), |verb| format!("{program} {verb}"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn long_output_keeps_both_ends() {
        let output: Vec<String> = (0..100).map(|line| line.to_string()).collect();
        let shown = super::abridged(&output.join("\n"));
        assert!(shown.starts_with("0\n1\n") && shown.ends_with("\n99") && shown.lines().count() == 31);
    }
}
