//! What is told of each thing that is always told in the same words.

use crate::model::Phrase;

/// What is wrong, and what to do.
pub(super) type Told = (Phrase, Phrase);

const fn told(what: (&'static str, &'static str), todo: (&'static str, &'static str)) -> Told {
    (Phrase::new(what.0, what.1), Phrase::new(todo.0, todo.1))
}

pub(super) const NEITHER: Told = told(
    (
        "este PHP não carrega a extensão gestor_plugins e também não pode usar a biblioteca C por FFI: o gestor não instala plugins",
        "this PHP neither loads the extension gestor_plugins nor can it use the C library through FFI: the gestor cannot install plugins",
    ),
    (
        "execute bin/install para este PHP (php -m deve listar gestor_plugins), ou permita FFI (ffi.enable=true)",
        "run bin/install for this PHP (php -m must list gestor_plugins), or allow FFI (ffi.enable=true)",
    ),
);
pub(super) const NO_EXTENSION: Told = told(
    (
        "este PHP não carrega a extensão gestor_plugins; a biblioteca C por FFI a substitui na linha de comando",
        "this PHP does not load the extension gestor_plugins; the C library through FFI stands in for it on the command line",
    ),
    (
        "execute bin/install, ou ponha extension=gestor_plugins.so na configuração do PHP e recarregue o php-fpm",
        "run bin/install, or put extension=gestor_plugins.so into PHP's configuration and reload php-fpm",
    ),
);
pub(super) const NO_PDO: Told = told(
    (
        "este PHP não tem pdo_mysql: migrações não rodam",
        "this PHP has no pdo_mysql: migrations do not run",
    ),
    ("instale php-mysql", "install php-mysql"),
);
pub(super) const CACHED: Told = told(
    (
        "opcache.validate_timestamps=0: o PHP não percebe arquivos novos de um plugin",
        "opcache.validate_timestamps=0: PHP does not notice new files of a plugin",
    ),
    (
        "recarregue o php-fpm depois de cada operação, ou ponha opcache.validate_timestamps=1",
        "reload php-fpm after each operation, or set opcache.validate_timestamps=1",
    ),
);
pub(super) const REVERTED: Told = told(
    (
        "uma atualização do gestor repôs este arquivo antigo no lugar do nosso",
        "an update of the gestor has put this old file back in place of ours",
    ),
    ("execute gestor-plugins repair", "run gestor-plugins repair"),
);
pub(super) const NO_FILES: Told = told(
    (
        "os arquivos PHP do instalador não estão neste gestor",
        "the installer's PHP files are not in this gestor",
    ),
    (
        "execute gestor-plugins repair, ou bin/install",
        "run gestor-plugins repair, or bin/install",
    ),
);
pub(super) const OTHER_FILES: Told = told(
    (
        "este arquivo é de outra versão que a deste programa",
        "this file is of another version than this program",
    ),
    ("execute gestor-plugins repair", "run gestor-plugins repair"),
);
pub(super) const NOT_STRICT: Told = told(
    (
        "o sql_mode do servidor não é estrito: valores que não cabem são cortados em silêncio pelo resto do site",
        "the server's sql_mode is not strict: values that do not fit are silently cut by the rest of the site",
    ),
    (
        "acrescente STRICT_TRANS_TABLES ao sql_mode do servidor",
        "add STRICT_TRANS_TABLES to the server's sql_mode",
    ),
);
pub(super) const READ_ONLY: Told = told(
    (
        "o servidor só aceita leituras (read_only): nenhuma operação pode gravar",
        "the server takes reads alone (read_only): no operation can write",
    ),
    (
        "ligue-se ao servidor primário, ou SET GLOBAL read_only=0 nele",
        "connect to the primary server, or SET GLOBAL read_only=0 on it",
    ),
);
pub(super) const INTERRUPTED: Told = told(
    (
        "uma operação foi interrompida no meio e espera ser concluída ou desfeita",
        "an operation was interrupted half way and waits to be finished or undone",
    ),
    ("execute gestor-plugins recover", "run gestor-plugins recover"),
);
pub(super) const OTHER_OWNER: Told = told(
    (
        "esta pasta é de outro usuário que a pasta plugins/ do mesmo gestor",
        "this folder belongs to another user than the folder plugins/ of the same gestor",
    ),
    (
        "dê as duas ao usuário do servidor web (chown -R)",
        "give both to the web server's user (chown -R)",
    ),
);
