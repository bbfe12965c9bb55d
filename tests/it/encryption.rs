//! TLS to the database, against servers with real certificates: what each word of `db.tls` brings, who is not believed,
//! and what the operator is told.

use std::net::TcpListener;
use std::path::{Path, PathBuf};

use gestor_plugins::base::db::{Database as Connection, DbError};
use gestor_plugins::config::{Argument, RecoverParameters};
use gestor_plugins::model::Bilingual as _;
use gestor_plugins::outcome::ExitCode;
use serde_json::json;

use crate::support::gestor::Gestor;
use crate::support::github::Authority;
use crate::support::mariadb::{Database, OwnServer, server};
use crate::support::package::Package;
use crate::support::{argument, text_argument};

const USER: &str = "traveller";
const PASSWORD: &str = "no vaga lume's";
const HOST: &str = "127.0.0.1";

/// A server with a port on loopback, and the authority that made its certificate.
struct Encrypted {
    database: Database,
    port: String,
    authority: Authority,
    /// Where the certificates stand.
    folder: PathBuf,
    is_mysql: bool,
    _own: Option<(OwnServer, tempfile::TempDir)>,
}

/// A port that nobody has.
fn free_port() -> String {
    let listener = TcpListener::bind((HOST, 0)).unwrap();
    listener.local_addr().unwrap().port().to_string()
}

/// A server of our own, with more options.
fn own_server(port: &str, options: &[&str]) -> OwnServer {
    let port = format!("--port={port}");
    let network = ["--skip-networking=0", "--bind-address=127.0.0.1", &port];
    OwnServer::start(&[&network, options].concat())
}

impl Encrypted {
    /// A MariaDB of its own.
    fn start() -> Self {
        let (folder, port, authority) = (tempfile::tempdir().unwrap(), free_port(), Authority::new());
        let (certificate, key) = places(folder.path());
        authority.certify(&[HOST, "localhost"], false, &certificate, &key);
        let option = |name: &str, path: &Path| format!("--{name}={}", path.display());
        let (certificate, key) = (option("ssl-cert", &certificate), option("ssl-key", &key));
        let server = own_server(&port, &[&certificate, &key]);
        let made = Self {
            database: Database::on(&server.socket),
            port,
            authority,
            folder: folder.path().to_owned(),
            is_mysql: false,
            _own: Some((server, folder)),
        };
        made.put_user(&format!("CREATE USER {USER}@'%' IDENTIFIED BY \"{PASSWORD}\""));
        made
    }

    /// The MySQL of this test run, which must listen on loopback. It looks for files beside its socket's folder.
    fn mysql() -> Self {
        let database = Database::on(&server().socket);
        let folder = server().socket.parent().unwrap().join("data");
        let (certificate, key) = places(&folder);
        let authority = Authority::new();
        authority.certify(&[HOST, "localhost"], false, &certificate, &key);
        database.run("SET GLOBAL ssl_cert = 'certificate.pem', GLOBAL ssl_key = 'key.pem'");
        let made = Self {
            port: database.value("SELECT @@port").unwrap(),
            database,
            authority,
            folder,
            is_mysql: true,
            _own: None,
        };
        made.reload();
        made.put_user(&format!(
            "CREATE USER {USER}@'%' IDENTIFIED WITH caching_sha2_password BY \"{PASSWORD}\""
        ));
        made
    }

    fn put_user(&self, create: &str) {
        self.database.run(&format!("DROP USER IF EXISTS {USER}@'%'"));
        self.database.run(create);
        self.database.run(&format!("GRANT ALL ON `t%`.* TO {USER}@'%'"));
    }

    /// The server takes the files as they stand now.
    fn reload(&self) {
        let reload = if self.is_mysql {
            "ALTER INSTANCE RELOAD TLS"
        } else {
            "FLUSH SSL"
        };
        self.database.run(reload);
    }

    /// Gives the server another certificate of its authority.
    fn certify(&self, names: &[&str], is_expired: bool) {
        let (certificate, key) = places(&self.folder);
        self.authority.certify(names, is_expired, &certificate, &key);
        self.reload();
    }

    /// The parameter `db` of a call that comes by the network.
    fn argument(&self, more: &[(&'static str, &str)]) -> Argument {
        let mut entries = vec![
            ("host", HOST),
            ("port", &self.port),
            ("nome", self.database.name()),
            ("usuario", USER),
            ("senha", PASSWORD),
        ];
        entries.retain(|(key, _)| more.iter().all(|(other, _)| other != key));
        entries.extend(more);
        argument(entries.into_iter().map(|(key, text)| (key, text_argument(text))))
    }

    /// Connects.
    fn reach(&self, more: &[(&'static str, &str)]) -> Result<Connection, DbError> {
        let call = argument([("raiz", text_argument("/nowhere")), ("db", self.argument(more))]);
        let read = RecoverParameters::read(call, &crate::support::english()).unwrap();
        Connection::connect(&read.site.database.unwrap())
    }

    /// Connects and says whether that is encrypted, as the server sees it.
    #[track_caller]
    fn is_encrypted(&self, more: &[(&'static str, &str)]) -> bool {
        let mut connection = self.reach(more).unwrap_or_else(|fault| panic!("{more:?}: {fault}"));
        let rows = connection.query("SHOW SESSION STATUS LIKE 'Ssl_cipher'").unwrap();
        let cipher: Option<String> = rows[0].get(1);
        cipher.is_some_and(|cipher| !cipher.is_empty())
    }

    fn authority_file(&self) -> String {
        self.authority.write(&self.folder).to_str().unwrap().to_owned()
    }
}

fn places(folder: &Path) -> (PathBuf, PathBuf) {
    (folder.join("certificate.pem"), folder.join("key.pem"))
}

/// Fails the test unless both languages say these words.
#[track_caller]
fn assert_told(fault: &DbError, english: &[&str], portuguese: &[&str]) {
    for (text, words) in [(fault.to_string(), english), (fault.portuguese(), portuguese)] {
        for word in words {
            assert!(text.contains(word), "{text:?} lacks {word:?}");
        }
        assert!(!text.contains("Other("), "{text}");
    }
}

fn each_word_brings_what_it_says(server: &Encrypted) {
    let ca = server.authority_file();
    assert!(!server.is_encrypted(&[]));
    assert!(!server.is_encrypted(&[("tls", "off")]));
    assert!(server.is_encrypted(&[("tls", "preferred")]));
    assert!(server.is_encrypted(&[("tls", "required")]));
    assert!(server.is_encrypted(&[("tls", "verify"), ("ca", &ca)]));
    assert!(server.is_encrypted(&[("ca", &ca), ("host", "localhost")]));
    let socket = server.database.socket().to_str().unwrap();
    let by_socket = [("socket", socket), ("usuario", "root"), ("senha", ""), ("ca", &ca)];
    assert!(!server.is_encrypted(&by_socket));
}

fn a_server_that_insists_is_obeyed_and_explained(server: &Encrypted) {
    server.database.run("SET GLOBAL require_secure_transport = ON");
    let refused = server.reach(&[]).unwrap_err();
    server.database.run("SET GLOBAL require_secure_transport = OFF");
    // Older releases of MariaDB have no error of its own for it.
    let is_named = matches!(refused, DbError::EncryptionWanted { .. });
    assert!(is_named || !server.is_mysql, "{refused}");
    assert_told(&refused, &["encrypt", "`db.tls`"], &["criptogra", "`db.tls`"]);
    // A user of whom encryption is wanted is told nothing by the server.
    server.database.run(&format!("ALTER USER {USER}@'%' REQUIRE SSL"));
    let refused = server.reach(&[]).unwrap_err();
    assert_told(
        &refused,
        &["refuses the login", "encryption", "`db.tls`"],
        &["recusou o login", "`db.tls`"],
    );
    assert!(server.is_encrypted(&[("tls", "preferred")]));
    let refused = server.reach(&[("tls", "required"), ("senha", "x")]).unwrap_err();
    assert!(
        matches!(&refused, DbError::AccessDenied { is_open: false, .. }),
        "{refused}"
    );
    assert!(!refused.to_string().contains("db.tls"), "{refused}");
    server.database.run(&format!("ALTER USER {USER}@'%' REQUIRE NONE"));
}

fn who_is_not_believed_is_told(server: &Encrypted) {
    let ca = server.authority_file();
    let verify = [("tls", "verify"), ("ca", ca.as_str())];
    let other = tempfile::tempdir().unwrap();
    let stranger = Authority::new().write(other.path());
    for trusted in [&[("ca", stranger.to_str().unwrap())][..], &[("tls", "verify")]] {
        let refused = server.reach(trusted).unwrap_err();
        assert_told(
            &refused,
            &["of no authority", "`db.ca`"],
            &["nenhuma autoridade", "`db.ca`"],
        );
    }
    let nowhere = server.reach(&[("ca", "/nowhere/ca.pem")]).unwrap_err();
    assert_told(
        &nowhere,
        &["/nowhere/ca.pem", "`db.ca`"],
        &["/nowhere/ca.pem", "`db.ca`"],
    );
    server.certify(&["db.example"], false);
    let refused = server.reach(&verify).unwrap_err();
    assert_told(
        &refused,
        &["not for this host", "db.example"],
        &["não é deste host", "db.example"],
    );
    assert!(server.is_encrypted(&[("tls", "required")]));
    // MySQL itself takes no certificate that has expired.
    if !server.is_mysql {
        server.certify(&[HOST], true);
        let refused = server.reach(&verify).unwrap_err();
        assert_told(&refused, &["has expired"], &["venceu"]);
    }
    let (certificate, key) = places(&server.folder);
    server.authority.pose(&certificate, &key);
    server.reload();
    let refused = server.reach(&verify).unwrap_err();
    assert_told(
        &refused,
        &["an authority's and not a server's"],
        &["uma autoridade, e não"],
    );
    server.certify(&[HOST, "localhost"], false);
}

#[test]
fn each_word_of_tls_brings_what_it_says() {
    let server = Encrypted::start();
    each_word_brings_what_it_says(&server);
    a_server_that_insists_is_obeyed_and_explained(&server);
    who_is_not_believed_is_told(&server);
}

#[test]
#[ignore = "wants a MySQL in GESTOR_TEST_SOCKET that listens on loopback, alone: bin/matrix mysql"]
fn each_word_of_tls_brings_on_mysql_what_it_says() {
    let server = Encrypted::mysql();
    each_word_brings_what_it_says(&server);
    a_server_that_insists_is_obeyed_and_explained(&server);
    who_is_not_believed_is_told(&server);
    // A password that the server has not seen since it started is sent whole: encrypted by TLS, or by the server's key.
    for more in [&[("tls", "off")][..], &[("tls", "required")], &[("tls", "preferred")]] {
        server.database.run("FLUSH PRIVILEGES");
        server.reach(more).unwrap();
    }
}

#[test]
fn a_server_without_certificate_is_met_as_the_word_says() {
    let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
    let own = own_server(&port, &["--skip-ssl"]);
    let server = Encrypted {
        database: Database::on(&own.socket),
        port,
        authority: Authority::new(),
        folder: folder.path().to_owned(),
        is_mysql: false,
        _own: Some((own, folder)),
    };
    server.put_user(&format!("CREATE USER {USER}@'%' IDENTIFIED BY \"{PASSWORD}\""));
    assert!(!server.is_encrypted(&[("tls", "preferred")]));
    let ca = server.authority_file();
    for more in [[("tls", "required")], [("ca", ca.as_str())]] {
        let refused = server.reach(&more).unwrap_err();
        assert!(matches!(refused, DbError::NoEncryption { .. }), "{refused}");
        assert_told(
            &refused,
            &["offers no encryption", "ssl_cert"],
            &["não oferece criptografia", "ssl_cert"],
        );
    }
}

#[test]
fn an_installation_goes_the_encrypted_way_all_along() {
    let server = Encrypted::start();
    server.database.run(&format!("ALTER USER {USER}@'%' REQUIRE SSL"));
    let ca = server.authority_file();
    let way = server.argument(&[("tls", "verify"), ("ca", &ca)]);
    let gestor = Gestor::with(server.database.another());
    let rows = json!([{"id": "a", "nome": "A", "language": "en", "caminho": "a/", "tipo": "page", "html": "x"}]);
    let package = Package::new("p", "1.0.0").data("Paginas", &rows);
    let archive = server.folder.join("p.zip");
    package.write(&archive);
    let install = |way: Argument| {
        let Argument::Map(mut call) = gestor.call(&archive, "p", &[]) else {
            unreachable!()
        };
        call.retain(|(key, _)| key != "db");
        call.push(("db".to_owned(), way));
        crate::support::operation::install(Argument::Map(call))
    };
    let refused = install(server.argument(&[])).expect(ExitCode::Sync);
    assert!(refused.report["erros"][0].as_str().unwrap().contains("`db.tls`"));
    install(way).expect(ExitCode::Ok);
    assert_eq!(server.database.count("paginas", "id = 'a'"), 1);
}
