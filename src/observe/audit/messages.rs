//! What is said of the audit log; of errors the Portuguese, whose English stands beside each.

use std::fmt;

use super::{AuditError, Difference, Source};
use crate::model::{Bilingual, Phrase};

impl Source {
    /// Who says it.
    fn phrase(self) -> Phrase {
        match self {
            Self::Points => Phrase::new("ponto de controle de pontos.jsonl", "checkpoint of pontos.jsonl"),
            Self::Table => Phrase::new(
                "ponto de controle da tabela gestor_plugins_auditoria",
                "checkpoint of the table gestor_plugins_auditoria",
            ),
            Self::Head => Phrase::new("arquivo cabeca", "file cabeca"),
            Self::Segment => Phrase::new("começo do segmento seguinte", "beginning of the segment after it"),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.phrase())
    }
}

impl Bilingual for Difference {
    fn portuguese(&self) -> String {
        match self {
            Self::Changed { from, to, told_by } => format!(
                "entre os registros {from} e {to} algum não é o que foi escrito (segundo o {})",
                told_by.phrase().portuguese()
            ),
            Self::Missing { from, to } => format!("faltam os registros de {from} a {to}"),
            Self::Line {
                segment,
                line,
                expected,
                found: Some(found),
            } => format!("{segment}.jsonl, linha {line}: está ali o registro {found}, e devia estar o {expected}"),
            Self::Line {
                segment,
                line,
                expected,
                found: None,
            } => format!("{segment}.jsonl, linha {line}: não é um registro, e devia ser o {expected}"),
            Self::Segment { first, expected } => {
                format!("{first}.jsonl começa antes do registro {expected}, que é o que devia vir")
            }
            Self::Beginning { first } => format!("{first}.jsonl não começa com o que havia antes dele"),
            Self::Nobodys { server } => format!("o registro {server} está ali, e servidor.id não o nomeia"),
            Self::Head => "o arquivo cabeca não está ali ou não é o que foi escrito".to_owned(),
            Self::Point { line } => format!("pontos.jsonl, linha {line}: não é o ponto de controle que foi escrito"),
            Self::Row { size } => {
                format!("gestor_plugins_auditoria, tamanho {size}: não é o ponto de controle que foi escrito")
            }
            Self::NoRow { size } => {
                format!("gestor_plugins_auditoria: não há linha de tamanho {size}, e há posteriores")
            }
            Self::Unforgotten { from, to, size } => format!(
                "faltam os registros de {from} a {to}, e gestor_plugins_auditoria ainda conhece os que vão até {size}: ou foram tirados dali, ou o banco foi restaurado de antes de eles saírem"
            ),
        }
    }
}

impl Bilingual for AuditError {
    fn portuguese(&self) -> String {
        match self {
            Self::Files(fault) => format!("o registro de auditoria: {}", fault.portuguese()),
            Self::Database(fault) => format!(
                "os pontos de controle da auditoria (gestor_plugins_auditoria): {}",
                fault.portuguese()
            ),
            Self::NoBeginning { path, folder } => format!(
                "o registro de auditoria: {} não começa com o que havia antes dele, e não há nem cabeça nem ponto de controle: mova {} para outro lugar para começar um registro novo, e guarde a pasta: ela é prova",
                path.display(),
                folder.display()
            ),
            Self::Differs(difference) => format!(
                "o registro de auditoria não é o que foi escrito: {}. Compare com uma cópia (o syslog e a tabela gestor_plugins_auditoria têm tamanhos e raízes); descubra quem escreveu em backups/plugins/_auditoria/",
                difference.portuguese()
            ),
            Self::ServerId { path } => format!(
                "{} não contém a identificação de um servidor (32 dígitos hexadecimais): reponha o que estava ali, ou remova o arquivo para começar um registro novo",
                path.display()
            ),
        }
    }
}
