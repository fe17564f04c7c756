//! The same stories on a network and a service that fail in every way the twin knows, from ten different seeds.

mod support;

use convoke::sandbox::Faults;
use support::story;

const FAULTS: &str = "429=5%,500=5%,503=5%,504=5%,drop-after=5%,drop-before=5%,stale=5%,expire-token=5%,slow=1ms..5ms";

#[test]
fn every_story_ends_the_same_whatever_fails_on_the_way() {
    let mut wrong = vec![];
    for seed in 0..10 {
        let faults = |_: &_| Some(format!("{FAULTS},seed={seed}").parse::<Faults>().unwrap());
        let (failed, _) = story::tell_all(faults, 32);
        wrong.extend(failed.into_iter().map(|it| format!("seed {seed}: {it}")));
    }
    assert!(wrong.is_empty(), "{} stories:\n\n{}", wrong.len(), wrong.join("\n"));
}
