//! What `--help` says of each option that stands for a parameter of the catalogue. Values only.

use crate::config::Parameter;
use crate::model::Phrase;

/// What is said of a parameter's option; nothing of one that has none.
pub(super) fn help(parameter: &Parameter) -> Option<Phrase> {
    let found = OPTIONS.iter().find(|(name, ..)| *name == parameter.name);
    found.map(|(_, pt, en)| Phrase::new(pt, en))
}

/// By name of the parameter: in Portuguese, in English.
const OPTIONS: &[(&str, &str, &str)] = &[
    ("slug", "o plugin", "the plugin"),
    (
        "origem_tipo",
        "de onde vem o pacote: upload, arquivo, local_path, github_publico, github_privado, url, indice; sem ela, o que as outras opções dizem",
        "where the package comes from: upload, arquivo, local_path, github_publico, github_privado, url, indice; else what the other options say",
    ),
    ("arquivo", "o arquivo", "the file"),
    (
        "local_path",
        "um ZIP ou uma pasta desta máquina",
        "a ZIP or a folder of this machine",
    ),
    (
        "owner",
        "o dono do repositório no GitHub",
        "the owner of the GitHub repository",
    ),
    ("repo", "o repositório", "the repository"),
    (
        "ref",
        "uma tag; sem ela, o lançamento mais novo",
        "a tag; else the newest release",
    ),
    (
        "cred_ref",
        "cred:<alias> ou env:<NOME> (PLUGIN_TOKEN_<NOME>)",
        "cred:<alias> or env:<NAME> (PLUGIN_TOKEN_<NAME>)",
    ),
    (
        "versao",
        "as versões desejadas, como faixa",
        "the versions that are wanted, as a range",
    ),
    (
        "valores",
        "as configurações e os seus valores, como objeto JSON; sem ela, da entrada padrão (outros usuários da máquina veem as opções de um programa)",
        "the settings and their values, as a JSON object; else from standard input (other users of the machine see the options of a program)",
    ),
    (
        "idioma",
        "a língua das configurações; ao gravar, sem ela, todas",
        "the language of the settings; when saving, else all of them",
    ),
    ("url", "um ZIP por https", "a ZIP by https"),
    ("sha256", "o SHA-256 do pacote", "the package's SHA-256"),
    ("canal", "estavel ou previa", "estavel or previa"),
    (
        "reprocessar",
        "fazer tudo de novo, consertando o que foi danificado",
        "do everything again, repairing what was damaged",
    ),
    (
        "recuperar",
        "depois de desinstalado: com o que usuários tinham alterado",
        "after an uninstallation: with what users had changed",
    ),
    (
        "dry_run",
        "mostrar o que seria feito, sem alterar nada",
        "show what would be done; change nothing",
    ),
    (
        "no_resources",
        "arquivos e migrações, sem linhas",
        "files and migrations, no rows",
    ),
    (
        "no_migrations",
        "arquivos e linhas, sem migrações",
        "files and rows, no migrations",
    ),
    (
        "only_migrations",
        "o mesmo que --no-resources",
        "the same as --no-resources",
    ),
    (
        "only_resources",
        "o mesmo que --no-migrations",
        "the same as --no-migrations",
    ),
    (
        "forcar",
        "deixar passar o que precisa ser forçado: versões mais antigas e incompatíveis, e o que a recusa diz",
        "let pass what has to be forced: older and incompatible versions, and what the refusal says",
    ),
    (
        "ignorar_dependencias",
        "deixar passar o que não tem do que precisa",
        "let pass what lacks something that it needs",
    ),
    (
        "com_dependencias",
        "o que falta e é preciso vem junto",
        "what is needed and not there comes along",
    ),
    (
        "atualizar_dependencias",
        "o que é preciso pode subir a uma versão que serve",
        "what is needed may rise to a version that fits",
    ),
    (
        "pasta_indice",
        "uma pasta de pacotes de onde isso vem",
        "a folder of packages from which it comes",
    ),
    (
        "from_lock",
        "exatamente o que diz um arquivo de bloqueio",
        "exactly what a lock file says",
    ),
    ("conjunto", "um conjunto que export gravou", "a set that export wrote"),
    ("debug", "registrar no log cada linha do banco", "log single rows"),
    (
        "modo",
        "remover (padrão) deixa os dados; expurgar tira tudo",
        "remover (default) leaves data; expurgar takes everything",
    ),
    (
        "sem_retorno",
        "tirar no fim também tudo por que ele poderia voltar",
        "take away in the end also all by which it could come back",
    ),
    (
        "cascata",
        "levar junto os plugins que precisam dele",
        "take along the plugins that need it",
    ),
    (
        "version",
        "uma versão cujo pacote está guardado",
        "a version whose package is kept",
    ),
    (
        "ponto",
        "um ponto do histórico (veja history)",
        "a point of the history (see history)",
    ),
    (
        "manter_esquema",
        "as migrações continuam aplicadas",
        "migrations stay applied",
    ),
    (
        "estrito",
        "contar também o que usuários mudaram",
        "count what users changed as well",
    ),
    ("todos", "todos os plugins", "all plugins"),
    ("reparar", "pôr de volta o que foi achado", "put back what was found"),
    (
        "adocao",
        "linhas sem dono: orfaos (padrão), nunca, sempre",
        "rows without owner: orfaos (default), nunca, sempre",
    ),
    (
        "conflitos",
        "linhas em conflito: abortar (padrão) ou pular",
        "rows in conflict: abortar (default) or pular",
    ),
    (
        "orfaos",
        "linhas que o pacote não traz mais: log (padrão), export, ignore, inativar, remover",
        "rows that the package no longer brings: log (default), export, ignore, inativar, remover",
    ),
    (
        "fusao",
        "valores que o site e o pacote alteraram: minha (padrão), pacote, abortar",
        "values that both the site and the package changed: minha (default), pacote, abortar",
    ),
    (
        "bases",
        "arquivos que outros bancos também usam: recusar (padrão), esta, esquecer:<identidade>",
        "files that other databases use too: recusar (default), esta, esquecer:<identity>",
    ),
    (
        "conflito",
        "os números dos conflitos, com vírgulas, ou todos",
        "the numbers of the conflicts, with commas, or todos",
    ),
    ("escolha", "minha, pacote ou valor", "minha, pacote or valor"),
    (
        "valor",
        "o valor, com --escolha=valor",
        "the value, with --escolha=valor",
    ),
    ("limite", "quantos no máximo", "how many at most"),
    (
        "operacao",
        "só se for a operação deste número",
        "only if it is the operation of this number",
    ),
    (
        "ator",
        "quem pediu, para o histórico",
        "who asked for it, for the history",
    ),
    (
        "confianca",
        "a pasta do que o site aceita, em vez de autenticacoes/<domínio>/plugins",
        "the folder of what the site believes, in place of autenticacoes/<domain>/plugins",
    ),
    ("alias", "o nome da credencial", "the credential's name"),
    (
        "tipo",
        "github_token (padrão), http_bearer, http_basic, site_key",
        "github_token (default), http_bearer, http_basic, site_key",
    ),
    (
        "origem",
        "o servidor a que ela é enviada: https://<servidor>",
        "the server that it is sent to: https://<server>",
    ),
    (
        "apagar_literal",
        "apagar os tokens que foram copiados",
        "erase the tokens that were copied",
    ),
    (
        "assinatura",
        "desligada, avisar ou exigir; a chamada só aperta",
        "desligada, avisar or exigir; a call only raises",
    ),
    (
        "trocar_assinante",
        "outro desenvolvedor pode assinar o que já está instalado",
        "another developer may sign than signed what is installed",
    ),
    ("desde", "a partir de quando", "from when on"),
    ("ate", "até quando", "until when"),
    ("negados", "só o que foi recusado", "only what was refused"),
    (
        "formato",
        "o formato: json ou openmetrics de métricas, jsonl ou csv de registros",
        "the format: json or openmetrics of metrics, jsonl or csv of records",
    ),
    ("saida", "o arquivo que é feito", "the file that is made"),
    (
        "scripts",
        "scripts de pós-instalação do pacote: avisar (padrão) ou executar",
        "the package's post-installation scripts: avisar (default) or executar",
    ),
    (
        "php",
        "o programa de linha de comando do PHP",
        "PHP's command line program",
    ),
    (
        "scripts_pendentes",
        "executar também os scripts que faltam",
        "run also the scripts that are left",
    ),
    (
        "guardar_versoes",
        "quantos pacotes de um plugin ficam",
        "how many packages of a plugin stay",
    ),
    (
        "guardar_backups",
        "quantos backups da pasta de um plugin ficam",
        "how many backups of a plugin's tree stay",
    ),
    (
        "guardar_dias",
        "por quantos dias ficam; 0 é sem limite",
        "for how many days they stay; 0 is no limit",
    ),
    (
        "guardar_bytes",
        "quantos bytes ficam de um plugin; 0 é sem limite",
        "how many bytes stay of a plugin; 0 is no limit",
    ),
    (
        "guardar_removidos",
        "por quantos dias fica o que uma desinstalação tirou; 0 é sem limite",
        "for how many days what an uninstallation took stays; 0 is no limit",
    ),
    (
        "historico_linhas",
        "linhas do histórico de um plugin; 0 é sem limite",
        "rows of a plugin's history; 0 is no limit",
    ),
    (
        "historico_dias",
        "dias do histórico de um plugin; 0 é sem limite",
        "days of a plugin's history; 0 is no limit",
    ),
    (
        "politica",
        "automatica, avisar ou manual; mesma, padrao",
        "automatica, avisar or manual; mesma, padrao",
    ),
    (
        "nivel",
        "até onde vem sozinha: patch, minor, major",
        "how far one comes by itself: patch, minor, major",
    ),
    (
        "janela",
        "em que dias e horas: dom,sab 02:00-05:00",
        "at which days and hours: dom,sab 02:00-05:00",
    ),
    (
        "carencia_h",
        "por quantas horas a versão espera antes",
        "for how many hours a version waits before",
    ),
    ("pular", "versões que não vêm", "versions that are passed over"),
    (
        "pular_ate",
        "até que dia nada vem sozinho",
        "until which day nothing comes by itself",
    ),
    ("agora", "consultar as origens já", "ask sources at once"),
    ("so_verificar", "nada instalar", "install nothing"),
    (
        "endereco",
        "o endereço do site, em vez de https://<domínio>/",
        "the site's address, in place of https://<domain>/",
    ),
    (
        "alheios",
        "também o que nenhuma operação do histórico fez",
        "also what no operation of the history made",
    ),
    ("mes", "o mês, aaaa-mm", "the month, yyyy-mm"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::commands::{COMMANDS, SiteCommand};
    use super::*;

    #[test]
    fn every_option_says_what_it_is_for_and_no_other_is_told_of() {
        let optional = COMMANDS.iter().flat_map(SiteCommand::optional);
        let offered: BTreeSet<_> = optional.map(|parameter| parameter.name).chain(["slug"]).collect();
        let told: BTreeSet<_> = OPTIONS.iter().map(|(name, ..)| *name).collect();
        assert_eq!(told, offered);
    }
}
