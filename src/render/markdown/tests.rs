use super::*;
use crate::kind::KindId;
use crate::model::{Key, Request};
use crate::plan::{Action, Cause, Change, Plan, Step, mail};
use crate::reason::Reason;
use crate::report::report;
use pulldown_cmark::{Event, Parser, Tag};
use serde_json::{Value as Json, json};

fn step(name: &str, action: Action, changes: &[(&str, Json, Json)]) -> Step {
    let mut step = Step::new(Key::new(KindId::Event, name), "alex@contoso.example", action);
    let change = |(field, current, desired): &(&str, Json, Json)| Change {
        field: field.to_string().into(),
        current: current.clone().into(),
        desired: desired.clone().into(),
        cause: Cause::Manifest,
    };
    step.changes = changes.iter().map(change).map(Into::into).collect();
    step.requests = vec![Request { path: "/x".into(), ..Request::default() }];
    step
}

fn plan(steps: Vec<Step>) -> Plan {
    Plan {
        run: "p".into(),
        id: Some("0123456789abcdef".repeat(4)),
        workspace: "contoso-meetings".into(),
        made: jiff::Timestamp::UNIX_EPOCH,
        steps,
        notes: vec![],
        managed: 3,
        secrets: Default::default(),
    }
}

fn rendered(plan: &Plan, refusals: &[&str], options: Options) -> String {
    render(&report(plan, None, refusals.iter().map(|it| Reason::MailsLimit.why(*it)).collect()), &options).to_string()
}

/// A step that mails everybody.
fn mailing(mut step: Step, people: usize) -> Step {
    let people = (0..people).map(|number| format!("guest{number}@fabrikam.example")).collect();
    step.mail = mail::of_create("alex@contoso.example", &people);
    step
}

#[test]
fn a_page_begins_with_the_numbers_and_what_to_look_at() {
    let mut blocked = step("fixed", Action::Blocked, &[("onlineMeetingProvider", json!("a"), json!("b"))]);
    blocked.reason = Some("the provider is fixed".into());
    let made = [
        ("subject", Json::Null, json!("Planning")),
        ("attendees", json!({}), json!({"guest0@fabrikam.example": "required"})),
    ];
    let update = [
        ("subject", json!("Old"), json!("New")),
        ("attendees", json!({"adele@contoso.example": "required"}), json!({})),
    ];
    let all = plan(vec![
        blocked,
        step("gone", Action::Cancel, &[]),
        mailing(step("made", Action::Create, &made), 2),
        step("weekly", Action::Update, &update),
    ]);
    let expect = include_str!("page.md");
    let page = rendered(&all, &["this would remove 3"], Options::default());
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/src/render/markdown/page.md"), &page).unwrap();
    }
    assert_eq!(page, expect);
    let open = rendered(&all, &[], Options { show_addresses: true, ..Options::default() });
    assert!(
        open.contains("adele<wbr>&#x40;contoso.example") && open.contains("alex<wbr>&#x40;contoso.example"),
        "{open}"
    );
}

#[test]
fn nothing_to_do_is_one_line() {
    let page = rendered(&plan(vec![step("same", Action::NoOp, &[])]), &[], Options::default());
    assert_eq!(page, "### convoke: <code>contoso-meetings</code>\n\n**nothing to do**\n\n");
}

#[test]
fn a_page_keeps_its_limit_and_says_what_it_left_out() {
    let body = |sign: &str| json!(format!("{sign}|*@#<ü> ").repeat(30));
    let of = |number: usize| {
        let action = [Action::Create, Action::Update, Action::Cancel, Action::Blocked][number % 4];
        let mut step =
            step(&format!("e{number}"), action, &[("subject", json!("a"), json!("b")), ("body", body("a"), body("b"))]);
        step.reason = Some("because".into());
        step.clashes = vec!["taken".into()];
        mailing(step, 3)
    };
    let all = report(&plan((0..2000).map(of).collect()), None, vec![Reason::MailsLimit.why("too much")]);
    for limit in [LEAST, 5_000, 20_000, 65_535, 100_000] {
        let page = render(&all, &Options { limit, ..Options::default() }).to_string();
        assert!(page.len() <= limit && page.chars().count() < limit, "{limit}: {}", page.len());
        assert!(limit < 5_000 || page.len() > limit * 3 / 4, "{limit}: room is used: {}", page.len());
        for said in
            ["left out to stay below", "details of 2000 steps", "500 to create", "6000 mails to 3 people", "too much"]
        {
            assert!(page.contains(said), "{limit}: {said}: {page}");
        }
        let rows =
            |action: &str| page.lines().filter(|line| line.starts_with("| <code>") && line.contains(action)).count();
        assert!(rows("create") == 0 || rows("cancel") == 500 && rows("blocked") == 500, "{limit}: cancels go last");
        assert_eq!(page.matches("<details>").count(), page.matches("</details>").count());
    }
    let few = report(&plan((0..4).map(of).collect()), None, vec![]);
    let pages = (2_000..8_000).step_by(500);
    let mut pages = pages.map(|limit| render(&few, &Options { limit, ..Options::default() }).to_string());
    assert!(pages.any(|page| page.contains("<details>") && page.contains(" more not shown")), "details in part");
}

const HOSTILE: &str = "</td><script>alert(1)</script>|`a` ``` @octocat #123 GH-1 https://x.example www.x.example <img src=x> ![i](u) [l](u) \
    **b** __u__ ~~s~~ $x$ :smile: </code></details>\n\n# h\n| a | b |\n::error::x ##vso[a]b ##[group]c section_start:1:a \
    \u{1b}[2J\u{202e}\u{200f} <!-- c --> &amp; &#64;x \\* adele.vance@contoso.example 1. - + /close";

#[test]
fn what_strangers_wrote_is_text() {
    let hostile = json!(HOSTILE);
    let long = json!(format!("{HOSTILE} {}", "word ".repeat(100)));
    let mut update = step(
        "weekly",
        Action::Update,
        &[
            ("subject", hostile.clone(), json!(format!("{HOSTILE}2"))),
            ("body", long.clone(), json!(format!("{HOSTILE} new {long}"))),
            ("categories", json!([HOSTILE]), json!([format!("{HOSTILE}3")])),
            (HOSTILE, Json::Null, hostile.clone()),
        ],
    );
    update.organizer = HOSTILE.into();
    update.notes = vec![HOSTILE.into()];
    update.clashes = vec![HOSTILE.into()];
    update.reason = Some(HOSTILE.into());
    let mut create = step("made", Action::Create, &[("subject", Json::Null, hostile)]);
    create.reason = Some(HOSTILE.into());
    let mut blocked = step("held", Action::Blocked, &[]);
    blocked.reason = Some(HOSTILE.into());
    let mut all = plan(vec![blocked, create, update]);
    all.workspace = HOSTILE.into();
    all.notes = vec![HOSTILE.into()];
    let page = rendered(&all, &[HOSTILE], Options::default());
    assert!(!page.contains("vance") && page.contains("a…e<wbr>&#x40;contoso.example"), "{page}");
    assert_eq!(outside(&page), Vec::<String>::new(), "{page}");
}

/// What a rendered page has that the program does not write, and what a site would make of its words.
fn outside(page: &str) -> Vec<String> {
    let ours = [
        "<code>",
        "<wbr>",
        "</code>",
        "<del>",
        "</del>",
        "<ins>",
        "</ins>",
        "<details>",
        "</details>",
        "<summary>",
        "</summary>",
    ];
    let mut html = String::new();
    let events = Parser::new_ext(page, pulldown_cmark::Options::all());
    let events: Vec<Event> = events.collect();
    let strange = events.iter().filter(|event| {
        matches!(
            event,
            Event::Start(
                Tag::Link { .. }
                    | Tag::Image { .. }
                    | Tag::CodeBlock(_)
                    | Tag::FootnoteDefinition(_)
                    | Tag::Strikethrough
                    | Tag::BlockQuote(_)
            ) | Event::Code(_)
                | Event::InlineMath(_)
                | Event::DisplayMath(_)
                | Event::Rule
                | Event::HardBreak
                | Event::TaskListMarker(_)
                | Event::FootnoteReference(_)
        )
    });
    let mut found: Vec<String> = strange.map(|event| format!("{event:?}")).collect();
    let tables = events.iter().filter(|event| matches!(event, Event::Start(Tag::Table(_)))).count();
    let headings = events.iter().filter(|event| matches!(event, Event::Start(Tag::Heading { .. }))).count();
    let cells = events.iter().filter(|event| matches!(event, Event::Start(Tag::TableCell))).count();
    if (tables, headings, cells % 4) != (1, 1, 0) {
        found.push(format!("{tables} tables, {headings} headings, {cells} cells"));
    }
    pulldown_cmark::html::push_html(&mut html, events.into_iter());
    for tag in html.split('<').skip(1).map(|rest| format!("<{}", rest.split_inclusive('>').next().unwrap_or_default()))
    {
        let structure = ["p", "strong", "em", "ul", "li", "h3", "table", "thead", "tbody", "tr", "th", "td", "br /"];
        let written = structure.iter().any(|it| tag == format!("<{it}>") || tag == format!("</{it}>"));
        found.extend((!written && !ours.contains(&tag.as_str())).then_some(tag));
    }
    found.extend(linked(&html));
    found.extend(page.lines().filter(|line| line.starts_with(['/', ':'])).map(str::to_owned));
    found.extend(page.chars().filter(|it| *it != '\n' && crate::inert::is_sign(*it)).map(|it| format!("{it:?}")));
    found
}

/// What a site would make of a page's words, outside of code: there it leaves them alone.
fn linked(html: &str) -> Vec<String> {
    let mut plain = String::new();
    for (place, part) in html.split("<code>").enumerate() {
        plain.push_str(if place == 0 { part } else { part.split_once("</code>").expect("it is closed").1 });
        plain.push(' ');
    }
    // In raw HTML a reference stays one.
    let plain =
        ('!'..='~').fold(plain, |plain, it| plain.replace(&format!("&#x{:x};", u32::from(it)), &it.to_string()));
    let mut found = vec![];
    for word in ["@", "#", "://", "www.", "GH-", "smile:", "octocat", "script", "$", "::"] {
        found.extend(plain.contains(word).then(|| format!("{word} in plain text: {plain}")));
    }
    found
}
