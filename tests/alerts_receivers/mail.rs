//! Mail to a server of our own, which can be made to say anything.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tower_watch::alert::Status;
use tower_watch::alert::config::TlsConfig;
use tower_watch::alert::notify::Notice;
use tower_watch::alert::receivers::{Email, Receiver, SendError, Threads};

use crate::alerts::{alert, firing, resolved};

/// Somebody who signs certificates, and one for `localhost`.
pub(crate) struct Certificates {
    pub(crate) authority_pem: String,
    pub(crate) certificate_pem: String,
    pub(crate) key_pem: String,
    key_der: Vec<u8>,
    certificate: CertificateDer<'static>,
}

impl Certificates {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let names = vec!["localhost".to_owned()];
        let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &authority).unwrap();
        Self {
            authority_pem: authority.pem(),
            certificate_pem: certificate.pem(),
            key_pem: key.serialize_pem(),
            key_der: key.serialize_der(),
            certificate: certificate.der().clone(),
        }
    }

    /// Trusts whom has signed it.
    pub(crate) fn trusted(&self) -> TlsConfig {
        let mut config = TlsConfig::default();
        config.ca = Some(self.authority_pem.as_str().into());
        config
    }

    fn acceptor(&self) -> TlsAcceptor {
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![self.certificate.clone()],
                PrivateKeyDer::try_from(self.key_der.clone()).unwrap(),
            );
        TlsAcceptor::from(Arc::new(config.unwrap()))
    }
}

/// How the server behaves.
#[derive(Clone, Copy, Default)]
struct Manners {
    /// Offers STARTTLS.
    encrypts: bool,
    /// Begins with TLS.
    first: bool,
    /// Says this to `RCPT TO`, in place of 250.
    says: Option<&'static str>,
}

struct MailServer {
    addr: SocketAddr,
    /// All that clients said, mails included; what came over TLS begins with `+`.
    heard: Arc<Mutex<Vec<String>>>,
}

impl MailServer {
    async fn start(manners: Manners, certificates: &Certificates) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (seen, acceptor) = (Arc::clone(&heard), certificates.acceptor());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, manners, acceptor.clone(), Arc::clone(&seen)));
            }
        });
        Self { addr, heard }
    }

    fn email(&self) -> Email {
        let smarthost = format!("localhost:{}", self.addr.port());
        Email::to("Ops <ops@example.com>, boss@example.com")
            .from("Shop <shop@example.com>")
            .smarthost(smarthost)
    }

    fn heard(&self) -> String {
        self.heard.lock().unwrap().join("\n")
    }
}

async fn serve(stream: TcpStream, manners: Manners, acceptor: TlsAcceptor, heard: Arc<Mutex<Vec<String>>>) {
    const GREETING: &[u8] = b"220 localhost here\r\n";
    if manners.first {
        let Ok(encrypted) = acceptor.accept(stream).await else { return };
        let mut encrypted = BufReader::new(encrypted);
        let _ = encrypted.write_all(GREETING).await;
        talk(&mut encrypted, manners, false, "+", &heard).await;
        return;
    }
    let mut stream = BufReader::new(stream);
    let _ = stream.write_all(GREETING).await;
    if talk(&mut stream, manners, manners.encrypts, "", &heard).await
        && let Ok(encrypted) = acceptor.accept(stream.into_inner()).await
    {
        talk(&mut BufReader::new(encrypted), manners, false, "+", &heard).await;
    }
}

/// Until the client leaves, or wants TLS: true.
async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut BufReader<S>,
    manners: Manners,
    offers: bool,
    mark: &str,
    heard: &Mutex<Vec<String>>,
) -> bool {
    let mut in_mail = false;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
            return false;
        }
        let line = line.trim_end();
        heard.lock().unwrap().push(format!("{mark}{line}"));
        if in_mail && line != "." {
            continue;
        }
        let answer = match line.split(' ').next().unwrap() {
            "." => {
                in_mail = false;
                "250 taken"
            }
            "EHLO" if offers => "250-localhost\r\n250-AUTH PLAIN\r\n250 STARTTLS",
            "EHLO" => "250-localhost\r\n250 AUTH PLAIN",
            "STARTTLS" => "220 go on",
            "AUTH" if !line.ends_with("AHVzZXIAcGFzcw==") => "535 Incorrect authentication data",
            "AUTH" => "235 welcome",
            "RCPT" => manners.says.unwrap_or("250 fine"),
            "DATA" => {
                in_mail = true;
                "354 go on"
            }
            "QUIT" => "221 bye",
            _ => "250 fine",
        };
        if stream.write_all(format!("{answer}\r\n").as_bytes()).await.is_err() {
            return false;
        }
        if line == "STARTTLS" {
            return true;
        }
    }
}

const ENCRYPTS: Manners = Manners { encrypts: true, first: false, says: None };

#[tokio::test]
async fn a_mail_goes_out_over_tls_after_the_login() {
    let certificates = Certificates::new();
    let server = MailServer::start(ENCRYPTS, &certificates).await;
    // base64 of "\0user\0pass".
    let email = server.email().tls_config(certificates.trusted()).auth("user", "pass");
    assert_eq!(email.check(), Ok(()));
    email.send(&firing("Down")).await.unwrap();
    let heard = server.heard();
    let (clear, encrypted): (Vec<_>, Vec<_>) = heard.lines().partition(|line| !line.starts_with('+'));
    assert_eq!(clear, ["EHLO localhost", "STARTTLS"]);
    let encrypted = encrypted.join("\n").replace("\n+", "\n");
    for part in [
        "AUTH PLAIN AHVzZXIAcGFzcw==",
        "MAIL FROM:<shop@example.com>",
        "RCPT TO:<ops@example.com>",
        "RCPT TO:<boss@example.com>",
        "From: Shop <shop@example.com>",
        "To: Ops <ops@example.com>, boss@example.com",
        "Subject: [CRITICAL] Down (orders)",
        "Date: Thu, 01 Jan 2026 00:01:00 +0000",
        "Auto-Submitted: auto-generated",
        "Content-Type: multipart/alternative",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Type: text/html; charset=utf-8",
        "FIRING: Down",
    ] {
        assert!(encrypted.contains(part), "{part}: {encrypted}");
    }
}

#[tokio::test]
async fn nothing_is_sent_in_clear_unless_it_is_said() {
    let certificates = Certificates::new();
    let server = MailServer::start(Manners::default(), &certificates).await;
    let email = server.email().tls_config(certificates.trusted()).auth("user", "pass");
    let error = email.send(&firing("Down")).await.unwrap_err();
    assert!(matches!(&error, SendError::Retry { reason, .. } if reason.contains("STARTTLS")), "{error:?}");
    assert_eq!(server.heard().lines().next(), Some("EHLO localhost"));
    assert!(!server.heard().contains("AUTH") && !server.heard().contains("MAIL"), "{}", server.heard());
    server.email().require_tls(false).send(&firing("Down")).await.unwrap();
    assert!(server.heard().contains("MAIL FROM"), "{}", server.heard());
    // A password goes in clear to this machine at most.
    let elsewhere =
        Email::to("a@example.com").from("b@example.com").smarthost("mail.example.com:25").require_tls(false);
    assert_eq!(elsewhere.check(), Ok(()));
    let told = elsewhere.auth("user", "pass").check().unwrap_err().join("\n");
    assert!(
        told.starts_with("require_tls is false, so the password would go to mail.example.com in clear"),
        "{told}"
    );
}

#[tokio::test]
async fn a_server_that_nobody_vouches_for_gets_nothing() {
    let certificates = Certificates::new();
    let server = MailServer::start(ENCRYPTS, &certificates).await;
    let error = server
        .email()
        .tls_config(Certificates::new().trusted())
        .auth("user", "pass")
        .send(&firing("Down"))
        .await;
    let Err(SendError::Retry { reason, .. }) = error else { panic!("{error:?}") };
    assert!(reason.contains("certificate"), "{reason}");
    assert_eq!(server.heard(), "EHLO localhost\nSTARTTLS");
}

#[tokio::test]
async fn five_hundreds_are_refused_and_the_rest_is_tried_again() {
    let certificates = Certificates::new();
    for (says, refused) in [
        ("550 no such user", true),
        ("530 log in first", false),
        ("534 that is too weak", false),
        ("538 not in clear", false),
        ("450 greylisted", false),
        ("garbage", false),
    ] {
        let server = MailServer::start(Manners { says: Some(says), ..ENCRYPTS }, &certificates).await;
        let email = server.email().tls_config(certificates.trusted());
        let error = email.send(&firing("Down")).await.unwrap_err();
        assert_eq!(matches!(error, SendError::Refused { .. }), refused, "{says}: {error:?}");
        if says != "garbage" {
            assert!(error.reason().contains(&says[4..]), "{error:?}");
        }
    }
    let server = MailServer::start(ENCRYPTS, &certificates).await;
    let wrong = server.email().tls_config(certificates.trusted()).auth("user", "wrong");
    let error = wrong.send(&firing("Down")).await.unwrap_err();
    assert!(matches!(&error, SendError::Retry { reason, .. } if reason.contains("535")), "{error:?}");
}

#[tokio::test]
async fn no_stranger_writes_headers() {
    let certificates = Certificates::new();
    let server = MailServer::start(Manners::default(), &certificates).await;
    let hostile = alert("Down\r\nBcc: victim@example.com\r\n\r\n<script>").label("service", "a\nX-Evil: yes");
    let mut notification = firing("Down");
    notification.alerts = vec![Notice::new(hostile, Status::Firing)];
    let email = server.email().require_tls(false).html("").header("X-Shop", "{{ .CommonLabels.service }}");
    email.send(&notification).await.unwrap();
    let heard = server.heard();
    let mail = heard.split("\nDATA\n").nth(1).unwrap();
    let head = mail.split("\n\n").next().unwrap();
    for line in head.lines() {
        assert!(!line.starts_with("Bcc") && !line.starts_with("X-Evil"), "{head}");
    }
    assert!(head.contains("X-Shop: a X-Evil: yes"), "{head}");
    assert!(head.contains("Subject: [CRITICAL] Down Bcc: victim@example.com"), "{head}");
}

/// The alternatives of a mail, with what was encoded decoded, as far as these tests need it.
fn decoded(heard: &str) -> String {
    heard.replace("=\n", "").replace("=3D", "=").replace("=\r\n", "")
}

#[tokio::test]
async fn a_template_that_fails_leaves_a_mail_that_can_be_read() {
    let certificates = Certificates::new();
    let server = MailServer::start(Manners::default(), &certificates).await;
    let email = server
        .email()
        .require_tls(false)
        .html("<b>{{ .Status | noSuchThing }}</b>")
        .subject("{{ .Status }}!");
    assert!(email.check().unwrap_err()[0].starts_with("html: 1:"), "{:?}", email.check());
    email.send(&firing("Down")).await.unwrap();
    let heard = decoded(&server.heard());
    assert!(heard.contains("Subject: firing!"), "{heard}");
    assert!(heard.contains("(the template of html failed at 1:"), "{heard}");
    assert!(heard.contains("<pre>FIRING: Down"), "{heard}");
}

#[tokio::test]
async fn the_page_shows_what_strangers_wrote_and_does_nothing() {
    let certificates = Certificates::new();
    let server = MailServer::start(Manners::default(), &certificates).await;
    let hostile =
        alert("Down").annotate("summary", "<script>alert(1)</script>").label("path", "\"><img src=x>");
    let mut notification = firing("Down");
    notification.alerts = vec![Notice::new(hostile, Status::Firing)];
    server.email().require_tls(false).send(&notification).await.unwrap();
    let heard = decoded(&server.heard());
    let page = heard.split("text/html").nth(1).unwrap();
    assert!(page.contains("&lt;script&gt;"), "{page}");
    assert!(!page.contains("<script") && !page.contains("<img"), "{page}");
}

#[tokio::test]
async fn tls_can_come_first() {
    let certificates = Certificates::new();
    let server = MailServer::start(Manners { first: true, ..Manners::default() }, &certificates).await;
    let email = server.email().tls_config(certificates.trusted()).implicit_tls().require_tls(false);
    email.auth("user", "pass").send(&firing("Down")).await.unwrap();
    assert!(server.heard().lines().all(|line| line.starts_with('+')), "{}", server.heard());
    assert!(server.heard().contains("+DATA"), "{}", server.heard());
}

fn thread_of(mail: &str) -> Option<&str> {
    mail.lines().find_map(|line| line.strip_prefix("References: "))
}

#[tokio::test]
async fn an_alert_and_its_end_are_one_thread() {
    let certificates = Certificates::new();
    for (threads, alone, one_thread) in [
        (Threads::Off, false, false),
        (Threads::Group, false, true),
        (Threads::Day, false, true),
        (Threads::Alert, true, true),
    ] {
        let server = MailServer::start(Manners::default(), &certificates).await;
        let email = server.email().require_tls(false).threads(threads);
        assert_eq!(email.takes_single_alerts(), alone);
        email.send(&firing("Down")).await.unwrap();
        email.send(&resolved("Down")).await.unwrap();
        let heard = server.heard();
        let mails: Vec<_> = heard.split("\nDATA\n").skip(1).collect();
        assert_eq!(mails.len(), 2);
        assert_eq!(thread_of(mails[0]).is_some(), one_thread, "{threads:?}");
        assert_eq!(thread_of(mails[0]), thread_of(mails[1]));
        let ids: Vec<_> = heard.lines().filter(|line| line.starts_with("Message-ID: ")).collect();
        assert_eq!(ids.len(), 2);
        assert_ne!(ids[0], ids[1]);
    }
}

#[test]
fn what_lacks_is_told() {
    let told = Email::to("nobody").header("Message-ID", "x").header("a b", "x").check().unwrap_err();
    let expected = [
        "smarthost is no host:port; write it as in mail.example.com:587",
        "to is no list of addresses; write them as in ops@example.com, Shop <shop@example.com>",
        "from is missing; write an address",
        "headers: Message-ID is set by tower-watch; remove it",
        "headers: \"a b\" is no name of a header",
    ];
    assert_eq!(told, expected);
}
