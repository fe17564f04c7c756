//! Whether the text of an event differs, and who changed it.

use crate::kind::compare::{self, Compare};
use crate::kind::event::View;
use crate::kind::landed::{self, Text};
use crate::kind::{Field, body};
use crate::model::{Applied, Desired, Have};
use crate::plan::diff::{self, Compared, Difference, Fate};
use crate::plan::last::Last;
use crate::plan::{Cause, Change};
use serde_json::Value;

/// Compares the declared text with the live one: by how it stood after the last write where that is known, else by its words.
/// What Outlook made of the markup alone is no change. `now` has the fingerprints of what is declared.
pub(super) fn change(want: &Desired, have: &Have, last: &Last, now: &Applied) -> Compared {
    let mut compared = Compared::default();
    let Some(field) = want.key.kind().compared(Compare::Text) else { return compared };
    let Some(text) = want.spec.own.get(field.name) else { return compared };
    let live = have.own.get(field.name).unwrap_or(&Value::Null);
    let (name, join_url) = (field.label(), View::of(&have.own).join_url());
    let known = last.landed(&name).and_then(|landed| Some((landed, Text::read(landed)?)));
    let unchanged = now.fields.get(&name).is_some_and(|now| last.is_unchanged(&name, now));
    let whole = landed::whole(live);
    // Until the join link is there, what stands in the text besides the author's words cannot be told from them.
    let open = last.is_open(&name);
    let settled = |mut compared: Compared, landed: String| {
        let is_other = Text::read(&landed).is_some_and(|text| text.is_other) && !(open && join_url.is_none());
        compared.landed.open.extend((open && join_url.is_none()).then(|| name.to_string()));
        compared.notes.extend(is_other.then(|| diff::other(&name)));
        compared.landed.fields.insert(name.clone(), landed);
        compared
    };
    // Reading HTML is slow: it is spared where fingerprints say it all.
    let as_it_was = known.as_ref().is_some_and(|(_, text)| text.whole == whole);
    let told = as_it_was && !(open && join_url.is_some());
    if let (true, true, Some((landed, _))) = (told, unchanged, &known) {
        return settled(compared, landed.to_string());
    }
    let (words, said) = (body::text(live, join_url), body::text(text, None));
    // The join block may have come since, and Outlook may have written the markup anew.
    let as_landed = as_it_was || known.as_ref().is_some_and(|(_, text)| text.words == compare::hash(&words));
    let same = words == said;
    // Never applied by us, as far as is known, and it says the same.
    let never = last.declared(&name).is_none();
    if unchanged && (as_landed || same) || never && same {
        return settled(compared, landed::stands(field.compare, text, live, join_url));
    }
    if unchanged && known.is_none() {
        compared.notes.push(diff::unknown(&name));
        return compared;
    }
    let fate = Fate { unchanged, still: as_landed || same, landed: known.is_some(), apart: false };
    let lost = known.as_ref().is_some_and(|(landed, _)| *landed == landed::LOST);
    let cause = match diff::cause(last, &name, fate) {
        Cause::Drift if lost => Cause::Unknown,
        // Another text was declared, and what became of that is not known.
        Cause::Both if known.is_none() => Cause::Manifest,
        cause => cause,
    };
    // The live text without its join block, which holds the join link; nothing of it where that is not certain.
    let shown = if uncertain(have).is_none() { body::text_with_links(live, join_url) } else { HIDDEN.to_owned() };
    let said = body::text_with_links(text, None);
    compared.differences.push(difference(field, (shown, said), cause));
    compared
}

/// What is shown of a live text that may hold the join link anywhere.
const HIDDEN: &str = "(not shown)";

/// Why the join block of a live event's text cannot be found with certainty, if the event is online.
pub(super) fn uncertain(have: &Have) -> Option<String> {
    let event = View::of(&have.own);
    let found = event.join_url().ok_or("the event has no join link yet".to_owned());
    found.and_then(|url| body::join_block(event.content(), url)).err().filter(|_| event.is_online())
}

fn difference(field: &'static Field, (current, desired): (String, String), cause: Cause) -> Difference {
    Difference {
        field,
        change: Change { field: field.label(), current: current.into(), desired: desired.into(), cause },
    }
}
