use super::*;

#[test]
fn a_run_with_the_same_seed_repeats_exactly() {
    let faults: Faults = "429=20%,503=10%,drop-after=5%,drop-before=5%,stale=5%,slow=1ms..3ms,expire-token,seed=7"
        .parse()
        .expect("valid");
    let run = |faults: &Faults| {
        let dice = Dice::default();
        (0..200).map(|it| dice.draw(faults, &format!("GET /{}", it % 20))).collect::<Vec<_>>()
    };
    assert_eq!(run(&faults), run(&faults));
    assert_ne!(run(&faults), run(&Faults { seed: 8, ..faults.clone() }));
    let all = run(&faults);
    assert!(all.iter().filter(|it| it.status == Some(429)).count() > 10);
    assert_eq!(all.iter().filter(|it| it.expired).count(), 1);
}

#[test]
fn a_request_meets_two_faults_in_a_row_at_most_or_as_many_as_are_told() {
    let faults: Faults = "429=100%".parse().expect("valid");
    let dice = Dice::default();
    let fates: Vec<bool> = (0..6).map(|_| dice.draw(&faults, "GET /").status.is_some()).collect();
    assert_eq!(fates, [true, true, false, true, true, false]);
    let (faults, dice) = (Faults { streak: Some(5), ..faults }, Dice::default());
    let fates: Vec<bool> = (0..6).map(|_| dice.draw(&faults, "GET /").status.is_some()).collect();
    assert_eq!(fates, [true, true, true, true, true, false]);
}

#[test]
fn faults_of_one_method_leave_the_others_alone() {
    let faults: Faults = "429=100%,only=post".parse().expect("valid");
    let dice = Dice::default();
    assert_eq!(dice.draw(&faults, "GET /"), Fate::default());
    assert_eq!(dice.draw(&faults, "POST /").status, Some(429));
}

#[test]
fn a_request_in_batches_meets_two_faults_in_a_row_at_most_whoever_makes_them() {
    for faults in
        ["drop-after=100%,429=100%", "drop-before=100%", "drop-after=50%,429=50%,seed=1", "drop-after=100%,only=$batch"]
    {
        let dice = Dice::default();
        let faults: Faults = faults.parse().expect("valid");
        let through = |key: &str| {
            let cut = dice.draw_batch(&faults, &[key.into(), "GET /other".into()]);
            let draw = |key| if cut.drop_before { Fate::default() } else { dice.draw(&faults, key) };
            let (own, _) = (draw(key), draw("GET /other"));
            !cut.drop_before && !cut.drop_after && own.status.is_none()
        };
        let through: Vec<bool> = (0..30).map(|_| through("GET /")).collect();
        assert!(through.windows(3).all(|three| three.contains(&true)), "{through:?}");
        assert!(through.contains(&false));
    }
}

#[test]
fn a_fault_that_cannot_be_read_says_which() {
    for text in ["429", "429=5", "418=5%", "slow=2s..1s", "slow=2", "drop=1%", "seed=x", "only", "streak=x"] {
        let error = Faults::from_str(text).expect_err(text).to_string();
        assert!(error.contains(&format!("`{text}`")), "{error}");
    }
}
