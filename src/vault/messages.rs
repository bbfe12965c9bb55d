//! What is said of credentials, in Portuguese; the English stands beside each error.

use std::fmt;

use super::{KeyFault, KeyId, KeyPlace, VaultError};
use crate::config::CredentialType;
use crate::model::{Bilingual, Phrase};

/// A fault of ours.
pub(super) const NOT_SEALED: Phrase = Phrase::new(
    "a credencial não pôde ser cifrada: isto é um erro do gestor-plugins",
    "the credential could not be sealed: this is a fault of gestor-plugins",
);

/// What a secret of a type is like.
pub(super) fn kind_hint(kind: CredentialType) -> Phrase {
    match kind {
        CredentialType::GithubToken => Phrase::new(
            "o token como o GitHub o mostrou, numa linha, sem espaços",
            "the token as GitHub showed it, on one line, without spaces",
        ),
        CredentialType::HttpBearer => Phrase::new(
            "o token numa linha, sem espaços, só em ASCII",
            "the token on one line, without spaces, in ASCII alone",
        ),
        CredentialType::HttpBasic => Phrase::new("usuario:senha numa linha", "user:password on one line"),
        CredentialType::SiteKey => Phrase::new("o texto da chave", "the text of the key"),
        CredentialType::PluginSetting => Phrase::new("o texto do segredo", "the text of the secret"),
    }
}

/// Which credentials do not open, and why.
pub(super) fn not_readable(missing: &[(KeyId, usize)], altered: usize) -> Phrase {
    let of_keys = missing.iter().map(|(key, count)| {
        Phrase::made(
            format!("{count} precisam da chave {key}, que falta"),
            format!("{count} want the key {key}, which is missing"),
        )
    });
    let of_rows = (altered > 0).then(|| {
        Phrase::made(
            format!("{altered} alteradas ou movidas"),
            format!("{altered} were altered or moved"),
        )
    });
    let all: Vec<Phrase> = of_keys.chain(of_rows).collect();
    let joined = |say: fn(&Phrase) -> String| all.iter().map(say).collect::<Vec<_>>().join("; ");
    Phrase::made(joined(Phrase::portuguese), joined(Phrase::to_string))
}

impl fmt::Display for KeyPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "the key ring {}", path.display()),
            Self::Given => f.write_str("the keys given as `chaves` or GESTOR_PLUGINS_CHAVES"),
        }
    }
}

impl Bilingual for KeyPlace {
    fn portuguese(&self) -> String {
        match self {
            Self::File(path) => format!("o chaveiro {}", path.display()),
            Self::Given => "as chaves dadas em `chaves` ou GESTOR_PLUGINS_CHAVES".to_owned(),
        }
    }
}

impl fmt::Display for KeyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotBase64 => f.write_str("a key is 32 random bytes in base64, never a passphrase"),
            Self::Length(found) => write!(f, "a key has 32 bytes, this one has {found}"),
            Self::NotDrawn => f.write_str("fewer than 16 of its bytes differ, so nobody drew it at random"),
        }
    }
}

impl Bilingual for KeyFault {
    fn portuguese(&self) -> String {
        match self {
            Self::NotBase64 => "uma chave são 32 bytes aleatórios em base64, nunca uma frase-senha".to_owned(),
            Self::Length(found) => format!("uma chave tem 32 bytes, esta tem {found}"),
            Self::NotDrawn => "menos de 16 dos seus bytes são diferentes, portanto ela não foi sorteada".to_owned(),
        }
    }
}

impl Bilingual for VaultError {
    fn portuguese(&self) -> String {
        match self {
            Self::Alias { given } => format!(
                "{given:?} não é nome de credencial: letras minúsculas, dígitos, `.`, `_` e `-`, no máximo 64, começando por letra ou dígito"
            ),
            Self::Secret { kind, most } => format!(
                "o segredo não serve como {}: informe {} (no máximo {most} bytes)",
                kind.word(),
                kind_hint(*kind).portuguese()
            ),
            Self::Unknown { alias } => {
                format!("não há credencial {alias}: `--credenciais=listar` mostra as que há")
            }
            Self::NoVariable { variable } => format!(
                "cred_ref: não há token na variável de ambiente {variable}: defina-a para o servidor web e para o terminal, ou grave uma credencial (`--credenciais=gravar`) e informe `cred:<alias>`"
            ),
            Self::KeyMissing { alias, key } => format!(
                "a credencial {alias} não pode ser lida: falta a chave {key}. Devolva-a ao chaveiro, ou grave o segredo de novo (`--credenciais=gravar --alias={alias}`)"
            ),
            Self::Altered { alias } => format!(
                "a credencial {alias} não abre: sua linha em plugins_credenciais foi alterada ou movida. Descubra quem escreveu no banco de dados e grave o segredo de novo (`--credenciais=gravar --alias={alias}`)"
            ),
            Self::OtherServer { alias, bound, wanted } => format!(
                "a credencial {alias} é só para {bound}, e não é enviada a {wanted}: grave uma para esse servidor, ou corrija o endereço"
            ),
            Self::NotSent { alias, kind } => {
                format!("a credencial {alias} é do tipo {kind}, que não é enviado a servidor nenhum: informe outra")
            }
            other => of_keys(other),
        }
    }
}

fn of_keys(fault: &VaultError) -> String {
    match fault {
        VaultError::Key { place, line, fault } => format!(
            "{}, linha {line}: {}; `--credenciais=chave` imprime uma nova",
            place.portuguese(),
            fault.portuguese()
        ),
        VaultError::NoKeys { place } => format!(
            "nenhuma chave: {}. Devolva as chaves do site, ou ponha uma nova (`--credenciais=chave`)",
            place.portuguese()
        ),
        VaultError::TooManyKeys { place, most } => format!(
            "mais de {most} chaves: {}. Rotacione (`--credenciais=rotacionar`) e retire as antigas",
            place.portuguese()
        ),
        VaultError::KeyFile(fault) => format!("o chaveiro: {}", fault.portuguese()),
        VaultError::NotMade { path, source } => format!(
            "o chaveiro {} não pôde ser criado: {}. Crie-o você (uma linha de `--credenciais=chave`, modo 0600, para o usuário do servidor web), ou informe chaves em GESTOR_PLUGINS_CHAVES",
            path.display(),
            source.portuguese()
        ),
        VaultError::NotAllOpen { missing, altered } => format!(
            "{} credenciais não abrem: {}",
            missing.iter().map(|(_, count)| count).sum::<usize>() + altered,
            not_readable(missing, *altered).portuguese()
        ),
        VaultError::NoServer { kind } => format!(
            "falta `origem`: informe o servidor ao qual um {} é enviado, como https://servidor",
            kind.word()
        ),
        VaultError::Random(fault) => fault.portuguese(),
        VaultError::Busy { alias } => format!("a credencial {alias} está sendo alterada por outros: tente de novo"),
        VaultError::NotSealed => NOT_SEALED.portuguese(),
        VaultError::Database(fault) => format!("as credenciais (plugins_credenciais): {}", fault.portuguese()),
        VaultError::Unreadable { column } => format!(
            "as credenciais (plugins_credenciais), coluna `{column}`: o valor não está como o gestor-plugins o gravou"
        ),
        // The others are said above.
        other => other.to_string(),
    }
}
