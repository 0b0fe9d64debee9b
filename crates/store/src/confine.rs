//! Threads that look at hostile bytes have the right to read the evidence, and no other.
//!
//! On Linux a reading thread gives up, before it sees the first byte, whatever it does not need: Landlock leaves it
//! the files that were handed in (and the folder for temporary files, into which large entries are unpacked under no
//! name), seccomp takes the network and the starting of programs from it. A flaw in a decoder is then a flaw in one
//! thread that can reach nobody. Threads that write the case see rows only, and keep their rights.
//!
//! Kernels differ. What was reached is returned and goes into the ledger; nothing fails where less is to be had.

use serde::Serialize;
use std::path::PathBuf;

/// What a reading thread was confined to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
pub struct Confinement {
    /// Whether it can open the evidence only.
    pub files: Hold,
    /// Whether it can neither reach the network nor start a program.
    pub network: Hold,
}

/// How far a right was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hold {
    /// Not at all: the system has no means for it.
    #[default]
    None,
    /// As far as an older kernel can.
    Partial,
    /// Wholly.
    Full,
}

/// Confines the calling thread to reading what lies at or below `readable`. There is no way back.
pub(crate) fn enter(readable: &[PathBuf]) -> Confinement {
    // Landlock goes first: it needs system calls that the filter need not allow.
    let files = system::confine_files(readable);
    Confinement { files, network: system::confine_network() }
}

#[cfg(target_os = "linux")]
mod system {
    use super::Hold;
    use landlock::{
        ABI, Access, AccessFs, BitFlags, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetError,
        RulesetStatus, path_beneath_rules,
    };
    use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, SeccompRule};
    use std::collections::BTreeMap;
    use std::path::PathBuf;

    /// The newest rules that are asked for; older kernels give what they have.
    const NEWEST: ABI = ABI::V5;

    pub(super) fn confine_files(readable: &[PathBuf]) -> Hold {
        match restrict(readable) {
            Ok(RulesetStatus::FullyEnforced) => Hold::Full,
            Ok(RulesetStatus::PartiallyEnforced) => Hold::Partial,
            Ok(RulesetStatus::NotEnforced) | Err(_) => Hold::None,
        }
    }

    fn restrict(readable: &[PathBuf]) -> Result<RulesetStatus, RulesetError> {
        let read: BitFlags<AccessFs> = AccessFs::ReadFile | AccessFs::ReadDir;
        let spool =
            read | AccessFs::WriteFile | AccessFs::MakeReg | AccessFs::RemoveFile | AccessFs::Truncate;
        let ruleset = Ruleset::default().handle_access(AccessFs::from_all(NEWEST))?.create()?;
        let ruleset = ruleset.add_rules(path_beneath_rules(readable, read))?;
        let ruleset = ruleset.add_rules(path_beneath_rules([std::env::temp_dir()], spool))?;
        Ok(ruleset.restrict_self()?.ruleset)
    }

    pub(super) fn confine_network() -> Hold {
        let Some(program) = filter() else { return Hold::None };
        if seccompiler::apply_filter(&program).is_ok() { Hold::Full } else { Hold::None }
    }

    /// A filter under which the calls of [`DENIED`] fail as if there were no right to them.
    fn filter() -> Option<BpfProgram> {
        let denied: BTreeMap<i64, Vec<SeccompRule>> = DENIED.iter().map(|call| (*call, Vec::new())).collect();
        let eperm = u32::try_from(libc::EPERM).ok()?;
        let arch = std::env::consts::ARCH.try_into().ok()?;
        let filter = SeccompFilter::new(denied, SeccompAction::Allow, SeccompAction::Errno(eperm), arch);
        filter.ok()?.try_into().ok()
    }

    /// What no reader of evidence needs: the network, other programs, other processes, and ways around a filter.
    const DENIED: &[i64] = &[
        libc::SYS_socket,
        libc::SYS_socketpair,
        libc::SYS_connect,
        libc::SYS_bind,
        libc::SYS_listen,
        libc::SYS_accept,
        libc::SYS_accept4,
        libc::SYS_sendto,
        libc::SYS_sendmsg,
        libc::SYS_sendmmsg,
        libc::SYS_execve,
        libc::SYS_execveat,
        libc::SYS_ptrace,
        libc::SYS_process_vm_readv,
        libc::SYS_process_vm_writev,
        libc::SYS_io_uring_setup,
        libc::SYS_bpf,
        libc::SYS_mount,
        libc::SYS_umount2,
        libc::SYS_unshare,
        libc::SYS_setns,
        libc::SYS_keyctl,
        libc::SYS_add_key,
    ];
}

#[cfg(not(target_os = "linux"))]
mod system {
    use super::Hold;
    use std::path::PathBuf;

    pub(super) fn confine_files(_: &[PathBuf]) -> Hold {
        Hold::None
    }

    pub(super) fn confine_network() -> Hold {
        Hold::None
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::fs;
    use std::net::UdpSocket;
    use std::process::Command;

    #[test]
    fn a_confined_thread_reads_the_evidence_and_nothing_else() {
        let root = tempfile::tempdir_in(env!("CARGO_MANIFEST_DIR")).unwrap();
        let (evidence, other) = (root.path().join("evidence"), root.path().join("other"));
        // What is unpacked goes to the folder for temporary files, where a checkout may lie too.
        let is_spool = root.path().starts_with(std::env::temp_dir());
        for folder in [&evidence, &other] {
            fs::create_dir(folder).unwrap();
            fs::write(folder.join("a.log"), "a").unwrap();
        }
        let seen = std::thread::spawn(move || {
            let confinement = enter(std::slice::from_ref(&evidence));
            let reads = fs::read(evidence.join("a.log")).is_ok() && fs::read_dir(&evidence).is_ok();
            let spools = std::env::temp_dir().is_dir() && tempfile::tempfile().is_ok();
            let writes = fs::write(evidence.join("b.log"), "b").is_ok();
            let strays = fs::read(other.join("a.log")).is_ok();
            let talks = UdpSocket::bind("127.0.0.1:0").is_ok();
            let runs = Command::new("true").status().is_ok();
            (confinement, reads, spools, [writes, strays], [talks, runs])
        });
        let (confinement, reads, spools, files, network) = seen.join().unwrap();
        assert!(reads && spools);
        assert_eq!(files, [is_spool || confinement.files == Hold::None; 2], "{confinement:?}");
        assert_eq!(network, [confinement.network == Hold::None; 2], "{confinement:?}");
        assert!(UdpSocket::bind("127.0.0.1:0").is_ok(), "other threads keep their rights");
    }
}
