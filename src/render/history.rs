//! The applies that the state remembers, for people: the newest first, each in lines that fit a terminal.

use crate::inert;
use crate::plan::approval::{self, SHOWN};
use crate::plural::count;
use crate::render::page::Page;
use crate::state::Apply;

/// How wide a name may be; a longer one is cut, and JSON has the whole.
const NAME: usize = 20;

/// Renders them as a table; the address of a run stands alone beneath, so that a terminal can open it.
pub fn render(applies: &[Apply]) -> Page {
    if applies.is_empty() {
        return Page::line("the state remembers no apply");
    }
    let names: Vec<String> = applies.iter().map(|apply| name(apply.actor.as_deref().unwrap_or("-"))).collect();
    let by = names.iter().map(|name| name.chars().count()).max().unwrap_or_default().max(2);
    let head = format!("{:<17}  {:<SHOWN$}  {:<by$}  ", "when", "plan", "by");
    let rows = applies.iter().zip(&names).rev().map(|(apply, name)| {
        let when = apply.at.strftime("%Y-%m-%d %H:%MZ");
        let first = format!("{when}  {:<SHOWN$}  {name:<by$}  ", apply.plan.as_deref().map_or("-", approval::short));
        let run = apply.run.iter().map(|run| Page::line(&format!("    {run}")));
        Page::filled(&first, &" ".repeat(head.len()), &what(apply)) + run.sum()
    });
    Page::line(&format!("{head}what")) + rows.sum()
}

fn name(actor: &str) -> String {
    let actor = inert::line(actor);
    match actor.chars().count() > NAME {
        true => actor.chars().take(NAME - 1).chain(['…']).collect(),
        false => actor.into_owned(),
    }
}

/// What an apply did, in words.
fn what(apply: &Apply) -> String {
    let counts = apply.counts.iter().map(|(what, number)| format!("{number} {what}"));
    let possible = Some(apply.mails.possible).filter(|number| *number > 0);
    let mails = [Some(count(apply.mails.total, "mail")), possible.map(|number| format!("{number} more possible"))];
    counts.chain(mails.into_iter().flatten()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::lines::WIDTH;
    use crate::state::Mails;

    #[test]
    fn the_newest_comes_first_and_nothing_is_wider_than_a_terminal_but_addresses() {
        let apply = |at: &str, actor: Option<&str>, counts: &[(&str, usize)], possible: usize| Apply {
            plan: Some("0123456789abcdef".into()),
            at: at.parse().unwrap(),
            actor: actor.map(str::to_owned),
            run: actor.map(|_| "https://github.com/contoso/meetings/actions/runs/12345678901".into()),
            counts: counts.iter().map(|(what, number)| (what.to_string(), *number)).collect(),
            mails: Mails { total: 1, possible },
        };
        let many = [("create", 3), ("failed", 12), ("update", 1)];
        let applies = [
            apply("2026-01-02T03:04:05Z", None, &[("cancel", 1)], 0),
            apply("2026-01-03T03:04:05Z", Some("adele\u{1b}[31m with a long name"), &many, 7),
        ];
        let expect = "\
when               plan          by                    what
2026-01-03 03:04Z  0123456789ab  adele\\u{1b}[31m wit…  3 create, 12 failed, 1
                                                       update, 1 mail, 7 more
                                                       possible
    https://github.com/contoso/meetings/actions/runs/12345678901
2026-01-02 03:04Z  0123456789ab  -                     1 cancel, 1 mail
";
        let page = render(&applies);
        assert_eq!(&*page, expect);
        assert!(page.lines().all(|line| line.chars().count() <= WIDTH), "{}", &*page);
        assert_eq!(&*render(&[]), "the state remembers no apply\n");
    }
}
