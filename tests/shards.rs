//! One plan that several runs send a part of each: together they refuse what one run would have refused, and send what it would have
//! sent.

use crate::support::lab::{Lab, Mails, forecast};
use crate::support::random::{Manifests, edit, text};
use crate::support::{House, Run, number};
use convoke::face::kind::workspace::{Limits, Share};
use convoke::face::plan::{Action, Plan};
use convoke::face::reconcile::{Planned, Project};
use convoke::face::sandbox::Options;
use fastrand::Rng;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What is left to do, by key.
fn left(plan: &Plan) -> BTreeSet<String> {
    let steps = plan.steps.iter().filter(|step| step.action != Action::NoOp);
    steps.map(|step| format!("{} {:?} {:?}", step.key, step.action, step.reason)).collect()
}

fn words(planned: &Planned) -> Vec<String> {
    planned.refusals.iter().map(|it| it.what.clone()).collect()
}

/// Limits of which some are reached and some are not.
fn limits(rng: &mut Rng) -> Limits {
    let share = |rng: &mut Rng| if rng.bool() { Share::Percent(100) } else { Share::Count(rng.u64(1..5)) };
    let number = |rng: &mut Rng| rng.bool().then(|| rng.u64(3..30));
    Limits {
        removals: share(rng),
        changes: share(rng),
        mails: number(rng),
        outside: number(rng),
        per: rng.bool().then(|| "24h".parse().unwrap()),
        ..Limits::default()
    }
}

/// Sends what a part of a plan holds, and returns the mail of it; what went out is what this part announced.
fn send(lab: &Lab, project: &Project, planned: &Planned) -> Mails {
    let mailed = lab.house.sandbox().mails().len();
    let done = lab.send(project, planned);
    let sent = lab.mails(mailed);
    assert_eq!(sent, forecast(&planned.plan.own()));
    for (step, outcome) in planned.plan.steps.iter().zip(&done.outcomes) {
        let quiet = step.action == Action::NoOp || step.elsewhere;
        assert_eq!(quiet, format!("{:?}", outcome.fate) == "Nothing", "{}: {outcome:?}", step.key);
    }
    sent
}

/// Plans in all shards before any of them sends: they judge alike, and each step is of one of them.
fn judge(lab: &Lab, project: &Project, of: u16, whole: &Planned) {
    let mut sent = BTreeMap::<String, usize>::new();
    for number in 1..=of {
        let part = lab.planned_part(project, &format!("{number}/{of}"));
        assert_eq!((words(&part), &part.plan.id), (words(whole), &whole.plan.id), "shard {number} of {of}");
        let own = part.plan.own();
        let sends = own.steps.iter().filter(|step| !matches!(step.action, Action::NoOp | Action::Blocked));
        assert_eq!(part.part().map(|it| it.sends), Some(sends.clone().count()));
        sends.for_each(|step| {
            *sent.entry(format!("{} {:?} {}", step.key, step.action, step.duplicate)).or_default() += 1
        });
    }
    assert!(sent.values().all(|times| *times == 1), "{sent:?}");
    assert_eq!(sent.len(), lab.planned_part(project, "1/1").part().map_or(0, |it| it.sends));
}

/// Applies some manifests in one run, and in shards one after the other; nothing differs but who sends what. Returns whether they were
/// applied and not refused.
fn both(rng: &mut Rng, [one, several]: [&mut Lab; 2], manifests: &Manifests, context: &str) -> bool {
    let project = Lab::read(&text(manifests));
    let (planned, whole) = (one.planned(&project), several.planned(&project));
    assert_eq!(words(&planned), words(&whole), "{context}");
    let of = rng.u16(2..=8);
    judge(several, &project, of, &whole);
    if !planned.refusals.is_empty() {
        return false;
    }
    let sent = send(one, &project, &planned);
    let mut order: Vec<u16> = (1..=of).collect();
    rng.shuffle(&mut order);
    let mut together = Mails::new();
    for number in order {
        let mut part = several.planned_part(&project, &format!("{number}/{of}"));
        part.hold_to(whole.plan.id.as_deref().unwrap(), &several.state().state());
        assert_eq!(words(&part), Vec::<String>::new(), "{context}: shard {number} of {of}");
        for (key, times) in send(several, &project, &part) {
            *together.entry(key).or_default() += times;
        }
    }
    assert_eq!(sent, together, "{context}");
    assert_eq!(left(&one.plan(&project)), left(&several.plan(&project)), "{context}");
    true
}

#[test]
fn all_shards_together_refuse_and_send_what_one_run_does() {
    let (mut applied, mut refused) = (0, 0);
    for seed in 0..number("SEEDS", 8) {
        let mut rng = Rng::with_seed(seed);
        let (mut one, mut several) = (Lab::new("2031-01-01T00:00:00Z"), Lab::new("2031-01-01T00:00:00Z"));
        let mut manifests = Manifests::new();
        for round in 0..4 {
            for _ in 0..rng.u8(3..9) {
                edit(&mut rng, &mut manifests);
            }
            let team = rng.u8(2..12);
            for spec in manifests.values_mut().filter(|spec| spec.get("organizer").is_none()) {
                spec["organizer"] = json!(format!("team-{}@contoso.example", rng.u8(0..team)));
            }
            if round > 0 {
                one.limits = limits(&mut rng);
                several.limits = one.limits.clone();
            }
            let now = one.now.checked_add(jiff::SignedDuration::from_mins(20)).unwrap();
            (one.now, several.now) = (now, now);
            match both(&mut rng, [&mut one, &mut several], &manifests, &format!("seed {seed}, round {round}")) {
                true => applied += 1,
                false => refused += 1,
            }
        }
    }
    assert!(applied >= 10 && refused >= 5, "{applied} applied, {refused} refused");
}

const TEAMS: [&str; 6] = ["alex", "adele", "megan", "lee", "isaiah", "nestor"];

fn manifests(subject: &str) -> String {
    let event = |name: &&str| {
        format!(
            "---\napiVersion: convoke.dev/v1\nkind: Event\nmetadata: {{name: {name}}}\nspec: {{organizer: {name}@contoso.example, \
             subject: {subject}, start: 2038-02-02T10:00, duration: 45m, attendees: [guest-of-{name}@contoso.example]}}\n"
        )
    };
    TEAMS.iter().map(event).collect()
}

fn shard(number: usize) -> String {
    format!("{number}/3")
}

fn apply(house: &House, more: &[&str]) -> Run {
    house.run(&[&["apply", "--yes"], more].concat())
}

fn told(run: &Run) -> String {
    (run.out.clone() + &run.err).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Applies all three shards with the id of the plan that was approved before the first of them.
#[test]
fn one_approval_holds_for_every_shard() {
    let house = House::new(Options::default());
    house.write("manifests.yaml", &manifests("Weekly"));
    let plan = house.json(&["plan", "--shard", "2/3"]);
    let id = plan["planId"].as_str().unwrap();
    let sends: Vec<u64> = (1..=3)
        .map(|number| {
            let plan = house.json(&["plan", "--shard", &shard(number)]);
            assert_eq!(plan["planId"], id);
            assert_eq!(
                (&plan["shard"]["number"], &plan["shard"]["of"], &plan["shard"]["steps"]),
                (&json!(number), &json!(3), &json!(6))
            );
            let elsewhere =
                plan["steps"].as_array().unwrap().iter().filter(|step| step["elsewhere"] == true).count() as u64;
            assert_eq!(plan["shard"]["sends"], json!(6 - elsewhere));
            6 - elsewhere
        })
        .collect();
    assert!(sends.iter().sum::<u64>() == 6 && sends.iter().all(|it| *it < 6), "{sends:?}");
    let plan = house.run(&["plan", "--shard", "2/3"]);
    assert!(told(&plan).contains(&format!("shard: 2 of 3 sends {} of 6 steps", sends[1])), "{plan:?}");
    assert!(plan.out.contains(", by another shard"), "{plan:?}");
    let comment = house.run(&["plan", "--shard", "2/3", "--format", "markdown"]);
    assert!(comment.out.contains(&format!(" · shard 2 of 3 sends {} of 6 steps", sends[1])), "{comment:?}");
    for (number, sends) in [3, 1, 2].into_iter().zip([sends[2], sends[0], sends[1]]) {
        let mailed = house.sandbox().mails().len();
        let run = house.run(&["apply", "--plan-id", id, "--shard", &shard(number)]);
        assert!(run.code == 0, "shard {number}: {run:?}");
        assert_eq!((house.sandbox().mails().len() - mailed) as u64, sends);
    }
    // Once more, in any of them: there is nothing to do.
    let run = house.run(&["apply", "--plan-id", id, "--shard", "1/3"]);
    assert!(run.code == 0 && told(&run).contains("nothing to do"), "{run:?}");
    let plan = house.run(&["plan", "--detailed-exitcode"]);
    assert!(plan.code == 0, "{plan:?}");
}

/// What became another after the approval is refused in the shard that would send it, and in no other.
#[test]
fn what_was_not_approved_is_sent_by_no_shard() {
    let house = House::new(Options::default());
    house.write("manifests.yaml", &manifests("Weekly"));
    let id = house.json(&["plan"])["planId"].as_str().unwrap().to_owned();
    let of = |number: usize| -> Vec<String> {
        let plan = house.json(&["plan", "--shard", &shard(number)]);
        let own = plan["steps"].as_array().unwrap().iter().filter(|step| step["elsewhere"] != true);
        own.map(|step| step["key"].as_str().unwrap().to_owned()).collect()
    };
    let full: Vec<usize> = (1..=3).filter(|number| !of(*number).is_empty()).collect();
    let [first, other, ..] = full[..] else { panic!("{full:?}") };
    let changed = of(other)[0].strip_prefix("Event/").unwrap().to_owned();
    // Nobody has begun it: another plan is another plan.
    let before = manifests("Weekly");
    let after = before.replace(
        &format!("{changed}@contoso.example, subject: Weekly"),
        &format!("{changed}@contoso.example, subject: Daily"),
    );
    house.write("manifests.yaml", &after);
    let run = house.run(&["apply", "--plan-id", &id, "--shard", &shard(first)]);
    assert!(run.code == 1 && told(&run).contains("and approved was"), "{run:?}");
    house.write("manifests.yaml", &before);
    let run = house.run(&["apply", "--plan-id", &id, "--shard", &shard(first)]);
    assert!(run.code == 0, "{run:?}");
    house.write("manifests.yaml", &after);
    let writes = house.writes();
    let run = house.run(&["apply", "--plan-id", &id, "--shard", &shard(other)]);
    assert!(run.code == 1 && told(&run).contains("and approved was"), "{run:?}");
    assert_eq!(house.writes(), writes);
    // Without a shard it is another plan too.
    house.write("manifests.yaml", &before);
    let run = house.run(&["apply", "--plan-id", &id]);
    assert!(run.code == 1 && told(&run).contains("and approved was"), "{run:?}");
    let run = house.run(&["apply", "--plan-id", &id, "--shard", &shard(other)]);
    assert!(run.code == 0, "{run:?}");
}

#[test]
fn a_saved_plan_is_applied_in_shards() {
    let house = House::new(Options::default());
    house.write("manifests.yaml", &manifests("Weekly"));
    let saved = house.run(&["plan", "--out", "plan.json", "--shard", "1/3"]);
    assert_eq!(saved.code, 0, "{saved:?}");
    house.write("manifests.yaml", "");
    for number in 1..=3 {
        let run = house.run(&["apply", "--yes", "--shard", &shard(number), "--workspace", "convoke.yaml", "plan.json"]);
        assert!(run.code == 0, "shard {number}: {run:?}");
    }
    assert_eq!(house.sandbox().mails().len(), 6);
}

/// They share the lock of the state: those who come later wait for it, and what the first one sent counts.
#[test]
fn shards_in_jobs_side_by_side_wait_for_each_other() {
    let house = House::new(Options::default());
    house.write("manifests.yaml", &manifests("Weekly"));
    let start = |number: usize| {
        let arguments = ["apply", "--yes", "--lock-timeout", "2m", "--shard", &shard(number)].map(str::to_owned);
        let mut program = house.program();
        program.args(arguments);
        std::thread::spawn(move || crate::support::run(&mut program))
    };
    let running: Vec<_> = (1..=3).map(start).collect();
    for (number, it) in running.into_iter().enumerate() {
        let run = it.join().unwrap();
        assert!(run.code == 0, "shard {}: {run:?}", number + 1);
    }
    let mails: Vec<String> = house.sandbox().mails().iter().map(|mail| mail.to.clone()).collect();
    assert_eq!((mails.len(), mails.iter().collect::<BTreeSet<_>>().len()), (6, 6), "{mails:?}");
    let run = apply(&house, &[]);
    assert!(run.code == 0 && told(&run).contains("nothing to do"), "{run:?}");
}

/// A move from one mailbox to another is sent by one shard alone.
#[test]
fn a_move_between_two_mailboxes_is_of_one_shard() {
    let house = House::new(Options::default());
    let manifest = |organizer: &str| {
        let lifecycle = "lifecycle: {onImmutable: replace}";
        let text =
            manifests("Weekly").replace("metadata: {name: alex}", &format!("metadata: {{name: alex}}\n{lifecycle}"));
        text.replace("organizer: alex@", &format!("organizer: {organizer}@"))
    };
    house.write("manifests.yaml", &manifest("alex"));
    assert_eq!(apply(&house, &[]).code, 0);
    for to in ["megan", "lee", "isaiah"] {
        house.write("manifests.yaml", &manifest(to));
        let senders: Vec<Value> =
            (1..=3).map(|number| house.json(&["plan", "--shard", &shard(number)])["shard"]["sends"].clone()).collect();
        assert_eq!(senders.iter().filter(|sends| **sends == 1).count(), 1, "{senders:?}");
        for number in 1..=3 {
            let run = apply(&house, &["--shard", &shard(number), "--max-removals", "100%"]);
            assert_eq!(run.code, 0, "{run:?}");
        }
        assert_eq!(house.events(&format!("{to}@contoso.example")).len(), 2);
    }
}

#[test]
fn what_is_no_shard_is_refused() {
    let house = House::new(Options::default());
    for text in ["0/3", "4/3", "3", "1/999"] {
        let run = house.run(&["plan", "--shard", text]);
        assert!(run.code != 0 && told(&run).contains("not a shard such as `2/8`"), "{run:?}");
    }
}
