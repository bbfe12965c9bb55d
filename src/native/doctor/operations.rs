//! Looks at what runs, and at what was left half done.

use super::finding::Finding;
use super::texts;
use crate::model::{GestorRoot, Phrase};
use crate::stage::running;

/// Looks.
pub(super) fn look(root: &GestorRoot) -> Vec<Finding> {
    let slugs = match running::shown(root) {
        Ok(slugs) => slugs,
        Err(fault) => return vec![unread(root, &Phrase::of(&fault))],
    };
    let mut found = Vec::new();
    for slug in slugs {
        match running::running(root, &slug) {
            Ok(Some(running)) if running.is_interrupted() => {
                let (what, todo) = texts::INTERRUPTED;
                found.push(Finding::error("operacao_interrompida", slug, what, todo));
            }
            Ok(Some(running)) => {
                let holder = running
                    .holder()
                    .map(|holder| (holder.pid, holder.host.clone(), holder.since.clone()));
                let (pid, host, since) = holder.unwrap_or_default();
                found.push(Finding::warning(
                    "operacao_em_execucao",
                    slug,
                    Phrase::made(
                        format!("o processo {pid} em {host} trabalha neste plugin desde {since}, e o mantém travado"),
                        format!("the process {pid} on {host} works on this plugin since {since}, and keeps it locked"),
                    ),
                    Phrase::new(
                        "espere que termine (gestor-plugins running), ou peça que pare: gestor-plugins cancel <plugin>",
                        "wait for its end (gestor-plugins running), or ask it to stop: gestor-plugins cancel <plugin>",
                    ),
                ));
            }
            Ok(None) => {}
            Err(fault) => found.push(unread(root, &Phrase::of(&fault))),
        }
    }
    found
}

fn unread(root: &GestorRoot, fault: &Phrase) -> Finding {
    Finding::error(
        "operacoes_ilegiveis",
        root.work().display(),
        fault.clone(),
        Phrase::new(
            "chame este programa como o usuário do servidor web ou como root",
            "call this program as the web server's user or as root",
        ),
    )
}
