//! An apply that is stopped at each of its requests: by a sleep in which another machine takes its lock over, or for good.

use crate::support::interrupted::{Left, NOW, killed_everywhere, taken_over_everywhere};
use crate::support::lab::Lab;

fn quirky(quirks: &str) -> impl Fn() -> Lab {
    move || Lab::quirky(NOW, quirks, None)
}

#[test]
fn taken_over_at_any_request_nothing_is_made_or_mailed_twice_and_nothing_is_lost() {
    let (stopped, extra) = taken_over_everywhere(&quirky(""));
    assert!(stopped >= 25, "only {stopped} applies were stopped");
    assert_eq!(extra, 0);
}

/// Where a stale If-Match is not refused, the lock alone stands between two that write.
#[test]
fn where_if_match_is_ignored_the_lock_alone_keeps_mail_from_being_sent_twice() {
    let (_, extra) = taken_over_everywhere(&quirky("if-match=no"));
    assert_eq!(extra, 0);
}

#[test]
fn killed_at_any_request_it_settles_with_nothing_lost_or_twice_whatever_is_left_of_the_state() {
    for left in [Left::Kept, Left::Lost, Left::Older] {
        let killed = killed_everywhere(&quirky(""), left);
        assert!(killed >= 25, "only {killed} applies were killed");
    }
}
