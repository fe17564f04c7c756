//! The page of a plan: what it may ask of a browser, and that what strangers wrote is text in it. `tests/browser/run` looks at it
//! in a browser.

use crate::support::House;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use convoke::face::sandbox::Options;
use sha2::{Digest, Sha256};

const HOSTILE: &str = "</td><script>alert(1)</script>| \" onmouseover=x ' & {{ 7*7 }} \u{200f}שלום";

fn page(house: &House) -> String {
    let run = house.run(&["plan", "--format", "html"]);
    assert_eq!(run.code, 0, "{run:?}");
    run.out
}

fn within<'a>(page: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = page.split_once(before).unwrap_or_else(|| panic!("`{before}` stands in it"));
    rest.split_once(after).unwrap_or_else(|| panic!("`{after}` stands in it")).0
}

fn event(name: &str, subject: &str) -> String {
    let subject = serde_json::to_string(subject).unwrap();
    format!(
        "apiVersion: convoke.dev/v1\nkind: Event\nmetadata: {{name: {name}}}\nspec: {{subject: {subject}, start: 2038-02-02T10:00, \
         duration: 45m, attendees: [adele@contoso.example]}}\n---\n"
    )
}

#[test]
fn the_page_runs_its_own_script_and_asks_nobody_for_anything() {
    let house = House::new(Options::default());
    house.write("manifests.yaml", &event("weekly", "Weekly"));
    let page = page(&house);
    let policy =
        within(&page, "Content-Security-Policy\" content=\"", "\"").replace("&#x27;", "'").replace("&#x2f;", "/");
    assert!(policy.starts_with("default-src 'none'; "), "{policy}");
    for (before, after, source) in [("<style>", "</style>", "style-src"), ("<script>", "</script>", "script-src")] {
        let hash = BASE64_STANDARD.encode(Sha256::digest(within(&page, before, after)));
        assert!(policy.contains(&format!("{source} 'sha256-{hash}';")), "{source} {policy}");
        assert_eq!(page.matches(before).count(), 1);
    }
    for asks in
        [" src=", "url(", "@import", "http:", "https:", "<link", "<iframe", "<img", " style=", "fetch(", "import("]
    {
        assert!(!page.contains(asks), "{asks}");
    }
}

#[test]
fn what_strangers_wrote_is_text_on_the_page() {
    let house = House::new(Options::default());
    house.write("manifests.yaml", &event("weekly", HOSTILE));
    let page = page(&house);
    let shown = "&lt;&#x2f;td&gt;&lt;script&gt;alert(1)&lt;&#x2f;script&gt;| &quot; onmouseover=x &#x27; &amp; {{ 7*7 }} \u{200f}שלום";
    assert!(page.contains(shown), "{page}");
    assert_eq!(page.matches("<script").count(), 1);
}

#[test]
fn the_page_names_each_step_with_its_changes() {
    let house = House::new(Options::default());
    house.write("manifests.yaml", &(event("board", "Board") + &event("weekly", "Weekly")));
    assert_eq!(house.run(&["apply", "--yes"]).code, 0);
    house.write("manifests.yaml", &(event("board", "Board of all") + &event("daily", "Daily")));
    let (page, plan) = (page(&house), house.json(&["plan"]));
    let steps = plan["steps"].as_array().unwrap();
    assert_eq!(page.matches("<article").count(), steps.len());
    for step in steps {
        let (key, action) = (step["key"].as_str().unwrap().replace('/', "&#x2f;"), step["action"].as_str().unwrap());
        let article = page.split("<article").find(|it| it.contains(&format!("<span class=\"key\">{key}</span>")));
        let article = article.unwrap_or_else(|| panic!("{key} is on the page")).split("</article>").next().unwrap();
        assert!(article.contains(&format!("data-action=\"{action}\"")), "{article}");
        for change in step["changes"].as_array().unwrap() {
            let field = change["field"].as_str().unwrap();
            assert!(article.contains(&format!("<th scope=\"row\">{field}</th>")), "{field}: {article}");
        }
    }
}

/// What stands in the calendar: what becomes of it, when it begins in UTC, and on whose clock.
fn entries(page: &str) -> Vec<String> {
    let entries = page.split("<li class=\"entry ").skip(1);
    let word = |it: &str| {
        let clash = if it.split("</li>").next().unwrap().contains("clash") { " clash" } else { "" };
        let sort = it.split('"').next().unwrap();
        let own = within(it, "<time", "</time>");
        let (start, clock) = (within(own, "data-start=\"", "\""), own.rsplit('>').next().unwrap());
        format!("{sort} {start} {clock}{clash}")
    };
    entries.map(word).collect()
}

fn series(start: &str, more: &str) -> String {
    format!(
        "apiVersion: convoke.dev/v1\nkind: Event\nmetadata: {{name: weekly}}\nspec:\n  subject: Weekly\n  start: {start}\n  duration: \
         45m\n  timeZone: Europe/Berlin\n  recurrence: {{pattern: {{type: weekly, interval: 1, daysOfWeek: [tuesday]}}, range: {{type: \
         numbered, numberOfOccurrences: 4}}}}\n{more}---\n"
    )
}

#[test]
fn the_calendar_has_each_date_that_comes_moves_and_goes() {
    let house = House::new(Options::default());
    // Clocks go forward on 2038-03-28.
    house.write("manifests.yaml", &series("2038-03-16T10:00", ""));
    assert_eq!(
        entries(&page(&house)),
        [
            "new 2038-03-16T09:00:00Z 10:00–10:45",
            "new 2038-03-23T09:00:00Z 10:00–10:45",
            "new 2038-03-30T08:00:00Z 10:00–10:45",
            "new 2038-04-06T08:00:00Z 10:00–10:45",
        ]
    );
    assert_eq!(house.run(&["apply", "--yes"]).code, 0);
    let exceptions = "  exceptions: [{date: 2038-03-23, cancel: true}, {date: 2038-04-06, start: 2038-04-07T08:00}]\n";
    house.write("manifests.yaml", &series("2038-03-16T10:00", exceptions));
    let changed = entries(&page(&house));
    assert_eq!(
        changed,
        [
            "gone 2038-03-23T09:00:00Z 10:00–10:45",
            "away 2038-04-06T08:00:00Z 10:00–10:45",
            "here 2038-04-07T06:00:00Z 08:00–08:45",
        ]
    );
    house.write("manifests.yaml", &series("2038-03-16T10:00", "").replace("subject: Weekly", "subject: Every week"));
    assert!(entries(&page(&house)).iter().all(|it| it.starts_with("changed 2038-0")), "each date has another subject");
    house.write("manifests.yaml", &event("other", "Other"));
    let cancelled = page(&house);
    assert_eq!(entries(&cancelled).iter().filter(|it| it.starts_with("gone ")).count(), 4);
}

#[test]
fn the_calendar_marks_clashes_and_says_what_goes_on() {
    let house = House::new(Options::default());
    let room = "  attendees: [{address: room-baker@contoso.example, type: resource}]\n";
    let endless = series("2038-03-16T10:00", room).replace("numbered, numberOfOccurrences: 4", "noEnd");
    let once = event("once", "Once").replace("2038-02-02T10:00", "2038-03-23T09:30, timeZone: UTC");
    let once = once.replace("[adele@contoso.example]", "[{address: room-baker@contoso.example, type: resource}]");
    house.write("manifests.yaml", &(endless + &once));
    let page = page(&house);
    let clashes: Vec<String> = entries(&page).into_iter().filter(|it| it.ends_with(" clash")).collect();
    assert_eq!(clashes, ["new 2038-03-23T09:00:00Z 10:00–10:45 clash", "new 2038-03-23T09:30:00Z 09:30–10:15 clash"]);
    assert!(page.contains("1 series goes on after the dates shown here"));
    assert!(page.contains("goes on without end"));
    assert_eq!(entries(&page).len(), 12 + 1);
}
