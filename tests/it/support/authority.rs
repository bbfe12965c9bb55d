//! Certificate authorities and authors, made at test time by the real openssl.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;

/// What an author's certificate says, as openssl's extensions.
pub(crate) const AUTHOR: &str = "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n\
                                 extendedKeyUsage=codeSigning\nsubjectAltName=URI:urn:gestor-plugins:dev:acme,URI:urn:gestor-plugins:plugin:acme-*\n";
/// What an authority's says.
pub(crate) const AUTHORITY: &str = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n";

/// Keys, as `openssl genpkey` makes them.
pub(crate) const ED25519: &[&str] = &["-algorithm", "ED25519"];
pub(crate) const RSA_3072: &[&str] = &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:3072"];
pub(crate) const RSA_2048: &[&str] = &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"];
pub(crate) const RSA_PSS: &[&str] = &["-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:3072"];
pub(crate) const P_256: &[&str] = &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];

/// A certificate and its key, with those that lead to its root behind it.
#[derive(Debug, Clone)]
pub(crate) struct Holder {
    /// PEM.
    pub(crate) certificates: PathBuf,
    /// PKCS#8, PEM.
    pub(crate) key: PathBuf,
}

/// How a certificate is made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Order<'o> {
    pub(crate) key: &'o [&'o str],
    pub(crate) extensions: &'o str,
    /// From and until, as `20260101000000Z`.
    pub(crate) dates: (&'o str, &'o str),
    /// More for `openssl ca`.
    pub(crate) more: &'o [&'o str],
}

impl Default for Order<'_> {
    fn default() -> Self {
        Self {
            key: ED25519,
            extensions: AUTHOR,
            dates: ("20200101000000Z", "20990101000000Z"),
            more: &[],
        }
    }
}

/// Makes certificates in a folder of its own.
pub(crate) struct Openssl {
    folder: TempDir,
    next: AtomicU32,
}

impl Openssl {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            next: AtomicU32::new(1),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, arguments: &[&str]) {
        let done = Command::new("openssl")
            .current_dir(self.folder.path())
            .args(arguments)
            .output()
            .unwrap();
        assert!(
            done.status.success(),
            "openssl {arguments:?}: {}",
            String::from_utf8_lossy(&done.stderr)
        );
    }

    /// A name that nothing has yet.
    pub(crate) fn name(&self) -> String {
        format!("c{}", self.next.fetch_add(1, Ordering::Relaxed))
    }

    /// SHA-256 of the first certificate of a file.
    pub(crate) fn digest(&self, certificates: &Path) -> String {
        self.run(&[
            "x509",
            "-in",
            certificates.to_str().unwrap(),
            "-outform",
            "DER",
            "-out",
            "one.der",
        ]);
        gestor_plugins::base::hash::sha256(&fs::read(self.path("one.der")).unwrap()).to_string()
    }

    fn key(&self, name: &str, kind: &[&str]) -> PathBuf {
        let file = format!("{name}.key");
        self.run(&[&["genpkey", "-out", &file], kind].concat());
        self.path(&file)
    }

    /// A root.
    pub(crate) fn root(&self, order: Order<'_>) -> Holder {
        let name = self.name();
        let order = Order {
            extensions: if order.extensions == AUTHOR {
                AUTHORITY
            } else {
                order.extensions
            },
            ..order
        };
        let key = self.key(&name, order.key);
        self.certify(&name, &key, &order, None);
        Holder {
            certificates: self.path(&format!("{name}.pem")),
            key,
        }
    }

    /// A certificate that another one signs; what leads to its root comes along.
    pub(crate) fn issue(&self, by: &Holder, order: Order<'_>) -> Holder {
        let name = self.name();
        let key = self.key(&name, order.key);
        self.certify(&name, &key, &order, Some(by));
        let certificates = self.path(&format!("{name}.pem"));
        let above = fs::read_to_string(&by.certificates).unwrap();
        let own = fs::read_to_string(&certificates).unwrap();
        fs::write(&certificates, own + &above).unwrap();
        Holder { certificates, key }
    }

    fn certify(&self, name: &str, key: &Path, order: &Order<'_>, by: Option<&Holder>) {
        let file = |ending: &str| format!("{name}.{ending}");
        fs::write(self.path(&file("ext")), order.extensions).unwrap();
        fs::write(self.path(&file("index")), "").unwrap();
        let serial = self.next.load(Ordering::Relaxed) + 4096;
        fs::write(self.path(&file("serial")), format!("{serial:04X}")).unwrap();
        let config = format!(
            "[req]\ndistinguished_name=dn\nprompt=no\n[dn]\nCN={name}\n[ca]\ndefault_ca=own\n[own]\ndatabase={name}.index\n\
             new_certs_dir=.\nserial={name}.serial\ndefault_md=default\npolicy=any\nunique_subject=no\n[any]\ncommonName=supplied\n"
        );
        fs::write(self.path(&file("cnf")), config).unwrap();
        let (config, request, out) = (file("cnf"), file("csr"), file("pem"));
        let key = key.to_str().unwrap();
        self.run(&["req", "-new", "-config", &config, "-key", key, "-out", &request]);
        let extensions = file("ext");
        let mut arguments = vec![
            "ca", "-batch", "-notext", "-config", &config, "-in", &request, "-out", &out,
        ];
        arguments.extend([
            "-extfile",
            &extensions,
            "-startdate",
            order.dates.0,
            "-enddate",
            order.dates.1,
        ]);
        arguments.extend(order.more);
        match by {
            None => arguments.extend(["-selfsign", "-keyfile", key]),
            Some(by) => {
                // The first in the file is the one that signs.
                arguments.extend([
                    "-cert",
                    by.certificates.to_str().unwrap(),
                    "-keyfile",
                    by.key.to_str().unwrap(),
                ]);
            }
        }
        self.run(&arguments);
    }
}

/// A trust folder.
pub(crate) struct TrustedFolder {
    folder: TempDir,
}

impl TrustedFolder {
    /// One in which these are believed.
    pub(crate) fn of(roots: &[&Holder]) -> Self {
        let made = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        fs::create_dir(made.path().join("raizes")).unwrap();
        for (number, root) in roots.iter().enumerate() {
            fs::copy(&root.certificates, made.path().join(format!("raizes/{number}.pem"))).unwrap();
        }
        made
    }

    pub(crate) fn put(&self, name: &str, text: &str) -> &Self {
        fs::write(self.path().join(name), text).unwrap();
        self
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }
}
