use super::*;

#[test]
fn what_is_open_at_the_end_is_closed_there() {
    for (html, closing) in [
        ("", ""),
        ("plain", ""),
        ("a < b", ""),
        ("<p>one<p>two<br>", ""),
        ("<ul><li>one</ul>", ""),
        ("<p title=\"a > b\">x</p>", ""),
        ("<p ='>x", ""),
        ("<p a=b'>x", ""),
        ("<!-->x", ""),
        ("<!-- a --!>x", ""),
        ("<!doctype html><html><body>x</body></html>", ""),
        ("<style>p { color: red }</style>x", ""),
        ("<STYLE>p</Style >x", ""),
        ("<script>if (a < b) \"</script>x", ""),
        ("</div></b>x", ""),
        ("<div><b>x", "</b></div>"),
        ("<b><i>x</b>", ""),
        ("<div style=\"display:none\"><p>x", "</div>"),
        ("x<style>p {", "</style>"),
        ("x<style>p </styles>", "</style>"),
        ("<div>x<script>a", "--></script></div>"),
        ("x<textarea>", "</textarea>"),
        ("x<!-- a > b", "-->"),
        ("x<!doctype", ">"),
        ("x</ b", ">"),
        ("<a href=\"x", "\"></a>"),
        ("<div><a href = 'x>y</a>", "'></a></div>"),
        ("<div", "></div>"),
        ("<div>x</div", ">"),
        ("x<style a='", "'></style>"),
        ("x<br", ">"),
    ] {
        assert_eq!(ends(html).closing, closing, "{html}");
        assert_eq!(ends(&closed(html)).closing, "", "{html}");
    }
}

#[test]
fn what_swallows_the_rest_is_named() {
    for (html, swallows) in [
        ("<div>x", None),
        ("x<!-- a", Some("a comment")),
        ("<a href='x", Some("a quote")),
        ("<a ", Some("a tag")),
        ("<style>", Some("`<style>`")),
    ] {
        assert_eq!(ends(html).swallows.as_deref(), swallows, "{html}");
    }
}

#[test]
fn a_text_has_words_or_it_has_none() {
    for (html, expect) in [
        ("", false),
        (" <p>&nbsp;&#160;\u{200b}</p>\n<!-- words --><style>words</style><img src=\"words\">", false),
        ("<p style='display:block'></p>", false),
        ("<b>x</b>", true),
        ("&amp;", true),
        ("👍", true),
        ("<", true),
        ("R&D", true),
        ("<style>words", false),
    ] {
        assert_eq!(ends(html).has_words, expect, "{html}");
    }
}

#[test]
fn words_are_what_stands_between_the_markup() {
    for (html, expect) in [
        ("a<b>B</b> c", "aB c"),
        ("<P>a</P><p>B", "\na\n\nB"),
        ("a < b &amp; c<!-- x --><style>y</style>", "a &lt; b &amp; c\n\n"),
        ("<td>a</td><td>b</td>", "\na\n\nb\n"),
        ("a<img alt=x><o:p>&nbsp;</o:p><script>y", "a&nbsp;\n"),
        ("<!-- - -- --->a<!----!>b", "ab"),
    ] {
        assert_eq!(words(html, false), expect, "{html}");
    }
}

/// A text may be hostile: a million open elements and end tags of nothing are read in one pass.
#[test]
fn much_that_is_open_takes_no_longer() {
    let html = "<b>".repeat(100_000) + &"</i>".repeat(100_000) + &"<!".repeat(100_000);
    assert!(ends(&html).closing.len() > 300_000);
    let comments = "<!-- -->".repeat(200_000);
    assert_eq!(words(&(comments + "x"), false), "x");
}
