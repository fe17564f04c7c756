//! The same stories on a network and a service that fail in every way the twin knows.
//!
//! Every story has seeds of its own, since the same request meets the same fault under one seed: two of them, one where nothing
//! is written, and ten where requests hang together most, as a create with what follows it, a spliced body, a replacement.

mod soak;
mod takeover;

use crate::support::lab::Lab;
use crate::support::{number, story};
use convoke::face::sandbox::{Faults, Quirks};

const FAULTS: &str = "429=5%,500=5%,503=5%,504=5%,drop-after=5%,drop-before=5%,stale=5%,expire-token=5%,slow=1ms..5ms";

const SEEDS: usize = 10;

/// Told with all of their seeds.
const ALWAYS: [&str; 11] = [
    "a_meeting_in_a_channel_is_made",
    "a_new_body_keeps_the_join_link",
    "a_new_pattern_puts_exceptions_back",
    "a_replacement_is_made_where_the_manifest_allows_it",
    "a_standalone_meeting_is_made_by_its_key",
    "an_event_that_somebody_deleted_is_made_again",
    "an_occurrence_has_its_own_mails_in_the_forecast",
    "exceptions_are_made_with_their_series",
    "meeting_options_are_set_behind_an_event",
    "neighbours_make_room_for_each_other",
    "presenters_go_with_the_full_list",
];

#[test]
fn every_story_ends_the_same_whatever_fails_on_the_way() {
    let mut stories = vec![];
    for path in story::all() {
        let name = path.file_stem().unwrap().to_string_lossy();
        let always = ALWAYS.contains(&&*name);
        // From its name, so that a new story changes nothing for the others.
        let own = name.bytes().fold(0, |sum, byte| (31 * sum + usize::from(byte)) % 1_000_003);
        let idle = std::fs::read_to_string(&path).unwrap().contains("\nwrites: {}\n");
        let seeds = match (always, idle) {
            (true, _) => 0..SEEDS,
            (false, true) => 0..1,
            (false, false) => 0..2,
        };
        let seeds = seeds.map(|number| own + number);
        let faults = |seed: usize| format!("{FAULTS},seed={seed}").parse::<Faults>().unwrap();
        stories.extend(seeds.map(|seed| (path.clone(), Some(faults(seed)))));
    }
    let wrong = story::tell_all(&stories, 32);
    assert!(wrong.is_empty(), "{} stories:\n\n{}", wrong.len(), wrong.join("\n"));
}

/// A service in great trouble: a third of all requests is turned away, answers are lost, those to whole batches too, and a request
/// may meet any number of these in a row. `FAULT_SEEDS=10` tries ten seeds.
#[test]
fn an_apply_of_five_hundred_events_settles_in_a_storm() {
    const STORM: &str = "429=30%,503=2%,drop-after=10%,retry-after=1ms..3ms,streak=1000";
    let events: String = (0..500)
        .map(|number| {
            format!(
                "---\napiVersion: convoke.dev/v1\nkind: Event\nmetadata: {{name: e{number}}}\nspec:\n  organizer: \
                 boss{}@contoso.example\n  subject: Weekly {number}\n  start: 2031-02-04T10:00\n  duration: 45m\n  \
                 isOnlineMeeting: {}\n  attendees: [adele@contoso.example]\n",
                number % 20,
                number % 3 == 0,
            )
        })
        .collect();
    for seed in 0..number("FAULT_SEEDS", 1) {
        let faults = format!("{STORM},seed={seed}").parse().unwrap();
        let mut lab = Lab::with("2031-01-01T00:00:00Z", Some(faults), Quirks::default());
        let round = lab.apply(&Lab::read(&events));
        assert_eq!(round.wrong, Vec::<String>::new(), "seed {seed}");
        assert_eq!(round.plan.steps.len(), 500);
    }
}
