//! Join coordinates for people: one block for each resource.

use crate::status::Joining;
use serde_json::Value;

/// Renders the coordinates that are known, a line each; links stand alone so that a terminal can open them.
pub fn render(rows: &[Joining]) -> String {
    if rows.is_empty() {
        return "nothing is managed yet: `convoke apply` makes it so\n".into();
    }
    rows.iter().map(block).collect::<Vec<_>>().join("\n")
}

fn block(row: &Joining) -> String {
    let Joining { key, organizer, subject, call, join_information, .. } = row;
    let mut text = format!("{key}  {}\n", subject.as_str().unwrap_or_default());
    let join = if row.join_url.is_null() { Value::from("(none)") } else { row.join_url.clone() };
    let lines = [
        ("organizer", &Value::from(organizer.as_str())),
        ("join", &join),
        ("meeting id", &row.join_meeting_id),
        ("passcode", &row.passcode),
        ("conference id", &row.conference_id),
        ("dial-in", &row.toll_number),
        ("dial-in page", &row.dialin_url),
        ("chat", &row.chat_thread),
    ];
    for (name, value) in lines {
        if let Some(value) = value.as_str() {
            text += &format!("    {name}: {value}\n");
        }
    }
    for (room, answer) in &row.rooms {
        text += &format!("    room: {room}, {answer}\n");
    }
    if let Some(information) = join_information {
        text += "    join information:\n";
        for line in information.lines() {
            text += &format!("      {line}\n");
        }
    }
    if let Some(call) = call {
        text += &format!("    call: {call}\n");
    }
    text
}
