//! The page of a plan: what it may ask of a browser, and that what strangers wrote is text in it. `tests/browser/run` looks at it
//! in a browser.

mod support;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use convoke::face::sandbox::Options;
use sha2::{Digest, Sha256};
use support::House;

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
