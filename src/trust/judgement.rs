//! What is to be thought of a package: one verdict, with what it follows from. A [`Judgement`] is made by [`judge`] alone.
//! Decides from values.

use chrono::{DateTime, Utc};

use super::certificate::Certificate;
use super::chain::{self, Chain, Root};
use super::envelope::Signed;
use super::folder::TrustFolder;
use super::reason::Reason;
use super::revocation::{Revocation, Suspect};
use super::scope::Signer;
use super::statement::{FILE_NAME, StatedFile, Statement};
use super::time;
use super::verdict::Verdict;
use crate::model::{Sha256Digest, Slug, Version};

/// A file that is in a package.
#[derive(Debug, Clone, Copy)]
pub struct FoundFile<'p> {
    /// Below the plugin's root.
    pub path: &'p str,
    /// Bytes, as the archive announces them.
    pub size: u64,
    /// It is a program.
    pub is_executable: bool,
}

/// A package, as far as it is judged.
#[derive(Debug, Clone, Copy)]
pub struct Package<'p> {
    /// The plugin.
    pub slug: &'p Slug,
    /// Of its bytes; nothing where there is no package, as of a tree.
    pub sha256: Option<Sha256Digest>,
    /// Its files, the signature among them, in any order; nothing where they are compared elsewhere.
    pub files: Option<&'p [FoundFile<'p>]>,
    /// The bytes of its signature.
    pub signature: Option<&'p [u8]>,
    /// What shows how old it is.
    pub evidence: &'p Evidence,
}

/// What shows that a package is older than something that came later.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// When it was seen here first. Whoever writes the database can say so: it excuses an end, and nothing else.
    pub seen: Option<DateTime<Utc>>,
    /// Since when fresh indices have it.
    pub published: Vec<DateTime<Utc>>,
}

/// What is believed, and when.
#[derive(Debug, Clone, Copy)]
pub struct Believed<'t> {
    /// Roots, policy and what was withdrawn.
    pub folder: &'t TrustFolder,
    /// Now.
    pub now: DateTime<Utc>,
}

/// What was found of a package. Made by [`judge`] alone.
#[derive(Debug, Clone)]
pub struct Judgement {
    verdict: Verdict,
    reason: Option<Reason>,
    developer: Option<String>,
    signers: Vec<(String, Sha256Digest)>,
    certificates: Vec<Certificate>,
    until: Option<DateTime<Utc>>,
    statement: Option<Statement>,
    revocation: Option<Revocation>,
    has_ended: bool,
    published: Vec<DateTime<Utc>>,
}

/// Judges a package, but for its version and the bytes of its files.
pub fn judge(package: Package<'_>, believed: Believed<'_>) -> Judgement {
    let judgement = match package.signature {
        None => Judgement::plain(Verdict::Absent, Reason::None),
        Some(bytes) => of_signature(bytes, package, believed),
    };
    judgement.unless_revoked(package.slug, None, package.sha256, believed.folder)
}

/// What is known of a package of which nobody wants to know: whether it was withdrawn.
pub fn only_revoked(slug: &Slug, sha256: Sha256Digest, folder: &TrustFolder) -> Judgement {
    Judgement::plain(Verdict::Unchecked, Reason::NotChecked).unless_revoked(slug, None, Some(sha256), folder)
}

fn of_signature(bytes: &[u8], package: Package<'_>, believed: Believed<'_>) -> Judgement {
    let signed = match Signed::read(bytes) {
        Ok(signed) => signed,
        Err(reason) => return Judgement::plain(Verdict::Malformed, reason),
    };
    let statement = signed.statement;
    let named = signed.signers.iter().flatten().filter_map(|chain| {
        let first = chain.first()?;
        Some((first.signer.as_ref()?.developer.clone(), first.key_digest))
    });
    let signers = named.collect();
    let judged = signed.signers.into_iter().map(|signer| match signer {
        Ok(chain) => of_signer(chain, &statement, package, believed),
        Err(reason) => Judgement::plain(Verdict::Invalid, reason),
    });
    let Some(mut best) = judged.min_by_key(Judgement::place) else {
        return Judgement::plain(Verdict::Malformed, Reason::Certificate);
    };
    if best.verdict != Verdict::Invalid
        && let Some(files) = package.files
        && let Err(reason) = compare(&statement, files)
    {
        best.lower(Verdict::Differs, reason);
    }
    best.statement = Some(statement);
    best.signers = signers;
    best
}

/// Names and sizes of files, and what is a program.
fn compare(statement: &Statement, found: &[FoundFile<'_>]) -> Result<(), Reason> {
    let mut found: Vec<&FoundFile<'_>> = found.iter().filter(|file| file.path != FILE_NAME).collect();
    found.sort_unstable_by_key(|file| file.path.as_bytes());
    let (mut stated, mut found) = (statement.files.iter().peekable(), found.into_iter().peekable());
    loop {
        let path = |path: &str| path.to_owned();
        match (stated.peek(), found.peek()) {
            (None, None) => return Ok(()),
            (Some(wanted), None) => {
                return Err(Reason::Missing {
                    path: path(&wanted.path),
                });
            }
            (None, Some(more)) => return Err(Reason::Extra { path: path(more.path) }),
            (Some(wanted), Some(more)) => match wanted.path.as_bytes().cmp(more.path.as_bytes()) {
                std::cmp::Ordering::Less => {
                    return Err(Reason::Missing {
                        path: path(&wanted.path),
                    });
                }
                std::cmp::Ordering::Greater => return Err(Reason::Extra { path: path(more.path) }),
                std::cmp::Ordering::Equal => {
                    if wanted.size != more.size || wanted.is_executable != more.is_executable {
                        return Err(Reason::Other { path: path(more.path) });
                    }
                    stated.next();
                    found.next();
                }
            },
        }
    }
}

/// One of the signatures, which was made of the statement.
fn of_signer(
    chain: Vec<Certificate>,
    statement: &Statement,
    package: Package<'_>,
    believed: Believed<'_>,
) -> Judgement {
    let signer = chain.first().and_then(|first| first.signer.clone());
    let mut judgement = Judgement {
        developer: signer.as_ref().map(|signer| signer.developer.clone()),
        certificates: chain,
        published: package.evidence.published.clone(),
        ..Judgement::plain(Verdict::Valid, Reason::None)
    };
    judgement.reason = None;
    let policy = &believed.folder.policy;
    let usable = |root: &&Root| {
        policy.admits_root(&root.file, package.slug, signer.as_ref())
            && !is_withdrawn(root, package, (signer.as_ref(), believed.folder))
    };
    let roots: Vec<&Root> = believed.folder.roots.iter().filter(usable).collect();
    judgement.follow(&roots, package.evidence, believed.now);
    if let Err(reason) = in_scope(&judgement, statement, package.slug, believed.folder) {
        judgement.lower(Verdict::OutOfScope, reason);
    }
    judgement.unless_revoked(package.slug, None, package.sha256, believed.folder)
}

/// A root that was withdrawn vouches for nobody, as if it were not there.
fn is_withdrawn(root: &Root, package: Package<'_>, (signer, folder): (Option<&Signer>, &TrustFolder)) -> bool {
    let suspect = Suspect {
        slug: package.slug,
        version: None,
        sha256: package.sha256,
        certificates: std::slice::from_ref(&root.certificate),
        developer: signer.map(|signer| signer.developer.as_str()),
        published: &package.evidence.published,
    };
    folder.revocations.of(suspect).is_some_and(|found| found.is_blocked)
}

fn in_scope(judgement: &Judgement, statement: &Statement, slug: &Slug, folder: &TrustFolder) -> Result<(), Reason> {
    let signer = judgement.certificates.first().and_then(|first| first.signer.as_ref());
    let signer = signer.ok_or(Reason::NoName)?;
    let developer = signer.developer.clone();
    if statement.id != *slug {
        return Err(Reason::OtherPlugin {
            signed: statement.id.to_string(),
        });
    }
    if statement.developer != developer {
        return Err(Reason::OtherDeveloper {
            said: statement.developer.clone(),
            certified: developer,
        });
    }
    if !signer.covers(slug) {
        return Err(Reason::NotCovered { developer });
    }
    if !folder.policy.admits_developer(slug, &developer) {
        return Err(Reason::NotNamed { developer });
    }
    Ok(())
}

impl Judgement {
    fn plain(verdict: Verdict, reason: Reason) -> Self {
        Self {
            verdict,
            reason: Some(reason),
            developer: None,
            signers: Vec::new(),
            certificates: Vec::new(),
            until: None,
            statement: None,
            revocation: None,
            has_ended: false,
            published: Vec::new(),
        }
    }

    /// Which of several signatures of a package counts: one that is believed, else one that says why not to.
    fn place(&self) -> usize {
        let order = [
            Verdict::Valid,
            Verdict::Revoked,
            Verdict::OutOfScope,
            Verdict::Expired,
            Verdict::Unknown,
        ];
        order
            .iter()
            .position(|verdict| *verdict == self.verdict)
            .unwrap_or(order.len())
    }

    fn lower(&mut self, verdict: Verdict, reason: Reason) {
        (self.verdict, self.reason) = (verdict, Some(reason));
    }

    fn follow(&mut self, roots: &[&Root], evidence: &Evidence, now: DateTime<Utc>) {
        let Some((signer, between)) = self.certificates.split_first() else {
            return self.lower(Verdict::Unknown, Reason::Certificate);
        };
        let now = time::seconds(now);
        match chain::follow(signer, between, roots, now) {
            Chain::Whole(until) => self.until = time::moment(until),
            Chain::None(reason) => self.lower(Verdict::Unknown, reason),
            Chain::Once(from, until) => {
                self.until = time::moment(until);
                let mut times = evidence.seen.iter().chain(&evidence.published);
                let was_there = times.any(|moment| (from..=until).contains(&time::seconds(*moment)));
                self.has_ended = now > until;
                if now < from {
                    self.lower(Verdict::Unknown, chain::outside(from, until, now));
                } else if !was_there {
                    self.lower(Verdict::Expired, chain::outside(from, until, now));
                }
            }
        }
    }

    fn unless_revoked(
        mut self,
        slug: &Slug,
        version: Option<Version>,
        sha256: Option<Sha256Digest>,
        folder: &TrustFolder,
    ) -> Self {
        let suspect = Suspect {
            slug,
            version,
            sha256,
            certificates: &self.certificates,
            developer: self.developer.as_deref(),
            published: &self.published,
        };
        if let Some(found) = folder.revocations.of(suspect) {
            if found.is_blocked {
                let (by, id, text) = (found.by.clone(), found.id.clone(), found.text.clone());
                self.lower(Verdict::Revoked, Reason::Revoked { by, id, text });
            }
            self.revocation = Some(found);
        }
        self
    }

    /// The same, once the version is known that the package says of itself.
    #[must_use]
    pub fn of_version(
        mut self,
        (slug, sha256): (&Slug, Option<Sha256Digest>),
        version: Version,
        folder: &TrustFolder,
    ) -> Self {
        if let Some(statement) = self.statement.as_ref().filter(|statement| statement.version != version) {
            let reason = Reason::OtherVersion {
                signed: statement.version.to_string(),
                found: version.to_string(),
            };
            if self.is_bound() {
                self.lower(Verdict::OutOfScope, reason);
            }
        }
        self.unless_revoked(slug, Some(version), sha256, folder)
    }

    /// The same, where a file is found to be another one.
    #[must_use]
    pub fn differing(mut self, path: &str) -> Self {
        let path = path.to_owned();
        self.lower(Verdict::Differs, Reason::Other { path });
        self
    }

    /// Whether the package may still be what was signed, so that its files have to be that.
    fn is_bound(&self) -> bool {
        matches!(self.verdict, Verdict::Valid | Verdict::Expired | Verdict::Unknown)
    }

    /// What is thought of it.
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// Why.
    pub fn reason(&self) -> Option<&Reason> {
        self.reason.as_ref()
    }

    /// Whose it says that it is; believed only where it is valid.
    pub fn developer(&self) -> Option<&str> {
        self.developer.as_deref()
    }

    /// Whose it is, as far as that is believed.
    pub fn believed_developer(&self) -> Option<&str> {
        let is_believed = matches!(self.verdict, Verdict::Valid | Verdict::Expired);
        self.developer().filter(|_| is_believed)
    }

    /// Whether it is what this developer signed with this key, whoever vouches for that one; one of several signatures is
    /// enough.
    pub fn is_signed_by(&self, developer: &str, key: Sha256Digest) -> bool {
        let mut signers = self.signers.iter();
        self.is_bound() && signers.any(|(name, digest)| name == developer && *digest == key)
    }

    /// SHA-256 of the key that signed it.
    pub fn key(&self) -> Option<Sha256Digest> {
        self.certificates.first().map(|first| first.key_digest)
    }

    /// Until when the signature counts by its certificates.
    pub fn until(&self) -> Option<DateTime<Utc>> {
        self.until
    }

    /// Its certificates have ended, and it counts because it was there before that.
    pub fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// What of it was withdrawn without being refused.
    pub fn revocation(&self) -> Option<&Revocation> {
        self.revocation.as_ref()
    }

    /// The files as they were signed, which those of the package have to be; nothing where nobody signed them.
    pub fn files(&self) -> Option<&[StatedFile]> {
        let statement = self.statement.as_ref().filter(|_| self.is_bound())?;
        Some(&statement.files)
    }

    /// What was signed.
    pub fn statement(&self) -> Option<&Statement> {
        self.statement.as_ref()
    }
}
