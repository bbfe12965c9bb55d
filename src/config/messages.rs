//! What is said of a call or a setting that is wrong, in Portuguese; the English stands beside each error.

use super::{CallError, SettingFault};
use crate::model::{Bilingual, Lang, Phrase};

/// What may be given in place of a wrong value.
pub(super) const UTF8_TEXT: Phrase = Phrase::new("texto em UTF-8", "UTF-8 text");
/// See [`UTF8_TEXT`].
pub(super) const BASES: Phrase = Phrase::new(
    "recusar, esta, ou esquecer:<identidade>, com ao menos 8 dígitos dela",
    "recusar, esta, or esquecer:<identity>, with at least 8 of its digits",
);
/// See [`UTF8_TEXT`].
pub(super) const TWO_TO_FIFTY: Phrase = Phrase::new("2 a 50", "2 to 50");
/// See [`UTF8_TEXT`].
pub(super) const ZERO_OR_MORE: Phrase = Phrase::new("0 ou mais", "0 or more");
/// See [`UTF8_TEXT`].
pub(super) const OF_PHP_INI: Phrase = Phrase::new(
    "o que o php.ini diz (`gestor_plugins.scripts`, `gestor_plugins.php`), pois disable_functions não deixa este PHP iniciar programas",
    "what php.ini says (`gestor_plugins.scripts`, `gestor_plugins.php`), for disable_functions lets this PHP start no programs",
);
/// See [`UTF8_TEXT`].
pub(super) const A_PORT: Phrase = Phrase::new("0 a 65535", "0 to 65535");
/// See [`UTF8_TEXT`].
pub(super) const VERIFY_WITH_CA: Phrase = Phrase::new(
    "verify, porque `db.ca` foi informado",
    "verify, because `db.ca` is given",
);
/// See [`UTF8_TEXT`].
pub(super) const HTTPS_ADDRESS: Phrase = Phrase::new(
    "um endereço https, ou um http desta própria máquina",
    "an https address, or an http one of this machine",
);
/// See [`UTF8_TEXT`].
pub(super) const ONE_OR_MORE: Phrase = Phrase::new("1 ou mais", "1 or more");
/// See [`UTF8_TEXT`].
pub(super) const ABSOLUTE_FOLDER: Phrase = Phrase::new(
    "o caminho inteiro de uma pasta, a partir de /",
    "the whole path of a folder, from / on",
);
/// See [`UTF8_TEXT`].
pub(super) const NO_PACKAGES: Phrase = Phrase::new(
    "nada, quando há `from_lock`: o arquivo de bloqueio nomeia os pacotes",
    "nothing, where `from_lock` is given: the lock file names the packages",
);
/// What is to be given for `raiz`.
pub(super) const ROOT: Phrase = Phrase::new("a pasta onde está o config.php", "the folder with config.php");
/// What is to be given for `pasta`.
pub(super) const DATA_FOLDER: Phrase = Phrase::new(
    "a pasta com os arquivos *Data.json",
    "the folder with the *Data.json files",
);
/// What is to be given for `pacotes`.
pub(super) const PACKAGES: Phrase = Phrase::new(
    "uma lista com ao menos um pacote, cada um como em plugin_install()",
    "a list of one package at least, each as for plugin_install()",
);
/// What is to be given for `status`.
pub(super) const STATUS_WORD: Phrase = Phrase::new("uma das palavras PLG_STATUS_*", "one of the PLG_STATUS_* words");

/// What is to be given for `version`.
pub(super) const A_VERSION: Phrase = Phrase::new(
    "uma versão guardada (veja `--list`), ou o parâmetro não é informado",
    "a kept version (see `--list`), or the parameter is not given",
);

/// Where `version` says nothing.
pub(super) const NO_VERSION: Phrase = Phrase::new("nada, quando há `ponto`", "nothing, where `ponto` is given");

/// What is to be given for `conflito`.
pub(super) const CONFLICT: Phrase = Phrase::new(
    "o número de um conflito, vários com vírgulas, ou `todos`",
    "the number of a conflict, several with commas between, or `todos`",
);
/// What is to be given for `escolha`.
pub(super) const CHOICE: Phrase = Phrase::new(
    "`minha` (fica o valor do site), `pacote` (entra o do pacote) ou `valor`",
    "`minha` (the site's value stays), `pacote` (the package's is written) or `valor`",
);
/// What is to be given for `valor`.
pub(super) const THIRD_VALUE: Phrase = Phrase::new(
    "o valor a gravar, quando `escolha` é `valor`",
    "the value to write, where `escolha` is `valor`",
);
/// Where `valor` says nothing.
pub(super) const NO_VALUE: Phrase = Phrase::new(
    "nada, a não ser que `escolha` seja `valor`",
    "nothing, unless `escolha` is `valor`",
);

impl Bilingual for CallError {
    fn portuguese(&self) -> String {
        match self {
            Self::UnknownKey { key, known } => {
                format!("parâmetro desconhecido `{key}`; os conhecidos são: {known}")
            }
            Self::WrongType { key, expected, found } => {
                format!("o parâmetro `{key}` deve ser do tipo {expected}, e veio {found}")
            }
            Self::WrongValue { key, found, allowed } => {
                format!("o parâmetro `{key}` é {found:?}; permitido: {}", allowed.portuguese())
            }
            Self::Outside { key, path, allowed } => format!(
                "`{key}`: {} está fora do que open_basedir permite ({allowed}): escolha um caminho dentro dele, ou peça ao administrador que acrescente a pasta ao open_basedir",
                path.display()
            ),
            Self::Missing { key, hint } => format!("falta o parâmetro `{key}`: {}", hint.portuguese()),
        }
    }
}

impl SettingFault {
    /// What is wrong, where nothing else comes to count.
    pub fn refusal(&self, lang: Lang) -> String {
        let Self {
            name, found, allowed, ..
        } = self;
        let allowed = allowed.text(lang);
        match lang {
            Lang::PtBr => format!("a configuração {name} é {found:?}; permitido: {allowed}"),
            Lang::En => format!("the setting {name} is {found:?}; allowed: {allowed}"),
        }
    }
}

impl Bilingual for SettingFault {
    fn portuguese(&self) -> String {
        let refusal = self.refusal(Lang::PtBr);
        format!("{refusal}. Vale o padrão: {}", self.default)
    }
}

/// What `chave` names.
pub(super) const SIGNING_KEY: Phrase = Phrase::new(
    "o arquivo da chave que assina, PKCS#8 em formato PEM; ou `preparar` e `anexar`, se a chave não sai de onde está",
    "the file of the key that signs, PKCS#8 in PEM form; or `preparar` and `anexar`, where the key does not leave its place",
);
/// The same, of a key that is made.
pub(super) const FRESH_KEY: Phrase = Phrase::new(
    "o arquivo em que a chave nova fica",
    "the file that the fresh key stands in",
);
/// What is signed.
pub(super) const UNSIGNED: Phrase = Phrase::new(
    "a pasta do plugin; ou `arquivo`, um pacote ZIP",
    "the plugin's folder; or `arquivo`, a ZIP",
);
/// What `certificados` names.
pub(super) const CERTIFICATES: Phrase = Phrase::new(
    "o arquivo com o certificado do desenvolvedor e os intermediários, em formato PEM",
    "the file with the developer's certificate and those between it and its root, in PEM form",
);
/// What `saida` names.
pub(super) const OUTPUT: Phrase = Phrase::new("o pacote assinado que é criado", "the signed package that is made");
/// What `arquivo` names where a signature is judged.
pub(super) const SIGNED_FILE: Phrase =
    Phrase::new("o pacote, um ZIP desta máquina", "the package, a ZIP of this machine");
