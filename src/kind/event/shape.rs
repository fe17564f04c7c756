//! The small values of an Event. They only serve the schema; a manifest's values stay untyped JSON.

#![expect(dead_code, reason = "documented shapes: only their schema is used")]

use schemars::JsonSchema;

#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub enum AttendeePolicy {
    /// Whom others added stays; only those go who were declared before and no longer are.
    Additive,
    /// The declared list is the truth: whoever else is on it is removed, and gets a cancellation.
    Exclusive,
}

#[derive(JsonSchema)]
#[schemars(untagged)]
pub enum Location {
    /// The name of the place.
    Name(String),
    Graph(Box<GraphLocation>),
}

/// Graph's own form of a place.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("x-short" = {"of": "displayName", "without": "@"}))]
pub struct GraphLocation {
    /// The name of the place.
    #[schemars(example = &"Room Baker")]
    pub display_name: Option<String>,
    /// The address of the room's mailbox.
    #[schemars(example = &"room-baker@contoso.example")]
    pub location_email_address: Option<String>,
    /// A web page or other URI of the place.
    #[schemars(example = &"https://contoso.example/rooms/baker")]
    pub location_uri: Option<String>,
    /// The postal address.
    pub address: Option<PhysicalAddress>,
    /// Where on Earth it is.
    pub coordinates: Option<Coordinates>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "camelCase")]
pub struct PhysicalAddress {
    /// Street and number.
    #[schemars(example = &"Hauptstraße 1")]
    pub street: Option<String>,
    /// The city.
    #[schemars(example = &"Berlin")]
    pub city: Option<String>,
    /// The state or region.
    #[schemars(example = &"BE")]
    pub state: Option<String>,
    /// The country.
    #[schemars(example = &"Germany")]
    pub country_or_region: Option<String>,
    /// The postal code.
    #[schemars(example = &"10827")]
    pub postal_code: Option<String>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "camelCase")]
pub struct Coordinates {
    /// Degrees north.
    #[schemars(example = 52.52)]
    pub latitude: Option<f64>,
    /// Degrees east.
    #[schemars(example = 13.4)]
    pub longitude: Option<f64>,
    /// Metres above sea level.
    #[schemars(example = 34.0)]
    pub altitude: Option<f64>,
    /// How exact latitude and longitude are.
    #[schemars(example = 10.0)]
    pub accuracy: Option<f64>,
    /// How exact the altitude is.
    #[schemars(example = 10.0)]
    pub altitude_accuracy: Option<f64>,
}

#[derive(JsonSchema)]
#[schemars(untagged)]
pub enum Body {
    /// The text in Markdown.
    Markdown(String),
    Graph(ItemBody),
}

/// Graph's own form of a text; it is taken as it is.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "camelCase")]
pub struct ItemBody {
    /// What `content` is written in.
    #[schemars(example = &"html")]
    pub content_type: ContentType,
    /// The text.
    #[schemars(example = &"<p>Agenda</p>")]
    pub content: String,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub enum ContentType {
    /// HTML; Exchange strips scripts and some styles.
    Html,
    /// Plain text.
    Text,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub enum Importance {
    /// Shown as of low importance.
    Low,
    /// Nothing is shown.
    Normal,
    /// Shown as of high importance.
    High,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub enum Sensitivity {
    /// Whoever sees the calendar sees the details.
    Normal,
    /// Marked as personal.
    Personal,
    /// People the calendar is shared with see no details.
    Private,
    /// Marked as confidential.
    Confidential,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub enum ShowAs {
    /// Free.
    Free,
    /// Tentative.
    Tentative,
    /// Busy; what Graph sets unless told otherwise.
    Busy,
    /// Out of office.
    Oof,
    /// Working elsewhere, which counts as free.
    WorkingElsewhere,
}
