//! What a plan's id is the same for, and what it differs for, over random workspaces.
//!
//! Every change is told by its seed: `PLAN_IDS=1000` makes more of them.

use crate::support::lab::Lab;
use crate::support::random::{Manifests, edit, text};
use crate::support::{ORGANIZER, WORKSPACE, number};
use convoke::face::manifest::{self, files::Source};
use convoke::face::model::{Body, Purpose, Request};
use convoke::face::plan::{Plan, Step};
use convoke::face::reconcile::{Given, Project};
use fastrand::Rng;
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A tenant and manifests for it; each change is a plan of its own.
struct Walk {
    rng: Rng,
    lab: Lab,
    before: Manifests,
    now: Manifests,
    /// How often each kind of comparison was made.
    made: BTreeMap<&'static str, usize>,
}

#[test]
fn the_id_of_random_plans_is_the_same_as_long_as_the_same_would_be_done_and_else_another() {
    let each = number("PLAN_IDS", 200).div_ceil(4);
    let ends: Vec<Result<BTreeMap<&str, usize>, String>> = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..4).map(|seed| scope.spawn(move || walk(seed, each))).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    let wrong: Vec<&String> = ends.iter().filter_map(|end| end.as_ref().err()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let mut made: BTreeMap<&str, usize> = BTreeMap::new();
    for (what, times) in ends.into_iter().flatten().flatten() {
        *made.entry(what).or_default() += times;
    }
    // What is not tried holds nothing.
    for (what, least) in
        [("order", 150), ("later", 150), ("unmanaged", 40), ("guest", 30), ("edit", 150), ("live edit", 60)]
    {
        assert!(made.get(what).is_some_and(|times| *times >= least), "{what}: {made:?}");
    }
}

fn walk(seed: u64, changes: u64) -> Result<BTreeMap<&'static str, usize>, String> {
    let mut rng = Rng::with_seed(seed);
    let mut now = Manifests::new();
    edited(&mut rng, &mut now, 4);
    let lab = Lab::new("2031-01-01T00:00:00Z");
    let mut walk = Walk { rng, lab, before: Manifests::new(), now, made: BTreeMap::new() };
    for change in 0..changes {
        walk.change().map_err(|error| format!("seed {seed}, change {change}: {error}"))?;
    }
    Ok(walk.made)
}

/// Makes so many edits that a manifest may hold.
fn edited(rng: &mut Rng, manifests: &mut Manifests, edits: usize) {
    loop {
        let mut next = manifests.clone();
        (0..edits).for_each(|_| _ = edit(rng, &mut next));
        if next != *manifests && Lab::read(&text(&next)).manifests.problems.is_empty() {
            *manifests = next;
            return;
        }
    }
}

fn id(plan: &Plan) -> Result<String, String> {
    let id = plan.id.clone().ok_or("no id")?;
    if id.len() != 64 { Err(format!("not 64 digits: {id}")) } else { Ok(id) }
}

impl Walk {
    fn change(&mut self) -> Result<(), String> {
        let project = Lab::read(&text(&self.now));
        let plan = self.lab.plan(&project);
        let shuffled = self.shuffled();
        self.same("order", &plan, &shuffled)?;
        self.lab.now = self.lab.now.checked_add(SignedDuration::from_hours(1)).unwrap();
        self.same("later", &plan, &project)?;
        self.other_edit(&plan)?;
        self.unmanaged(&plan, &project)?;
        self.forwarded(&plan, &project)?;
        self.live_edits(&project)?;
        self.lab.apply(&project);
        self.before = std::mem::take(&mut self.now);
        self.now = self.before.clone();
        let edits = self.rng.usize(1..5);
        edited(&mut self.rng, &mut self.now, edits);
        Ok(())
    }

    fn same(&mut self, what: &'static str, plan: &Plan, project: &Project) -> Result<(), String> {
        let again = self.lab.plan(project);
        if id(plan)? != id(&again)? {
            return Err(format!("{what}: another id\n{}\n{}", told(plan), told(&again)));
        }
        *self.made.entry(what).or_default() += 1;
        Ok(())
    }

    fn differs(&mut self, what: &'static str, said: &str, plan: &Plan, again: &Plan) -> Result<(), String> {
        if id(plan)? == id(again)? {
            return Err(format!("{what} ({said}): the same id\n{}\n{}", told(plan), told(again)));
        }
        *self.made.entry(what).or_default() += 1;
        Ok(())
    }

    /// The same manifests in files of other names, one for each document, in another order.
    fn shuffled(&mut self) -> Project {
        let mut files: Vec<String> =
            self.now.iter().map(|(name, spec)| text(&[(name.clone(), spec.clone())].into())).collect();
        files.push(WORKSPACE.into());
        self.rng.shuffle(&mut files);
        let source = |(place, text): (usize, String)| Source {
            file: format!("elsewhere/{place}.yaml"),
            text: text.into_bytes(),
            found: false,
        };
        let manifests = manifest::read(files.into_iter().enumerate().map(source).collect(), None);
        Project { workspace: manifests.workspace.clone(), manifests, whole: true, given: Given::default() }
    }

    /// Another edit on top: wherever it changes what would be sent, the id is another one.
    fn other_edit(&mut self, plan: &Plan) -> Result<(), String> {
        for _ in 0..3 {
            let mut other = self.now.clone();
            edited(&mut self.rng, &mut other, 1);
            let again = self.lab.plan(&Lab::read(&text(&other)));
            if sent(plan) != sent(&again) {
                self.differs("edit", "", plan, &again)?;
            } else if id(plan)? != id(&again)? {
                return Err(format!("the same is sent under another id\n{}\n{}", told(plan), told(&again)));
            }
        }
        Ok(())
    }

    /// Somebody changes what no manifest says anything of.
    fn unmanaged(&mut self, plan: &Plan, project: &Project) -> Result<(), String> {
        let others = [
            ("importance", json!("high")),
            ("showAs", json!("workingElsewhere")),
            ("sensitivity", json!("private")),
            ("reminderMinutesBeforeStart", json!(77)),
            ("hideAttendees", json!(true)),
        ];
        let Some((name, event)) = self.event() else { return Ok(()) };
        let says = |all: &Manifests, field: &str| all.get(&name).is_some_and(|spec| spec.get(field).is_some());
        let free = others.into_iter().filter(|(field, _)| !says(&self.before, field) && !says(&self.now, field));
        for (field, value) in free.collect::<Vec<_>>() {
            self.patch(&event, &json!({field: value}));
            self.same("unmanaged", plan, project).map_err(|error| format!("{field} of {name}: {error}"))?;
        }
        Ok(())
    }

    /// Somebody forwards every invitation, where guests of others stay.
    fn forwarded(&mut self, plan: &Plan, project: &Project) -> Result<(), String> {
        let mut forwarded = vec![];
        for (name, event) in self.lab.house.events(ORGANIZER) {
            let mut all = event["attendees"].as_array().cloned().unwrap_or_default();
            let exclusive = self.now.get(&name).is_some_and(|spec| spec["attendeePolicy"] == "exclusive");
            // What nobody is invited to is cancelled without a word; with a guest that mails somebody, which is another plan.
            if exclusive || (all.is_empty() && !self.now.contains_key(&name)) {
                continue;
            }
            all.push(json!({"emailAddress": {"address": "guest@wingtip.example"}, "type": "optional"}));
            self.patch(&event, &json!({"attendees": all}));
            forwarded.push(name);
        }
        match forwarded.is_empty() {
            true => Ok(()),
            false => self.same("guest", plan, project).map_err(|error| format!("{forwarded:?}: {error}")),
        }
    }

    /// Somebody changes a value that a request of the plan would overwrite.
    fn live_edits(&mut self, project: &Project) -> Result<(), String> {
        let events: BTreeMap<String, Value> = self.lab.house.events(ORGANIZER).into_iter().collect();
        let plan = self.lab.plan(project);
        for step in plan.steps.iter().filter(|step| !step.requests.is_empty()) {
            let Some(event) = events.get(step.key.name()) else { continue };
            for (field, value) in [
                ("subject", json!(format!("Somebody else's {}", self.rng.u16(..)))),
                ("importance", json!(if event["importance"] == "low" { "high" } else { "low" })),
                ("showAs", json!(if event["showAs"] == "oof" { "free" } else { "oof" })),
                ("location", json!({"displayName": format!("Place {}", self.rng.u16(..))})),
                ("body", json!({"contentType": "html", "content": format!("<p>Mine {}</p>", self.rng.u16(..))})),
                ("attendees", without_one(&event["attendees"], self.now.get(step.key.name()).unwrap_or(&Value::Null))),
            ] {
                // An online event's text holds its join block.
                let apart = field == "body" && event["isOnlineMeeting"] == true;
                if !overwrites(step, field) || apart || value == event[field] {
                    continue;
                }
                let was = self.lab.plan(project);
                self.patch(event, &json!({field: value}));
                let again = self.lab.plan(project);
                self.differs("live edit", &format!("{field} of {}", step.key), &was, &again)?;
            }
        }
        Ok(())
    }

    fn event(&mut self) -> Option<(String, Value)> {
        let mut events = self.lab.house.events(ORGANIZER);
        // They are made side by side: by name their order is the same in each run.
        events.sort_by(|one, other| one.0.cmp(&other.0));
        if events.is_empty() { None } else { Some(events.swap_remove(self.rng.usize(..events.len()))) }
    }

    fn patch(&self, event: &Value, body: &Value) {
        let id = convoke::face::route::encoded(event["id"].as_str().unwrap());
        let path = format!("/sandbox/users/{ORGANIZER}/events/{id}");
        let (status, answer) = self.lab.house.call("PATCH", &path, Some(body));
        assert!((200..300).contains(&status), "{answer}");
    }
}

/// A list without one of those whom the manifest names.
fn without_one(attendees: &Value, spec: &Value) -> Value {
    let declared: Vec<String> = spec["attendees"].as_array().into_iter().flatten().map(address).collect();
    let mut list = attendees.as_array().cloned().unwrap_or_default();
    // The organizer stands on a live list or not, as Exchange likes.
    let ours = |it: &Value| address(it) != ORGANIZER && declared.contains(&address(it));
    list.iter().position(ours).map(|place| list.remove(place));
    json!(list)
}

/// The address of an attendee in lower case, as a manifest or Graph writes it.
fn address(attendee: &Value) -> String {
    let address = attendee.as_str().or(attendee["address"].as_str()).or(attendee["emailAddress"]["address"].as_str());
    address.unwrap_or_default().to_lowercase()
}

/// Whether a change of the series or event sends this property.
fn overwrites(step: &Step, field: &str) -> bool {
    let updates = [Purpose::UpdateEvent, Purpose::ChangeAttendees, Purpose::InviteAttendees];
    let of_event = |it: &&Request| updates.contains(&it.purpose) && !it.path.contains("{id}");
    step.requests
        .iter()
        .filter(of_event)
        .any(|it| it.body.as_ref().is_some_and(|body| body.members().contains_key(field)))
}

/// What a plan sends, without what differs each time.
fn sent(plan: &Plan) -> Value {
    let request = |it: &Request| {
        let mut body = it.body.as_ref().map(Body::members);
        if let Some(body) = &mut body {
            body.remove("transactionId");
            let marks = body.remove("singleValueExtendedProperties");
            // Protection is all that a mark says besides what stands in the requests.
            let protect = marks.map(|marks| marks[1]["value"].as_str().unwrap_or_default().contains(" p1 "));
            body.insert("protect".into(), json!(protect));
            body.sort_keys();
        }
        json!([it.purpose, it.method, it.path, body])
    };
    let steps = plan.steps.iter().filter(|step| !step.requests.is_empty());
    steps.map(|step| json!([step.key, step.action, step.requests.iter().map(request).collect::<Vec<_>>()])).collect()
}

/// What a plan sends and why, for who looks into a run that went wrong.
fn told(plan: &Plan) -> String {
    let step = |step: &Step| {
        let changes = step.changes.iter().map(|it| format!("  {}: {} -> {}\n", it.field, it.current, it.desired));
        let requests = step
            .requests
            .iter()
            .map(|it| format!("  {} {} {}\n", it.method, it.path, it.body.as_ref().map_or("", Body::text)));
        format!("{:?} {}\n{}{}", step.action, step.key, changes.collect::<String>(), requests.collect::<String>())
    };
    plan.steps.iter().filter(|it| !it.requests.is_empty()).map(step).collect()
}
