//! A pipeline that begins in an empty folder each time remembers what it did.

use crate::Server;
use crate::support::{House, ORGANIZER, Run, WORKSPACE, number, program, run};
use convoke::face::sandbox::{Limits, Options};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const EVENT: &str = "apiVersion: convoke.dev/v1
kind: Event
metadata: {name: weekly}
spec:
  subject: Weekly
  start: 2038-02-02T10:00
  duration: 45m
  attendees: [adele@contoso.example]
";

const MEETING: &str = "apiVersion: convoke.dev/v1
kind: OnlineMeeting
metadata: {name: room}
spec:
  subject: Room
  start: 2038-02-02T08:00
  end: 2038-02-02T18:00
";

/// A tenant, and a pipeline that keeps its state in a store.
struct Pipeline {
    house: House,
    server: Server,
    place: String,
}

impl Pipeline {
    fn new(server: Server) -> Pipeline {
        let place = server.place();
        // What is remembered is read each time, which may be more than Graph answers in ten minutes.
        let limits = Limits { requests: usize::MAX, ..Limits::default() };
        Pipeline { house: House::new(Options { limits, ..Options::default() }), server, place }
    }

    /// Runs the program in a folder that holds nothing but these manifests.
    fn run(&self, manifests: &[&str], args: &[&str]) -> Run {
        let (folder, mut command) = self.program(manifests);
        let run = run(command.args(args));
        assert!(!folder.path().join(".convoke").exists(), "{args:?}: nothing is kept in the folder");
        run
    }

    /// The program, in a folder that holds nothing but these manifests.
    fn program(&self, manifests: &[&str]) -> (TempDir, Command) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("convoke.yaml"), WORKSPACE).unwrap();
        std::fs::write(folder.path().join("manifests.yaml"), manifests.join("---\n")).unwrap();
        let mut command = program(folder.path());
        let twin = self.house.sandbox();
        command.env("CONVOKE_GRAPH_URL", &twin.url).env("CONVOKE_ACCESS_TOKEN", &twin.token);
        command.env("CI", "true").env("CONVOKE_STATE", &self.place).envs(self.server.variables());
        (folder, command)
    }

    /// Applies, and holds that it settled and that nothing is left to do for the next one.
    fn applies(&self, manifests: &[&str]) {
        let applied = self.run(manifests, &["apply", "--yes"]);
        assert_eq!(applied.code, 0, "{applied:?}");
        let again = self.run(manifests, &["plan", "--detailed-exitcode"]);
        assert_eq!(again.code, 0, "{again:?}");
    }

    fn guests(&self) -> Vec<String> {
        let event = self.house.event("weekly");
        let all = event["attendees"].as_array().unwrap().iter();
        all.map(|it| it["emailAddress"]["address"].as_str().unwrap().to_owned()).collect()
    }
}

#[test]
fn guests_protection_and_meetings_are_remembered_from_one_empty_folder_to_the_next() {
    for server in Server::all() {
        let pipeline = Pipeline::new(server);
        pipeline.applies(&[EVENT, MEETING]);
        // A guest who comes and goes again, each by a write of guests alone.
        let more = EVENT.replace("[adele@", "[lidia@contoso.example, adele@");
        pipeline.applies(&[&more, MEETING]);
        assert_eq!(pipeline.guests().len(), 2);
        pipeline.applies(&[EVENT, MEETING]);
        assert_eq!(pipeline.guests(), ["adele@contoso.example"]);
        // Protected since it was made, and then in no manifest any more.
        let protected = EVENT.replace("spec:", "lifecycle: {protect: true}\nspec:");
        pipeline.applies(&[&protected, MEETING]);
        let gone = pipeline.run(&[MEETING], &["plan"]);
        assert!(gone.out.contains("protect") && pipeline.house.events(ORGANIZER).len() == 1, "{gone:?}");
        // A meeting that no manifest mentions any more is in no list of Graph's.
        let refused = pipeline.run(&[&protected], &["apply", "--yes", "--max-removals", "1"]);
        assert_eq!((refused.code, pipeline.house.meetings().len()), (0, 0), "{refused:?}");
        let list = pipeline.run(&[&protected], &["state", "list"]);
        let known = list.out.contains(&format!("Event/weekly  {ORGANIZER}"));
        assert!(known && !list.out.contains("OnlineMeeting/room"), "{list:?}");
    }
}

#[test]
fn what_a_state_needs_and_is_not_there_is_said_before_anything_is_asked() {
    for server in Server::all() {
        let mut pipeline = Pipeline::new(server.clone());
        // Nobody serves there: every connection is refused.
        pipeline.server.address = "http://127.0.0.1:1".into();
        for args in [&["plan"][..], &["apply", "--yes"], &["state", "list"], &["status"], &["doctor"]] {
            let run = pipeline.run(&[EVENT], args);
            assert_eq!((run.code, run.out.as_str()), (1, ""), "{args:?}");
            let said = run.err.split_whitespace().collect::<Vec<_>>().join(" ");
            let lock = if args[0] == "apply" { "lock of the " } else { "" };
            let expect = format!("cannot read the {lock}state `{}`: the store cannot be reached", pipeline.place);
            assert!(said.contains(&expect) && said.contains("hint: see that this machine reaches the store"), "{said}");
        }
        assert_eq!(pipeline.house.sandbox().counts().requests, 0);
    }
}

/// Two pipelines that apply other manifests of one workspace at the same time, again and again. `STORE_RUNS=100` runs more.
#[test]
fn two_pipelines_at_once_lose_nothing_of_each_other() {
    let runs = number("STORE_RUNS", 3);
    for server in Server::all() {
        let pipeline = Pipeline::new(server);
        let apply = ["apply", "--yes", "--lock-timeout", "60s", "manifests.yaml"];
        for turn in 0..runs {
            std::thread::scope(|scope| {
                let begin = |team: &str| {
                    let manifest = MEETING.replace("name: room", &format!("name: {team}-{turn}"));
                    let pipeline = &pipeline;
                    scope.spawn(move || pipeline.run(&[&manifest], &apply))
                };
                for ended in ["a", "b"].map(begin) {
                    let run = ended.join().unwrap();
                    assert_eq!(run.code, 0, "turn {turn}: {run:?}");
                }
            });
        }
        let list = pipeline.run(&[MEETING], &["state", "list"]);
        let all =
            ["a", "b"].into_iter().flat_map(|team| (0..runs).map(move |turn| format!("OnlineMeeting/{team}-{turn}")));
        for key in all {
            assert!(list.out.split_whitespace().any(|it| it == key), "{key} is not remembered: {list:?}");
        }
        assert_eq!(pipeline.house.meetings().len() as u64, 2 * runs);
    }
}

/// A real process that sleeps in the middle of an apply, as a machine does, until another has taken its lock over.
#[cfg(unix)]
#[test]
fn a_process_that_wakes_up_after_its_lock_was_taken_over_writes_nothing_any_more() {
    let mut pipeline = Pipeline::new(Server::all()[1].clone());
    pipeline.house = House::new(Options { latency: Some(Duration::from_millis(20)), ..Options::default() });
    let events: Vec<String> = (0..6).map(|it| EVENT.replace("name: weekly", &format!("name: e{it}"))).collect();
    let events: Vec<&str> = events.iter().map(String::as_str).collect();
    let (folder, mut command) = pipeline.program(&events);
    command.args(["apply", "--yes", "--parallelism", "1"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut sleeper = command.spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    while pipeline.house.writes() < 2 {
        assert!(Instant::now() < deadline && sleeper.try_wait().unwrap().is_none(), "it never wrote twice");
        std::thread::yield_now();
    }
    let signal =
        |name: &str| assert!(Command::new("kill").args([name, &sleeper.id().to_string()]).status().unwrap().success());
    signal("-STOP");
    // In a pipeline the lock is waited for: it is free once its holder has not been heard of for a minute.
    let next = pipeline.run(&events, &["apply", "--yes"]);
    let writes = pipeline.house.writes();
    signal("-CONT");
    let woken = sleeper.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&woken.stdout).into_owned() + &String::from_utf8_lossy(&woken.stderr);
    assert!(next.code == 0 && woken.status.code() == Some(1), "{next:?}\n{said}");
    assert_eq!(pipeline.house.writes(), writes, "it went on to write: {said}");
    drop(folder);
    assert_eq!(pipeline.run(&events, &["plan", "--detailed-exitcode"]).code, 0);
    assert_eq!(pipeline.house.events(ORGANIZER).len(), 6);
    assert_eq!(pipeline.house.sandbox().mails().len(), 6, "each guest is invited once to each");
}
