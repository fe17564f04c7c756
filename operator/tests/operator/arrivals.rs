//! Objects that come into a cluster one after the other, as a tool applies them.

use crate::EVENTS;
use crate::support::api::Api;
use crate::support::bucket::{Bucket, opened};
use crate::support::gate::serve;
use crate::support::inside::Swift;
use crate::support::{House, event, is_ready, set, workspace};
use convoke_operator::Terms;
use fastrand::Rng;
use serde_json::{Value, json};

/// So many namespaces, each with a Workspace, a mailbox and an order of its own.
const NAMESPACES: usize = 200;

const EACH: usize = 9;

fn its_workspace(namespace: usize) -> Value {
    let organizer = format!("m{namespace}@contoso.example");
    // In a store, since so many files on a disk are slow.
    let state = format!("s3://convoke/{namespace}.json");
    let defaults = json!({"organizer": organizer, "timeZone": "Europe/Berlin"});
    let mut object = workspace(json!({"state": state, "defaults": defaults}));
    (object["metadata"]["name"], object["metadata"]["namespace"]) =
        (json!(format!("w{namespace}")), json!(format!("n{namespace}")));
    object
}

fn its_event(namespace: usize, number: usize) -> Value {
    let mut object = event(&format!("e{namespace}-{number}"), "First");
    object["metadata"]["namespace"] = json!(format!("n{namespace}"));
    object["spec"]["isOnlineMeeting"] = json!(false);
    object
}

fn orphans(api: &Api, namespace: usize) -> Option<usize> {
    let status = &api.object("workspaces", &format!("w{namespace}"))["status"];
    status["conditions"].is_array().then(|| status["orphans"].as_array().map_or(0, Vec::len))
}

/// With none of 9 objects, with 3, and with all but one, which a limit would let go by itself.
#[test]
fn in_whatever_order_objects_come_nothing_is_cancelled_because_it_is_not_there_yet() {
    let (house, bucket) = (House::new(), Bucket::default());
    let store = house.runtime.block_on(serve(bucket.routes()));
    let slowly = |it: &mut Terms| {
        it.clock = Swift::of(5);
        set(it, &opened(&store));
    };
    let api = house.cluster();
    for namespace in 0..NAMESPACES {
        api.write("workspaces", its_workspace(namespace));
        (0..EACH).for_each(|number| api.write(EVENTS, its_event(namespace, number)));
    }
    let operator = house.operator(&api, slowly);
    operator.until("ready", || api.all(is_ready));
    operator.stop();
    let before = (house.writes(), house.mails("cancellation"));
    assert_eq!(before.1, 0);

    let (api, mut rng) = (house.cluster(), Rng::with_seed(20));
    (0..NAMESPACES).for_each(|namespace| api.write("workspaces", its_workspace(namespace)));
    let mut all: Vec<(usize, usize)> =
        (0..NAMESPACES).flat_map(|namespace| (0..EACH).map(move |number| (namespace, number))).collect();
    rng.shuffle(&mut all);
    let operator = house.operator(&api, slowly);
    let mut come = [0; NAMESPACES];
    for wave in [0, 3, EACH - 1, EACH] {
        all.retain(|(namespace, number)| {
            let comes = come[*namespace] < wave;
            if comes {
                api.write(EVENTS, its_event(*namespace, *number));
                come[*namespace] += 1;
            }
            !comes
        });
        let left = Some(EACH - wave);
        operator.until(&format!("{left:?} orphans"), || (0..NAMESPACES).all(|it| orphans(&api, it) == left));
        assert_eq!((house.writes(), house.mails("cancellation")), before, "{wave}");
    }
    operator.until("ready", || api.all(is_ready));
    operator.stop();
    assert_eq!((house.writes(), house.mails("cancellation")), before);
}
