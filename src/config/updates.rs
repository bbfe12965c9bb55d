//! Parameters of what is about updates that come by themselves (SPEC 3 §5). Checks shapes; what they mean is decided in `ops`.

use super::choices::yes_or_no;
use super::parameter::{
    ACTOR, CHANNEL, CHECK_ONLY, COOLDOWN, DATABASE, DIGEST_SENT, GESTOR_VERSION, KEYS, LANG, LEVEL, LIMITS, LOCK_WAIT,
    MIGRATIONS, MODE_OF_UPDATES, NOW, PHP, PHP_VERSION, REPAIR_AFTER, ROOT, SCRIPTS, SIGNATURE, SITE_ADDRESS, SKIP,
    SKIP_UNTIL, SLUG, TRUST, WINDOW,
};
use super::{Argument, CallError, Given, Parameter, Settings, Site};
use crate::model::GestorRoot;

/// What a word says that is given where nothing is to change.
const SAME: &str = "mesma";

/// Parameters of `plugin_update_run`.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are the switches of the command line, each on its own"
)]
pub struct UpdateRunParameters {
    /// The plugin; all of them when absent.
    pub slug: Option<String>,
    /// Sources are asked, however lately they were (`agora`).
    pub now: bool,
    /// Nothing is installed (`so_verificar`).
    pub checks_only: bool,
    /// What is gone of the files of this server is put back first (`reparar_apos_atualizacao`).
    pub repairs: bool,
    /// The site's address, by which it is probed where the policy names no pages (`endereco`).
    pub address: Option<String>,
    /// Nothing is done but to note that the message of this number was sent (`resumo_enviado`).
    pub digest_sent: Option<u64>,
    /// What every installation of a run is called with.
    pub shared: Vec<(String, Argument)>,
    /// The caller can run migrations.
    pub can_migrate: bool,
    /// Who asks.
    pub actor: Option<String>,
    /// The gestor.
    pub site: Site,
}

/// Those that the calls of a run do not have.
const OWN: [&str; 6] = [
    SLUG.name,
    NOW.name,
    CHECK_ONLY.name,
    REPAIR_AFTER.name,
    SITE_ADDRESS.name,
    DIGEST_SENT.name,
];

impl UpdateRunParameters {
    /// What it takes.
    pub const TAKES: &'static [Parameter] = &[
        SLUG,
        NOW,
        CHECK_ONLY,
        REPAIR_AFTER,
        SITE_ADDRESS,
        DIGEST_SENT,
        TRUST,
        SCRIPTS,
        PHP,
        KEYS,
        SIGNATURE,
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
        let shared = given.entries().iter().filter(|(key, _)| !OWN.contains(&key.as_str()));
        let mut limits = settings.limits;
        limits.tighten(given.value(&LIMITS))?;
        Ok(Self {
            slug: given.text(&SLUG)?,
            now: given.flag(&NOW)?,
            checks_only: given.flag(&CHECK_ONLY)?,
            repairs: given.choice(&REPAIR_AFTER, yes_or_no, !settings.leaves_updated)?,
            address: given.text(&SITE_ADDRESS)?,
            digest_sent: given.count(&DIGEST_SENT)?,
            shared: shared.cloned().collect(),
            can_migrate: given.can_migrate()?,
            actor: given.text(&ACTOR)?,
            site: Site {
                limits,
                ..Site::read(&given, settings, 0)?
            },
        })
    }

    /// Says where the gestor is, for each call of the run.
    pub fn settle_root(&mut self, root: GestorRoot) {
        let path = root.as_path().as_os_str().as_encoded_bytes().to_vec();
        for (_, value) in self.shared.iter_mut().filter(|(key, _)| key == ROOT.name) {
            *value = Argument::Bytes(path.clone());
        }
        self.site.root = root;
    }
}

/// Parameters of `plugin_update_policy`.
#[derive(Debug, Clone, PartialEq)]
pub struct UpdatePolicyParameters {
    /// The plugin.
    pub slug: String,
    /// What is said, by key; `padrao` says that nothing is.
    pub said: Vec<(&'static str, String)>,
    /// The site's address, by which it is probed where the policy names no pages.
    pub address: Option<String>,
    /// Who says it.
    pub actor: Option<String>,
    /// The gestor.
    pub site: Site,
}

impl UpdatePolicyParameters {
    /// What it takes.
    pub const TAKES: &'static [Parameter] = &[
        SLUG,
        MODE_OF_UPDATES,
        LEVEL,
        CHANNEL,
        WINDOW,
        COOLDOWN,
        SKIP,
        SKIP_UNTIL,
        SITE_ADDRESS,
        TRUST,
        ACTOR,
        ROOT,
        DATABASE,
        LANG,
    ];

    /// Reads a call.
    pub fn read(argument: Argument, settings: &Settings) -> Result<Self, CallError> {
        let given = Given::new(argument, Self::TAKES)?;
        let mut said = Vec::new();
        for parameter in [MODE_OF_UPDATES, LEVEL, CHANNEL, WINDOW, COOLDOWN, SKIP, SKIP_UNTIL] {
            let text = if parameter.is(&COOLDOWN) {
                match given.text(&parameter) {
                    Ok(Some(text)) => Some(text),
                    _ => given.count(&parameter)?.map(|hours| hours.to_string()),
                }
            } else {
                given.text(&parameter)?
            };
            let text = text.filter(|text| text != SAME);
            said.extend(text.map(|text| (parameter.name, text)));
        }
        Ok(Self {
            slug: given.text(&SLUG)?.unwrap_or_default(),
            said,
            address: given.text(&SITE_ADDRESS)?,
            actor: given.text(&ACTOR)?,
            site: Site::read(&given, settings, 0)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(text: &str) -> Argument {
        Argument::Bytes(text.as_bytes().to_vec())
    }

    fn call(more: &[(&str, Argument)]) -> Argument {
        let mut call = vec![("raiz".to_owned(), bytes("/g")), ("slug".to_owned(), bytes("p"))];
        call.extend(more.iter().map(|(key, value)| ((*key).to_owned(), value.clone())));
        Argument::Map(call)
    }

    #[test]
    fn a_run_hands_on_what_is_not_its_own() {
        let given = call(&[("agora", Argument::Bool(true)), ("assinatura", bytes("exigir"))]);
        let read = UpdateRunParameters::read(given, &Settings::default()).unwrap();
        assert!(read.now && !read.checks_only && read.repairs);
        let keys: Vec<_> = read.shared.iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(keys, ["raiz", "assinatura"]);
        for (value, repairs) in [("nao", false), ("sim", true)] {
            let given = call(&[("reparar_apos_atualizacao", bytes(value))]);
            assert_eq!(
                UpdateRunParameters::read(given, &Settings::default()).unwrap().repairs,
                repairs
            );
        }
        let given = call(&[("reparar_apos_atualizacao", bytes("talvez"))]);
        let fault = UpdateRunParameters::read(given, &Settings::default()).unwrap_err();
        assert!(fault.to_string().contains("sim, nao"), "{fault}");
    }

    #[test]
    fn what_is_to_stay_is_not_said() {
        let given = call(&[
            ("politica", bytes("mesma")),
            ("nivel", bytes("patch")),
            ("carencia_h", Argument::Int(5)),
            ("pular", bytes("padrao")),
        ]);
        let read = UpdatePolicyParameters::read(given, &Settings::default()).unwrap();
        let said: Vec<_> = read.said.iter().map(|(key, text)| (*key, text.as_str())).collect();
        assert_eq!(said, [("nivel", "patch"), ("carencia_h", "5"), ("pular", "padrao")]);
    }
}
