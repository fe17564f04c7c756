//! Nobody is mailed at night, and what starts soon is left alone, unless a flag says otherwise.

use crate::support::lab::Lab;
use convoke::face::kind::workspace::Limits;
use convoke::face::plan::Action;

fn manifest(name: &str, spec: &str) -> String {
    format!("apiVersion: convoke.dev/v1\nkind: Event\nmetadata: {{name: {name}}}\nspec: {{{spec}}}\n")
}

fn weekly(more: &str) -> String {
    let series = "recurrence: {pattern: {type: weekly, daysOfWeek: [tuesday]}, range: {type: noEnd}}";
    manifest("weekly", &format!("duration: 1h, attendees: [adele@contoso.example], {series}, {more}"))
}

/// Applies one text, then plans another at a time under limits; returns the action and the reason of the only step.
fn planned(before: &str, now: &str, at: &str, limits: Limits) -> (Action, String) {
    let mut lab = Lab::new("2031-01-01T00:00:00Z");
    assert_eq!(lab.apply(&Lab::read(before)).wrong, Vec::<String>::new());
    lab.now = at.parse().unwrap();
    lab.limits = Limits { quiet_hours: limits.quiet_hours, minimum_notice: limits.minimum_notice, ..lab.limits };
    let mut steps = lab.plan(&Lab::read(now)).steps;
    assert_eq!(steps.len(), 1);
    let step = steps.remove(0);
    if step.action == Action::Blocked {
        assert!(step.requests.is_empty() && step.mail.is_empty(), "{step:?}");
    }
    (step.action, step.reason.unwrap_or_default())
}

#[test]
fn a_step_that_mails_at_night_on_the_organizers_clock_waits() {
    let quiet = || Limits { quiet_hours: Some("20:00-07:00".parse().unwrap()), ..Limits::default() };
    let (old, new) = (weekly("start: 2031-02-04T10:00, subject: Old"), weekly("start: 2031-02-04T10:00, subject: New"));
    let unseen = weekly("start: 2031-02-04T10:00, subject: Old, showAs: free");
    let online = |guests: &str| {
        let spec = format!("start: 2031-02-04T10:00, duration: 1h, isOnlineMeeting: true, attendees: {guests}");
        manifest("weekly", &spec)
    };
    let tokyo = |subject: &str| {
        manifest(
            "weekly",
            &format!(
                "start: 2031-02-04T10:00, duration: 1h, timeZone: Asia/Tokyo, subject: {subject}, attendees: [adele@contoso.example]"
            ),
        )
    };
    // 19:30Z is 20:30 in Berlin, and 04:30 in Tokyo.
    for (before, now, at, expect) in [
        (&old, &new, "2031-02-03T18:59:00Z", Action::Update),
        (&old, &new, "2031-02-03T19:30:00Z", Action::Blocked),
        (&old, &new, "2031-02-04T05:59:00Z", Action::Blocked),
        (&old, &new, "2031-02-04T06:00:00Z", Action::Update),
        // Whether Graph mails anybody about what they cannot see is not documented.
        (&old, &unseen, "2031-02-03T23:00:00Z", Action::Blocked),
        (&old, &unseen, "2031-02-04T06:00:00Z", Action::Update),
        // Nothing is made at night that people are invited to later, nor are they invited then to what was made by day.
        (&String::new(), &online("[adele@contoso.example]"), "2031-02-03T23:00:00Z", Action::Blocked),
        (&online("[]"), &online("[adele@contoso.example]"), "2031-02-03T23:00:00Z", Action::Blocked),
        (&String::new(), &online("[]"), "2031-02-03T23:00:00Z", Action::Create),
        (&old, &old, "2031-02-03T23:00:00Z", Action::NoOp),
        (&tokyo("Old"), &tokyo("New"), "2031-02-03T18:00:00Z", Action::Blocked),
        (&tokyo("Old"), &tokyo("New"), "2031-02-03T23:00:00Z", Action::Update),
        (&old, &String::new(), "2031-02-03T19:30:00Z", Action::Blocked),
    ] {
        assert_eq!(planned(before, now, at, quiet()).0, expect, "{now} {at}");
    }
    assert_eq!(
        planned(&old, &new, "2031-02-03T19:30:00Z", quiet()).1,
        "it would send 1 mail at 20:30 in Europe/Berlin; quiet hours are 20:00 to 07:00 \
         (--quiet-hours none goes on)"
    );
    assert_eq!(
        planned(&old, &unseen, "2031-02-03T19:30:00Z", quiet()).1,
        "it might send 1 mail at 20:30 in Europe/Berlin; quiet hours are 20:00 to 07:00 \
         (--quiet-hours none goes on)"
    );
}

#[test]
fn what_starts_within_the_minimum_notice_is_neither_moved_nor_cancelled() {
    let notice = || Limits { minimum_notice: Some("24h".parse().unwrap()), ..Limits::default() };
    let old = weekly("start: 2031-02-04T10:00, subject: Old");
    let later = weekly("start: 2031-02-04T11:00, subject: Old");
    let renamed = weekly("start: 2031-02-04T10:00, subject: New");
    let skip = |date: &str| {
        weekly(&format!("start: 2031-02-04T10:00, subject: Old, exceptions: [{{date: {date}, cancel: true}}]"))
    };
    for (now, at, expect) in [
        (&later, "2031-02-10T08:00:00Z", Action::Update),
        (&later, "2031-02-10T10:00:00Z", Action::Blocked),
        (&renamed, "2031-02-10T10:00:00Z", Action::Update),
        (&skip("2031-02-11"), "2031-02-10T10:00:00Z", Action::Blocked),
        (&skip("2031-02-18"), "2031-02-10T10:00:00Z", Action::Update),
        (&String::new(), "2031-02-10T10:00:00Z", Action::Blocked),
        (&String::new(), "2031-02-10T08:00:00Z", Action::Cancel),
    ] {
        assert_eq!(planned(&old, now, at, notice()).0, expect, "{now} {at}");
    }
    // What is moved into the next hours is as sudden as what is moved out of them.
    let single =
        |start: &str| manifest("weekly", &format!("start: {start}, duration: 1h, attendees: [adele@contoso.example]"));
    let (action, reason) =
        planned(&single("2031-03-04T10:00"), &single("2031-02-10T15:00"), "2031-02-10T10:00:00Z", notice());
    assert_eq!(action, Action::Blocked);
    assert_eq!(
        reason,
        "it would move or cancel what starts at Mon 2031-02-10 15:00 in Europe/Berlin; the minimum notice is 24h \
         (--minimum-notice 0m goes on)"
    );
}
