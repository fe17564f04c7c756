//! Shows an event as a reader asked for it: zone, body type, selection, expansions, kind of id.

use serde_json::{Map, Value, json};

use crate::sandbox::{
    AllDay, Quirks,
    answer::{Outcome, refuse},
    ask::Ask,
    body,
    event::{
        extension,
        people::NO_TIME,
        series::{self, Face},
    },
    filter, ids,
    ids::EventId,
    odata::{self, Expand},
    strict,
    user::User,
    when,
    zones::{self, Zone},
};

/// The order of properties in Graph's answers (outlook-calendar-online-meetings.md).
const ORDER: [&str; 40] = [
    "createdDateTime",
    "lastModifiedDateTime",
    "changeKey",
    "categories",
    "transactionId",
    "originalStartTimeZone",
    "originalEndTimeZone",
    "iCalUId",
    "uid",
    "reminderMinutesBeforeStart",
    "isReminderOn",
    "hasAttachments",
    "subject",
    "bodyPreview",
    "importance",
    "sensitivity",
    "originalStart",
    "isAllDay",
    "isCancelled",
    "isOrganizer",
    "isDraft",
    "responseRequested",
    "seriesMasterId",
    "showAs",
    "type",
    "webLink",
    "onlineMeetingUrl",
    "isOnlineMeeting",
    "onlineMeetingProvider",
    "allowNewTimeProposals",
    "hideAttendees",
    "recurrence",
    "responseStatus",
    "body",
    "start",
    "end",
    "location",
    "locations",
    "attendees",
    "organizer",
];

/// How one request wants its events.
pub struct Shape {
    zone: Option<&'static Zone>,
    text: bool,
    immutable: bool,
    beta: bool,
    select: Option<Vec<String>>,
    /// Those of `ORDER` that are selected.
    shown: Vec<&'static str>,
    expand: Vec<Expand>,
    root: String,
    /// All-day events float.
    float: bool,
    /// It is a list that cuts the values of extended properties.
    cut: bool,
}

impl Shape {
    /// Returns the shape of the members of a list.
    pub fn listed(self, quirks: &Quirks) -> Shape {
        Shape { cut: quirks.cut_properties, ..self }
    }
}

/// Reads the shape from a request, refusing what events do not have.
pub fn shape(quirks: &Quirks, ask: &Ask) -> Outcome<Shape> {
    let select = odata::select(ask);
    for name in select.iter().flatten() {
        let known = strict::has("event", name) || (name == "uid" && ask.beta);
        if !known {
            let message = format!("Could not find a property named '{name}' on type 'microsoft.graph.event'.");
            return refuse(400, "RequestBroker--ParseUri", message);
        }
    }
    let expand = odata::expand(ask)?;
    for one in &expand {
        match one.name.as_str() {
            "singleValueExtendedProperties" | "multiValueExtendedProperties" if one.filter.is_none() => {
                return refuse(
                    400,
                    "ErrorInvalidRequest",
                    format!("The expand of '{}' needs a $filter on id.", one.name),
                );
            }
            "singleValueExtendedProperties" | "multiValueExtendedProperties" | "extensions" | "attachments" => {}
            "exceptionOccurrences" | "instances" | "calendar" => {}
            other => {
                let message = format!("Could not find a property named '{other}' on type 'microsoft.graph.event'.");
                return refuse(400, "RequestBroker--ParseUri", message);
            }
        }
    }
    let zone = ask.prefer.zone.as_deref().map(zones::find).transpose()?;
    let (text, immutable, beta) = (ask.prefer.text_body, ask.prefer.immutable_ids, ask.beta);
    let (root, float) = (ask.root.clone(), quirks.all_day == AllDay::Float);
    let shown = shown(select.as_deref());
    Ok(Shape { zone, text, immutable, beta, select, shown, expand, root, float, cut: false })
}

fn shown(select: Option<&[String]>) -> Vec<&'static str> {
    ORDER.into_iter().filter(|name| select.is_none_or(|it| it.iter().any(|it| it == name))).collect()
}

/// Returns the entity tag of an event.
pub fn etag(face: &Face) -> String {
    format!("W/\"{}\"", change_key(face))
}

fn change_key(face: &Face) -> String {
    let hash = ids::digest(&format!("change {:?} {}", face.id, face.event.version));
    ids::base64(&hash[..22])
}

/// Writes an event for its organizer. `single` adds the context of an entity.
pub fn show(shape: &Shape, organizer: &User, face: &Face, single: bool) -> Value {
    let mut out = Map::with_capacity(shape.select.as_ref().map_or(ORDER.len(), Vec::len) + 4);
    if single {
        let names = shape.select.as_ref().map_or_else(String::new, |it| format!("({})", it.join(",")));
        let context = format!("{}/$metadata#users('{}')/events{names}/$entity", shape.root, organizer.id);
        out.insert("@odata.context".into(), context.into());
    }
    out.insert("@odata.etag".into(), etag(face).into());
    out.insert("id".into(), id(face, face.id, shape.immutable).into());
    let wanted = |name: &str| shape.select.as_ref().is_none_or(|it| it.iter().any(|it| it == name));
    for name in shape.shown.iter().copied() {
        if let Some(value) = property(shape, organizer, face, name) {
            out.insert(name.into(), value);
        }
    }
    if wanted("onlineMeeting") {
        out.insert("onlineMeeting".into(), face.event.props.get("onlineMeeting").cloned().unwrap_or(Value::Null));
    }
    // Only with $select on a GET of the series master (event.md).
    if shape.select.is_some() && wanted("cancelledOccurrences") {
        let days = face
            .event
            .cancelled
            .iter()
            .map(|day| format!("OID.{}.{day}", id(face, EventId { date: None, ..face.id }, shape.immutable)));
        out.insert("cancelledOccurrences".into(), days.collect::<Vec<_>>().into());
    }
    for expand in &shape.expand {
        if let Some(value) = expanded(shape, organizer, face, expand) {
            out.insert(expand.name.clone(), value);
        }
    }
    out.into()
}

fn id(face: &Face, id: EventId, immutable: bool) -> String {
    match (&face.event.alias, id.date) {
        (Some(alias), None) => alias.clone(),
        _ => ids::event(id, immutable),
    }
}

fn property(shape: &Shape, organizer: &User, face: &Face, name: &str) -> Option<Value> {
    let event = &face.event;
    let kept = |name: &str| event.props.get(name).cloned().unwrap_or(Value::Null);
    let html = || event.props.get("body").and_then(Value::as_str).unwrap_or_default();
    Some(match name {
        "createdDateTime" => when::offset(event.created).into(),
        "lastModifiedDateTime" => when::offset(event.modified).into(),
        "changeKey" => change_key(face).into(),
        // Returned only when an app has set it (event.md).
        "transactionId" => event.props.get("transactionId")?.clone(),
        "iCalUId" | "uid" if name == "iCalUId" || shape.beta => {
            let day = face.id.date.map_or("00000000".to_string(), |it| it.strftime("%Y%m%d").to_string());
            let hash = ids::digest(&format!("uid {}", event.key));
            let hex: String = hash[..20].iter().map(|it| format!("{it:02X}")).collect();
            format!("040000008200E00074C5B7101A82E008{day}{hex}").into()
        }
        "uid" => return None,
        "hasAttachments" | "isDraft" => false.into(),
        "bodyPreview" => body::preview(html()).into(),
        "isCancelled" => event.props.get("isCancelled").cloned().unwrap_or(false.into()),
        "isOrganizer" => (!event.guest).into(),
        "seriesMasterId" => match face.id.date {
            Some(_) => id(face, EventId { date: None, ..face.id }, shape.immutable).into(),
            None => Value::Null,
        },
        "originalStart" => when::offset(face.original?).into(),
        "type" => face.kind.into(),
        "webLink" => {
            let id =
                percent_encoding::utf8_percent_encode(&id(face, face.id, false), percent_encoding::NON_ALPHANUMERIC)
                    .to_string();
            format!("https://outlook.office365.com/owa/?itemid={id}&exvsurl=1&path=/calendar/item").into()
        }
        // Null for Teams, and to be removed (event.md).
        "onlineMeetingUrl" => Value::Null,
        "responseStatus" if !event.guest => {
            json!({"response": "organizer", "time": NO_TIME})
        }
        "body" => body::show(html(), shape.text),
        "start" | "end" if shape.float && event.props["isAllDay"] == true => {
            when::show_floating(&kept(name), shape.zone)
        }
        "start" | "end" => when::show(&kept(name), shape.zone),
        "organizer" if !event.guest => {
            json!({"emailAddress": {"name": organizer.name, "address": organizer.upn}})
        }

        _ => kept(name),
    })
}

fn expanded(shape: &Shape, organizer: &User, face: &Face, expand: &Expand) -> Option<Value> {
    match expand.name.as_str() {
        "singleValueExtendedProperties" => {
            let filter = expand.filter.as_ref()?;
            let all = extended(face).into_iter();
            let hits: Vec<Value> =
                all.filter(|it| filter::meets(filter, &|path| filter::walk(it, path), true)).collect();
            let hits: Vec<Value> = if shape.cut { hits.into_iter().map(cut).collect() } else { hits };
            // Without a hit the property is missing, not empty (singlevaluelegacyextendedproperty-get.md).
            (!hits.is_empty()).then(|| hits.into())
        }
        "exceptionOccurrences" if face.id.date.is_none() => {
            let days = face.event.exceptions.keys().filter_map(|it| it.parse().ok());
            let faces = days.filter_map(|it| series::occurrence(&face.event, it));
            let (select, shown) = (expand.select.clone(), shown(expand.select.as_deref()));
            let plain = Shape { select, shown, expand: Vec::new(), root: shape.root.clone(), ..*shape };
            Some(faces.map(|it| show(&plain, organizer, &it, false)).collect::<Vec<_>>().into())
        }
        "extensions" => Some(extension::all(&face.event, expand.filter.as_ref()).into()),
        "attachments" => Some(json!([])),
        _ => None,
    }
}

/// An extended property as a list shows it that cuts strings.
fn cut(mut property: Value) -> Value {
    const MOST: usize = 255;
    if let Some(text) = property["value"].as_str() {
        property["value"] = text.chars().take(MOST).collect::<String>().into();
    }
    property
}

/// Returns the extended properties of an event as Graph writes them.
pub fn extended(face: &Face) -> Vec<Value> {
    face.event.extended.iter().map(|(id, value)| json!({"id": id, "value": value})).collect()
}

/// Finds the value at a path for filters and sorting: times in UTC (event-list filters compare UTC strings).
pub fn look(quirks: &Quirks, organizer: &User, face: &Face, path: &[String]) -> Value {
    if path[0].eq_ignore_ascii_case("singleValueExtendedProperties") {
        return extended(face).into();
    }
    let shape = Shape {
        zone: None,
        text: false,
        immutable: false,
        beta: false,
        select: None,
        shown: Vec::new(),
        expand: Vec::new(),
        root: String::new(),
        float: quirks.all_day == AllDay::Float,
        cut: false,
    };
    let value = property(&shape, organizer, face, &path[0]).unwrap_or(Value::Null);
    filter::walk(&value, &path[1..]).into_owned()
}
