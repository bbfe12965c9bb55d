//! From the name of a data file to the name of its table, and the tables that no package may write (SPEC §6). Pure.

use std::sync::Arc;

use super::fault::{Fault, FaultKind};
use crate::base::letters::shorten_text;
use crate::model::TableName;

const ENDING: &str = "Data.json";

/// Tables that hold the site's own state: a package never writes them. `%` stands for any run of characters.
const FORBIDDEN: [&str; 18] = [
    "plugins",
    "plugins_%",
    "phinxlog",
    "phinxlog_%",
    "manager_updates",
    "gestor_plugins_%",
    "sessoes",
    "sessoes_variaveis",
    "tokens",
    "usuarios_tokens",
    "usuarios_provedores",
    "oauth%",
    "%_tokens",
    "hooks",
    "acessos",
    "historico",
    "backup_campos",
    "atualizacoes_execucoes",
];

/// The name that a data file stands for, as text: whether it can be a table's name is not checked. Folders before the
/// file's name do not count.
pub fn derive(file: &str) -> String {
    let name = file.rsplit('/').next().unwrap_or(file);
    let stem = name.strip_suffix(ENDING).unwrap_or(name);
    if stem.contains('_') {
        return stem.to_lowercase();
    }
    let mut table = String::with_capacity(stem.len() + 4);
    let mut previous = None;
    let mut letters = stem.chars().peekable();
    while let Some(letter) = letters.next() {
        let follows_small = previous.is_some_and(|before: char| !before.is_uppercase());
        let starts_word = previous.is_some() && letters.peek().is_some_and(|next| next.is_lowercase());
        if letter.is_uppercase() && (follows_small || starts_word) {
            table.push('_');
        }
        table.extend(letter.to_lowercase());
        previous = Some(letter);
    }
    table
}

/// The table of a data file of a package.
pub fn of_file(file: &str) -> Result<TableName, Fault> {
    let fault = |kind| Fault::of_file(&Arc::from(file), kind);
    let name = derive(file);
    let table = TableName::new(&name).map_err(|_| {
        fault(FaultKind::InvalidTable {
            name: shorten_text(&name),
        })
    })?;
    if is_forbidden(&table) {
        return Err(fault(FaultKind::ForbiddenTable { table }));
    }
    Ok(table)
}

/// Whether no package may write a table.
pub fn is_forbidden(table: &TableName) -> bool {
    FORBIDDEN.iter().any(|pattern| match pattern.split_once('%') {
        None => *pattern == table.as_str(),
        Some(("", ending)) => table.as_str().ends_with(ending),
        Some((start, _)) => table.as_str().starts_with(start),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_name_their_tables() {
        for (file, table) in [
            ("HostsConfiguracoesData.json", "hosts_configuracoes"),
            ("db/data/PaginasData.json", "paginas"),
            (
                "UsuariosPerfisModulosOperacoesData.json",
                "usuarios_perfis_modulos_operacoes",
            ),
            ("AlvosIaData.json", "alvos_ia"),
            ("hosts_configuracoesData.json", "hosts_configuracoes"),
            ("Hosts_ConfiguracoesData.json", "hosts_configuracoes"),
            ("paginasData.json", "paginas"),
            ("Paginas301Data.json", "paginas301"),
            ("APIKeysData.json", "api_keys"),
            ("MODULOSData.json", "modulos"),
        ] {
            assert_eq!(derive(file), table, "{file}");
        }
    }

    #[test]
    fn wrong_and_forbidden_tables_are_refused() {
        for file in ["Data.json", "PáginasData.json", "A-BData.json", "A BData.json"] {
            assert!(
                matches!(of_file(file).unwrap_err().kind, FaultKind::InvalidTable { .. }),
                "{file}"
            );
        }
        for table in [
            "plugins",
            "plugins_credenciais",
            "phinxlog",
            "phinxlog_p1",
            "gestor_plugins_operacoes",
            "oauth2_tokens",
            "oauth",
            "usuarios_api_tokens",
            "hooks",
            "tokens",
        ] {
            assert!(is_forbidden(&TableName::new(table).unwrap()), "{table}");
        }
        for table in [
            "paginas",
            "usuarios",
            "pluginsextra",
            "my_plugins_extra",
            "my_hooks",
            "tokens_de_teste",
            "phinxlogs",
        ] {
            assert!(!is_forbidden(&TableName::new(table).unwrap()), "{table}");
        }
        assert!(matches!(
            of_file("PluginsData.json").unwrap_err().kind,
            FaultKind::ForbiddenTable { .. }
        ));
    }
}
