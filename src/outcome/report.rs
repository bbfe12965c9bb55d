//! What an operation did, in the shape that `plugin_report()` and `--json` show (SPEC §10).

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::ExitCode;

/// Rows of one table. `inseridos`, `adotados`, `alterados` and `iguais` are disjoint.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct TableCounts {
    /// Rows that were not there.
    pub inseridos: u64,
    /// Rows without owner that became the plugin's.
    pub adotados: u64,
    /// Rows written in any other way.
    pub alterados: u64,
    /// Rows found as the package brings them.
    pub iguais: u64,
    /// Rows in which this run set a user's value aside.
    pub preservados: u64,
    /// Rows of this plugin that the package no longer brings.
    pub orfaos: u64,
    /// Rows left alone because of a conflict.
    pub ignorados: u64,
    /// Rows in which a user's value stays that the package did not touch.
    #[serde(skip_serializing_if = "is_none")]
    pub mantidos: u64,
    /// Conflicts that were recorded.
    #[serde(skip_serializing_if = "is_none")]
    pub conflitos: u64,
    /// Rows that a user deleted, and that stay so.
    #[serde(skip_serializing_if = "is_none")]
    pub apagados: u64,
    /// Rows that were deleted, because the package no longer brings them.
    #[serde(skip_serializing_if = "is_none")]
    pub removidos: u64,
    /// Rows that were given back to whoever had them before.
    #[serde(skip_serializing_if = "is_none")]
    pub devolvidos: u64,
}

/// These counters stand in a report only where there is something to count.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn is_none(count: &u64) -> bool {
    *count == 0
}

/// Files of the installed tree, compared with the tree before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct FileCounts {
    /// Files that were not there.
    pub novos: u64,
    /// Files with other content.
    pub alterados: u64,
    /// Files that the package no longer brings.
    pub removidos: u64,
}

/// A value of a user's and one of the package's that wait for a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReportedConflict {
    /// The table.
    pub tabela: String,
    /// The row's key.
    pub linha: String,
    /// The column; empty for the whole row.
    pub coluna: String,
    /// `ambos`, `contrato`, `movida`, `apagada` or `nucleo`.
    pub motivo: &'static str,
}

/// A row of a plugin that went, which stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StayingRow {
    /// The table.
    pub tabela: String,
    /// The row's key.
    pub linha: String,
    /// `execucao`, `somente_insercao`, `conta_do_gestor`, `projeto` or `desconhecida`.
    pub motivo: &'static str,
}

/// Rows of others that name what went with a plugin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NamingRows {
    /// Their table.
    pub tabela: &'static str,
    /// The column.
    pub coluna: &'static str,
    /// The table of what went.
    pub nomeia: &'static str,
    /// How many rows.
    pub linhas: u64,
}

/// A post-installation script that ran, or in a dry run would.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReportedScript {
    /// Its path below the plugin's folder.
    pub nome: String,
    /// The code that it ended with, 128 and more by a signal; nothing where it was not begun.
    pub codigo: Option<i32>,
    /// Milliseconds.
    pub ms: u64,
    /// What it wrote.
    pub saida: String,
}

/// What is still there of a plugin that went.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Leftovers {
    /// Rows that name it as their owner, without those that are to stay.
    pub linhas: u64,
    /// Files of its tree.
    pub arquivos: u64,
    /// Tables of its own.
    pub tabelas: Vec<String>,
}

/// A plugin that comes about because of what a call names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlannedPlugin {
    /// The plugin.
    pub slug: String,
    /// Version before, where one was installed.
    pub versao_anterior: Option<String>,
    /// The version that it will be.
    pub versao: String,
    /// SHA-256 of its package.
    pub sha256: String,
    /// Where that comes from: `chamada`, `guardado`, `indice`.
    pub origem: &'static str,
}

/// Why plugins do not go together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExplanationReport {
    /// In sentences.
    pub linhas: Vec<String>,
    /// What these stand on.
    pub fatos: Vec<Value>,
}

/// What is needed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct DependencyReport {
    /// What comes about, in its order.
    pub plano: Vec<PlannedPlugin>,
    /// Why nothing does.
    pub explicacao: Option<ExplanationReport>,
}

/// What is thought of the signature of a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SignatureReport {
    /// `valida`, `expirada`, `desconhecida`, `ausente`, `malformada`, `invalida`, `difere`, `fora_do_escopo`, `revogada` or
    /// `nao_conferida`.
    pub veredito: &'static str,
    /// `x509`; nothing where there is none.
    pub tipo: Option<&'static str>,
    /// Whose it says that it is; believed only where it is `valida`.
    pub desenvolvedor: Option<String>,
    /// SHA-256 of the key that signed it.
    pub chave: Option<String>,
    /// Until when its certificates count.
    pub ate: Option<String>,
    /// Why, where it is not `valida`.
    pub motivo: Option<String>,
}

/// The report of one operation. Keys are what PHP sees.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Exit code.
    pub codigo: ExitCode,
    /// Its label.
    pub rotulo: &'static str,
    /// The plugin.
    pub slug: String,
    /// Version before, where one was installed.
    pub versao_anterior: Option<String>,
    /// Version of the package.
    pub versao: Option<String>,
    /// Where the package came from.
    pub origem: Option<String>,
    /// SHA-256 of the package, hexadecimal.
    pub checksum: Option<String>,
    /// What is thought of the package's signature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assinatura: Option<SignatureReport>,
    /// The package is the installed one; nothing was done.
    pub inalterado: bool,
    /// This was a dry run: the counts are a plan.
    pub dry_run: bool,
    /// Rows by table.
    pub tabelas: BTreeMap<String, TableCounts>,
    /// Conflicts that were recorded, or in a dry run would be; the first thousand.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conflitos: Vec<ReportedConflict>,
    /// What was done, where it is no installation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acao: Option<&'static str>,
    /// Whether it is done and stays so, whatever the code says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmado: Option<bool>,
    /// Rows of a plugin that went, which stay; the first thousand.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub restantes: Vec<StayingRow>,
    /// Rows of others that name what went.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub referencias: Vec<NamingRows>,
    /// How many of them the site's project has changed.
    #[serde(skip)]
    pub do_projeto: u64,
    /// What is still there of a plugin that went.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sobras: Option<Leftovers>,
    /// Path of the archive of what went.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub removido: Option<String>,
    /// The history's number of what is installed now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ponto: Option<u64>,
    /// ... of the last good point before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ponto_anterior: Option<u64>,
    /// Files.
    pub arquivos: FileCounts,
    /// Names of the package's modules.
    pub modulos: Vec<String>,
    /// Migrations that ran, or in a dry run would run.
    pub migracoes: Vec<String>,
    /// Migrations that were undone after the commit, or in a dry run would be.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub migracoes_desfeitas: Vec<String>,
    /// Post-installation scripts that ran after the commit, in their order; in a dry run those that would.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scripts: Vec<ReportedScript>,
    /// What is left to be done after the commit.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pendencias: Vec<Value>,
    /// What an operator should know.
    pub avisos: Vec<String>,
    /// Why the log could not be written, where it could not: what should stand there is lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_falhou: Option<String>,
    /// Why it failed.
    pub erros: Vec<String>,
    /// Path of the ZIP of the replaced tree.
    pub backup: Option<String>,
    /// Files of the plugin that changed, for invalidating PHP's opcode cache.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub php_alterados: Vec<String>,
    /// What a diff shows besides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diferencas: Option<Value>,
    /// What comes along because it is needed, or why nothing does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dependencias: Option<DependencyReport>,
    /// What became of the plugins that went with it, or came along.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub plugins: Vec<Report>,
    /// Milliseconds by step.
    pub duracao_ms: BTreeMap<&'static str, u64>,
}

impl Report {
    /// An empty report of a plugin.
    pub fn new(slug: &str) -> Self {
        Self {
            codigo: ExitCode::Ok,
            rotulo: ExitCode::Ok.label(),
            slug: slug.to_owned(),
            versao_anterior: None,
            versao: None,
            origem: None,
            checksum: None,
            assinatura: None,
            inalterado: false,
            dry_run: false,
            tabelas: BTreeMap::new(),
            conflitos: Vec::new(),
            acao: None,
            confirmado: None,
            restantes: Vec::new(),
            referencias: Vec::new(),
            do_projeto: 0,
            sobras: None,
            removido: None,
            ponto: None,
            ponto_anterior: None,
            arquivos: FileCounts::default(),
            modulos: Vec::new(),
            migracoes: Vec::new(),
            migracoes_desfeitas: Vec::new(),
            scripts: Vec::new(),
            pendencias: Vec::new(),
            avisos: Vec::new(),
            log_falhou: None,
            erros: Vec::new(),
            backup: None,
            php_alterados: Vec::new(),
            diferencas: None,
            dependencias: None,
            plugins: Vec::new(),
            duracao_ms: BTreeMap::new(),
        }
    }

    /// Sets code and label together.
    pub fn finish(&mut self, code: ExitCode) {
        self.codigo = code;
        self.rotulo = code.label();
    }
}
