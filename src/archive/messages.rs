//! Faults and warnings of archives in Portuguese, each behind the name of its rule; the English stands beside each error.

use std::io;

use super::error::ArchiveError;
use super::open::ArchiveWarning;
use crate::base::fs::system_words;
use crate::model::Bilingual;

/// What many faults advise.
const ANEW: &str = "gere o ZIP de novo";
/// What a damaged file needs.
const AGAIN: &str = "baixe ou envie o ZIP outra vez";

impl ArchiveError {
    /// What a system or an archive said when a file was read, as it stands in a Portuguese text.
    pub fn words_of(fault: &io::Error) -> String {
        let archive = fault.get_ref().and_then(|inner| inner.downcast_ref::<Self>());
        archive.map_or_else(|| system_words(fault), Bilingual::portuguese)
    }
}

impl Bilingual for ArchiveError {
    fn portuguese(&self) -> String {
        format!("{}: {}", self.rule(), without_rule(self))
    }
}

#[expect(
    clippy::too_many_lines,
    reason = "one short arm for each fault; a split would hide which one has no text"
)]
fn without_rule(fault: &ArchiveError) -> String {
    use ArchiveError as E;
    match fault {
        E::PackageTooLarge { bytes, limit } => {
            format!("o pacote tem {bytes} bytes e são permitidos {limit}; diminua-o ou aumente o limite `bytes_pacote`")
        }
        E::NotZip { found } => format!(
            "o pacote é {}, e não um ZIP; envie o próprio arquivo ZIP do plugin",
            found.portuguese()
        ),
        E::NoEndRecord => format!("o ZIP não tem o registro final, então está cortado ou danificado; {AGAIN}"),
        E::TrailingBytes { expected, found } => {
            format!("o registro final anuncia um comentário de {expected} bytes, mas depois dele vêm {found}; {ANEW}")
        }
        E::TwoEndRecords { first, second } => format!(
            "há dois registros finais possíveis, nos bytes {first} e {second}, e cada programa leria arquivos diferentes; {ANEW}"
        ),
        E::LeadingBytes { bytes } => {
            format!("há {bytes} bytes antes do primeiro membro, e cada programa leria arquivos diferentes; {ANEW}")
        }
        E::MultiDisk => "o ZIP é um volume de vários; junte as partes em um só arquivo".to_owned(),
        E::Zip64Mismatch { place, what } => {
            format!("valores zip64 de {}: {}; {ANEW}", place.portuguese(), what.portuguese())
        }
        E::DirectoryBounds { expected, found } => format!(
            "o diretório deveria terminar no byte {expected}, mas o registro final põe o fim dele em {found}; {ANEW}"
        ),
        E::DirectoryCorrupt { at, what } => {
            format!(
                "o diretório está danificado no byte {at}: {}; {ANEW}",
                what.portuguese()
            )
        }
        E::EntryCount { expected, found } => {
            format!("o registro final anuncia {expected} entradas, mas o diretório tem {found}; {ANEW}")
        }
        E::TooManyEntries { found, limit } => format!(
            "o ZIP tem {found} arquivos e pastas, ou mais, e são permitidos {limit}; deixe de fora o que o plugin não precisa ou aumente o limite `entradas`"
        ),
        E::NamesTooLong { limit } => format!(
            "os nomes de todos os membros somam mais de {limit} bytes; encurte-os ou aumente o limite `entradas`"
        ),
        E::ExtraField { member, what } => {
            format!(
                "{member}: os dados extras estão danificados: {}; {ANEW}",
                what.portuguese()
            )
        }
        E::NameEncoding { member, what } => {
            format!(
                "{member}: {} está marcado como UTF-8, mas não é; {ANEW}",
                what.portuguese()
            )
        }
        E::EmptyName => format!("um membro não tem nome; {ANEW}"),
        E::AbsolutePath { member } => {
            format!("{member}: o nome é um caminho absoluto; os nomes devem ser relativos ao plugin")
        }
        E::DrivePath { member } => {
            format!("{member}: o nome começa com a letra de um drive; os nomes devem ser relativos ao plugin")
        }
        E::ParentPath { member } => {
            format!("{member}: o nome sai da própria pasta com `..`; gere o ZIP de dentro da pasta do plugin")
        }
        E::DotsOnly { member } => {
            format!("{member}: uma parte do nome é feita só de pontos; renomeie o arquivo")
        }
        E::UnicodeName { member, unicode } => {
            format!("{member} tem {unicode} como segundo nome, e cada programa gravaria arquivos diferentes; {ANEW}")
        }
        E::Backslash { member } => {
            format!("{member}: o nome tem uma barra invertida; gere o ZIP com um programa que separe as pastas com `/`")
        }
        E::ControlCharacter { member } => {
            format!("{member}: o nome tem um caractere de controle; renomeie o arquivo")
        }
        E::NameTooLong { member, bytes, limit } => {
            format!("{member}: uma parte do nome tem {bytes} bytes e são permitidos {limit}; encurte-a")
        }
        E::TooDeep { member, depth, limit } => {
            format!("{member}: {depth} pastas uma dentro da outra e são permitidas {limit}; use menos níveis de pastas")
        }
        E::DuplicateName { member } => format!("{member}: o nome aparece duas vezes no ZIP; {ANEW}"),
        E::NameCollision { member, other } => {
            format!("{member} e {other} só diferem em maiúsculas e minúsculas ou na forma Unicode; renomeie um deles")
        }
        E::FileAndFolder { member } => {
            format!("{member} é ao mesmo tempo um arquivo e uma pasta; renomeie um deles")
        }
        E::Symlink { member } => format!("{member} é um link simbólico; ponha o próprio arquivo no ZIP"),
        E::HardLink { member } => format!("{member} é um hard link; ponha o próprio arquivo no ZIP"),
        E::SpecialFile { member } => format!("{member} é um dispositivo, pipe ou socket; deixe-o de fora"),
        E::KindMismatch { member } => {
            format!("{member} é uma pasta pelos atributos e um arquivo pelo nome; {ANEW}")
        }
        E::FolderData { member } => format!("{member} é uma pasta, mas tem conteúdo; {ANEW}"),
        E::Encrypted { member } => format!("{member} está criptografado; gere o ZIP sem senha"),
        E::Method { member, method } => {
            format!("{member} está compactado pelo método {method}; só se descompactam stored (0) e deflate (8)")
        }
        E::LocalHeader { member, at } => {
            format!("{member}: não há cabeçalho local no byte {at}; {ANEW}")
        }
        E::LocalMismatch {
            member,
            field,
            central,
            local,
        } => format!(
            "{member}: {} é {central} no diretório, mas {local} no cabeçalho local; {ANEW}",
            field.portuguese()
        ),
        E::DataDescriptor { member } => {
            format!("{member}: o descritor de dados falta ou não combina com o diretório; {ANEW}")
        }
        E::Overlap { member } => format!("{member} invade o que vem depois dele; {ANEW}"),
        E::Gap { member, bytes } => {
            format!("{bytes} bytes depois de {member} não pertencem a nenhum membro; {ANEW}")
        }
        E::EntryTooLarge { member, bytes, limit } => format!(
            "{member} tem {bytes} bytes e são permitidos {limit}; deixe-o de fora ou aumente o limite `bytes_entrada`"
        ),
        E::TotalTooLarge { bytes, limit } => format!(
            "descompactado, o ZIP tem {bytes} bytes ou mais e são permitidos {limit}; diminua-o ou aumente o limite `bytes_total`"
        ),
        E::Ratio { member, limit } => format!(
            "{} descompacta para mais de {limit} vezes o seu tamanho, como só uma bomba faz; se for legítimo, aumente o limite `razao`",
            member.portuguese()
        ),
        E::SizeMismatch { member, expected } => {
            format!("{member} não descompacta para os {expected} bytes que anuncia; {AGAIN}")
        }
        E::CrcMismatch {
            member,
            expected,
            found,
        } => {
            format!("{member}: o CRC-32 é {found:08x} e deveria ser {expected:08x}; {AGAIN}")
        }
        E::NotAsSigned(member) => {
            format!("{member} não está como foi assinado: alguém o alterou; obtenha o pacote outra vez do autor")
        }
        E::CorruptData { member, what } => format!(
            "{member}: os dados compactados estão danificados: {}; {AGAIN}",
            what.portuguese()
        ),
        E::Blacklisted { member, pattern } => {
            format!("{member}: pacotes não podem trazer `{pattern}`; deixe-o de fora")
        }
        E::Truncated { at } => {
            format!("o ZIP acaba antes do byte {at}, onde deveria continuar; baixe-o ou envie-o outra vez")
        }
        E::ReadFailed { at, source } => {
            format!(
                "não foi possível ler o arquivo compactado no byte {at}: {}",
                system_words(source)
            )
        }
        E::WriteFailed { path, source } => {
            format!("não foi possível gravar {path}: {}", system_words(source))
        }
        E::NoThread(source) => format!(
            "não foi possível iniciar nenhuma thread ({}): a conta ou a máquina tem processos demais; encerre alguns ou aumente o limite (ulimit -u, pids.max)",
            system_words(source)
        ),
        E::Cancelled => "a descompactação foi cancelada".to_owned(),
        E::PackRead { path, source } => format!(
            "não foi possível ler {} para empacotar: {}",
            path.display(),
            E::words_of(source)
        ),
        E::KeptUnreadable(path, source) => format!(
            "não foi possível ler {}, que uma operação guardou: {}",
            path.display(),
            E::words_of(source)
        ),
        E::PackWrite { at, source } => format!(
            "não foi possível gravar o arquivo compactado no byte {at}: {}",
            E::words_of(source)
        ),
    }
}

impl Bilingual for ArchiveWarning {
    fn portuguese(&self) -> String {
        match self {
            Self::RootComposer { member } => format!(
                "{member}: as dependências dele não são instaladas, aqui ninguém roda o composer: empacote junto o que o plugin precisa"
            ),
            Self::Outside { prefix, members, count } => format!(
                "{count} arquivos estão fora da pasta {prefix} do plugin e não são instalados: {}; ponha o que o plugin precisa na mesma pasta do manifest.json",
                listed(members, *count)
            ),
            Self::Litter { members, count } => format!(
                "{count} arquivos que um sistema deixou na pasta não são instalados: {}",
                listed(members, *count)
            ),
            Self::GuessedNames { members, count } => format!(
                "{count} nomes não estão em UTF-8 e o ZIP não diz em que codificação estão, então podem estar errados; foram instalados como {}; gere o ZIP com um programa que grave os nomes em UTF-8",
                listed(members, *count)
            ),
        }
    }
}

fn listed(members: &[String], count: usize) -> String {
    let more = count.saturating_sub(members.len());
    let more = if more > 0 {
        format!(" e mais {more}")
    } else {
        String::new()
    };
    format!("{}{more}", members.join(", "))
}
