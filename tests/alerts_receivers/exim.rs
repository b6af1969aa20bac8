//! A real mail server: exim, with STARTTLS and logins.

use std::net::SocketAddr;
use std::path::PathBuf;

use tokio::net::TcpStream;
use tokio::process::Child;
use tower_watch::alert::receivers::{Email, Receiver, SendError};

use crate::alerts::{firing, resolved};
use crate::mail::Certificates;
use crate::process::{Folder, free_port, spawn};
use crate::support::until_async;

struct Exim {
    addr: SocketAddr,
    spool: PathBuf,
    _process: Child,
    _folder: Folder,
}

impl Exim {
    async fn start(certificates: &Certificates, offers_tls: bool) -> Self {
        let folder = Folder::new();
        let certificate = folder.write("certificate.pem", &certificates.certificate_pem);
        let key = folder.write("key.pem", &certificates.key_pem);
        let spool = folder.path().join("spool");
        let addr = free_port();
        let advertise = if offers_tls { "*" } else { ":" };
        let config = format!(
            "primary_hostname = localhost\n\
             spool_directory = {spool}\n\
             log_file_path = {spool}/%slog\n\
             daemon_smtp_ports = {port}\n\
             local_interfaces = 127.0.0.1\n\
             tls_advertise_hosts = {advertise}\n\
             tls_certificate = {certificate}\n\
             tls_privatekey = {key}\n\
             domainlist local_domains = example.com\n\
             exim_user = root\n\
             exim_group = root\n\
             queue_only\n\
             host_lookup =\n\
             rfc1413_query_timeout = 0s\n\
             acl_smtp_rcpt = check\n\
             begin acl\n\
             check:\n  \
               deny local_parts = nobody\n       message = no such user\n  \
               defer local_parts = later\n       message = come back later\n  \
               require message = log in first\n          authenticated = *\n  \
               accept\n\
             begin authenticators\n\
             plain:\n  driver = plaintext\n  public_name = PLAIN\n  \
               server_prompts = :\n  server_condition = ${{if and{{{{eq{{$auth2}}{{alerts}}}}{{eq{{$auth3}}{{s3cret}}}}}}}}\n  \
               server_set_id = $auth2\n  server_advertise_condition = ${{if def:tls_in_cipher}}\n",
            spool = spool.display(),
            port = addr.port(),
            certificate = certificate.display(),
            key = key.display(),
        );
        std::fs::create_dir_all(&spool).unwrap();
        let config = folder.write("exim.conf", &config);
        let process = spawn("exim4", &["-C".to_owned(), config.display().to_string(), "-bdf".to_owned()]);
        until_async("exim listens", async || TcpStream::connect(addr).await.is_ok()).await;
        Self { addr, spool, _process: process, _folder: folder }
    }

    fn email(&self, to: &str) -> Email {
        let smarthost = format!("localhost:{}", self.addr.port());
        Email::to(to).from("Shop <shop@example.com>").smarthost(smarthost).auth("alerts", "s3cret")
    }

    /// All that it has taken, one text for each: who it is from and for, head and body. Nothing is delivered, since that would
    /// need a user who may write here.
    fn mails(&self) -> Vec<String> {
        let input = std::fs::read_dir(self.spool.join("input")).into_iter().flatten();
        let mut paths: Vec<_> = input.map(|entry| entry.unwrap().path()).collect();
        paths.retain(|path| path.to_string_lossy().ends_with("-H"));
        paths.sort();
        let read = |path: &PathBuf| std::fs::read_to_string(path).unwrap();
        let body = |path: &PathBuf| {
            path.with_file_name(path.file_name().unwrap().to_string_lossy().replace("-H", "-D"))
        };
        paths.iter().map(|path| read(path) + &read(&body(path))).collect()
    }
}

#[tokio::test]
#[ignore = "needs exim4"]
async fn an_alert_and_its_end_arrive_in_one_thread() {
    let certificates = Certificates::new();
    let server = Exim::start(&certificates, true).await;
    let email = server.email("ops@example.com, boss@example.com").tls_config(certificates.trusted());
    email.send(&firing("Down")).await.unwrap();
    email.send(&resolved("Down")).await.unwrap();
    let mails = server.mails();
    assert_eq!(mails.len(), 2, "{mails:?}");
    for (mail, subject) in mails.iter().zip(["[CRITICAL] Down (orders)", "[RESOLVED] Down (orders)"]) {
        for part in [
            &*format!("Subject: {subject}"),
            "<shop@example.com>",
            "ops@example.com",
            "boss@example.com",
            "with esmtpsa",
            "Auto-Submitted: auto-generated",
            "5 % of the requests fail",
        ] {
            assert!(mail.contains(part), "{part}: {mail}");
        }
    }
    let thread =
        |mail: &str| mail.lines().find_map(|line| Some(line.split_once("References: ")?.1.to_owned()));
    assert!(thread(&mails[0]).is_some());
    assert_eq!(thread(&mails[0]), thread(&mails[1]));
}

#[tokio::test]
#[ignore = "needs exim4"]
async fn its_last_word_is_refused_and_the_rest_is_tried_again() {
    let certificates = Certificates::new();
    let server = Exim::start(&certificates, true).await;
    let trusted = certificates.trusted();
    for (email, refused, told) in [
        (server.email("ops@example.com").auth("alerts", "wrong").tls_config(trusted.clone()), false, "535"),
        (server.email("nobody@example.com").tls_config(trusted.clone()), true, "no such user"),
        (server.email("later@example.com").tls_config(trusted), false, "come back later"),
        (server.email("ops@example.com").tls_config(Certificates::new().trusted()), false, "certificate"),
        (server.email("ops@example.com"), false, "certificate"),
    ] {
        let error = email.send(&firing("Down")).await.unwrap_err();
        assert_eq!(matches!(error, SendError::Refused { .. }), refused, "{error:?}");
        assert!(error.reason().contains(told) && !error.reason().contains("s3cret"), "{told}: {error:?}");
    }
    assert_eq!(server.mails(), [""; 0]);
}

#[tokio::test]
#[ignore = "needs exim4"]
async fn where_starttls_is_not_offered_nothing_is_sent() {
    let certificates = Certificates::new();
    let server = Exim::start(&certificates, false).await;
    let error =
        server.email("ops@example.com").tls_config(certificates.trusted()).send(&firing("Down")).await;
    let Err(SendError::Retry { reason, .. }) = error else { panic!("{error:?}") };
    assert!(reason.contains("STARTTLS"), "{reason}");
    assert_eq!(server.mails(), [""; 0]);
}
