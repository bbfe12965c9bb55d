//! Faults of the network in Portuguese; the English stands beside each error. The words of servers and libraries stay.

use super::NetError;
use crate::base::fs::system_words;
use crate::model::{Bilingual, Phrase};

/// Pages and messages that come in place of an archive.
pub(super) const A_PAGE: Phrase = Phrase::new("uma página HTML ou XML", "an HTML or XML page");
/// See [`A_PAGE`].
pub(super) const A_JSON_MESSAGE: Phrase = Phrase::new("uma mensagem em JSON", "a JSON message");
/// See [`A_PAGE`].
pub(super) const PLAIN_TEXT: Phrase = Phrase::new("texto puro", "plain text");

/// The proxy that was connected to in a server's place.
pub(super) fn behind_proxy(proxy: &str, host: &str) -> Phrase {
    Phrase::made(
        format!("o proxy {proxy} (no caminho até {host})"),
        format!("the proxy {proxy} (on the way to {host})"),
    )
}

/// Of a refused certificate: the proxy is reached by TLS as well, and either of the two may have shown it.
pub(super) fn proxy_or_host(proxy: &str, host: &str) -> Phrase {
    Phrase::made(
        format!("o proxy https {proxy}, ou de {host} atrás dele,"),
        format!("the https proxy {proxy}, or of {host} behind it,"),
    )
}

impl Bilingual for NetError {
    #[expect(
        clippy::too_many_lines,
        reason = "one short arm for each fault; a split would hide which one has no text"
    )]
    fn portuguese(&self) -> String {
        match self {
            Self::Address { text, reason } => format!(
                "{text:?} não é um endereço web (\"{reason}\"): informe um que comece com https://"
            ),
            Self::Insecure { url } => format!(
                "{url} não é criptografado: use o endereço https:// (http só é permitido para esta própria máquina)"
            ),
            Self::InsecureRedirect { from, to } => format!(
                "{from} redireciona para {to}, que não é https: fale com quem administra o servidor, ou informe o endereço https final"
            ),
            Self::RedirectTarget { url } => format!(
                "{url} redireciona para lugar nenhum: falta o Location, ou ele não pode ser lido; fale com quem administra o servidor"
            ),
            Self::TooManyRedirects { url, limit } => {
                format!("{url} foi redirecionado mais de {limit} vezes: informe o endereço final")
            }
            Self::AuthorityFile { path, reason } => format!(
                "não foi possível ler o arquivo de autoridades certificadoras {} ({}): confira a configuração `ca_file`",
                path.display(),
                reason.portuguese()
            ),
            Self::NoAuthorities => "esta máquina não tem autoridades certificadoras, então nenhum servidor é de confiança: instale o pacote ca-certificates".to_owned(),
            Self::Proxy { variable } => format!(
                "o proxy na variável de ambiente {variable} não é um endereço: escreva-o como http://host:porta"
            ),
            Self::Token => "o token tem quebras de linha ou caracteres que não são permitidos nele: grave-o de novo, sem eles".to_owned(),
            Self::Setup { source } => format!("não foi possível iniciar o cliente HTTP: \"{source}\""),
            Self::Runtime { source } => format!(
                "não foi possível iniciar o cliente HTTP: {}; veja se algum limite da máquina se esgotou",
                system_words(source)
            ),
            Self::Dns { host, source: _ } => format!(
                "o nome {} não foi encontrado: confira como foi escrito e as configurações de DNS desta máquina",
                host.portuguese()
            ),
            Self::ConnectionRefused { host } => format!(
                "{} recusou a conexão: confira endereço e porta, ou tente de novo quando o servidor estiver no ar",
                host.portuguese()
            ),
            Self::Tls { host, reason } => format!(
                "o certificado ou a criptografia de {} foi recusado (\"{reason}\"): confira o relógio desta máquina e o certificado do servidor; uma autoridade própria vai na configuração `ca_file`",
                host.portuguese()
            ),
            Self::ConnectTimeout { host, seconds } => format!(
                "nenhuma conexão com {} em {seconds} s: verifique a rede, o firewall e o proxy",
                host.portuguese()
            ),
            Self::Connect { host, reason, source: _ } => format!(
                "nenhuma conexão com {} (\"{reason}\"): confira endereço e porta, a rede e o proxy",
                host.portuguese()
            ),
            Self::Unauthorized { url, with_token } => {
                let advice = if *with_token {
                    "o token não é válido (ou não é mais); crie um novo e grave-o"
                } else {
                    "ele pede um token; informe `cred_ref`"
                };
                format!("{url} respondeu 401: {advice}")
            }
            Self::Forbidden { url, with_token } => {
                let advice = if *with_token {
                    "o token não tem o direito de ler este repositório"
                } else {
                    "o acesso foi negado; um repositório privado precisa de `cred_ref`"
                };
                format!("{url} respondeu 403: {advice}")
            }
            Self::NotFound { url, with_token } => {
                let advice = if *with_token {
                    ", e se o token pode lê-lo"
                } else {
                    "; um repositório privado precisa de origem_tipo=github_privado e `cred_ref`"
                };
                format!("{url} não foi encontrado (404): confira como foi escrito{advice}")
            }
            Self::RateLimited { url, until, with_token } => {
                let until = until.map(|time| format!("depois de {}", time.format("%Y-%m-%d %H:%M:%S %:z")));
                let until = until.unwrap_or_else(|| "mais tarde".to_owned());
                let advice = if *with_token {
                    ""
                } else {
                    ", ou informe um token em `cred_ref`, que permite mais"
                };
                format!("{url} não aceita mais pedidos agora: tente de novo {until}{advice}")
            }
            Self::Status { url, status } => {
                let advice = if *status >= 500 {
                    "o servidor está com problema; tente de novo mais tarde"
                } else {
                    "o pedido foi recusado; confira o endereço"
                };
                format!("{url} respondeu {status}: {advice}")
            }
            Self::Truncated { url, received, expected } => {
                let of = expected.map_or_else(String::new, |length| format!(" de {length}"));
                format!("{url} parou depois de {received} bytes{of}: tente de novo")
            }
            Self::Protocol { url, reason, source: _ } => format!(
                "{url} deu uma resposta que não é HTTP (\"{reason}\"): confira endereço e porta, ou o proxy"
            ),
            Self::TooLarge { url, limit } => format!(
                "{url} tem mais de {limit} bytes: veja se é o arquivo certo, ou aumente o limite `bytes_pacote`"
            ),
            Self::WrongType { url, found } => format!(
                "{url} trouxe {} em vez de um arquivo ZIP: informe o endereço do próprio arquivo, não da página que o mostra",
                found.portuguese()
            ),
            Self::Encoded { url, encoding } => format!(
                "{url} veio com a codificação {encoding:?}, que não foi pedida: fale com quem administra o servidor"
            ),
            Self::Idle { url, seconds, received } => format!(
                "{url} não mandou nada por {seconds} s (depois de {received} bytes): tente de novo mais tarde, ou aumente `http_idle`"
            ),
            Self::Total { url, seconds, received } => format!(
                "{url} não terminou em {seconds} s ({received} bytes): tente de novo mais tarde, ou aumente `http_total`"
            ),
            Self::File { path, source } => format!(
                "não foi possível gravar {}: {}; confira o espaço livre e as permissões",
                path.display(),
                system_words(source)
            ),
            Self::Cancelled(stop) => stop.portuguese(),
        }
    }
}
