//! When the first of what a plan changes starts: from then on it is too late for it.

use crate::kind::event::View;
use crate::kind::online_meeting;
use crate::model::{Desired, EXCEPTIONS, Have, Key};
use crate::plan::times::{dates_near, usual};
use crate::plan::{Input, Plan, Step};
use crate::when;
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::collections::HashMap;
/// When the first occurrence starts, as it is or as it will be, that a plan changes and that had not started when it was made.
pub fn first_start(plan: &Plan, input: &Input, made: Timestamp) -> Option<Timestamp> {
    let live: HashMap<&str, &Have> = input.live.objects.iter().map(|have| (have.id.as_str(), &**have)).collect();
    let desired: HashMap<&Key, &Desired> = input.desired.iter().map(|want| (&want.key, want)).collect();
    let starts = plan.steps.iter().filter(|step| !step.requests.is_empty()).flat_map(|step| {
        let have = step.seen.as_ref().and_then(|seen| live.get(seen.id.as_str()).copied());
        let opened = desired.get(&step.key).map(|want| want.opened());
        let want = opened.as_ref();
        let dates: Vec<&String> = step.requests.iter().filter_map(|request| request.exception.as_ref()).collect();
        let whole = step.requests.iter().any(|it| it.purpose.writes() && it.exception.is_none());
        let all = [have.map(|it| &it.own), want.map(|it| &*it.spec.own)].into_iter().flatten();
        let whole = all.filter(|_| whole).filter_map(|own| next(own, made));
        whole.chain(dates.into_iter().flat_map(|name| of_date(name, want, have, step))).collect::<Vec<_>>()
    });
    starts.filter(|at| *at > made).min()
}

/// When an object, or the first date of a series after `made`, starts.
fn next(own: &Map<String, Value>, made: Timestamp) -> Option<Timestamp> {
    let event = View::of(own);
    match event.recurrence() {
        None => event.start().or_else(|| online_meeting::View::of(own).start().and_then(when::instant)),
        Some(series) => {
            let starts = dates_near(series, made).ok()?.filter_map(|date| Some(usual(event, date)?.0.timestamp()));
            starts.into_iter().find(|at| *at > made)
        }
    }
}

/// When one date of a series starts: as the series means it to, as it is, and as it will be.
fn of_date(name: &str, want: Option<&Desired>, have: Option<&Have>, step: &Step) -> Vec<Timestamp> {
    let Some(date) = name.strip_prefix(EXCEPTIONS).and_then(|date| date.parse().ok()) else { return vec![] };
    let meant = want.and_then(|want| Some(usual(View::of(&want.spec.own), date)?.0.timestamp()));
    let changed = have.and_then(|have| have.occurrences.as_ref()?.changed.get(&date));
    let sent = step.requests.iter().filter(|it| it.exception.as_deref() == Some(name));
    let sent = sent.filter_map(|it| View::of(&it.body.as_ref()?.members()).start());
    meant.into_iter().chain(changed.and_then(|it| View::of(&it.own).start())).chain(sent).collect()
}
