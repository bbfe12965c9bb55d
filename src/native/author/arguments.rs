//! The author's commands, as the command line has them. Pure.

use std::path::PathBuf;

use clap::{Arg, ArgAction, Command, ValueHint, value_parser};

use crate::model::{Bilingual as _, Lang, Phrase};

/// The commands.
pub(in crate::native) fn commands(lang: Lang) -> Vec<Command> {
    let said = Said { lang };
    vec![
        said.create(),
        said.validate(),
        said.pack(),
        said.sign(),
        said.keys(),
        said.check(),
        said.index(),
    ]
}

#[derive(Clone, Copy)]
struct Said {
    lang: Lang,
}

impl Said {
    fn command(self, name: &'static str, pt: &'static str, en: &'static str) -> Command {
        Command::new(name).about(Phrase::new(pt, en).text(self.lang))
    }

    fn text(self, name: &'static str, pt: &'static str, en: &'static str) -> Arg {
        Arg::new(name).long(name).help(Phrase::new(pt, en).text(self.lang))
    }

    fn flag(self, name: &'static str, pt: &'static str, en: &'static str) -> Arg {
        self.text(name, pt, en).action(ArgAction::SetTrue)
    }

    fn path(self, name: &'static str, pt: &'static str, en: &'static str) -> Arg {
        let arg = self.text(name, pt, en).value_parser(value_parser!(PathBuf));
        arg.value_hint(ValueHint::AnyPath)
    }

    /// A path without a name before it.
    fn place(self, name: &'static str, pt: &'static str, en: &'static str) -> Arg {
        let arg = Arg::new(name).help(Phrase::new(pt, en).text(self.lang)).required(true);
        arg.value_parser(value_parser!(PathBuf)).value_hint(ValueHint::AnyPath)
    }

    fn json(self) -> Arg {
        self.flag(
            "json",
            "o relatório em JSON, e nada mais",
            "the report as JSON, and nothing else",
        )
    }

    /// What `validate` and `pack` are both told.
    fn judging(self) -> [Arg; 5] {
        let names = |name, pt, en| self.text(name, pt, en).action(ArgAction::Append).value_delimiter(',');
        [
            names(
                "deny",
                "avisos que contam como erros; `tudo`: todos",
                "lints that count as errors; `tudo`: all of them",
            ),
            names("allow", "avisos que não contam", "lints that do not count"),
            self.path(
                "config",
                "regras, em vez do gestor-plugins.json do plugin",
                "rules, in place of the plugin's gestor-plugins.json",
            ),
            self.path(
                "against",
                "um pacote anterior do mesmo plugin",
                "an earlier package of the same plugin",
            ),
            self.text(
                "gestor-versao",
                "a versão do gestor; a mais nova conhecida se não for dita",
                "the release of the gestor; the newest known one where none is said",
            ),
        ]
    }

    fn create(self) -> Command {
        let many = |name, pt, en| self.text(name, pt, en).action(ArgAction::Append);
        self.command(
            "new",
            "começa um plugin; num terminal pergunta o que não foi dito",
            "begins a plugin; asks on a terminal for what was not said",
        )
        .arg(
            self.place("caminho", "a pasta dele", "its folder")
                .required(false)
                .required_unless_present("list"),
        )
        .args([
            self.text("id", "o id", "the id"),
            self.text("name", "o nome", "the name"),
            self.text("author", "quem o faz", "who makes it"),
            self.text("description", "para que serve", "what it is for"),
            self.text("template", "minimo, paginas ou modulo", "minimo, paginas or modulo"),
            many(
                "depends",
                "um plugin de que precisa: id ou id:faixa",
                "a plugin that it needs: id or id:range",
            ),
            many(
                "permission",
                "o que pede: direito ou direito=valor,valor",
                "what it asks for: right or right=value,value",
            ),
            self.flag("list", "lista os modelos", "lists the templates"),
            self.json(),
        ])
    }

    fn validate(self) -> Command {
        self.command(
            "validate",
            "examina um plugin, pasta ou ZIP, como a instalação num gestor vazio, e diz o que mais o autor deve saber",
            "looks at a plugin, a folder or a ZIP, as an installation on an empty gestor does, and says what else its author should know",
        )
        .arg(self.place("caminho", "a pasta ou o ZIP", "the folder or the ZIP").required(false).required_unless_present("list"))
        .args(self.judging())
        .args([
            self.flag("list", "lista os avisos", "lists the lints"),
            self.flag("github", "como anotações do GitHub Actions", "as annotations of GitHub Actions"),
            self.json(),
        ])
    }

    fn pack(self) -> Command {
        self.command(
            "pack",
            "faz da pasta de um plugin um pacote: os mesmos arquivos dão os mesmos bytes em qualquer máquina",
            "makes a package of a plugin's folder: the same files give the same bytes on any machine",
        )
        .arg(self.place("caminho", "a pasta do plugin", "the plugin's folder"))
        .arg(self.path(
            "out",
            "o pacote; <id>-<versão>.zip na pasta atual se não for dito",
            "the package; <id>-<version>.zip in the working folder where none is said",
        ))
        .args(self.judging())
        .args([
            self.flag(
                "sem-validar",
                "também o que `validate` recusa",
                "also what `validate` refuses",
            ),
            self.path("key", "a chave com que é assinado", "the key that it is signed with")
                .requires("certificates"),
            self.path("certificates", "os certificados do autor", "the author's certificates")
                .requires("key"),
            self.json(),
        ])
    }

    fn sign(self) -> Command {
        self.command("sign", "assina um pacote", "signs a package")
            .arg(self.place("caminho", "o ZIP ou a pasta", "the ZIP or the folder"))
            .args([
                self.path("key", "a chave", "the key")
                    .required_unless_present_any(["prepare", "attach"]),
                self.path("certificates", "os certificados do autor", "the author's certificates")
                    .required(true),
                self.path("out", "o pacote assinado", "the signed package")
                    .required(true),
                self.flag(
                    "prepare",
                    "só os bytes a assinar, em <out>.dsse",
                    "the bytes to be signed alone, in <out>.dsse",
                ),
                self.path(
                    "attach",
                    "a assinatura feita desses bytes",
                    "the signature that was made of those bytes",
                ),
                self.json(),
            ])
    }

    fn keys(self) -> Command {
        let file = || self.place("arquivo", "o arquivo da chave", "the file of the key");
        self.command("keys", "chaves que assinam pacotes", "keys that sign packages")
            .subcommand_required(true)
            .subcommands([
                self.command("new", "uma chave nova", "a fresh key")
                    .args([file(), self.json()]),
                self.command(
                    "show",
                    "o SHA-256 pelo qual a chave é conhecida",
                    "the SHA-256 that a key is known by",
                )
                .args([file(), self.json()]),
                self.command(
                    "export",
                    "a metade pública da chave, em PEM",
                    "the public half of a key, as PEM",
                )
                .arg(file()),
            ])
    }

    fn check(self) -> Command {
        self.command(
            "check",
            "o que se pensa da assinatura de um pacote",
            "what is thought of a package's signature",
        )
        .arg(self.place("caminho", "o pacote", "the package"))
        .args([
            self.path(
                "confianca",
                "a pasta com raizes/ em que se confia",
                "the folder with raizes/ that is believed",
            ),
            self.text(
                "assinatura",
                "desligada, avisar ou exigir",
                "desligada, avisar or exigir",
            ),
            self.json(),
        ])
    }

    /// A command on an index, with the folders that each needs.
    fn made(self, name: &'static str, pt: &'static str, en: &'static str) -> Command {
        self.command(name, pt, en).args([
            self.path(
                "pasta-publicada",
                "a pasta que um servidor web mostra",
                "the folder that a web server shows",
            )
            .required(true),
            self.path(
                "pasta-chaves",
                "a pasta das chaves privadas",
                "the folder of private keys",
            )
            .required(true),
            self.json(),
        ])
    }

    fn publish(self) -> Command {
        self.made(
            "publicar",
            "acrescenta ou retira uma versão, ou troca a lista do que foi revogado",
            "adds or withdraws a version, or replaces the list of what is revoked",
        )
        .args([
            self.path("arquivo", "o pacote", "the package"),
            self.text(
                "url",
                "os endereços do pacote, separados por vírgulas",
                "the package's addresses, with commas between",
            ),
            self.text(
                "sha256",
                "o SHA-256 que ele tem que ter",
                "the SHA-256 that it has to have",
            ),
            self.text("canal", "estavel ou previa", "estavel or previa"),
            self.text(
                "seguranca",
                "versões cuja falha esta corrige",
                "versions whose hole this one mends",
            ),
            self.text("resumo", "para que serve o plugin", "what the plugin is for"),
            self.text(
                "slug",
                "o plugin de que uma versão é retirada",
                "the plugin of which a version is withdrawn",
            ),
            self.text("versao", "essa versão", "that version"),
            self.text("retirada", "por que é retirada", "why it is withdrawn"),
            self.path(
                "revogados",
                "a lista do que foi revogado",
                "the list of what is revoked",
            ),
            self.path(
                "confianca",
                "a pasta com raizes/ em que se confia",
                "the folder with raizes/ that is believed",
            ),
        ])
    }

    fn index(self) -> Command {
        self.command("index", "um índice assinado de plugins", "a signed index of plugins")
            .subcommand_required(true)
            .subcommands([
                self.made(
                    "iniciar",
                    "cria chaves e um índice vazio",
                    "makes keys and an empty index",
                ),
                self.publish(),
                self.made(
                    "renovar",
                    "assina de novo o que vence em dias",
                    "signs again what ends within days",
                ),
                self.made("assinar-raiz", "assina de novo a raiz", "signs the root again"),
            ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_well_made_in_both_languages() {
        for lang in [Lang::PtBr, Lang::En] {
            commands(lang).into_iter().for_each(Command::debug_assert);
        }
    }
}
