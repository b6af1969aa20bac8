//! Where in a page a value may be written, and what becomes of it.

use std::sync::Arc;

use crate::alert::Alert;
use crate::alert::template::Templates;
use crate::alert::template::tests::notifications::notification;

fn page(text: &str, evil: &str) -> String {
    let mut notification = notification();
    notification.alerts.truncate(1);
    notification.alerts[0].alert = Arc::new(Alert::new("A").label("x", evil));
    Templates::new().expand_html(text, &notification).expect(text)
}

#[test]
fn what_strangers_wrote_stays_text_wherever_it_goes() {
    let x = "{{ (index .Alerts 0).Labels.x }}";
    for (page_text, evil, expected) in [
        ("<p>X</p>", "<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("<p title=\"X\">", "\" onload=\"a()", "<p title=\"&#34; onload=&#34;a()\">"),
        ("<p title=X>a</p>", "a onload=b()", "<p title=\"a onload=b()\">a</p>"),
        ("<p title=aX>a</p>", "a onload=b()", "<p title=a>a</p>"),
        ("<a href=\"X\">", "javascript:alert(1)", "<a href=\"#\">"),
        ("<a href=\"X\">", " JaVaScRiPt:alert(1)", "<a href=\"#\">"),
        ("<a href=\"X\">", "java\nscript:alert(1)", "<a href=\"#\">"),
        ("<a href=\"X\">", "data:text/html,x", "<a href=\"#\">"),
        ("<a href=\"X\">", "https://a.example/?x=1&y=\"", "<a href=\"https://a.example/?x=1&amp;y=&#34;\">"),
        ("<a href=\"X\">", "/graph?a:b", "<a href=\"/graph?a:b\">"),
        ("<a href=\"/?q=X\">", "javascript:1", "<a href=\"/?q=javascript:1\">"),
        ("<A HREF='X'>", "javascript:1", "<A HREF='#'>"),
        ("<img src = \"X\">", "javascript:1", "<img src = \"#\">"),
        ("<p style=\"color: X\">", "red; background: url(//evil)", "<p style=\"color: \">"),
        ("<p style=\"color: X\">", "#a30200", "<p style=\"color: #a30200\">"),
        ("<p onclick=\"X\">", "alert(1)", "<p onclick=\"\">"),
        ("<script>var a = \"X\"</script>X", "\";alert(1)//", "<script>var a = \"\"</script>&#34;;alert(1)//"),
        ("<style>p { color: X }</style>X", "<b>", "<style>p { color:  }</style>&lt;b&gt;"),
        ("<!-- X -->X", "--><b>", "<!--  -->--&gt;&lt;b&gt;"),
        ("<X>", "script", "< script>"),
        ("<p X>a</p>", "onload=a()", "<p >a</p>"),
        ("<!DOCTYPE html>X", "<", "<!DOCTYPE html>&lt;"),
        ("<a href=\"{{ \"X\" | html }}\">", "javascript:1", "<a href=\"#\">"),
        ("1 < 2 X", "<", "1 < 2 &lt;"),
    ] {
        let text = match page_text.contains("{{") {
            true => page_text.replace("\"X\"", "(index .Alerts 0).Labels.x"),
            false => page_text.replace('X', x),
        };
        assert_eq!(page(&text, evil), expected, "{page_text} with {evil}");
    }
}

#[test]
fn the_mail_of_a_stranger_runs_nothing() {
    let evil = "\"><script>alert(1)</script><a href='javascript:x'>";
    let page = page("{{ template \"email.default.html\" . }}", evil);
    assert!(!page.contains("<script"), "{page}");
    assert!(!page.contains("'javascript"), "{page}");
    assert!(page.contains("&lt;script&gt;"));
}
