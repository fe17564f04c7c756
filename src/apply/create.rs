//! The create of an event, which everybody who makes it sends under one `transactionId`.
//!
//! What Graph does with a `transactionId` that it has seen is not documented: it may answer with the event of before, refuse it
//! with or without its id, or have forgotten it. So an answer is believed only where it can be ours, and else it is found out
//! by reading whose event is there. Only what is certain leads to another one, under the next incarnation.

use crate::apply::Sending;
use crate::apply::send::{Broken, send};
use crate::graph::{Answer, Failure};
use crate::kind::event::{Claim, TRANSACTION_ID, View};
use crate::kind::mark;
use crate::model::{Body, Method, Purpose, Record, Request};
use crate::plan::Action;
use crate::route::{self, EVENT_PREFER};
use crate::trouble::Trouble;
use serde_json::{Value, json};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How many events of one key are tried: more than that were hardly removed without our knowledge.
const MOST: u64 = 8;

/// An event that was made a moment ago has an age in whole seconds, as the server's clock shows them.
const SLACK: Duration = Duration::from_secs(2);

/// What became of a create.
pub(super) enum Made {
    /// What was asked for was done.
    New(Option<Answer>),
    /// Somebody made it before, under the same key: what is left to do is for the next plan to say.
    Adopted,
}

/// What was found of an event that has our `transactionId`.
enum Found {
    /// It is there, with our key.
    Ours(String),
    /// The `transactionId` belongs to something else, or to what is gone.
    Used,
    /// Nothing is there, and nothing says what the `transactionId` was used for.
    Nothing,
}

/// Makes the event, or finds that it is there.
pub(super) async fn create(
    sending: &Sending<'_>,
    request: &Request,
    first: &Claim,
    holes: &mut BTreeMap<String, String>,
) -> Result<Made, Broken> {
    for incarnation in first.incarnation..=first.incarnation.saturating_add(MOST - 1) {
        let claim = Claim { incarnation, ..first.clone() };
        let mut request = Cow::Borrowed(request);
        // The plan made it for the first one.
        if incarnation != first.incarnation {
            request = Cow::Owned(of_incarnation(&request, &claim));
            intend(sending, incarnation).await?;
        }
        let asked = Instant::now();
        let mut got = holes.clone();
        let (id, age) = match send(sending, &request, &mut got).await {
            Ok(answer) => {
                let (id, age) = (got.get("id").cloned(), answer.as_ref().and_then(age));
                let ours = id.as_ref().is_none_or(|id| !is_anothers(sending, id));
                if ours && age.is_none_or(|age| age <= asked.elapsed() + SLACK) {
                    got.insert("incarnation".into(), incarnation.to_string());
                    *holes = got;
                    return Ok(Made::New(answer));
                }
                (id, age)
            }
            Err(Broken { used: Some(existing), .. }) => (existing.or_else(|| formerly(sending)), None),
            Err(broken) => return Err(broken),
        };
        match find(sending, &request, &claim, id, age).await.map_err(|failure| lost(sending, &failure))? {
            Found::Ours(id) => {
                holes.insert("id".into(), id);
                holes.insert("incarnation".into(), incarnation.to_string());
                return Ok(Made::Adopted);
            }
            Found::Used => {}
            Found::Nothing => {
                // Should the next plan not see it either, there is nothing to wait for any more.
                intend(sending, incarnation.saturating_add(1)).await?;
                let why = "Graph says that this event was made already, and none is found: perhaps somebody made it a moment ago";
                return Err(Trouble::new(why).hint("apply again in a minute").into());
            }
        }
    }
    let why = format!("Graph says of {MOST} events of this key that they were made already, and none of them is there");
    Err(Trouble::new(why).into())
}

/// The request with the incarnation of a claim in all that holds it.
fn of_incarnation(request: &Request, claim: &Claim) -> Request {
    let mut request = request.clone();
    request.body = request.body.map(|body| {
        let mut body = Value::Object(body.members());
        mark::reincarnate(&mut body, claim.incarnation);
        body[TRANSACTION_ID] = json!(claim.transaction_id());
        Body::of(&body)
    });
    request
}

/// Writes down what is about to be made, so that it is in the state before it is in Graph.
async fn intend(sending: &Sending<'_>, incarnation: u64) -> Result<(), Broken> {
    let Sending { step, state, .. } = sending;
    if let Some(intent) = &step.intent {
        state.keep(&step.key, Record { intended: Some(incarnation), ..*intent.clone() });
    }
    state.save().await.map_err(|error| Trouble::of(&error).after("nothing was sent: ").into())
}

/// How old an event was when Graph answered, by Graph's own clock.
fn age(answer: &Answer) -> Option<Duration> {
    let created = View::of(answer.body.as_object()?).created()?;
    answer.date?.duration_since(created).try_into().ok()
}

/// Whether an id is known to be another object's: one of another key, or the one that is being replaced.
fn is_anothers(sending: &Sending, id: &str) -> bool {
    sending.state.holder(id).is_some_and(|key| key != sending.step.key) || is_replaced(sending, id)
}

fn is_replaced(sending: &Sending, id: &str) -> bool {
    let replaced = sending.step.seen.as_ref().filter(|_| sending.step.action == Action::Replace);
    replaced.is_some_and(|seen| seen.id == id)
}

/// The id that the key had, of what the plan found gone.
fn formerly(sending: &Sending) -> Option<String> {
    let intent = sending.step.intent.as_ref().filter(|_| sending.step.action == Action::Create)?;
    Some(intent.id.clone()).filter(|id| !id.is_empty())
}

/// Reads whose event has the `transactionId`, again and again, since a read may show what was before a write.
async fn find(
    sending: &Sending<'_>,
    request: &Request,
    claim: &Claim,
    id: Option<String>,
    age: Option<Duration>,
) -> Result<Found, Failure> {
    let (from, mut wait) = (Instant::now(), Duration::from_millis(250));
    loop {
        if let Some(id) = listed(sending, request, claim).await? {
            return Ok(Found::Ours(id));
        }
        if let Some(id) = &id
            && is_somebody_elses(sending, request, claim, id).await?
        {
            return Ok(Found::Used);
        }
        // What is older than a read may be stale for is not in a list because it is not there.
        let waited = from.elapsed() >= sending.look_for || *sending.stop.borrow();
        if waited || age.is_some_and(|age| age > sending.look_for) {
            return Ok(if id.is_some() { Found::Used } else { Found::Nothing });
        }
        sleep(wait).await;
        wait = (wait * 2).min(Duration::from_secs(8));
    }
}

/// The event of the claim in the calendar's list.
async fn listed(sending: &Sending<'_>, request: &Request, claim: &Claim) -> Result<Option<String>, Failure> {
    let filter = route::encoded(&mark::filter_of(&claim.workspace, &claim.name));
    let expand = route::encoded(&mark::expand());
    let path = format!("{}?$filter={filter}&$select=id,{TRANSACTION_ID}&$expand={expand}", request.path);
    let answer = read(sending, path).await?;
    let items = answer["value"].as_array().into_iter().flatten().filter_map(Value::as_object);
    let transaction = claim.transaction_id();
    let made = items.filter(|item| View::of(item).transaction_id() == Some(transaction.as_str()));
    let mut ids = made.filter_map(|item| item.get("id")?.as_str());
    Ok(ids.find(|id| !is_anothers(sending, id)).map(str::to_owned))
}

/// Whether the event with an id is known to be another one than ours; what is not there says nothing.
async fn is_somebody_elses(sending: &Sending<'_>, request: &Request, claim: &Claim, id: &str) -> Result<bool, Failure> {
    let mailbox = request.path.split("/calendars/").next().unwrap_or_default().trim_end_matches("/events");
    let expand = route::encoded(&mark::expand());
    let path = format!("{mailbox}/events/{}?$select=id&$expand={expand}", route::encoded(id));
    match read(sending, path).await {
        Ok(event) => {
            let own = event["id"].as_str().is_some_and(|id| !is_anothers(sending, id));
            Ok(!own || mark::read(&claim.workspace, &event).is_none_or(|mark| mark.name != claim.name))
        }
        Err(failure) if failure.is_absent() => Ok(false),
        Err(failure) => Err(failure),
    }
}

async fn read(sending: &Sending<'_>, path: String) -> Result<Value, Failure> {
    let prefer = Some(EVENT_PREFER.into());
    let get = Request { purpose: Purpose::Observe, method: Method::Get, path, prefer, ..Request::default() };
    Ok(sending.client.send(&sending.step.organizer, &get).await?.body)
}

fn lost(sending: &Sending, failure: &Failure) -> Broken {
    let why = sending.client.trouble(failure);
    why.after("whether the event was made could not be found out: ").into()
}
