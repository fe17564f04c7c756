//! Who joined and who left a group, for people.

use crate::membership::Group;
use crate::plural::count;
use crate::render::lines::way_out;
use crate::render::page::Page;

/// Renders one paragraph for each group.
pub fn render(groups: &[Group]) -> Page {
    match groups {
        [] => Page::line("no roster names a group"),
        groups => groups.iter().map(group).sum(),
    }
}

fn group(group: &Group) -> Page {
    let Group { address, members, joined, left, locked, unused, trouble } = group;
    if let Some(why) = trouble {
        let mend = why.hint.as_ref().map(|mend| way_out("  hint: ", "        ", mend)).unwrap_or_default();
        return Page::coded("error: ", "       ", &why.what, why.code) + mend;
    }
    let said = match (locked, unused) {
        (_, true) => "no roster names it any more".to_owned(),
        (false, false) => format!("{}, not in convoke.lock", count(*members, "member")),
        (true, false) if joined.is_empty() && left.is_empty() => {
            format!("{}, as in convoke.lock", count(*members, "member"))
        }
        (true, false) => format!("{} joined, {} left", joined.len(), left.len()),
    };
    let line = |sign: char, who: &String| Page::filled(&format!("  {sign} "), "    ", who);
    let people = joined.iter().map(|it| line('+', it)).chain(left.iter().map(|it| line('-', it)));
    Page::line(&format!("{address}: {said}")) + people.sum()
}
