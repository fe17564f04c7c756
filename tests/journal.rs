//! How often and how much an apply writes into its state: a place far away charges for each write, and a document that is written
//! again and again grows with the square of what it holds.

use crate::support::lab::Lab;
use convoke::face::state::Traffic;
use std::time::Duration;

/// Enough that each of them is looked at by its id, over some organizers.
const MEETINGS: usize = 5_000;

/// How long one of them takes, of which several are made side by side.
const STEP: Duration = Duration::from_millis(100);

fn meetings() -> String {
    let one = |number: usize| {
        format!(
            "apiVersion: convoke.dev/v1\nkind: OnlineMeeting\nmetadata: {{name: room-{number}}}\nspec: {{organizer: \
             user{}@contoso.example, subject: Room {number}, start: 2031-02-02T10:00, end: 2031-02-02T11:00, meetingOptions: \
             {{allowMeetingChat: disabled}}}}\n",
            number % 50
        )
    };
    (0..MEETINGS).map(one).collect::<Vec<_>>().join("---\n")
}

#[test]
fn an_apply_of_thousands_of_meetings_writes_every_other_second_and_ten_megabytes_in_all() {
    let mut lab = Lab::new("2031-01-01T00:00:00Z");
    lab.with_steps_of(STEP);
    let project = Lab::read(&meetings());
    assert_eq!(lab.apply(&project).wrong, Vec::<String>::new());
    let Traffic { writes, bytes } = lab.traffic();
    let went_by = STEP * MEETINGS as u32;
    println!("{writes} writes of {bytes} bytes in {} s", went_by.as_secs());
    // The first one before the first request, and the last one at the end, have no other before or after them.
    assert!(writes as u64 <= went_by.as_secs() / 2 + 2, "{writes} writes");
    assert!(bytes <= 10_000_000, "{bytes} bytes");
}
