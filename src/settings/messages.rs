//! What is said of settings, in Portuguese; the English stands beside each variant.

use super::error::{SchemaFault, SettingsError};
use super::file::SCHEMA_FILE;
use super::reason::{Reason, ValueFault, first, shown};
use crate::model::Bilingual;

impl Bilingual for Reason {
    fn portuguese(&self) -> String {
        match self {
            Self::Type { wanted } => format!("o valor tem de ser de outro tipo: {wanted}"),
            Self::Choice => "não é nenhum dos valores que se podem escolher".to_owned(),
            Self::Format { name } => format!("não está no formato `{name}`"),
            Self::AtLeast { bound } => format!("no mínimo {bound}"),
            Self::AtMost { bound } => format!("no máximo {bound}"),
            Self::Above { bound } => format!("mais que {bound}"),
            Self::Below { bound } => format!("menos que {bound}"),
            Self::Step { step } => format!("um múltiplo de {step}"),
            Self::Short { least } => format!("no mínimo {least} caracteres"),
            Self::Long { most } => format!("no máximo {most} caracteres"),
            Self::Pattern { pattern } => format!("não é como a expressão {pattern} quer"),
            Self::Few { least } => format!("no mínimo {least} itens"),
            Self::Many { most } => format!("no máximo {most} itens"),
            Self::Twice => "o mesmo item duas vezes".to_owned(),
            Self::Required => "falta um valor".to_owned(),
            Self::Unknown => "o esquema não tem essa configuração".to_owned(),
            Self::NoneFits { word } => format!("não é como nenhuma das descrições que o esquema aceita (`{word}`)"),
            Self::SeveralFit => "é como várias das descrições, e só pode ser como uma (`oneOf`)".to_owned(),
            Self::Forbidden => "o esquema proíbe este valor".to_owned(),
            Self::Other { word } => format!("não é como o esquema quer (`{word}`)"),
            Self::LineBreak => "tem de caber numa linha: tire as quebras de linha".to_owned(),
            Self::TooLong { most } => format!("mais de {most} bytes, que é o que uma configuração aceita"),
            Self::Quantity => "tem de ser um número inteiro, 0 ou mais".to_owned(),
            Self::Money => "tem de ser uma quantia, 0 ou mais, com no máximo duas casas decimais".to_owned(),
            Self::Day => "tem de ser um dia, como 2026-12-31".to_owned(),
            Self::Minute => "tem de ser dia e hora, como 2026-12-31T23:59".to_owned(),
            Self::Number => "tem de ser um número, como 1.5".to_owned(),
            Self::Truth => "tem de ser 1 ou 0".to_owned(),
            Self::Json => "o texto não é JSON".to_owned(),
            Self::Deep { most } => format!("há valores uns dentro dos outros em mais de {most} níveis"),
            Self::Laborious { most } => format!(
                "é demais para verificar: o esquema teria de ser lido mais de {most} vezes para este valor: dê menos itens ou itens mais curtos, ou use um esquema com menos alternativas"
            ),
            Self::More { most } => format!("há mais erros do que estes {most}: corrija estes primeiro"),
        }
    }
}

impl Bilingual for ValueFault {
    fn portuguese(&self) -> String {
        format!("{}: {}", shown(&self.pointer), self.reason.portuguese())
    }
}

impl Bilingual for SchemaFault {
    fn portuguese(&self) -> String {
        match self {
            Self::NoObject => "tem de ser um objeto, como é um JSON Schema".to_owned(),
            Self::Draft { found, known } => format!("`$schema` é {found:?}; são conhecidos {known}"),
            Self::TooMany { what, most } => format!("mais de {most} {}", what.portuguese()),
            Self::Costly { most } => {
                format!("as referências levam às mesmas partes sem parar, mais de {most} vezes: tire algumas")
            }
            Self::Reference { to } => format!(
                "`$ref` é {to:?}: só se podem indicar partes do próprio arquivo, como `#/$defs/nome`; nada é buscado fora"
            ),
            Self::NoTarget { to } => format!("uma referência não leva a nada: {to}"),
            Self::Id => "`$id` só pode estar no começo".to_owned(),
            Self::Pattern { pattern, reason } => format!("a expressão {pattern:?} não é aceita: {reason}"),
            Self::Wrong(reason) => format!("não é JSON Schema: {}", reason.portuguese()),
            Self::Invalid { reason } => format!("não é JSON Schema: {reason}"),
            Self::Extension { word } => format!(
                "`x-gestor` não tem {word:?}; são conhecidos widget, grupo, segredo, renamed_from, e modulo no começo"
            ),
            Self::ExtensionValue { word, wanted } => {
                format!("`x-gestor.{word}`: tem de ser {}", wanted.portuguese())
            }
            Self::Widget { found, known } => format!("não há widget {found:?}; são conhecidos {known}"),
            Self::WidgetType { widget, wanted } => {
                format!("o widget `{widget}` não serve: ele é para {}", wanted.portuguese())
            }
            Self::SecretPlace => "`x-gestor.segredo` não vale aqui, e o segredo ficaria à vista: diga-o em `properties`, na própria configuração, onde ela aparece primeiro; ela tem de ser um texto (`type: string`) com campo próprio".to_owned(),
            Self::Secret => "um segredo (`x-gestor.segredo`) é um texto (`type: string`) sem padrão".to_owned(),
            Self::Name { most } => {
                format!("o nome de uma configuração tem de 1 a {most} caracteres, sem caracteres de controle")
            }
            Self::Renamed { id } => {
                format!("`x-gestor.renamed_from` cita {id:?}, que é ou foi outra configuração: cada nome é de uma só")
            }
            Self::SameName { id } => format!("duas configurações ficariam na variável {id:?}: renomeie uma"),
            Self::Default(fault) => format!("o padrão não é aceito: {}", fault.portuguese()),
        }
    }
}

impl Bilingual for SettingsError {
    fn portuguese(&self) -> String {
        match self {
            Self::TooLarge { most } => format!("{SCHEMA_FILE}: tem mais de {most} bytes"),
            Self::NotJson { line, column, reason } => {
                format!("{SCHEMA_FILE}, linha {line}, coluna {column}: {reason}")
            }
            Self::Schema { pointer, fault } => {
                format!("{SCHEMA_FILE}: {}: {}", shown(pointer), fault.portuguese())
            }
            Self::None { slug } => {
                format!("o plugin {slug} não tem configurações: o pacote dele não traz {SCHEMA_FILE}")
            }
            Self::Modules { slug, modules } => format!(
                "{SCHEMA_FILE}: o plugin {slug} tem os módulos {modules}: diga em `x-gestor.modulo` em qual deles ficam as configurações"
            ),
            Self::OtherModule { slug, module } => format!(
                "{SCHEMA_FILE}: o módulo {module:?} não é do plugin {slug}, e então não se mexe nas variáveis dele"
            ),
            Self::OtherOwner { id, module, owner } => {
                format!("a variável {id:?} do módulo {module} é do plugin {owner}: nada foi gravado")
            }
            Self::Language { language, known } => {
                format!("não há a língua {language:?} aqui; as que o módulo tem: {known}")
            }
            Self::NoValues => {
                "`valores`: tem de ser um objeto de configurações e valores, ou o texto JSON dele".to_owned()
            }
            Self::Values { faults } => {
                let faults: Vec<_> = first(faults).iter().map(Bilingual::portuguese).collect();
                format!("nada foi gravado: {}", faults.join("; "))
            }
            Self::Database(fault) => format!("as configurações (variaveis): {}", fault.portuguese()),
            Self::Unreadable { column } => format!(
                "as configurações (variaveis), coluna `{column}`: ela tem um valor de outro tipo que os que o gestor grava"
            ),
        }
    }
}
