//! What is said of updates, in Portuguese; the English stands beside each variant.

use super::error::UpdateError;
use super::reason::Reason;
use super::window::WindowFault;
use crate::model::Bilingual;

impl Bilingual for WindowFault {
    fn portuguese(&self) -> String {
        let Self { given } = self;
        format!(
            "{given:?} não é uma janela: escreva dias e horas, como `dom,sab 02:00-05:00`, `seg-sex 23:00-04:00` ou `02:00-05:00`; várias com `;` entre elas, no máximo 60 caracteres"
        )
    }
}

impl Bilingual for UpdateError {
    fn portuguese(&self) -> String {
        match self {
            Self::Word { key, found, allowed } => {
                format!("`{key}` é {found:?}; permitido: {}", allowed.portuguese())
            }
            Self::Unknown { key } => format!(
                "{key:?} não é nada que se diga de atualizações; permitido: politica, nivel, canal, janela, carencia_h, pular, pular_ate"
            ),
            Self::Window(fault) => fault.portuguese(),
            Self::Policy { fault } => format!("`atualizacao` em politica.json: {}", fault.portuguese()),
            Self::NoProbe => "nenhuma página do site responde com 2xx, e então nada diria que uma atualização o quebrou, e `automatica` é recusada: indique páginas em `saude` de politica.json, ou informe o endereço do site em `endereco`".to_owned(),
            Self::RolledBack { count } => format!(
                "o site não ficou bem depois de {count} atualizações, que foram desfeitas; `--atualizacoes` mostra quais, e por quê"
            ),
            Self::AnotherRuns => "outra rodada de atualizações está em andamento neste banco; esta só cuidou dos arquivos deste servidor".to_owned(),
            Self::Database(fault) => fault.portuguese(),
            Self::Unreadable { table, column, plugin } => {
                let row = if plugin.is_empty() {
                    String::new()
                } else {
                    format!(" (linha de {plugin})")
                };
                format!("a tabela {table} tem em {column} algo que não dá para ler{row}: ponha ali NULL, ou o que havia antes")
            }
        }
    }
}

impl Bilingual for Reason {
    #[expect(
        clippy::too_many_lines,
        reason = "one short arm for each sentence; a split would hide which one has no text"
    )]
    fn portuguese(&self) -> String {
        match self {
            Self::Manual { version } => {
                format!("há a versão {version}, e a política é `manual`: instale-a, ou escolha `automatica`")
            }
            Self::Notify { version } => {
                format!("há a versão {version}, e a política é `avisar`: instale-a, ou escolha `automatica`")
            }
            Self::Level { version, wanted, allowed } => {
                format!("a versão {version} é uma atualização {wanted}, e `nivel` deixa vir sozinhas as de até {allowed}")
            }
            Self::Preview { version } => format!("a versão {version} é uma prévia, e `canal` é `estavel`"),
            Self::Skipped { version } => format!("a versão {version} é pulada: `pular` a inclui"),
            Self::Snoozed { version, until } => {
                format!("nada vem sozinho até {until} (`pular_ate`); há a versão {version}")
            }
            Self::Withdrawn { version } => format!("a versão {version} foi retirada por quem a publicou"),
            Self::Revoked { version } => format!("a versão {version} foi revogada"),
            Self::Left { version } => format!(
                "alguém voltou atrás da versão {version}: uma mais nova pode vir sozinha, esta só à mão"
            ),
            Self::NoDigest { version } => format!(
                "nada diz qual é o SHA-256 do pacote da versão {version}, e assim não se sabe o que viria: o autor pode enviá-lo de novo, ou publicá-lo em um índice"
            ),
            Self::NoDate { version } => {
                format!("nada diz desde quando a versão {version} existe, e `carencia_h` pede que ela seja antiga")
            }
            Self::Stale { text } => format!("o que o índice diz não é recente: {text}"),
            Self::Unheard { text, at } => {
                format!("não deu para consultar a origem ({text}); ela é consultada de novo em {at}")
            }
            Self::NoSource => "ele veio de um arquivo ou de um endereço, e nada diz onde há versões mais novas".to_owned(),
            Self::OtherSigner { version } => format!(
                "a versão {version} é assinada por outro que não o do que está instalado: isso se decide à mão (`trocar_assinante`)"
            ),
            Self::AsksMore { version } => {
                format!("a versão {version} pede mais do site do que a instalada: isso se decide à mão")
            }
            Self::NotWell { version, status } => {
                format!("o status do plugin é `{status}`; a versão {version} espera até que seja `ok`")
            }
            Self::Repository { version } => format!(
                "há um `.git` na pasta do plugin: alguém trabalha ali, e a versão {version} passaria por cima"
            ),
            Self::NoProbe => "nenhuma página do site responde com 2xx, e então nada diria que uma atualização o quebrou: indique páginas em `saude` de politica.json, ou informe o endereço do site".to_owned(),
            Self::Rehearsed { version, code, text } => {
                format!("a versão {version} foi ensaiada, e não entraria sozinha (código {code}): {text}")
            }
            Self::NotKept { version, installed } => format!(
                "o pacote da versão instalada {installed} não está guardado, e então não haveria volta da versão {version}"
            ),
            Self::Conflicts { version, count } => format!(
                "a versão {version} conflita com {count} valores que usuários mudaram: isso se decide à mão"
            ),
            Self::Drift { version, count } => format!(
                "{count} coisas do plugin não estão como foram instaladas (`--verify` as mostra); a versão {version} espera"
            ),
            Self::Epoch { version } => {
                format!("a versão {version} começa uma nova época, da qual não há volta: isso se decide à mão")
            }
            Self::NoWayBack { version, migration } => format!(
                "a versão {version} traz uma migração que não dá para desfazer ({migration}): isso se decide à mão"
            ),
            Self::NeedsPhp { version } => format!(
                "a versão {version} traz migrações, que só o PHP executa: `plugin_update_run` chamada do PHP a instala"
            ),
            Self::Young { version, at } => {
                format!("a versão {version} ainda não existe há tempo bastante; ela vem a partir de {at}")
            }
            Self::Closed { version, at } => format!("a versão {version} espera a sua janela, que abre em {at}"),
            Self::Waits { version } => {
                format!("a versão {version} é a próxima: cada rodada instala uma atualização, e observa o site")
            }
            Self::Due { version } => format!("a versão {version} pode vir"),
            Self::Busy { version, code } => {
                format!("não deu para instalar a versão {version} agora (código {code}); a próxima rodada tenta de novo")
            }
            Self::Failed { version, code, at } => {
                let again = at.as_deref().map_or_else(
                    || "não se tenta de novo".to_owned(),
                    |at| format!("tenta-se de novo a partir de {at}"),
                );
                format!("não deu para instalar a versão {version} (código {code}); {again}")
            }
            Self::Watched { version, until } => {
                format!("a versão {version} está instalada, e o site é observado até {until}")
            }
            Self::Reverted { version, text } => {
                format!("a versão {version} foi desfeita, porque o site não ficou bem com ela: {text}")
            }
            Self::NotReverted { version, code } => format!(
                "o site não está bem com a versão {version}, e não deu para voltar atrás (código {code}): nada mais vem sozinho até que alguém escolha uma política"
            ),
        }
    }
}
