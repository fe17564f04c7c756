use crate::kind::testing::berlin;
use crate::kind::{Field, Home, KindId, Patch, Writable};
use proptest::prelude::*;
use serde_json::Value;
use std::collections::BTreeSet;

#[test]
fn no_row_is_there_twice() {
    for kind in KindId::ALL.map(KindId::kind) {
        let mut seen = BTreeSet::new();
        for field in kind.fields() {
            let home = if field.home == Home::Meeting { "meetingOptions." } else { "" };
            assert!(seen.insert(format!("{home}{}", field.name)), "{} {}", kind.name, field.name);
        }
    }
}

#[test]
fn a_row_names_only_rows_of_the_same_object() {
    for kind in KindId::ALL.map(KindId::kind) {
        for field in kind.fields() {
            if let Patch::Together(names) = field.patch {
                for name in names {
                    let homes = [Home::Own, Home::Meeting];
                    let found = homes.iter().any(|home| kind.field(*home, name).is_some());
                    assert!(found, "{} names {name}", field.name);
                }
            }
            if let Writable::Until(flag) = field.writable {
                assert!(kind.field(field.home, flag).is_some(), "{} names {flag}", field.name);
            }
        }
    }
}

#[test]
fn keys_stand_in_the_order_of_the_names_of_kinds() {
    let names = KindId::ALL.map(|id| id.kind().name);
    assert!(names.is_sorted() && KindId::ALL.is_sorted(), "{names:?}");
    for (id, name) in KindId::ALL.into_iter().zip(names) {
        assert_eq!((id.kind().id, KindId::named(name)), (id, Some(id)));
    }
}

fn json_of_any_shape() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        prop_oneof![
            Just("2026-12-01T10:00".to_owned()),
            Just("9999-12-31T23:59".to_owned()),
            Just("45m".to_owned()),
            Just("99999999h".to_owned()),
            Just("Europe/Berlin".to_owned()),
            Just("endDate".to_owned()),
            Just("daily".to_owned()),
            ".*",
        ]
        .prop_map(Value::from),
    ];
    let name = prop_oneof![
        Just("pattern".to_owned()),
        Just("range".to_owned()),
        Just("type".to_owned()),
        Just("dateTime".to_owned()),
        Just("timeZone".to_owned()),
        Just("emailAddress".to_owned()),
        Just("attendees".to_owned()),
        Just("participants".to_owned()),
    ];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name.clone(), inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_spec_makes_expansion_panic(
        members in prop::collection::vec((any::<prop::sample::Index>(), json_of_any_shape()), 0..12)
    ) {
        for kind in KindId::ALL.map(KindId::kind) {
            let written = |field: &&Field| {
                let refused = matches!(field.writable, Writable::Never | Writable::Refused(_));
                field.home != Home::Meeting && !refused
            };
            let names: Vec<_> = kind.fields().filter(written).map(|field| field.name).collect();
            let spec = members.iter().map(|(index, value)| {
                (names[index.index(names.len())].to_owned(), value.clone())
            });
            let _ = (kind.expand)(&spec.collect(), &berlin());
        }
    }
}
