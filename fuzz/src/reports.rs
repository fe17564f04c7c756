//! Reports of what strangers wrote, in every format.

use super::entropy::Entropy;
use super::inert;
use convoke::face::apply::{Fate, Outcome};
use convoke::face::findings::findings;
use convoke::face::manifest::Manifests;
use convoke::face::plan::Plan;
use convoke::face::plan::ahead::{Ahead, Coming};
use convoke::face::problem::{Place, Problem, Rule};
use convoke::face::reason::Reason;
use convoke::face::render::{human, json, problems};
use convoke::face::report::{Report, report};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How many bytes one of the input may become: a sign is told by its number, a word may stand on a line of its own.
const FACTOR: usize = 24;

/// What a report has of its own, and what one more of its parts adds to that.
const OWN: usize = 4000;
const PART: usize = 6000;

/// Makes a plan of bytes, with outcomes and with what lies ahead, and manifests with problems: each format of both is inert, as
/// long as what it tells, and has the data.
pub fn reports(data: &[u8]) -> bool {
    let entropy = &mut Entropy(data);
    plans(entropy);
    manifests(entropy);
    true
}

fn plans(entropy: &mut Entropy) {
    let steps = entropy.list(4, step);
    let raw = json!({
        "run": "p", "workspace": entropy.text(), "made": "2026-11-21T05:00:00Z", "managed": entropy.byte(),
        "notes": entropy.list(3, Entropy::text), "steps": steps,
    });
    let plan: Plan = serde_json::from_value(raw.clone()).expect("a plan as it is saved");
    let outcomes: Option<Vec<Outcome>> = entropy.maybe(|it| plan.steps.iter().map(|_| outcome(it)).collect());
    let said = report(&plan, outcomes.as_deref(), entropy.list(2, |it| Reason::MailsLimit.why(it.text())));
    let said = said.with_occurrences(entropy.list(3, ahead));
    let why = entropy.maybe(|it| serde_json::from_value(trouble(it)).expect("a trouble as it is saved"));
    let said = said.with_unsaved(why);
    let all = serde_json::to_value(&said).expect("a report is plain data");
    let told = raw.to_string().len() + format!("{said:?}").len();
    for page in [human::render(&said, false), human::render(&said, true)] {
        inert::text(&page.written(false));
        inert::text(&page.written(true));
        inert::unheard(&page.written(true), false);
        assert!(page.len() < OWN + FACTOR * told, "{} bytes of {told}: {page:?}", page.len());
    }
    let page = json::render(&said);
    inert::unheard(&page.written(true), false);
    for text in [page.written(false), page.written(true)] {
        assert_eq!(inert::json(&text), all);
        assert!(text.len() < OWN + FACTOR * told, "{} bytes of {told}", text.len());
    }
    kept(&raw, &said, &all);
}

/// The data of a plan are those of its report.
fn kept(plan: &Value, said: &Report, all: &Value) {
    assert_eq!(all["notes"], plan["notes"]);
    assert_eq!(all["workspace"], plan["workspace"]);
    let steps = plan["steps"].as_array().expect("steps are a list");
    assert_eq!(steps.len(), said.steps.len());
    for (step, row) in steps.iter().zip(all["steps"].as_array().expect("rows are a list")) {
        for name in ["key", "organizer", "action", "reason", "changes"] {
            assert_eq!(step[name], row[name], "{name}");
        }
        for name in ["notes", "clashes"] {
            assert_eq!(&step[name], row.get(name).unwrap_or(&json!([])), "{name}");
        }
    }
}

fn because(entropy: &mut Entropy) -> Value {
    let cause =
        entropy.one(&["created", "cancelled", "added", "removed", "changed", "date", "skipped", "marked", "again"]);
    json!({"cause": cause, "property": entropy.text(), "date": entropy.text()})
}

fn step(entropy: &mut Entropy) -> Value {
    let actions = ["noop", "create", "update", "replace", "cancel", "adopt", "blocked"];
    let change = |it: &mut Entropy| {
        let cause = it.one(&["manifest", "drift", "both", "unknown"]);
        json!({"field": it.name(), "current": it.value(3), "desired": it.value(3), "cause": cause})
    };
    let mail = |it: &mut Entropy| {
        let kind = it.one(&["invitation", "update", "cancellation", "possible"]);
        json!({
            "kind": kind, "to": it.list(3, Entropy::text), "outside": it.list(2, Entropy::text),
            "rooms": it.list(2, Entropy::text), "because": it.list(3, because),
        })
    };
    json!({
        "key": format!("{}/{}", entropy.one(&["Event", "OnlineMeeting"]), entropy.text()),
        "organizer": entropy.text(), "action": entropy.one(&actions),
        "reason": entropy.maybe(Entropy::text), "hint": entropy.maybe(Entropy::text),
        "changes": entropy.list(4, change), "mail": entropy.list(3, mail),
        "notes": entropy.list(3, Entropy::text), "clashes": entropy.list(3, Entropy::text),
        "lists": entropy.list(2, Entropy::text), "lacks": entropy.maybe(trouble),
        "requests": [], "record": null, "intent": null, "unknown": false, "duplicate": entropy.byte() > 200,
    })
}

fn trouble(entropy: &mut Entropy) -> Value {
    json!({"what": entropy.text(), "details": entropy.list(3, Entropy::text), "hint": entropy.maybe(Entropy::text)})
}

fn outcome(entropy: &mut Entropy) -> Outcome {
    let fates = [Fate::Nothing, Fate::Applied, Fate::Failed, Fate::Blocked, Fate::Unsettled, Fate::Skipped];
    let note = entropy.maybe(|it| serde_json::from_value(trouble(it)).expect("a trouble as it is saved"));
    Outcome { note, ..Outcome::new(fates[entropy.below(fates.len())]) }
}

fn ahead(entropy: &mut Entropy) -> Ahead {
    let coming = |it: &mut Entropy| Coming {
        date: it.text(),
        start: it.maybe(Entropy::text),
        utc: it.maybe(Entropy::text),
        remarks: it.list(2, Entropy::text),
    };
    Ahead {
        key: entropy.text(),
        time_zone: entropy.text(),
        dates: entropy.maybe(|it| u64::from(it.byte())),
        next: entropy.list(3, coming),
    }
}

fn manifests(entropy: &mut Entropy) {
    let files = entropy.list(3, |it| (it.text(), it.list(4, Entropy::text).concat()));
    let files: Vec<(String, String)> = files.into_iter().collect::<BTreeMap<_, _>>().into_iter().collect();
    let list = entropy.list(4, |it| problem(it, &files));
    let manifests =
        Manifests { documents: list.len(), problems: list, texts: files.into_iter().collect(), ..Manifests::default() };
    let told = format!("{:?}{:?}", manifests.problems, manifests.texts).len();
    let parts = manifests.problems.iter().map(|it| 1 + it.also.len()).sum::<usize>();
    let most = OWN + PART * parts + FACTOR * told;
    let found = findings(&manifests, true);
    let people = problems::human(&found, false);
    inert::text(&people.written(false));
    inert::styled(&problems::human(&found, true).written(true));
    let commands = problems::github(&found);
    assert_eq!(commands.lines().filter(|it| it.starts_with("::error file=")).count(), found.total);
    assert_eq!(commands.lines().count(), found.total, "{commands:?}");
    for (page, ours) in [(&people, false), (&commands, true)] {
        inert::text(&page.written(true));
        inert::unheard(&page.written(true), ours);
        assert!(page.len() < most, "{} bytes of {told}: {page:?}", page.len());
    }
    for page in [problems::json(&found), problems::sarif(&found)] {
        inert::unheard(&page.written(true), false);
        assert_eq!(inert::json(&page.written(true)), inert::json(&page.written(false)));
        assert!(page.len() < most, "{} bytes of {told}", page.len());
    }
    told_all(&manifests);
}

/// The data of the problems are in both formats for programs.
fn told_all(manifests: &Manifests) {
    let found = findings(manifests, true);
    let plain = inert::json(&problems::json(&found).written(true));
    let sarif = inert::json(&problems::sarif(&found).written(true));
    for (place, finding) in found.shown.iter().enumerate() {
        assert_eq!(plain["problems"][place]["message"], finding.message);
        assert_eq!(plain["problems"][place]["file"], finding.at.file);
        let text = sarif["runs"][0]["results"][place]["message"]["text"].as_str().expect("a result has a text");
        assert!(text.starts_with(finding.message));
    }
}

fn problem(entropy: &mut Entropy, files: &[(String, String)]) -> Problem {
    let rules = [Rule::Syntax, Rule::Schema, Rule::Meaning];
    Problem {
        rule: rules[entropy.below(3)],
        reason: Reason::Syntax,
        at: place(entropy, files),
        also: entropy.list(3, |it| (place(it, files), it.text())),
        message: entropy.text(),
        hint: entropy.maybe(Entropy::text),
    }
}

/// A place that the file has, as readers make them, or one in a file whose text is not known.
fn place(entropy: &mut Entropy, files: &[(String, String)]) -> Place {
    let Some((file, text)) = files.get(entropy.below(files.len() + 1)) else {
        return Place { file: entropy.text().into(), range: 0..0, line: 1, column: 1 };
    };
    let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let pick = |it: &mut Entropy| ends[(it.below(256) * 256 + it.below(256)) % ends.len()];
    let (one, other) = (pick(entropy), pick(entropy));
    let range = one.min(other)..one.max(other);
    let before = text[..range.start].replace("\r\n", "\n").replace('\r', "\n");
    let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
    Place { file: file.as_str().into(), range, line: before.matches('\n').count() + 1, column }
}
