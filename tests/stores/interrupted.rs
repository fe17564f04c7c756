//! An apply whose state is in a store, stopped at each of its requests.

use crate::Server;
use crate::support::interrupted::{Left, NOW, killed_everywhere, taken_over_everywhere};
use crate::support::lab::Lab;

/// Makes labs whose states are in a place of their own each.
fn labs(server: &Server) -> impl Fn() -> Lab {
    let server = server.clone();
    move || {
        let (server, place) = (server.clone(), server.place());
        Lab::quirky(NOW, "", None).kept_in(Box::new(move |name| server.open(&format!("{place}/{name}"))))
    }
}

#[test]
fn taken_over_at_any_request_nothing_is_made_or_mailed_twice_and_nothing_is_lost() {
    for server in Server::all() {
        let (stopped, extra) = taken_over_everywhere(&labs(&server));
        assert!(stopped >= 25, "only {stopped} applies were stopped");
        assert_eq!(extra, 0);
    }
}

#[test]
fn killed_at_any_request_it_settles_with_nothing_lost_or_twice_whatever_is_left_of_the_state() {
    for server in Server::all() {
        for left in [Left::Kept, Left::Lost, Left::Older] {
            let killed = killed_everywhere(&labs(&server), left);
            assert!(killed >= 25, "only {killed} applies were killed");
        }
    }
}
