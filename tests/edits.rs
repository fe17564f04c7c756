//! A thousand random edits of random manifests, one after the other: no join link is lost, no mail goes out that was not
//! forecast, and every apply settles.
//!
//! An edit that a manifest may not hold is thrown away, so that all that is left is what an author could write. Every run is
//! told by its seed.

use crate::support::lab::Lab;
use crate::support::meddle::meddle;
use crate::support::random::{Manifests, edit, text};
use convoke::face::model::Request;
use convoke::face::plan::{Action, Step};
use fastrand::Rng;
use std::collections::BTreeMap;

#[test]
fn a_thousand_random_edits_keep_every_link_and_mail_nobody_by_surprise() {
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..4).map(|seed| scope.spawn(move || run(seed, 250))).collect();
        runs.into_iter().filter_map(|run| run.join().unwrap().err()).collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Applies so many edits one after the other; the error tells the first that went wrong.
fn run(seed: u64, edits: usize) -> Result<(), String> {
    let mut rng = Rng::with_seed(seed);
    let mut lab = Lab::new("2031-01-01T00:00:00Z");
    let mut manifests = Manifests::new();
    let mut done = 0;
    let mut actions: BTreeMap<String, usize> = BTreeMap::new();
    while done < edits {
        let mut next = manifests.clone();
        let mut said: Vec<String> = (0..rng.usize(1..4)).map(|_| edit(&mut rng, &mut next)).collect();
        let text = text(&next);
        let read = Lab::read(&text);
        if !read.manifests.problems.is_empty() {
            continue;
        }
        if rng.u8(0..6) == 0 {
            said.push(meddle(&mut rng, &mut lab));
        }
        let round = lab.apply(&read);
        if !round.wrong.is_empty() {
            let acts = |step: &&Step| step.action != Action::NoOp;
            let steps: Vec<String> = round.plan.steps.iter().filter(acts).map(told).collect();
            return Err(format!(
                "seed {seed}, edit {done}: {}\n{}\nplan:\n{}\nbefore:\n{}\nnow:\n{text}",
                said.join("; "),
                round.wrong.join("\n"),
                steps.join("\n"),
                self::text(&manifests),
            ));
        }
        for step in &round.plan.steps {
            *actions.entry(format!("{:?}", step.action)).or_default() += 1;
        }
        manifests = next;
        done += 1;
    }
    worth_something(&actions).map_err(|error| format!("seed {seed}: {error}"))
}

/// A step with its changes and requests, for who looks into a run that went wrong.
fn told(step: &Step) -> String {
    let changes = step.changes.iter().map(|it| format!("    {}: {} -> {}", it.field, it.current, it.desired));
    let path = |it: &Request| it.path.split("$").next().unwrap_or("").to_owned();
    let requests = step.requests.iter().map(|it| format!("    {} {}", it.method, path(it)));
    format!(
        "  {:?} {} {:?}\n{}\n{}",
        step.action,
        step.key,
        step.reason,
        changes.collect::<Vec<_>>().join("\n"),
        requests.collect::<Vec<_>>().join("\n")
    )
}

/// The edits of a run must have led to each kind of step often enough.
fn worth_something(actions: &BTreeMap<String, usize>) -> Result<(), String> {
    let least = [("Create", 20), ("Update", 120), ("Cancel", 10), ("Replace", 1)];
    for (action, least) in least {
        let number = actions.get(action).copied().unwrap_or(0);
        if number < least {
            return Err(format!("only {number} times {action}: {actions:?}"));
        }
    }
    Ok(())
}
