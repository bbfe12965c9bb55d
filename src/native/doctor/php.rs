//! Looks at PHP: whether it starts, what it loads, how it is configured, whether the gestor's settings are PHP at all, and
//! whether they come to their end.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use super::finding::Finding;
use super::texts;
use crate::base::fs::may_stand;
use crate::base::process;
use crate::model::{GestorRoot, Lang, Phrase};
use crate::native::site::{HostFault, Place, find_php, flag, read_settings, word};
use crate::native::surroundings::Surroundings;
use crate::scripts::Php;

/// The C library in a gestor, which PHP uses through FFI.
const LIBRARY: &str = "bibliotecas/plugins-native/libgestor_plugins.so.0";
/// PHP has so long to answer.
const PATIENCE: Duration = Duration::from_secs(20);
/// What PHP is asked: it answers with its last line.
const QUESTION: &str = "echo \"\\n\", json_encode(['version' => PHP_VERSION, 'extension' => phpversion('gestor_plugins') ?: '',
    'ffi' => extension_loaded('ffi') && !in_array(strtolower((string) ini_get('ffi.enable')), ['', '0', 'off', 'false', 'no'], true),
    'pdo' => extension_loaded('pdo_mysql'), 'cache' => (bool) ini_get('opcache.enable'),
    'stale' => in_array((string) ini_get('opcache.validate_timestamps'), ['', '0'], true)]), \"\\n\";";

/// Looks.
pub(super) fn look(root: &GestorRoot, around: &Surroundings) -> Vec<Finding> {
    let php = match find_php(&around.settings) {
        Ok(php) => php,
        Err(fault) => return vec![missing(&fault)],
    };
    let mut found = match ask(&php, &[OsString::from("-r"), QUESTION.into()], root) {
        Ok(text) => answered(&php, &text, root, around),
        Err(reason) => vec![broken(&php, &reason)],
    };
    let config = root.as_path().join("config.php");
    if let Err(said) = ask(&php, &[OsString::from("-l"), config.clone().into()], root) {
        found.push(Finding::error(
            "config_invalido",
            config.display(),
            Phrase::made(
                format!("config.php não é PHP válido: {said}"),
                format!("config.php is no valid PHP: {said}"),
            ),
            Phrase::new(
                "conserte o arquivo, ou reponha-o de um backup; enquanto isso, os comandos deste programa funcionam",
                "mend the file, or put it back from a backup; meanwhile the commands of this program work",
            ),
        ));
    }
    found
}

/// Looks whether the gestor's settings can be read as a page reads them.
pub(super) fn look_at_settings(place: &Place, lang: Lang, around: &Surroundings) -> Option<Finding> {
    let config = place.root.as_path().join("config.php");
    match read_settings(place, lang, &around.settings) {
        Ok(told) => {
            let told = told.first()?;
            Some(Finding::error(
                "config_interrompe",
                config.display(),
                Phrase::made(
                    format!("config.php encerra o PHP antes de qualquer página: {told}"),
                    format!("config.php ends PHP before any page does anything: {told}"),
                ),
                Phrase::new(
                    "veja o que ele diz, e confira o domínio e o seu .env em autenticacoes/",
                    "see what it says, and check the domain and its .env in autenticacoes/",
                ),
            ))
        }
        Err(fault @ HostFault::Settings { .. }) => Some(Finding::error(
            "config_nao_termina",
            config.display(),
            Phrase::of(&fault),
            Phrase::new(
                "conserte o que ele espera; enquanto isso, os comandos deste programa que não precisam de PHP funcionam",
                "mend what it waits for; meanwhile the commands of this program that need no PHP work",
            ),
        )),
        // What else is wrong with PHP or with the installer's files is told by itself.
        Err(_) => None,
    }
}

fn missing(fault: &HostFault) -> Finding {
    Finding::error(
        "php_ausente",
        "php",
        Phrase::of(fault),
        Phrase::new(
            "instale o PHP de linha de comando (php-cli), ou informe-o em --php ou GESTOR_PLUGINS_PHP; sem ele, pacotes com migrações ou scripts não entram",
            "install PHP's command line program (php-cli), or name it in --php or GESTOR_PLUGINS_PHP; without it packages with migrations or scripts do not go in",
        ),
    )
}

fn broken(php: &Php, reason: &str) -> Finding {
    Finding::error(
        "php_quebrado",
        php.path().display(),
        Phrase::made(
            format!("o PHP não inicia com a sua configuração: {reason}"),
            format!("PHP does not start with its configuration: {reason}"),
        ),
        Phrase::new(
            "veja o que php -v diz, e conserte o php.ini",
            "see what php -v says, and mend php.ini",
        ),
    )
}

/// What a call of PHP printed; what it said where it failed.
fn ask(php: &Php, arguments: &[OsString; 2], root: &GestorRoot) -> Result<String, String> {
    let mut program = php.program(Path::new("-"), root.as_path());
    program.arguments = arguments.to_vec();
    let ending = process::run(&program, PATIENCE, &mut || true).map_err(|fault| fault.to_string())?;
    let said = ending.output.text(&|text| text.trim().to_owned(), &|_| "…".to_owned());
    if ending.ended == process::Ended::Code(0) {
        return Ok(said);
    }
    Err(said
        .lines()
        .filter(|line| !line.is_empty())
        .take(2)
        .collect::<Vec<_>>()
        .join(" "))
}

fn answered(php: &Php, text: &str, root: &GestorRoot, around: &Surroundings) -> Vec<Finding> {
    let answer = text.lines().last().unwrap_or_default();
    let Ok(answer) = serde_json::from_str::<Value>(answer) else {
        return vec![broken(php, answer)];
    };
    let library = root.as_path().join(LIBRARY);
    let has_library = may_stand(&library) || around.variable("GESTOR_PLUGINS_LIB").is_some();
    judged(&answer, has_library, &php.path().display().to_string())
}

/// What is wrong with a PHP that said how it is. Pure.
fn judged(answer: &Value, has_library: bool, place: &str) -> Vec<Finding> {
    let (own, extension) = (env!("CARGO_PKG_VERSION"), word(answer, "extension"));
    let mut found = Vec::new();
    let can_ffi = flag(answer, "ffi") && has_library;
    match extension {
        "" if !can_ffi => {
            let (what, todo) = texts::NEITHER;
            found.push(Finding::error("extensao_e_ffi_ausentes", place, what, todo));
        }
        "" => {
            let (what, todo) = texts::NO_EXTENSION;
            found.push(Finding::warning("extensao_ausente", place, what, todo));
        }
        other if other != own => found.push(Finding::error(
            "extensao_de_outra_versao",
            place,
            Phrase::made(
                format!("o PHP carrega a extensão gestor_plugins {other}, e este programa é {own}"),
                format!("PHP loads the extension gestor_plugins {other}, and this program is {own}"),
            ),
            Phrase::new(
                "instale as duas da mesma versão (bin/install, ou o pacote) e recarregue o php-fpm",
                "install both of one version (bin/install, or the package) and reload php-fpm",
            ),
        )),
        _ => {}
    }
    if !flag(answer, "pdo") {
        let (what, todo) = texts::NO_PDO;
        found.push(Finding::error("php_sem_pdo_mysql", place, what, todo));
    }
    if flag(answer, "cache") && flag(answer, "stale") {
        let (what, todo) = texts::CACHED;
        found.push(Finding::warning("opcache_sem_validacao", place, what, todo));
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_php_is_judged_by_what_it_says() {
        let own = env!("CARGO_PKG_VERSION");
        let fine = json!({"extension": own, "ffi": false, "pdo": true, "cache": true, "stale": false});
        let with = |key: &str, value: Value| {
            let mut answer = fine.clone();
            answer[key] = value;
            answer
        };
        for (answer, has_library, expected) in [
            (fine.clone(), false, &[][..]),
            (with("extension", json!("0.0.1")), false, &["extensao_de_outra_versao"]),
            (with("extension", json!("")), true, &["extensao_e_ffi_ausentes"]),
            (with("pdo", json!(false)), true, &["php_sem_pdo_mysql"]),
            (with("stale", json!(true)), true, &["opcache_sem_validacao"]),
            (
                json!({"extension": "", "ffi": true, "pdo": true}),
                true,
                &["extensao_ausente"],
            ),
            (
                json!({"extension": "", "ffi": true, "pdo": true}),
                false,
                &["extensao_e_ffi_ausentes"],
            ),
        ] {
            let names: Vec<_> = judged(&answer, has_library, "php")
                .iter()
                .map(|found| found.name)
                .collect();
            assert_eq!(names, expected, "{answer}");
        }
    }
}
