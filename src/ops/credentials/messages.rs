//! What is told of credentials, in both languages.

use std::path::Path;

use crate::model::{Bilingual, Phrase};
use crate::ops::Error;
use crate::vault::Alias;

/// What is to be given for `alias`.
pub(super) const AN_ALIAS: Phrase = Phrase::new(
    "o nome da credencial, como em `cred:<alias>`",
    "the credential's name, as in `cred:<alias>`",
);
/// What is to be given for `segredo`.
pub(super) const A_SECRET: Phrase = Phrase::new(
    "o segredo em si; a linha de comando o lê da entrada padrão",
    "the secret itself; the command line reads it from standard input",
);
/// The column of the admin page is empty now.
pub(super) const ERASED: Phrase = Phrase::new(
    "os tokens foram apagados da tabela `plugins`: a página de plugins do próprio gestor usa essa coluna como token, e sozinha não encontra mais versões de repositórios privados; o botão Atualizar dela termina com erro próprio. `--update-all` atualiza como sempre, e a página instala a versão cuja tag está no formulário",
    "the tokens were erased from the table `plugins`: the gestor's own page of plugins uses that column as the token, and by itself finds no versions of private repositories any more; its button Atualizar ends with an error of its own. `--update-all` updates as ever, and the page installs the version whose tag stands in its form",
);

/// A secret was stored.
pub(super) fn stored(alias: &Alias, server: Option<&str>, is_new: bool) -> Phrase {
    let (pt, en) = if is_new {
        ("gravada", "stored")
    } else {
        ("gravada de novo", "stored again")
    };
    match server {
        Some(server) => Phrase::made(
            format!("credencial {alias} {pt}: só é enviada a {server}"),
            format!("credential {alias} {en}: it is sent to {server} alone"),
        ),
        None => Phrase::made(
            format!("credencial {alias} {pt}: não é enviada a ninguém"),
            format!("credential {alias} {en}: it is sent to nobody"),
        ),
    }
}

/// A secret is used.
pub(super) fn used(alias: &str, server: &str) -> Phrase {
    Phrase::made(
        format!("credencial {alias} usada para {server}"),
        format!("credential {alias} used for {server}"),
    )
}

/// A token of GitHub's form was given for another server.
pub(super) fn not_sent(server: &str) -> Phrase {
    Phrase::made(
        format!(
            "o token em `cred_ref` tem a forma dos do GitHub e não foi enviado a {server}: para esse servidor, grave uma credencial (`--credenciais=gravar --tipo=http_bearer --origem={server}`) e informe `cred:<alias>`"
        ),
        format!(
            "the token in `cred_ref` has the form of GitHub's and was not sent to {server}: for that server store a credential (`--credenciais=gravar --tipo=http_bearer --origem={server}`) and give `cred:<alias>`"
        ),
    )
}

/// A credential was removed.
pub(super) fn removed(alias: &Alias) -> Phrase {
    Phrase::made(
        format!("credencial {alias} removida"),
        format!("credential {alias} removed"),
    )
}

/// ... and plugins still ask for it.
pub(super) fn still_used(alias: &Alias, plugins: &str) -> Phrase {
    Phrase::made(
        format!(
            "a credencial {alias} ainda é usada por: {plugins}; até que outra seja gravada com esse nome, eles não atualizam"
        ),
        format!(
            "the credential {alias} is still used by: {plugins}; until another is stored under that name they are not updated"
        ),
    )
}

/// The key ring's file was made.
pub(in crate::ops) fn ring_made(path: &Path) -> Phrase {
    let path = path.display();
    Phrase::made(
        format!(
            "chaveiro criado em {path}: guarde uma cópia dele, longe das cópias do banco de dados; sem ele as credenciais não abrem"
        ),
        format!(
            "key ring made in {path}: keep a copy of it, apart from those of the database; without it credentials do not open"
        ),
    )
}

/// Credentials stand under the first key.
pub(super) fn rotated(count: usize, key: &str) -> Phrase {
    Phrase::made(
        format!("credenciais cifradas de novo com a chave {key}: {count}"),
        format!("credentials sealed anew under the key {key}: {count}"),
    )
}

/// A literal token became a credential.
pub(super) fn imported(slug: &str, alias: &Alias) -> Phrase {
    Phrase::made(
        format!("o token do plugin {slug} está na credencial {alias}"),
        format!("the token of the plugin {slug} is in the credential {alias}"),
    )
}

/// What the table holds of a plugin became no credential.
pub(super) fn not_imported(slug: &str, fault: &Error) -> Phrase {
    let fault = Phrase::of(fault);
    Phrase::made(
        format!(
            "o token do plugin {slug} não foi copiado nem apagado: {}",
            fault.portuguese()
        ),
        format!("the token of the plugin {slug} was neither copied nor erased: {fault}"),
    )
}

/// The table says another token than the credential.
pub(super) fn other_token(slug: &str, alias: &Alias) -> Phrase {
    Phrase::made(
        format!(
            "o plugin {slug} usa a credencial {alias}, e na tabela `plugins` está outro token: ele não foi copiado nem apagado; grave-o com --alias={alias} se for o certo"
        ),
        format!(
            "the plugin {slug} uses the credential {alias}, and another token stands in the table `plugins`: it was neither copied nor erased; store it with --alias={alias} if it is the right one"
        ),
    )
}
