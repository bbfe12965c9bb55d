//! A sample of each variant of what the native program tells by itself.

use super::parts::*;
use super::{Sample, samples};
use crate::native::{HostFault, InstallerFault, NativeFault, WrongWords};
use crate::scripts::PhpFault;

pub(super) fn all() -> Vec<Sample> {
    let mut samples = samples!(NativeFault as NativeFault:
        NoGestor NativeFault::NoGestor { folder: path(11) };
        NoDomain NativeFault::NoDomain { domain: text(11), known: text(12) };
        Several NativeFault::Several { known: text(11) };
        Settings NativeFault::Settings(crate::base::fs::FsError::Exists { path: path(11) });
        NoDatabase NativeFault::NoDatabase { path: path(11) };
        NoList NativeFault::NoList { path: path(11) };
        Secret NativeFault::Secret(std::io::Error::from_raw_os_error(5));
        Identity NativeFault::Identity { user: text(11), source: std::io::Error::from_raw_os_error(1) };);
    samples.extend(samples!(HostFault as HostFault:
        NoPhp HostFault::NoPhp { path: path(11), fault: PhpFault::NoProgram };
        Php HostFault::Php { reason: crate::model::Phrase::of_words("w11") };
        NoFiles HostFault::NoFiles { path: path(11) };
        Settings HostFault::Settings { path: path(11), seconds: 12 };
        Ended HostFault::Ended;
        NoAnswer HostFault::NoAnswer { path: path(11), how: text(12), said: text(13) };));
    samples.extend(samples!(InstallerFault as InstallerFault:
        Absent InstallerFault::Absent { program: path(11) };
        Missing InstallerFault::Missing { program: path(11) };
        Failed InstallerFault::Failed { said: text(11) };));
    samples.extend(samples!(WrongWords as WrongWords:
        NoCommand WrongWords::NoCommand;
        Command WrongWords::Command { found: text(11) };
        Argument WrongWords::Argument { found: text(11) };
        Missing WrongWords::Missing { wanted: text(11) };
        NoValue WrongWords::NoValue { option: text(11) };
        Value WrongWords::Value { option: text(11), found: text(12) };
        Conflict WrongWords::Conflict { one: text(11), other: text(12) };
        Other WrongWords::Other { text: text(11) };));
    samples
}
