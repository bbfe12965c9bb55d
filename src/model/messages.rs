//! What is said of words that cannot be what they should be, in Portuguese; the English stands beside each error.

use super::{Bilingual, DigestError, NameError, RangeError, SlugError, VersionError};

impl Bilingual for SlugError {
    fn portuguese(&self) -> String {
        match self {
            Self::Missing => "falta o ID do plugin: informe-o em `slug` (na linha de comando, `--id=`)".to_owned(),
            Self::Reserved { given } => {
                format!("o ID do plugin {given:?} começa com `_`, que é reservado: comece com uma letra ou um número")
            }
            Self::Invalid { given } => format!(
                "{given:?} não serve como ID de plugin: comece com uma letra ou um número e continue com letras, números, `-` e `_`, com no máximo 90 caracteres"
            ),
        }
    }
}

impl Bilingual for DigestError {
    fn portuguese(&self) -> String {
        let Self { found } = self;
        format!("eram esperados os 64 dígitos hexadecimais de um SHA-256, mas veio {found:?}")
    }
}

impl Bilingual for VersionError {
    fn portuguese(&self) -> String {
        let Self { given } = self;
        format!("{given:?} não é uma versão: escreva x.y.z em números, com x até 2146 e y e z até 999")
    }
}

impl Bilingual for RangeError {
    fn portuguese(&self) -> String {
        let Self { given } = self;
        format!("{given:?} não é um intervalo de versões: escreva ^1.2, ~1.2.3, >=1.0 <3, 1.x ou *")
    }
}

impl Bilingual for NameError {
    fn portuguese(&self) -> String {
        let Self { kind, given } = self;
        let kind = if *kind == "column" { "coluna" } else { "tabela" };
        format!("{given:?} não é um nome válido de {kind}")
    }
}
