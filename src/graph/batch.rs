//! Many reads at once, twenty to a batch.
//!
//! A batch is filled with whatever may go this moment, so a mailbox that must wait holds nobody else up, and what
//! failed simply joins the queue again. Only reads: writes go one by one, for the sake of clear reports. Which
//! answers are asked for again is decided in `attempt`. Sources: json-batching.md, throttling-limits.md.

use crate::graph::attempt::{Try, Verdict};
use crate::graph::envelope::{self, Answer, Answers};
use crate::graph::http::{Call, Heard, Unread};
use crate::graph::json::Any;
use crate::graph::refusal::Failure;
use crate::graph::throttle::{Admit, Lease};
use crate::graph::{Client, Get, Inner};
use crate::model::{Again, Method};
use crate::trouble::Trouble;
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use rayon::prelude::*;
use serde::de::DeserializeSeed;
use serde_json::Value;
use std::collections::VecDeque;
use std::pin::pin;
use tokio::time::{Instant, sleep_until};

/// Graph takes no more in one batch (json-batching.md).
const MOST: usize = 20;

/// One read on its way.
struct Item {
    index: usize,
    get: Get,
    this: Try,
    /// Not before this time.
    at: Option<Instant>,
    /// The answers of its batch were too big together.
    alone: bool,
}

impl Client {
    /// Reads many things; one result for each, in the same order.
    ///
    /// Goes out in batches of up to 20, as many at once as the limits allow. Only the reads that failed are sent
    /// again, each after the time that Graph named for it.
    pub async fn read(&self, gets: Vec<Get>) -> Vec<Result<Value, Failure>> {
        let mut results: Vec<_> = gets.iter().map(|_| None).collect();
        let keep = |index: usize, result| {
            results[index] = Some(result);
            None
        };
        self.drive(gets, |_| Any, keep).await;
        let ended = "every read ends once";
        results.into_iter().map(|it| it.expect(ended)).collect()
    }

    /// Reads until nothing is left. What a read with that index is answered becomes what the seed of `read` makes of it, straight
    /// from its JSON and on all cores: as plain values the answers would take many times the room. `done` is told of each read that
    /// has ended, and may follow it up by another one under the same index.
    pub(super) async fn drive<T, S, R, F>(&self, gets: Vec<Get>, read: R, mut done: F)
    where
        T: Default + Send,
        S: for<'de> DeserializeSeed<'de, Value = T>,
        R: Fn(usize) -> S + Sync,
        F: FnMut(usize, Result<T, Failure>) -> Option<Get>,
    {
        let inner = &*self.inner;
        let mut waiting: VecDeque<Item> = gets.into_iter().enumerate().map(Item::of).collect();
        let mut flying = FuturesUnordered::new();
        loop {
            // Listens before it looks, so that nothing is given back unnoticed in between.
            let mut freed = pin!(inner.throttle.freed.notified());
            freed.as_mut().enable();
            let (mut ended, mut rounds, mut wake) = (vec![], vec![], None);
            while let Some((items, lease)) = inner.pick(&mut waiting, &mut ended, &mut wake) {
                flying.push(inner.round(items, lease));
            }
            if ended.is_empty() {
                if waiting.is_empty() && flying.is_empty() {
                    return;
                }
                let at = wake.unwrap_or_else(Instant::now);
                tokio::select! {
                    Some(round) = flying.next() => rounds.push(round),
                    () = freed, if !waiting.is_empty() => {}
                    () = sleep_until(at), if wake.is_some() => {}
                }
                // What came meanwhile is read at once.
                while let Some(Some(round)) = flying.next().now_or_never() {
                    rounds.push(round);
                }
            }
            let mut results: Vec<_> = ended.into_iter().map(|(item, failure)| (item, Err(failure))).collect();
            let reads: Vec<_> = rounds.into_par_iter().map(|round| round.map(|it| it.read(&read))).collect();
            for read in reads {
                match read {
                    Ok(read) => inner.take_in(read, &mut waiting, &mut results).await,
                    Err((items, why)) => results
                        .extend(items.into_iter().map(|item| (item, Err(Failure::Local(Trouble::clone(&why).into()))))),
                }
            }
            for (item, result) in results {
                waiting.extend(done(item.index, result).map(|get| Item::of((item.index, get))));
            }
        }
    }
}

impl Inner {
    /// Takes the reads that may go this moment, for one batch.
    ///
    /// Those whose mailbox rests for longer than they have time are `ended`; `wake` becomes the earliest time at
    /// which one that has to wait for its time may go.
    fn pick(
        &self,
        waiting: &mut VecDeque<Item>,
        ended: &mut Vec<(Item, Failure)>,
        wake: &mut Option<Instant>,
    ) -> Option<(Vec<Item>, Lease)> {
        let (_guard, lease) = self.throttle.begin();
        let mut lease = lease?;
        let now = Instant::now();
        let (mut items, mut passed) = (Vec::with_capacity(MOST), vec![]);
        while items.len() < MOST
            && let Some(item) = waiting.pop_front()
        {
            let admit = match item.at {
                _ if item.alone && !items.is_empty() => Admit::Busy,
                Some(at) if at > now => Admit::Rests(at),
                _ => lease.admit(&item.get.mailbox),
            };
            match admit {
                Admit::Yes if item.alone => {
                    items.push(item);
                    break;
                }
                Admit::Yes => items.push(item),
                Admit::Busy => passed.push(item),
                Admit::Rests(end) if end > item.this.until.unwrap_or(now + self.deadline) => {
                    let failure = item.this.throttled(end - now);
                    ended.push((item, failure));
                }
                Admit::Rests(end) => {
                    *wake = Some(wake.map_or(end, |it| it.min(end)));
                    passed.push(item);
                }
            }
        }
        passed.into_iter().rev().for_each(|item| waiting.push_front(item));
        (!items.is_empty()).then(|| (items, lease.fly()))
    }

    /// Sends one batch. Fails where there is no token for it.
    async fn round(&self, mut items: Vec<Item>, lease: Lease) -> Result<Round, (Vec<Item>, Box<Trouble>)> {
        let bearer = match self.token.bearer().await {
            Ok(bearer) => bearer,
            Err(error) => return Err((items, Box::new(Trouble::of(&error)))),
        };
        let end = Instant::now() + self.deadline;
        for item in &mut items {
            item.this.until.get_or_insert(end);
            self.sent(&item.this);
        }
        let body = envelope::question(items.iter().map(|item| &item.get), self.language.as_deref());
        let call = Call {
            method: Method::Post,
            path: "/$batch",
            beta: false,
            prefer: None,
            if_match: None,
            body: Some(&body),
            bearer: &bearer,
            time: self.time(items.iter().filter_map(|item| item.this.until).max()),
        };
        let came = self.http.ask(call, &self.counters).await;
        Ok(Round { items, lease, bearer, came })
    }

    /// Says what becomes of each read of a batch: it is one of the results, or waits to be sent again.
    async fn take_in<T: Default>(
        &self,
        read: Read<T>,
        waiting: &mut VecDeque<Item>,
        results: &mut Vec<(Item, Result<T, Failure>)>,
    ) {
        let Read { items, lease, bearer, answers } = read;
        if let (Answers::All(Heard::Garbled { too_big: true, .. }), true) = (&answers, items.len() > 1) {
            waiting.extend(items.into_iter().map(|item| Item { alone: true, at: Some(Instant::now()), ..item }));
            return;
        }
        for (mut item, heard) in items.into_iter().zip(answers) {
            let verdict = match heard {
                Answer::Read(body) => {
                    results.push((item, Ok(body)));
                    continue;
                }
                Answer::Other(heard) => self.decide(&mut item.this, heard, &bearer).await,
            };
            match verdict {
                Verdict::Again(at) => waiting.push_back(Item { at: Some(at), ..item }),
                Verdict::Done(_) => results.push((item, Ok(T::default()))),
                Verdict::Fail(failure) => results.push((item, Err(failure))),
            }
        }
        // Not before the verdicts, which may let mailboxes rest.
        drop(lease);
    }
}

/// A batch that was sent, and what came of it.
struct Round {
    items: Vec<Item>,
    lease: Lease,
    bearer: String,
    came: Result<Unread, Heard>,
}

/// The same, once it is read.
struct Read<T> {
    items: Vec<Item>,
    lease: Lease,
    bearer: String,
    answers: Answers<T>,
}

impl Round {
    fn read<T, S>(self, read: &(impl Fn(usize) -> S + Sync)) -> Read<T>
    where
        T: Default + Send,
        S: for<'de> DeserializeSeed<'de, Value = T>,
    {
        let Round { items, lease, bearer, came } = self;
        let answers = Answers::of(came, |place| Some(read(items.get(place)?.index)));
        Read { items, lease, bearer, answers }
    }
}

impl Item {
    fn of((index, get): (usize, Get)) -> Item {
        let this = Try::new(&get.mailbox, Method::Get, &get.path, Again::Freely);
        Item { index, get, this, at: None, alone: false }
    }
}
