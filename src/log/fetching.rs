//! Lines about where a package comes from and whether it is the right one: values, tags and texts.

use super::{Level, Message, Tag};
use crate::model::{Bilingual, Lang, Phrase};

/// What is told while a package is fetched and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetching {
    /// Releases of a repository are looked for.
    ReleasesSearched {
        /// Its page on the web.
        repository: String,
    },
    /// A release was chosen.
    TagFound {
        /// Its tag.
        tag: String,
    },
    /// A file of a release was chosen.
    AssetFound {
        /// Its name.
        name: String,
        /// Its number.
        id: u64,
    },
    /// A private repository: package and checksum are both fetched.
    PrivateRepository,
    /// Package and checksum have addresses of the API.
    AssetAddresses,
    /// The package is asked for by the API of assets.
    AssetDownloadStarted,
    /// The package is asked for.
    PackageDownloading,
    /// The checksum file is asked for.
    ChecksumDownloading,
    /// There is no package; the source of the repository is taken in its place.
    RepositorySourceTaken {
        /// The repository's page on the web.
        repository: String,
        /// Tag or branch, where one was named or found.
        reference: Option<String>,
    },
    /// An attempt failed; there will be another one.
    DownloadRetried {
        /// Why.
        reason: Phrase,
        /// Number of the next attempt, from 1.
        attempt: u32,
        /// How many there are at most.
        attempts: u32,
        /// Milliseconds until then.
        milliseconds: u64,
    },
    /// The package came.
    DownloadCompleted {
        /// Its length.
        bytes: u64,
    },
    /// The package is in staging.
    PackageSaved {
        /// Its path.
        path: String,
    },
    /// What the SHA-256 has to be.
    ChecksumExpected {
        /// Hexadecimal.
        sha256: String,
    },
    /// What the SHA-256 is.
    ChecksumCalculated {
        /// Hexadecimal.
        sha256: String,
    },
    /// They are equal.
    ChecksumsMatch,
    /// The package may be used.
    ChecksumVerified,
}

impl From<Fetching> for Message {
    fn from(told: Fetching) -> Self {
        Self::Fetching(told)
    }
}

impl Fetching {
    /// The tag of the line.
    pub(super) fn tag(&self) -> Tag {
        match self {
            Self::ReleasesSearched { .. } | Self::TagFound { .. } | Self::AssetFound { .. } => Tag::Discovery,
            Self::ChecksumExpected { .. } | Self::ChecksumCalculated { .. } | Self::ChecksumsMatch => Tag::Checksum,
            Self::RepositorySourceTaken { .. } => Tag::Warn,
            _ => Tag::Download,
        }
    }

    /// How grave the line is.
    pub(super) fn level(&self) -> Level {
        match self {
            Self::RepositorySourceTaken { .. } | Self::DownloadRetried { .. } => Level::Warning,
            _ => Level::Info,
        }
    }

    /// The text of the line. The English words are those that manuals show; administrators search for them.
    #[expect(clippy::too_many_lines, reason = "one short arm for each line of the manual")]
    pub(super) fn text(&self, lang: Lang) -> String {
        let choose = |pt: String, en: String| if lang == Lang::PtBr { pt } else { en };
        let fixed = |pt: &str, en: &str| choose(pt.to_owned(), en.to_owned());
        match self {
            Self::ReleasesSearched { repository } => choose(
                format!("Procurando releases em {repository}"),
                format!("Searching releases in {repository}"),
            ),
            Self::TagFound { tag } => choose(format!("Tag encontrada: {tag}"), format!("Tag found: {tag}")),
            Self::AssetFound { name, id } => choose(
                format!("Asset encontrado: {name} (ID: {id})"),
                format!("Asset found: {name} (ID: {id})"),
            ),
            Self::PrivateRepository => fixed(
                "Repositório privado detectado - baixando os dois arquivos (ZIP + SHA256)",
                "Private repository detected - downloading both files (ZIP + SHA256)",
            ),
            Self::AssetAddresses => fixed(
                "URLs baseadas no asset da API: ZIP e SHA256",
                "URLs based on API asset: ZIP and SHA256",
            ),
            Self::AssetDownloadStarted => fixed(
                "Iniciando download pela API de assets",
                "Starting download via assets API",
            ),
            Self::PackageDownloading => fixed("Baixando arquivo ZIP...", "Downloading ZIP file..."),
            Self::ChecksumDownloading => fixed("Baixando arquivo SHA256...", "Downloading SHA256 file..."),
            Self::RepositorySourceTaken { repository, reference } => {
                let named = |default: &str| reference.clone().unwrap_or_else(|| default.to_owned());
                choose(
                    format!(
                        "{repository} não tem pacote de {}: o código-fonte do repositório é usado, sem checksum",
                        named("nenhuma release deste plugin")
                    ),
                    format!(
                        "{repository} has no package of {}: the repository's source is used, without checksum",
                        named("any release of this plugin")
                    ),
                )
            }
            Self::DownloadRetried {
                reason,
                attempt,
                attempts,
                milliseconds,
            } => {
                let reason = reason.text(lang);
                choose(
                    format!("tentativa {attempt} de {attempts} em {milliseconds} ms: {reason}"),
                    format!("attempt {attempt} of {attempts} in {milliseconds} ms: {reason}"),
                )
            }
            Self::DownloadCompleted { bytes } => {
                let size = size(*bytes);
                choose(
                    format!("Download concluído: {size}"),
                    format!("Download completed: {size}"),
                )
            }
            Self::PackageSaved { path } => {
                choose(format!("Arquivo salvo em: {path}"), format!("File saved at: {path}"))
            }
            Self::ChecksumExpected { sha256 } => choose(
                format!("Checksum esperado: {sha256}"),
                format!("Expected checksum: {sha256}"),
            ),
            Self::ChecksumCalculated { sha256 } => choose(
                format!("Checksum calculado: {sha256}"),
                format!("Calculated checksum: {sha256}"),
            ),
            Self::ChecksumsMatch => fixed("✓ Checksums conferem", "✓ Checksums match"),
            Self::ChecksumVerified => fixed("✓ Checksum verificado com sucesso", "✓ Checksum verified successfully"),
        }
    }
}

/// A length as people read it: `17 bytes`, `12.3 KB`, `2.5 MB`.
fn size(bytes: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10)];
    let fitting = UNITS.iter().find(|(_, unit)| bytes >= *unit);
    fitting.map_or_else(
        || format!("{bytes} bytes"),
        |(name, unit)| {
            let tenths = (u128::from(bytes) * 10 + u128::from(*unit) / 2) / u128::from(*unit);
            format!("{}.{} {name}", tenths / 10, tenths % 10)
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::too_many_lines, reason = "a table of cases")]
    fn lines_about_sources_are_those_of_the_manual() {
        for (message, tag, expected) in [
            (
                Fetching::ReleasesSearched {
                    repository: "https://github.com/o/r".into(),
                },
                "[DISCOVERY]",
                "Searching releases in https://github.com/o/r",
            ),
            (
                Fetching::TagFound {
                    tag: "plugin-x-v1.0.0".into(),
                },
                "[DISCOVERY]",
                "Tag found: plugin-x-v1.0.0",
            ),
            (
                Fetching::AssetFound {
                    name: "gestor-plugin.zip".into(),
                    id: 123_456,
                },
                "[DISCOVERY]",
                "Asset found: gestor-plugin.zip (ID: 123456)",
            ),
            (
                Fetching::PrivateRepository,
                "[DOWNLOAD]",
                "Private repository detected - downloading both files (ZIP + SHA256)",
            ),
            (
                Fetching::AssetAddresses,
                "[DOWNLOAD]",
                "URLs based on API asset: ZIP and SHA256",
            ),
            (
                Fetching::AssetDownloadStarted,
                "[DOWNLOAD]",
                "Starting download via assets API",
            ),
            (Fetching::PackageDownloading, "[DOWNLOAD]", "Downloading ZIP file..."),
            (
                Fetching::ChecksumDownloading,
                "[DOWNLOAD]",
                "Downloading SHA256 file...",
            ),
            (
                Fetching::DownloadCompleted { bytes: 2_621_440 },
                "[DOWNLOAD]",
                "Download completed: 2.5 MB",
            ),
            (
                Fetching::PackageSaved {
                    path: "/temp/plugin.zip".into(),
                },
                "[DOWNLOAD]",
                "File saved at: /temp/plugin.zip",
            ),
            (
                Fetching::ChecksumExpected { sha256: "ab".into() },
                "[CHECKSUM]",
                "Expected checksum: ab",
            ),
            (
                Fetching::ChecksumCalculated { sha256: "ab".into() },
                "[CHECKSUM]",
                "Calculated checksum: ab",
            ),
            (Fetching::ChecksumsMatch, "[CHECKSUM]", "✓ Checksums match"),
            (
                Fetching::ChecksumVerified,
                "[DOWNLOAD]",
                "✓ Checksum verified successfully",
            ),
        ] {
            assert_eq!(message.tag().word(), tag, "{message:?}");
            assert_eq!(message.text(Lang::En), expected);
            assert_ne!(message.text(Lang::PtBr), expected);
        }
        assert_eq!(
            [size(0), size(1023), size(1024), size(u64::MAX)],
            ["0 bytes", "1023 bytes", "1.0 KB", "17179869184.0 GB"]
        );
    }
}
