//! Parameters of `plugin_rollback` (SPEC 2 §5). Checks shapes; what they mean is decided in `ops`.

use super::parameter::{
    ACTOR, ADOPTION, BASES, CONFLICTS, DATABASE, DEBUG, DRY_RUN, FORCE, FUSION, GESTOR_VERSION, IGNORE_DEPENDENCIES,
    KEEP_SCHEMA, LANG, LIMITS, LOCK_WAIT, MIGRATIONS, PHP_VERSION, POINT, ROOT, SIGNATURE, SLUG, TRUST, VERSION,
};
use super::{Argument, CallError, Given, InstallParameters, Orphans, Parameter, Settings, messages};

/// Parameters of `plugin_rollback`.
#[derive(Debug, Clone, PartialEq)]
pub struct RollbackParameters {
    /// What it has in common with an installation: the package is found among those that are kept.
    pub install: InstallParameters,
    /// Where the way leads.
    pub wanted: WantedPoint,
    /// Migrations stay applied (`manter_esquema`).
    pub keep_schema: bool,
}

/// Where a way back leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WantedPoint {
    /// The last good point before.
    Previous,
    /// The newest point of a version, or its kept package (`version`).
    Version(String),
    /// A point of the history, by its number (`ponto`).
    Number(u64),
}

/// Those that an installation does not have.
const OWN: [&str; 3] = [VERSION.name, POINT.name, KEEP_SCHEMA.name];

impl RollbackParameters {
    /// What it takes.
    pub const TAKES: &'static [Parameter] = &[
        SLUG,
        VERSION,
        POINT,
        KEEP_SCHEMA,
        FORCE,
        IGNORE_DEPENDENCIES,
        DRY_RUN,
        DEBUG,
        ADOPTION,
        CONFLICTS,
        FUSION,
        BASES,
        SIGNATURE,
        TRUST,
        ACTOR,
        ROOT,
        DATABASE,
        GESTOR_VERSION,
        PHP_VERSION,
        LANG,
        MIGRATIONS,
        LIMITS,
        LOCK_WAIT,
    ];

    /// Reads a call.
    pub fn read(argument: Argument, settings: &Settings) -> Result<Self, CallError> {
        let given = Given::new(argument, Self::TAKES)?;
        given.lasting_bases(settings)?;
        let shared = given.entries().iter().filter(|(key, _)| !OWN.contains(&key.as_str()));
        let mut install = InstallParameters::read(Argument::Map(shared.cloned().collect()), settings)?;
        // What the point did not bring is older than it, and stays.
        install.policy.orphans = Orphans::Log;
        let wanted = match (given.meant(&VERSION, messages::A_VERSION)?, given.count(&POINT)?) {
            (None, None) => WantedPoint::Previous,
            (Some(version), None) => WantedPoint::Version(version),
            (None, Some(point)) => WantedPoint::Number(point),
            (Some(version), Some(_)) => {
                return Err(CallError::WrongValue {
                    key: VERSION.name.to_owned(),
                    found: version.chars().take(80).collect(),
                    allowed: messages::NO_VERSION,
                });
            }
        };
        Ok(Self {
            install,
            wanted,
            keep_schema: given.flag(&KEEP_SCHEMA)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(more: &[(&str, Argument)]) -> Result<RollbackParameters, CallError> {
        let bytes = |text: &str| Argument::Bytes(text.as_bytes().to_vec());
        let mut call = vec![("raiz".to_owned(), bytes("/g")), ("slug".to_owned(), bytes("p"))];
        call.extend(more.iter().map(|(key, value)| ((*key).to_owned(), value.clone())));
        RollbackParameters::read(Argument::Map(call), &Settings::default())
    }

    #[test]
    fn a_way_back_leads_to_one_point() {
        let bytes = |text: &str| Argument::Bytes(text.as_bytes().to_vec());
        for (more, wanted) in [
            (vec![], WantedPoint::Previous),
            (
                vec![("version", bytes("1.0.0"))],
                WantedPoint::Version("1.0.0".to_owned()),
            ),
            (vec![("ponto", Argument::Int(7))], WantedPoint::Number(7)),
            (vec![("ponto", bytes("7"))], WantedPoint::Number(7)),
        ] {
            assert_eq!(read(&more).unwrap().wanted, wanted);
        }
        for (more, text) in [
            (
                vec![("version", bytes("1")), ("ponto", bytes("2"))],
                "`version` is \"1\"",
            ),
            (vec![("orfaos", bytes("log"))], "unknown parameter `orfaos`"),
            (vec![("arquivo", bytes("x"))], "unknown parameter `arquivo`"),
            (vec![("bases", bytes("esquecer:1"))], "`bases`"),
        ] {
            let fault = read(&more).unwrap_err().to_string();
            assert!(fault.contains(text), "{fault:?} lacks {text:?}");
        }
    }
}
