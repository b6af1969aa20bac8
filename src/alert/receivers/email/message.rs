//! One mail.

use std::collections::BTreeMap;
use std::time::{Duration, UNIX_EPOCH};

use lettre::address::Envelope;
use lettre::message::header::HeaderValue;
use lettre::message::{Mailboxes, Message, MultiPart, SinglePart};

use crate::alert::notify::Notification;
use crate::alert::receivers::email::headers::header;
use crate::alert::receivers::email::thread::{self, Threads};
use crate::alert::receivers::facts::cut;
use crate::alert::receivers::texts::Texts;
use crate::alert::template::escape;

/// Characters of a subject.
const SUBJECT: usize = 500;

/// What there is to say about a mail.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    pub(crate) to: String,
    pub(crate) from: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) html: String,
    pub(crate) text: Option<String>,
    pub(crate) threads: Threads,
}

impl Letter {
    /// The mail for this notification, or why there cannot be one.
    pub(crate) fn write(&self, notification: &Notification, texts: &Texts) -> Result<Message, String> {
        let from = addresses("from", &texts.text("from", &self.from, notification))?;
        let to = addresses("to", &texts.text("to", &self.to, notification))?;
        let sender = from.iter().next().ok_or("from holds no address; write one")?.clone();
        let domain = sender.email.domain().to_owned();
        let receivers: Vec<_> = to.iter().map(|mailbox| mailbox.email.clone()).collect();
        let envelope = Envelope::new(Some(sender.email.clone()), receivers);
        let envelope = envelope.map_err(|_| "to holds no address; write one")?;
        let at = Duration::from_millis(u64::try_from(notification.time).unwrap_or(0));
        let mut message = Message::builder()
            .from(sender)
            .date(UNIX_EPOCH + at)
            .message_id(Some(thread::message(notification, &domain)))
            .envelope(envelope);
        for mailbox in to {
            message = message.to(mailbox);
        }
        if let Some(root) = thread::root(self.threads, notification, &domain) {
            message = message.in_reply_to(root.clone()).references(root);
        }
        // Nobody's holiday should answer (https://www.rfc-editor.org/rfc/rfc3834).
        let own = [("Auto-Submitted", "auto-generated"), ("X-Auto-Response-Suppress", "All")];
        let own = own.into_iter().filter_map(|(name, text)| header(name, text));
        for value in own.chain(self.own_headers(notification, texts)) {
            message = message.raw_header(value);
        }
        self.body(message, notification, texts)
    }

    fn own_headers(&self, notification: &Notification, texts: &Texts) -> Vec<HeaderValue> {
        let mut headers: Vec<_> = self
            .headers
            .iter()
            .filter_map(|(name, template)| header(name, &texts.text(name, template, notification)))
            .collect();
        if !self.headers.keys().any(|name| name.eq_ignore_ascii_case("subject")) {
            let subject = texts.text_or("Subject", None, "email.default.subject", notification);
            let subject = cut(&escape::header(&subject), SUBJECT);
            headers.extend(header("Subject", &subject));
        }
        headers
    }

    fn body(
        &self,
        message: lettre::message::MessageBuilder,
        notification: &Notification,
        texts: &Texts,
    ) -> Result<Message, String> {
        let text = texts.text_or("text", self.text.as_ref(), "email.default.text", notification);
        let made = if self.html.is_empty() {
            message.singlepart(SinglePart::plain(text))
        } else {
            let html = texts.html("html", &self.html, notification);
            let html = html.unwrap_or_else(|error| plain_html(&error, &text));
            message.multipart(MultiPart::alternative_plain_html(text, html))
        };
        made.map_err(|error| format!("the mail cannot be written: {error}"))
    }
}

/// The error, and what there is to say all the same.
fn plain_html(error: &str, text: &str) -> String {
    format!("<p>{}</p>\n<pre>{}</pre>\n", escape::html(error), escape::html(text))
}

pub(crate) fn addresses(key: &str, text: &str) -> Result<Mailboxes, String> {
    let text = escape::header(text);
    text.parse().map_err(|_| {
        format!("{key} is no list of addresses; write them as in ops@example.com, Shop <shop@example.com>")
    })
}
