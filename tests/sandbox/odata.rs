//! Query options of event lists (query-parameters.md, paging.md, singlevaluelegacyextendedproperty-get.md).

use serde_json::{Value, json};

use crate::sandbox::support::{Twin, encode, twin};

const ALEX: &str = "/users/alex@contoso.example";
const KEY: &str = "String {66f5a359-4659-4830-9070-00047ec6ac6e} Name convoke";
const OTHER: &str = "String {66f5a359-4659-4830-9070-00047ec6ac6e} Name convoke-applied";

fn three() -> Twin {
    let twin = twin();
    for (subject, day, key) in [("B", "03", "ws/b"), ("A", "02", "ws/a"), ("C", "01", "other/c")] {
        let marks = json!([{"id": KEY, "value": key}, {"id": OTHER, "value": "{}"}]);
        let at = |hour: &str| json!({"dateTime": format!("2026-12-{day}T{hour}:00:00"), "timeZone": "UTC"});
        twin.event(
            json!({"subject": subject, "start": at("10"), "end": at("11"), "singleValueExtendedProperties": marks}),
        );
    }
    twin
}

fn subjects(twin: &Twin, query: &str) -> Vec<String> {
    let reply = twin.get(&format!("{ALEX}/events?{query}")).expect(200);
    let list = reply.at("/value").as_array().cloned().unwrap_or_default();
    list.iter().map(|it| it["subject"].as_str().unwrap_or_default().to_string()).collect()
}

#[test]
fn filters_and_orders_do_what_they_say() {
    let twin = three();
    let any = |inner: &str| format!("singleValueExtendedProperties/any(ep: ep/id eq '{KEY}' and {inner})");
    let cases = [
        (any("startswith(ep/value,'ws/')"), "", vec!["B", "A"]),
        (any("ep/value eq 'WS/A'"), "", vec!["A"]),
        (any("ep/value eq 'nobody'"), "", vec![]),
        ("start/dateTime ge '2026-12-02T00:00:00' and start/dateTime lt '2026-12-03'".to_string(), "", vec!["A"]),
        ("subject eq 'C'".to_string(), "", vec!["C"]),
        (any("startswith(ep/value,'ws/')"), "start/dateTime", vec!["A", "B"]),
        ("isCancelled eq false".to_string(), "subject desc", vec!["C", "B", "A"]),
    ];
    for (filter, order, expected) in cases {
        let order = if order.is_empty() { String::new() } else { format!("&$orderby={}", encode(order)) };
        assert_eq!(subjects(&twin, &format!("$filter={}{order}", encode(&filter))), expected, "{filter}");
    }
}

#[test]
fn what_cannot_be_filtered_expanded_or_selected_is_refused() {
    let cases = [
        ("$filter=id%20eq%20'x'", "ErrorInvalidProperty", "The property 'Id' does not support filtering."),
        ("$filter=transactionId%20eq%20'x'", "ErrorInvalidProperty", "'TransactionId'"),
        ("$filter=subject%20is%20'x'", "BadRequest", "syntax"),
        ("$select=subjekt", "RequestBroker--ParseUri", "'subjekt'"),
        ("$expand=nothing", "RequestBroker--ParseUri", "'nothing'"),
        ("$expand=singleValueExtendedProperties", "ErrorInvalidRequest", "$filter"),
        ("$top=0", "BadRequest", "$top"),
        ("$skip=x", "BadRequest", "$skip"),
    ];
    let twin = twin();
    for (query, code, words) in cases {
        twin.get(&format!("{ALEX}/events?{query}")).refused(400, code, words);
    }
}

#[test]
fn extended_properties_show_only_when_expanded_and_only_those_that_fit() {
    let twin = three();
    let plain = twin.get(&format!("{ALEX}/events")).expect(200);
    assert_eq!(plain.at("/value/0/singleValueExtendedProperties"), Value::Null);
    let expand = encode(&format!("singleValueExtendedProperties($filter=id eq '{KEY}')"));
    let one = twin.get(&format!("{ALEX}/events?$select=subject&$expand={expand}"));
    assert_eq!(one.at("/value/0/singleValueExtendedProperties"), json!([{"id": KEY, "value": "ws/b"}]));
    let expand = encode(&format!("singleValueExtendedProperties($filter=id eq '{KEY}' or id eq '{OTHER}')"));
    let both = twin.get(&format!("{ALEX}/events?$expand={expand}"));
    assert_eq!(both.at("/value/0/singleValueExtendedProperties").as_array().map(Vec::len), Some(2));
}

#[test]
fn pages_follow_the_next_link_to_the_end() {
    let twin = three();
    let mut link = format!("{ALEX}/events?$top=2&$select=subject&$filter={}", encode("startswith(subject,'') eq true"));
    let mut seen = Vec::new();
    for _ in 0..3 {
        let page = twin.get(&link).expect(200);
        seen.extend(page.at("/value").as_array().cloned().unwrap_or_default().iter().map(|it| it["subject"].clone()));
        let next = page.text("/@odata.nextLink");
        if next.is_empty() {
            break;
        }
        let root = twin.sandbox.url.trim_end_matches("/v1.0").to_string();
        link = next.strip_prefix(&root).expect("the same host").to_string();
    }
    assert_eq!(seen, [json!("B"), json!("A"), json!("C")]);
}

#[test]
fn a_page_holds_ten_when_nothing_is_said() {
    let twin = twin();
    for _ in 0..11 {
        twin.event(json!({}));
    }
    let page = twin.get(&format!("{ALEX}/events?$count=true"));
    assert_eq!((page.at("/value").as_array().map(Vec::len), page.at("/@odata.count")), (Some(10), json!(11)));
}
