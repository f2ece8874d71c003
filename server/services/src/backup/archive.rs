//! The file: tar in gzip, written and read on a thread of its own, member by member.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use tokio::{sync::mpsc, task::JoinHandle};

use crate::{Error, Result};

/// Members that may wait between the database and the disk.
const WAITING: usize = 2;

/// A member: its name, its bytes.
pub(super) type Member = (String, Vec<u8>);

fn fault(path: &Path, e: &io::Error) -> Error {
    Error::Stored(format!("{}: {e}", path.display()))
}

/// An archive being written: under its name only when it is whole and on disk.
pub(super) struct Writer {
    members: mpsc::Sender<Member>,
    thread: JoinHandle<io::Result<()>>,
    part: PathBuf,
    path: PathBuf,
}

impl Writer {
    pub fn create(path: &Path) -> Result<Self> {
        if path.exists() {
            return Err(Error::Stored(format!("{} exists; a backup overwrites nothing", path.display())));
        }
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part).map_err(|e| fault(&part, &e))?;
        let (members, mut waiting) = mpsc::channel::<Member>(WAITING);
        let thread = tokio::task::spawn_blocking(move || {
            let mut tar = tar::Builder::new(GzEncoder::new(file, Compression::fast()));
            while let Some((name, bytes)) = waiting.blocking_recv() {
                let mut header = tar::Header::new_gnu();
                header.set_size(bytes.len() as u64);
                header.set_mode(0o600);
                tar.append_data(&mut header, name, bytes.as_slice())?;
            }
            tar.into_inner()?.finish()?.sync_all()
        });
        Ok(Self { members, thread, part, path: path.to_owned() })
    }

    pub async fn put(&self, name: String, bytes: Vec<u8>) -> Result<()> {
        // When the thread has ended, `finish` says why.
        let _ = self.members.send((name, bytes)).await;
        Ok(())
    }

    pub async fn finish(self) -> Result<()> {
        drop(self.members);
        let written = self.thread.await.unwrap_or_else(|e| Err(io::Error::other(e)));
        if let Err(e) = written.and_then(|()| fs::rename(&self.part, &self.path)) {
            let _ = fs::remove_file(&self.part);
            return Err(fault(&self.path, &e));
        }
        Ok(())
    }

    /// Leaves nothing behind.
    pub async fn abandon(self) {
        drop(self.members);
        let _ = self.thread.await;
        let _ = fs::remove_file(&self.part);
    }
}

/// The members of an archive, in order.
pub(super) fn read(path: &Path) -> Result<mpsc::Receiver<Result<Member>>> {
    let file = File::open(path).map_err(|e| fault(path, &e))?;
    let path = path.to_owned();
    let (members, waiting) = mpsc::channel(WAITING);
    tokio::task::spawn_blocking(move || {
        let mut tar = tar::Archive::new(GzDecoder::new(file));
        let send = |member: io::Result<Member>| members.blocking_send(member.map_err(|e| fault(&path, &e))).is_ok();
        let entries = match tar.entries() {
            Ok(entries) => entries,
            Err(e) => {
                send(Err(e));
                return;
            }
        };
        for entry in entries {
            let member = entry.and_then(|mut entry| {
                let name = entry.path()?.to_string_lossy().into_owned();
                let mut bytes = Vec::new();
                entry.read_to_end(&mut bytes)?;
                Ok((name, bytes))
            });
            let failed = member.is_err();
            if !send(member) || failed {
                return;
            }
        }
    });
    Ok(waiting)
}
