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
    "nada, quando há `from_lock` ou `conjunto`: esse arquivo nomeia os pacotes",
    "nothing, where `from_lock` or `conjunto` is given: that file names the packages",
);
/// What is to be given for `valores`.
pub(super) const SETTINGS: Phrase = Phrase::new(
    "as configurações e os seus valores, como {\"cor\": \"azul\"}; a linha de comando os lê da entrada padrão",
    "the settings and their values, as {\"colour\": \"blue\"}; the command line reads them from standard input",
);
/// Values of settings that are no JSON.
pub(super) const LESS_DEEP: Phrase = Phrase::new("valores menos aninhados", "values that are nested less deep");
/// The same.
pub(super) const A_FINITE_NUMBER: Phrase = Phrase::new(
    "um número finito, nem INF nem NAN",
    "a finite number, neither INF nor NAN",
);
/// The same.
pub(super) const UTF8: Phrase = Phrase::new("textos em UTF-8", "texts in UTF-8");

/// What is to be given for `conjunto`.
pub(super) const SET_FILE: Phrase = Phrase::new(
    "o arquivo do conjunto que será gravado",
    "the file of the set that is to be written",
);
/// What is to be given for `acao`.
pub(super) const INDEX_ACTION: Phrase = Phrase::of_words("listar, adicionar, atualizar, remover, buscar");
/// The same of publishing.
pub(super) const PUBLISH_ACTION: Phrase = Phrase::of_words("iniciar, publicar, renovar, assinar-raiz");
/// What is to be given for `nome`.
pub(super) const INDEX_NAME: Phrase = Phrase::new(
    "o nome que o índice tem neste site",
    "the name that the index has on this site",
);
/// What is to be given for `url` of an index.
pub(super) const INDEX_ADDRESS: Phrase = Phrase::new(
    "o endereço https da pasta do índice",
    "the https address of the index's folder",
);
/// What is to be given for `raiz_indice`.
pub(super) const INDEX_ROOT: Phrase = Phrase::new(
    "o arquivo root.json que quem publica o índice entregou",
    "the file root.json that the publisher of the index gave",
);
/// What is to be given for `sha256` of an index.
pub(super) const INDEX_SHA256: Phrase = Phrase::new(
    "o SHA-256 do root.json, dito por quem publica o índice por outro caminho",
    "the SHA-256 of root.json, said by the publisher of the index by another way",
);
/// What is to be given for `buscar`.
pub(super) const SEARCHED: Phrase = Phrase::new("palavras do nome ou do resumo", "words of the name or the summary");
/// What is to be given for `pasta_publicada`.
pub(super) const PUBLISHED_FOLDER: Phrase = Phrase::new(
    "a pasta que o servidor web mostra",
    "the folder that the web server shows",
);
/// What is to be given for `pasta_chaves`.
pub(super) const KEY_FOLDER: Phrase = Phrase::new(
    "a pasta das chaves privadas, que ninguém mais lê",
    "the folder of the private keys, which nobody else reads",
);
/// What is to be given for `slug` of a version that is withdrawn.
pub(super) const WITHDRAWN_PLUGIN: Phrase = Phrase::new("o plugin", "the plugin");
/// What is to be given for `url` of a package that is published.
pub(super) const PUBLISHED_ADDRESS: Phrase = Phrase::new(
    "onde os sites vão buscar o pacote; vários endereços, separados por vírgula",
    "where sites will fetch the package; several addresses with commas between",
);
/// What is to be given for `sha256` of a package that is fetched.
pub(super) const PUBLISHED_SHA256: Phrase = Phrase::new(
    "o SHA-256 do pacote, que é buscado em `url`; ou `arquivo`, o próprio pacote",
    "the SHA-256 of the package, which is fetched from `url`; or `arquivo`, the package itself",
);
/// What is to be given for `acao`.
pub(super) const CREDENTIAL_ACTION: Phrase = Phrase::new(
    "uma destas palavras: listar, gravar, remover, rotacionar, conferir, importar, chave",
    "one of these words: listar, gravar, remover, rotacionar, conferir, importar, chave",
);
/// What is to be given for `mes`.
pub(super) const A_MONTH: Phrase = Phrase::new("um mês, como 2026-11", "a month, as 2026-11");
/// What is to be given for `acao` of the audit log.
pub(super) const AUDIT_ACTION: Phrase = Phrase::of_words("conferir, listar, exportar");
/// What is to be given for `saida` of the audit log.
pub(super) const AUDIT_OUTPUT: Phrase = Phrase::new(
    "o arquivo novo em que os registros são gravados",
    "the new file to which the records are written",
);
/// What is to be given for `registros`.
pub(super) const AUDIT_RECORDS: Phrase = Phrase::new(
    "uma lista de 1 a 10000 registros, cada um com `acao` e `permitido`",
    "a list of 1 to 10000 records, each with `acao` and `permitido`",
);
/// What is to be given for `desde` and `ate`.
pub(super) const A_MOMENT: Phrase = Phrase::new(
    "um dia como 2026-01-31, ou um momento como 2026-01-31T12:00:00Z",
    "a day like 2026-01-31, or a moment like 2026-01-31T12:00:00Z",
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
