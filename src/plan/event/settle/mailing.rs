//! When the attendees of a live event are sent, and who is mailed by what it takes to settle it.

use crate::kind::compare::Compare;
use crate::kind::event::View;
use crate::plan::One;
use crate::plan::diff::Difference;
use crate::plan::event::invite::Order;
use crate::plan::event::occurrence::Series;
use crate::plan::event::people;
use crate::plan::event::series::{self, Exceptions};
use crate::plan::event::settle::Update;
use crate::plan::mail::{self, Because, Mail, People};
use std::collections::BTreeSet;

impl Update<'_> {
    /// When the attendees are sent, and what becomes of the exceptions then.
    pub(super) fn shape(&self, one: &One) -> (Order, Exceptions) {
        let exceptions = series::exceptions(one, &self.series());
        match self.order(&exceptions) {
            // Nobody is invited yet when its dates are shaped.
            Order::Last => {
                let alone = Series { after: &People::new(), later: Some(&self.after), ..self.series() };
                (Order::Last, series::exceptions(one, &alone))
            }
            order => (order, exceptions),
        }
    }

    fn order(&self, exceptions: &Exceptions) -> Order {
        let people = |it: &&Difference| it.field.compare == Compare::People;
        let mut others = self.own.iter().filter(|it| !people(it)).peekable();
        if !self.own.iter().any(|it| people(&it)) {
            return Order::Together;
        }
        let linked = View::of(&self.have.own).join_url().is_some();
        let waits = View::of(&self.want.spec.own).is_teams() && !linked;
        let shaped = !self.meeting.is_empty() || !exceptions.requests.is_empty() || waits;
        let nobody = self.before.is_empty() && !self.after.is_empty();
        let marks = self.mark && others.peek().is_none();
        match () {
            () if nobody && (marks || shaped && !self.want.invite_first) => Order::Last,
            () if !nobody && (marks || others.peek().is_some() && others.all(|it| !it.field.seen)) => Order::First,
            () => Order::Together,
        }
    }

    /// `changed` is how many of its dates are changed ones when it is mailed.
    pub(super) fn mail(&self, one: &One, order: Order, changed: usize) -> Vec<Mail> {
        if self.own.is_empty() && !self.mark {
            return vec![];
        }
        let organizer = people::address(one, &self.want, Some(self.have));
        let of = |before, visible: &[Because], hidden: &[Because]| {
            mail::of_update(&organizer, before, &self.after, visible, hidden)
        };
        let others = || self.own.iter().filter(|it| it.field.compare != Compare::People);
        let property = |it: &Difference| Because::Changed { property: it.change.field.to_string() };
        let mut seen: Vec<Because> = others().filter(|it| it.field.seen).map(property).collect();
        let mut hidden: Vec<Because> = others().filter(|it| !it.field.seen).map(property).collect();
        if hidden.is_empty() && self.mark {
            hidden.push(Because::Marked);
        }
        let once = match order {
            Order::Together => {
                // Whether Graph still mails only those who change when anything stands beside `attendees` is not documented.
                if seen.is_empty() && self.changes(Compare::People) {
                    seen.extend(others().map(property));
                }
                of(&self.before, &seen, &hidden)
            }
            Order::First => [of(&self.before, &[], &[]), of(&self.after, &[], &hidden)].concat(),
            Order::Last => of(&self.before, &[], &[]),
        };
        let again = series::repeated(&once, changed);
        [once, again].concat()
    }

    /// How many of its dates are changed ones when its attendees are sent, or the series itself is changed.
    pub(super) fn changed_dates(&self, order: Order, exceptions: &Exceptions) -> usize {
        if order != Order::Last {
            return series::changed(self.have);
        }
        let live = self.have.occurrences.as_ref().filter(|_| !self.fresh);
        let live = live.into_iter().flat_map(|it| it.changed.keys()).chain(&exceptions.changed);
        live.filter(|date| !exceptions.skipped.contains(date)).collect::<BTreeSet<_>>().len()
    }
}
