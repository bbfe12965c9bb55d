//! What is the matter with a part of an archive, and what a file is that is no ZIP: words for the faults, in both
//! languages.

use crate::model::Phrase;

macro_rules! phrases {
    ($($name:ident: $pt:literal, $en:literal;)*) => {
        $(#[doc = $en] pub(super) const $name: Phrase = Phrase::new($pt, $en);)*
    };
}

phrases! {
    NO_ENTRY: "não há entrada", "there is no entry";
    ENTRY_CUT_OFF: "uma entrada está cortada", "an entry is cut off";
    NO_FIELD: "bytes que não são um campo", "bytes that are no field";
    FIELD_TOO_LONG: "um campo é maior que os dados extras", "a field is longer than the extra data";
    TWO_ZIP64_FIELDS: "dois campos zip64", "two zip64 fields";
    TWO_UNICODE_NAMES: "dois nomes Unicode", "two Unicode names";
    UNICODE_NAME_CUT_OFF: "um nome Unicode está cortado", "a Unicode name is cut off";
    UNICODE_NAME_VERSION: "um nome Unicode de versão desconhecida", "a Unicode name of an unknown version";
    ZIP64_MISSING: "um valor fica para um campo zip64 que não existe", "a value is left to a zip64 field that is missing";
    ZIP64_LENGTH: "o campo zip64 tem o tamanho errado", "the zip64 field has the wrong length";
    ZIP64_DIFFERS: "o campo zip64 difere do cabeçalho", "the zip64 field differs from the header";
    END_RECORD: "o registro final", "the end record";
    NO_ROOM: "não há espaço para o registro", "there is no room for the record";
    LOCATOR_ASTRAY: "o localizador não aponta para o registro antes dele", "the locator does not point to the record before it";
    RECORD_DAMAGED: "o registro está danificado", "the record is damaged";
    RECORD_DIFFERS: "ele difere do registro zip64", "it differs from the zip64 record";
    THE_COMMENT: "o comentário", "the comment";
    THE_NAME: "o nome", "the name";
    ITS_NAME: "o nome dele", "its name";
    THE_METHOD: "o método", "the method";
    THE_TIME: "a hora", "the time";
    ENCRYPTION: "a criptografia", "encryption";
    DESCRIPTOR_FLAG: "a marca de descritor", "the descriptor flag";
    UTF8_FLAG: "a marca de UTF-8", "the UTF-8 flag";
    THE_CRC: "o CRC-32", "CRC-32";
    PACKED_SIZE: "o tamanho compactado", "the packed size";
    THE_SIZE: "o tamanho", "the size";
    NO_DEFLATE: "não são dados deflate", "it is no deflate data";
    BYTES_FOLLOW: "há bytes depois do fim", "bytes follow its end";
    ENDS_TOO_EARLY: "acabam cedo demais", "it ends too early";
    THE_PACKAGE: "o pacote", "the package";
    NOT_FOR_ZIP: "um ZIP não consegue guardá-lo", "a ZIP cannot hold it";
    THREAD_ENDED: "uma thread de compactação terminou sem resposta", "a packing thread ended without a word";
    REPLACED: "foi substituído por outra coisa", "it was replaced by something else";
    GREW: "o arquivo passou de 4 GiB enquanto era compactado", "the file grew past 4 GiB while it was packed";
    NO_SOCKET: "nenhum arquivo compactado pode guardar um socket", "no archive can hold a socket";
    SHRANK: "ficou menor enquanto era compactado; tente de novo", "it became shorter while it was packed; try again";
    NOT_REGULAR: "algo que não é um arquivo comum", "not a regular file";
    EMPTY_FILE: "um arquivo vazio", "an empty file";
    SPLIT_ZIP: "uma parte de um ZIP dividido", "one part of a split ZIP";
    GZIP: "um arquivo gzip (.gz, .tar.gz)", "a gzip file (.gz, .tar.gz)";
    RAR: "um arquivo RAR", "a RAR archive";
    SEVEN_ZIP: "um arquivo 7-Zip (.7z)", "a 7-Zip archive (.7z)";
    BZIP2: "um arquivo bzip2", "a bzip2 file";
    XZ: "um arquivo xz", "an xz file";
    ZSTD: "um arquivo zstd", "a zstd file";
    PDF: "um documento PDF", "a PDF document";
    PNG: "uma imagem PNG", "a PNG image";
    JPEG: "uma imagem JPEG", "a JPEG image";
    GIF: "uma imagem GIF", "a GIF image";
    WINDOWS_PROGRAM: "um programa do Windows", "a Windows program";
    LINUX_PROGRAM: "um programa do Linux", "a Linux program";
    SCRIPT: "um script", "a script";
    PHP_FILE: "um arquivo PHP", "a PHP file";
    XML: "um documento XML", "an XML document";
    TAR: "um arquivo tar", "a tar archive";
    HTML_PAGE: "uma página HTML", "an HTML page";
    JSON: "um documento JSON", "a JSON document";
    TEXT_FILE: "um arquivo de texto", "a text file";
    UNKNOWN_KIND: "um arquivo de tipo desconhecido", "a file of unknown kind";
}

/// A backup that does not hold what was packed.
pub(super) fn other_count(found: usize, expected: usize) -> Phrase {
    Phrase::made(
        format!("tem {found} membros em vez de {expected}"),
        format!("it holds {found} members in place of {expected}"),
    )
}

/// A name that no tree of ours has.
pub(super) fn leads_out(name: &std::path::Path) -> Phrase {
    let name = name.display();
    Phrase::made(
        format!("{name} aponta para fora da pasta"),
        format!("{name} leads out of the folder"),
    )
}

/// A member that is not there.
pub(super) fn no_member(name: &str) -> Phrase {
    Phrase::made(format!("{name} não está nele"), format!("{name} is not in it"))
}

/// The same, of one member.
pub(super) fn not_as_packed(name: &str) -> Phrase {
    Phrase::made(
        format!("{name:?} não é lido de volta como foi compactado"),
        format!("{name:?} does not read back as it was packed"),
    )
}
