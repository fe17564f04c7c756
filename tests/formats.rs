//! Every format of a plan names the same steps, changes and numbers of mails: they are read back out of what is shown.
//!
//! Every plan is told by its seed: `FORMATS=1000` makes more of them. A new format is one more function and one more line.

use crate::support::lab::Lab;
use crate::support::number;
use crate::support::random::{Manifests, edit, text};
use convoke::face::plan::saved::Saved;
use convoke::face::render::{html, human, json, markdown};
use convoke::face::report::{Report, report};
use fastrand::Rng;
use serde_json::Value;
use std::collections::BTreeMap;

/// What a text says of a plan.
#[derive(Debug, Default, PartialEq)]
struct Said {
    /// By key, those that do something.
    steps: BTreeMap<String, Step>,
    /// Mails, people, rooms, and who of them is outside.
    total: [usize; 4],
}

#[derive(Debug, Default, PartialEq)]
struct Step {
    action: String,
    /// Names of properties, sorted.
    changes: Vec<String>,
    /// How many mails there are of each sort.
    mails: BTreeMap<String, usize>,
}

#[test]
fn every_format_of_random_plans_names_the_same_steps_changes_and_mails() {
    let each = number("FORMATS", 200).div_ceil(4);
    let ends: Vec<Result<[usize; 3], String>> = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..4).map(|seed| scope.spawn(move || walk(seed, each))).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    let wrong: Vec<&String> = ends.iter().filter_map(|end| end.as_ref().err()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    // What is not told is not compared.
    let told = ends.into_iter().flatten().fold([0; 3], plus);
    assert!(told[0] > 300 && told[1] > 600 && told[2] > 250, "steps, changes, mails: {told:?}");
}

fn plus(one: [usize; 3], other: [usize; 3]) -> [usize; 3] {
    [one[0] + other[0], one[1] + other[1], one[2] + other[2]]
}

/// Makes so many plans, one after the other applied; returns how many steps, changes and mails they told.
fn walk(seed: u64, plans: u64) -> Result<[usize; 3], String> {
    let (mut rng, mut manifests, mut told) = (Rng::with_seed(seed), Manifests::new(), [0; 3]);
    let mut lab = Lab::new("2031-01-01T00:00:00Z");
    for plan in 0..plans {
        edited(&mut rng, &mut manifests);
        let project = Lab::read(&text(&manifests));
        let planned = lab.planned(&project);
        let all = report(&planned.plan, None, planned.refusals.clone());
        told = plus(told, same(&all).map_err(|error| format!("seed {seed}, plan {plan}: {error}"))?);
        if planned.refusals.is_empty() && planned.plan.id.is_some() {
            let (saved, shown) = (sent(&lab.saved(&project, &planned)), sent_by(&planned.plan));
            if saved != shown {
                return Err(format!("seed {seed}, plan {plan}: saved {saved:?}\nplanned {shown:?}"));
            }
        }
        lab.apply(&project);
    }
    Ok(told)
}

/// Makes some edits that a manifest may hold.
fn edited(rng: &mut Rng, manifests: &mut Manifests) {
    loop {
        let mut next = manifests.clone();
        (0..rng.usize(1..6)).for_each(|_| _ = edit(rng, &mut next));
        if next != *manifests && Lab::read(&text(&next)).manifests.problems.is_empty() {
            *manifests = next;
            return;
        }
    }
}

/// Compares what all formats say; returns how many steps, changes and mails that is.
fn same(all: &Report) -> Result<[usize; 3], String> {
    let expect = of_json(&json::render(all));
    let masked = markdown::render(all, &markdown::Options::default());
    let open = markdown::render(all, &markdown::Options { show_addresses: true, ..Default::default() });
    for (format, page, said) in [
        ("human", human::render(all, true).to_string(), of_human(&human::render(all, true))),
        ("markdown", masked.to_string(), of_markdown(&masked)),
        ("markdown with addresses", open.to_string(), of_markdown(&open)),
        ("html", html::render(all, true).to_string(), of_html(&html::render(all, true))),
    ] {
        if said != expect {
            return Err(format!("{format}: {said:#?}\njson: {expect:#?}\n{page}"));
        }
    }
    Ok([expect.steps.len(), expect.steps.values().map(|step| step.changes.len()).sum(), expect.total[0]])
}

/// What a plan sends something for, by key.
fn sent_by(plan: &convoke::face::plan::Plan) -> BTreeMap<String, Value> {
    let steps = plan.steps.iter().filter(|step| !step.requests.is_empty());
    steps.map(|step| (step.key.to_string(), serde_json::to_value(step.action).unwrap())).collect()
}

fn sent(saved: &Saved) -> BTreeMap<String, Value> {
    let saved = serde_json::to_value(saved).unwrap();
    let steps = saved["steps"].as_array().unwrap().iter();
    steps.map(|step| (step["key"].as_str().unwrap().to_owned(), step["action"].clone())).collect()
}

fn of_json(page: &str) -> Said {
    let all: Value = serde_json::from_str(page).unwrap();
    let of_step = |step: &Value| {
        let changes = step["changes"].as_array().unwrap().iter().chain(step["drift"].as_array().into_iter().flatten());
        let mut told = Step { action: step["action"].as_str().unwrap().into(), ..Step::default() };
        told.changes = changes.map(|it| it["field"].as_str().unwrap().to_owned()).collect();
        for mail in step["mail"].as_array().unwrap() {
            *told.mails.entry(mail["kind"].as_str().unwrap().into()).or_default() +=
                usize::try_from(mail["count"].as_u64().unwrap()).unwrap();
        }
        (step["key"].as_str().unwrap().to_owned(), told)
    };
    let number = |name: &str| usize::try_from(all["summary"]["mails"][name].as_u64().unwrap()).unwrap();
    let steps = all["steps"].as_array().unwrap().iter().filter(|step| step["action"] != "noop").map(of_step).collect();
    sorted(Said { steps, total: ["total", "people", "rooms", "outside"].map(number) })
}

fn of_human(page: &str) -> Said {
    let (mut said, mut key) = (Said::default(), String::new());
    for line in unwrapped(page) {
        let label = line.trim_start().split_once(": ").filter(|(label, _)| !label.contains(' '));
        match (line.len() - line.trim_start().len(), label) {
            (0, Some(("mail", text))) => said.total = total(text),
            (4, Some(("note" | "clash", _))) => {}
            (4, Some(("mail", text))) => mailed(said.steps.entry(key.clone()).or_default(), text),
            (4, Some((field, _))) => said.steps.entry(key.clone()).or_default().changes.push(field.into()),
            (0 | 2, None) if line.contains('/') => {
                let (name, does) = line[line.find(' ').map_or(0, |it| it)..].trim().split_once("  ").unwrap();
                name.clone_into(&mut key);
                does.split(' ').next().unwrap().clone_into(&mut said.steps.entry(key.clone()).or_default().action);
            }
            _ => {}
        }
    }
    said.steps.retain(|_, step| step.action != "unchanged");
    sorted(said)
}

/// Lines as they were before they were broken to fit, without colours.
fn unwrapped(page: &str) -> Vec<String> {
    let mut lines: Vec<String> = vec![];
    for line in page
        .split('\u{1b}')
        .map(|it| it.strip_prefix('[').map_or(it, |it| it.split_once('m').unwrap().1))
        .collect::<String>()
        .lines()
    {
        match (line.starts_with("     "), lines.last_mut()) {
            (true, Some(last)) => *last += &format!(" {}", line.trim_start()),
            _ => lines.push(line.to_owned()),
        }
    }
    lines
}

fn of_markdown(page: &str) -> Said {
    assert!(!page.contains("left out to stay below"), "{page}");
    let (mut said, mut key) = (Said::default(), String::new());
    for line in page.lines() {
        let text = plain(line);
        if line.starts_with("**") && line.contains('·') {
            said.total = total(text.split_once(" · ").unwrap().1);
        } else if line.starts_with("| <code>") {
            let cells: Vec<&str> = text.split(" | ").collect();
            let action = cells[0].rsplit(' ').next().unwrap();
            let mut step = Step { action: action.into(), ..Step::default() };
            for part in cells[3].trim_end_matches(" |").split(", ").filter(|it| !it.trim().is_empty()) {
                let (number, sort) = part.split_once(' ').unwrap();
                *step.mails.entry(sort_of(sort)).or_default() += number.parse::<usize>().unwrap();
            }
            said.steps.insert(cells[1].into(), step);
        } else if let Some(title) = line.strip_prefix("<details><summary>") {
            title.split("<code>").nth(2).unwrap().split("</code>").next().unwrap().clone_into(&mut key);
        } else if let Some(field) = line.strip_prefix("- <code>") {
            let field = plain(field.split_once("</code>").unwrap().0);
            said.steps.get_mut(&key).expect("it has a row").changes.push(field);
        }
    }
    said.steps.retain(|_, step| step.action != "unchanged");
    sorted(said)
}

fn of_html(page: &str) -> Said {
    let between = |text: &str, from: &str, to: &str| -> Vec<String> {
        let parts = text.split(from).skip(1);
        parts.map(|part| plain(part.split_once(to).unwrap().0)).collect()
    };
    let (head, _) = page.split_once("<main>").unwrap();
    let mails = between(head, "<dt>mail</dt>", "</div>");
    let mut said = Said { total: mails.first().map(|it| total(it)).unwrap_or_default(), ..Said::default() };
    for article in page.split("<article ").skip(1) {
        let article = article.split_once("</article>").unwrap().0;
        let does = between(article, "<span class=\"does\">", "</span>").remove(0);
        let action = does.split(' ').next().unwrap().to_owned();
        let mut step = Step { action, changes: between(article, "<th scope=\"row\">", "</th>"), ..Step::default() };
        between(article, "<dt>mail</dt>", "</div>").iter().for_each(|text| mailed(&mut step, text));
        said.steps.insert(between(article, "<span class=\"key\">", "</span>").remove(0), step);
    }
    said.steps.retain(|_, step| step.action != "unchanged");
    sorted(said)
}

/// A line without tags, and with its references resolved.
fn plain(line: &str) -> String {
    let mut parts = line.split('<');
    let first = parts.next().unwrap().to_owned();
    let text = parts.fold(first, |text, part| text + part.split_once('>').unwrap().1);
    let text = ('!'..='~').fold(text, |text, it| text.replace(&format!("&#x{:x};", u32::from(it)), &it.to_string()));
    text.trim().to_owned()
}

/// Adds mails of one sort: `2 updates each to a@x, b@x, because …`.
fn mailed(step: &mut Step, text: &str) {
    let (what, whom) = text.split_once(" to ").unwrap();
    let times = what.split(' ').next().unwrap().parse().unwrap_or(1);
    let people = whom.split(", because ").next().unwrap().matches('@').count();
    *step.mails.entry(sort_of(what)).or_default() += times * people;
}

fn sort_of(text: &str) -> String {
    let sorts = ["possible", "invitation", "update", "cancellation"];
    sorts.into_iter().find(|it| text.contains(it)).unwrap_or_else(|| panic!("{text}")).into()
}

/// The numbers of a sentence such as `4 mails to 2 people and 1 room, 1 outside contoso.example`.
fn total(text: &str) -> [usize; 4] {
    if text.starts_with("nobody") {
        return [0; 4];
    }
    let words: Vec<&str> = text.split(' ').map(|it| it.trim_matches([',', ';', ':'])).collect();
    let before = |names: &[&str]| {
        let place = words.iter().position(|it| names.contains(it)).filter(|place| *place > 0);
        place.and_then(|place| words[place - 1].parse().ok()).unwrap_or_default()
    };
    [before(&["mail", "mails"]), before(&["person", "people"]), before(&["room", "rooms"]), before(&["outside"])]
}

fn sorted(mut said: Said) -> Said {
    said.steps.values_mut().for_each(|step| step.changes.sort());
    said
}
