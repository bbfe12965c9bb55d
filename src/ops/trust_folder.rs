//! Which folder of trust is a site's: the one that somebody said, else that of the domain whose settings name the call's
//! database (SPEC 3 §1). Looks; makes nothing.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::Error;
use crate::base::fs::{Owner, followed, is_folder, may_stand};
use crate::config::Site;
use crate::model::Bilingual;
use crate::stage;
use crate::transaction::{domains_of, unread_settings};
use crate::trust::TrustFolder;

/// Why a site's folder of trust is not known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrustFolderRefusal {
    /// Several domains use the database.
    #[error(
        "the domains {domains} use this database, and which of their folders autenticacoes/<domain>/plugins counts is not clear: give it as `confianca` (`--confianca=`, gestor_plugins.confianca)"
    )]
    Several {
        /// Their names.
        domains: String,
    },
    /// The one that was said is none.
    #[error(
        "{} is no folder, and `confianca` (`--confianca=`, gestor_plugins.confianca) names it: what the site believes is not known without it; write the path as it is, or make the folder", path.display()
    )]
    Absent {
        /// What was said.
        path: PathBuf,
    },
    /// Perhaps one does: its settings cannot be read.
    #[error(
        "{} cannot be read, so which folder of trust counts is not known: let this user read it, or give the folder as `confianca` (`--confianca=`, gestor_plugins.confianca)", settings.display()
    )]
    Unread {
        /// The settings, or the folder that they are in.
        settings: PathBuf,
    },
    /// None does.
    #[error(
        "no autenticacoes/<domain>/.env names the database {database:?}, so the folder of the key ring is not known: give it as `confianca` (`--confianca=`, gestor_plugins.confianca), or keys in GESTOR_PLUGINS_CHAVES"
    )]
    NoDomain {
        /// The database.
        database: String,
    },
}

impl Bilingual for TrustFolderRefusal {
    fn portuguese(&self) -> String {
        match self {
            Self::Several { domains } => format!(
                "os domínios {domains} usam este banco de dados, e não está claro qual das suas pastas autenticacoes/<domínio>/plugins vale: informe-a em `confianca` (`--confianca=`, gestor_plugins.confianca)"
            ),
            Self::Absent { path } => format!(
                "{} não é uma pasta, e `confianca` (`--confianca=`, gestor_plugins.confianca) a nomeia: sem ela não se sabe em que o site confia; corrija o caminho, ou crie a pasta",
                path.display()
            ),
            Self::Unread { settings } => format!(
                "não foi possível ler {}, por isso não se sabe que pasta de confiança vale: permita a leitura a este usuário, ou informe a pasta em `confianca` (`--confianca=`, gestor_plugins.confianca)",
                settings.display()
            ),
            Self::NoDomain { database } => format!(
                "nenhum autenticacoes/<domínio>/.env nomeia o banco de dados {database:?}, por isso não se sabe em que pasta está o chaveiro: informe-a em `confianca` (`--confianca=`, gestor_plugins.confianca), ou chaves em GESTOR_PLUGINS_CHAVES"
            ),
        }
    }
}

/// The folder of a site; nothing where nobody said one and no domain names its database. Whether it stands is not asked of one
/// domain alone; of several the only one counts whose folder stands.
///
/// # Errors
/// [`TrustFolderRefusal::Several`], [`TrustFolderRefusal::Unread`].
pub(super) fn trust_folder(site: &Site) -> Result<Option<PathBuf>, TrustFolderRefusal> {
    if let Some(said) = &site.trust {
        return Ok(Some(said.clone()));
    }
    let domains = domains(site)?;
    let mut standing = match domains.as_slice() {
        [] => return Ok(None),
        [only] => return Ok(Some(site.root.trust(only))),
        several => standing(site, several),
    };
    match standing.len() {
        1 => Ok(standing.pop_first()),
        _ => Err(several(&domains)),
    }
}

/// The folder of a site that stands, for whoever only reads in it; nothing where there is none. One that somebody said has to
/// stand, for a slip of the pen must not make everybody believed; but for that of a domain of the site, which the gestor says
/// with each call whether or not anybody made it. What has its name and is no folder, or one that nobody may look into, is for
/// its reader to refuse.
///
/// # Errors
/// [`TrustFolderRefusal::Several`], [`TrustFolderRefusal::Absent`], [`TrustFolderRefusal::Unread`].
pub(super) fn standing_trust_folder(site: &Site) -> Result<Option<PathBuf>, TrustFolderRefusal> {
    if let Some(said) = &site.trust {
        let path = said.clone();
        if is_folder(said) {
            return Ok(Some(path));
        }
        if is_of_domain(site, said) {
            return Ok(may_stand(said).then_some(path));
        }
        return Err(TrustFolderRefusal::Absent { path });
    }
    let domains = domains(site)?;
    let mut standing = standing(site, &domains);
    match standing.len() {
        0 | 1 => Ok(standing.pop_first()),
        _ => Err(several(&domains)),
    }
}

/// Whether it would be the folder of a domain that the site has.
fn is_of_domain(site: &Site, said: &Path) -> bool {
    let Some(domain) = said.parent().filter(|domain| is_folder(domain)) else {
        return false;
    };
    let name = domain.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| {
        let own = site.root.trust(name);
        own.file_name() == said.file_name() && own.parent().is_some_and(|own| followed(own) == followed(domain))
    })
}

/// The domains whose settings name the call's database.
fn domains(site: &Site) -> Result<Vec<String>, TrustFolderRefusal> {
    let Some(database) = &site.database else {
        return Ok(Vec::new());
    };
    let found = domains_of(&site.root, &database.name);
    if found.is_empty()
        && let Some(settings) = unread_settings(&site.root)
    {
        return Err(TrustFolderRefusal::Unread { settings });
    }
    Ok(found)
}

/// Those of their folders that stand; two names may be one.
fn standing(site: &Site, domains: &[String]) -> BTreeSet<PathBuf> {
    let folders = domains.iter().map(|domain| site.root.trust(domain));
    folders
        .filter(|folder| may_stand(folder))
        .map(|folder| followed(&folder))
        .collect()
}

fn several(domains: &[String]) -> TrustFolderRefusal {
    TrustFolderRefusal::Several {
        domains: domains.join(", "),
    }
}

/// What stands in it; nobody is believed where there is none.
pub(super) fn read(site: &Site) -> Result<TrustFolder, Error> {
    let Some(path) = standing_trust_folder(site)? else {
        return Ok(TrustFolder::default());
    };
    Ok(TrustFolder::read(Some(&path), owner(site, &path)?)?)
}

/// To whom belongs what we make in it.
pub(super) fn owner(site: &Site, folder: &Path) -> Result<Owner, Error> {
    Ok(stage::trust_owner(&site.root, folder)?)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::config::{Argument, LookParameters, Settings};

    fn site(root: &Path, database: &str) -> Site {
        let text = |text: &str| Argument::Bytes(text.as_bytes().to_vec());
        let db = Argument::Map(vec![
            ("nome".to_owned(), text(database)),
            ("usuario".to_owned(), text("u")),
            ("socket".to_owned(), text("/s")),
        ]);
        let call = vec![("raiz".to_owned(), text(root.to_str().unwrap())), ("db".to_owned(), db)];
        LookParameters::read(Argument::Map(call), &Settings::default())
            .unwrap()
            .site
    }

    #[test]
    fn the_folder_is_that_of_the_domain_of_the_database() {
        let folder = tempfile::tempdir().unwrap();
        let root = &folder.path().canonicalize().unwrap();
        for (domain, database) in [("a.example", "one"), ("b.example", "two"), ("www.b.example", "two")] {
            let path = root.join("autenticacoes").join(domain);
            fs::create_dir_all(&path).unwrap();
            fs::write(path.join(".env"), format!("DB_DATABASE={database}")).unwrap();
        }
        let of = |database: &str| trust_folder(&site(root, database));
        let trust = |domain: &str| Some(root.join("autenticacoes").join(domain).join("plugins"));
        assert_eq!(of("one"), Ok(trust("a.example")));
        assert_eq!(of("none"), Ok(None));
        let fault = of("two").unwrap_err();
        assert!(fault.to_string().contains("b.example, www.b.example"), "{fault}");
        fs::create_dir(trust("www.b.example").unwrap()).unwrap();
        assert_eq!(of("two"), Ok(trust("www.b.example")));
        std::os::unix::fs::symlink(
            root.join("autenticacoes/www.b.example"),
            root.join("autenticacoes/c.example"),
        )
        .unwrap();
        assert_eq!(of("two"), Ok(trust("www.b.example")));
        fs::create_dir(trust("b.example").unwrap()).unwrap();
        assert!(of("two").is_err());
        // Nobody knows whose settings these are.
        fs::create_dir_all(root.join("autenticacoes/d.example/.env")).unwrap();
        assert_eq!(of("one"), Ok(trust("a.example")));
        let fault = of("none").unwrap_err();
        assert!(fault.to_string().contains("d.example/.env cannot be read"), "{fault}");
        let said = Some(PathBuf::from("/said"));
        let site = Site {
            trust: said.clone(),
            ..site(root, "two")
        };
        assert_eq!(trust_folder(&site), Ok(said));
        // The gestor says its domain's with each call, and perhaps nobody has made it.
        let own = |path: &str| {
            let trust = Some(root.join("autenticacoes").join(path));
            standing_trust_folder(&Site { trust, ..site.clone() })
        };
        assert_eq!(own("a.example/plugins"), Ok(None));
        assert_eq!(own("b.example/plugins"), Ok(trust("b.example")));
        for slip in [
            "a.example/plugin",
            "a.exmaple/plugins",
            "plugins",
            "a.example/x/plugins",
        ] {
            assert!(own(slip).is_err(), "{slip}");
        }
        std::os::unix::fs::symlink("/nowhere", trust("a.example").unwrap()).unwrap();
        assert_eq!(
            own("a.example/plugins"),
            Ok(trust("a.example")),
            "for its reader to refuse"
        );
        // Whoever reads in it is not to take a slip of the pen for no folder.
        let fault = standing_trust_folder(&site).unwrap_err();
        assert!(fault.to_string().contains("/said"), "{fault}");
        let there = Site {
            trust: Some(root.clone()),
            ..site
        };
        assert_eq!(standing_trust_folder(&there), Ok(Some(root.clone())));
    }
}
