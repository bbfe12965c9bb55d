//! What refusals say in Portuguese.

use super::refusal::{PluginRefusal, RemovalRefusal};
use crate::model::Bilingual;

impl Bilingual for PluginRefusal {
    #[expect(clippy::too_many_lines, reason = "one short arm for each refusal")]
    fn portuguese(&self) -> String {
        match self {
            Self::Removal(fault) => fault.portuguese(),
            Self::OfBatch { slug, code, reason } => format!(
                "nada deste plugin foi alterado: {slug}, do mesmo lote, o encerrou com o código {}: {}",
                code.number(),
                reason.portuguese()
            ),
            Self::SameClass { slug, other, class } => format!(
                "migrações por rodar de {slug} e de {other} declaram as duas a classe {class}, e o PHP só carrega uma com esse nome: instale um destes plugins depois do outro, ou que um dos autores mude o nome da classe"
            ),
            Self::NotInstalled { slug } => {
                format!(
                    "o plugin {slug} não está instalado neste banco de dados: instale-o, ou confira o nome com `--list`"
                )
            }
            Self::UnknownConflict { slug, id } => format!(
                "o plugin {slug} não tem conflito aberto de número {id}: veja os números com `--conflicts` (`plugin_conflicts`)"
            ),
            Self::WholeRow { id, table, shown } => format!(
                "o conflito {id} é da linha inteira {shown} de `{table}`, e não de um valor: escolha `minha` ou `pacote`"
            ),
            Self::ForeignRow { id, table, shown } => format!(
                "o conflito {id}: a linha {shown} de `{table}` não é mais deste plugin (outro dono, ou o projeto do site), e não é gravada; escolha `minha`, ou devolva a linha ao plugin"
            ),
            Self::CoreRow { id, table, shown } => format!(
                "o conflito {id}: a linha {shown} de `{table}` agora é do gestor, e o plugin não a grava; escolha `minha`"
            ),
            Self::Misfit { id, column, expected } => format!(
                "o conflito {id}: o valor informado não cabe na coluna `{column}`; permitido: {}",
                expected.portuguese()
            ),
            Self::NotKept { slug, version } => format!(
                "o pacote da versão {version} do plugin {slug} não está guardado em backups/plugins/{slug}/: ponha ali o arquivo {version}.zip, ou instale essa versão de novo"
            ),
            Self::NoPoint { slug } => format!(
                "o plugin {slug} não tem um ponto anterior ao qual voltar: informe um guardado com `version` (`--version=`); veja-os com `--list`"
            ),
            Self::UnknownPoint { slug, point } => {
                format!("o plugin {slug} não tem o ponto {point}: veja os pontos com `--history`")
            }
            Self::Epoch { slug, current, target } => format!(
                "a versão instalada do plugin {slug} é da época {current}, e aquela da época {target}: o autor diz que não há volta. Informe `forcar` (`--forcar`) para voltar assim mesmo; o esquema fica então como está"
            ),
            Self::NoWayBack { slug, migrations } => format!(
                "o plugin {slug} não pode voltar a esse ponto: estas migrações não podem ser desfeitas: {}. Nada foi tocado. Informe `manter_esquema` (`--manter-esquema`) para deixar o esquema como está",
                migrations.portuguese()
            ),
            Self::HalfUndone { slug, missing } => format!(
                "uma operação anterior começou a desfazer migrações do plugin {slug} que este pacote traz, e do que elas criaram isto não está lá: {missing}. Nada foi tocado. `--recover` (`plugin_recover`) continua a desfazê-las; se isso falhar, `--recover --forcar` remove o que se sabe que elas criaram. Depois chame de novo: elas são aplicadas outra vez"
            ),
            Self::NotInPackage { id, version } => {
                format!("o conflito {id}: o pacote guardado da versão {version} não traz essa linha; escolha `minha`")
            }
            Self::TreeShared { slug, others } => format!(
                "plugin {slug}: os arquivos dele em plugins/{slug}/ servem também a outros bancos de dados: {}. Nada foi alterado. Informe `bases=esta` (`--bases=esta`, configuração gestor_plugins.bases) para mudar os arquivos com este banco apenas: os outros ficam atrasados, até que o mesmo pacote seja instalado neles; um que não existe mais sai da lista com `--bases=esquecer:<identidade>`",
                others.portuguese()
            ),
            Self::UnknownBase { digits, known } => format!(
                "não há um único outro banco de dados destes arquivos cuja identidade comece com {digits}; na lista estão: {}. Informe mais dígitos de um deles",
                known.portuguese()
            ),
            Self::NothingRuns { slug } => format!(
                "nenhuma operação está em execução no plugin {slug}: veja com `--running` (`plugin_running`) o que está"
            ),
            Self::AnotherRuns { slug, running, asked } => {
                format!("a operação em execução no plugin {slug} é {running}, e não {asked}: veja `--running`")
            }
            Self::WasInterrupted { slug } => format!(
                "a operação no plugin {slug} foi interrompida, e ninguém trabalha nela: `--recover` (`plugin_recover`) a conclui ou desfaz"
            ),
            Self::HasCommitted { slug } => format!(
                "a operação no plugin {slug} já foi confirmada, e não pode mais ser cancelada: espere que termine"
            ),
            Self::Drift { slug, findings } => format!(
                "o plugin {slug} não está como foi instalado ({findings} diferenças): veja o relatório; `--verify --reparar` põe os arquivos de volta, e com `--estrito` as linhas"
            ),
        }
    }
}

impl Bilingual for RemovalRefusal {
    fn portuguese(&self) -> String {
        match self {
            Self::Unrecorded { slug, version } => format!(
                "não está registrado que linhas o plugin {slug} trouxe, e o pacote dele da versão {version} não está guardado: instale essa versão de novo com `--reprocessar`, e depois desinstale"
            ),
            Self::OwnTables { slug, table } => format!(
                "o plugin {slug} executou migrações (`{table}`), e não está registrado o que elas criaram: desinstale com `remover`, que o deixa, e remova à mão as tabelas dele"
            ),
            Self::Unfinished { slug, left } => format!(
                "o plugin {slug} já está desinstalado, e falta fazer no esquema: {left}. `--recover` (`plugin_recover`) o faz; se uma migração não pode mesmo ser desfeita, `--recover --forcar` só remove o que se sabe que ela criou"
            ),
            Self::NotForgotten { slug, left } => format!(
                "o plugin {slug} está desinstalado, e do que se guarda dele isto não pôde ser removido: {left}. Corrija a causa (veja os avisos) e chame de novo com `sem_retorno` (`--uninstall --sem-retorno`): o que sobra é removido então"
            ),
            Self::ArchiveDamaged { slug, archive, reason } => format!(
                "{archive}, o arquivo do que foi tirado do plugin {slug}, não pode ser lido: {}. Ponha ali uma cópia boa; sem ela, instale o plugin (um pausado é desinstalado antes, com `--uninstall --forcar`: o que só está no arquivo se perde então)",
                reason.portuguese()
            ),
            Self::LeftBehind { slug } => format!(
                "o plugin {slug} está desinstalado, e restou algo dele: veja `sobras` no relatório; outro programa pode ter gravado isso enquanto isso"
            ),
            Self::StillServed { slug, left } => format!(
                "plugin {slug}: estes arquivos ainda são servidos, porque não puderam ser removidos: {left}. Corrija a causa (veja os avisos) e chame plugin_recover (`--recover`)"
            ),
            Self::Paused { slug } => format!(
                "o plugin {slug} está pausado (`pausado`): ative-o antes (`--enable`, `plugin_enable()`), ou desinstale-o (`--uninstall`, com `--forcar` se o arquivo dele se perdeu); nada mais é feito com ele"
            ),
            Self::NotPaused { slug } => format!("o plugin {slug} não está pausado: não há o que ativar"),
            Self::StillInstalled { slug } => {
                format!("o plugin {slug} está instalado: desinstale-o antes, ou instale a versão desejada")
            }
            Self::NotRemoved { slug } => format!(
                "o plugin {slug} não foi desinstalado por esta biblioteca neste banco de dados: não há o que restaurar; instale-o"
            ),
            Self::NoArchive { slug } => format!(
                "o arquivo do que foi tirado do plugin {slug} não está em backups/plugins/{slug}/ (removido-….zip), ou outros podem tê-lo posto ali: ponha-o de volta, com o usuário do site como dono, ou instale o plugin (um pausado é desinstalado antes, com `--uninstall --forcar`: o que só está no arquivo se perde então)"
            ),
            Self::SchemaGone { slug } => format!(
                "o que as migrações do plugin {slug} tinham criado foi tirado com ele, e não pode voltar: para isso é preciso `migracoes`, o pacote dele em backups/plugins/{slug}/ e ali a cópia do que havia nas tabelas, esquema-….jsonl.gz; ponha-os de volta, ou instale o pacote de novo"
            ),
            Self::SchemaLost { slug, missing, log } => format!(
                "do que as migrações aplicadas do plugin {slug} criaram isto não está lá: {missing}. Nada foi tocado. Ponha-o de volta de um dump do banco de dados; ou remova à mão o que mais elas criaram, e com isso o registro delas (`{log}`), e instale o pacote: elas são executadas de novo então (um plugin pausado é desinstalado antes)"
            ),
            Self::NoTree { slug } => format!(
                "nem o backup dos arquivos do plugin {slug} está em plugins/_backups/, nem o pacote dele em backups/plugins/{slug}/: ponha um deles de volta, ou instale o plugin (um pausado é desinstalado antes: `--uninstall`)"
            ),
        }
    }
}
