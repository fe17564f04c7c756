//! What names may not say across documents: two of them have one, or claim one of before; names in a circle.

use crate::kind::KindId;
use crate::model::{Desired, Key};
use crate::problem::{Place, Problem};
use crate::reason::Reason;
use std::collections::{HashMap, HashSet};

/// How many names that are exchanged in a circle are told.
const MOST_SHOWN: usize = 12;

/// A resource, and where its name and its names of before stand.
pub struct Named {
    pub want: Desired,
    pub name: Place,
    pub previously: Place,
    /// The row of a set that it was made from.
    pub row: Option<Place>,
}

/// What a document declares.
pub enum Declaration {
    /// A resource.
    Sound(Box<Named>),
    /// One that has a mistake: what it is called is taken all the same, and the row that it was made from.
    Flawed(Key, Place, Option<Place>),
}

impl Declaration {
    /// Says which row of a set it was made from.
    pub fn of_row(self, row: &Place) -> Declaration {
        match self {
            Declaration::Sound(it) => Declaration::Sound(Named { row: Some(row.clone()), ..*it }.into()),
            Declaration::Flawed(key, at, _) => Declaration::Flawed(key, at, Some(row.clone())),
        }
    }
}

/// Returns the resources, each key once, with what is wrong with their names.
pub fn checked(all: Vec<Declaration>) -> (Vec<Desired>, Vec<Problem>) {
    let (mut places, mut kept, mut problems) =
        (HashMap::<Key, (Place, Option<Place>)>::with_capacity(all.len()), Vec::with_capacity(all.len()), vec![]);
    for it in all {
        let (key, at, row, named) = match it {
            Declaration::Sound(it) => (it.want.key.clone(), it.name.clone(), it.row.clone(), Some(*it)),
            Declaration::Flawed(key, at, row) => (key, at, row, None),
        };
        if let Some((first, first_row)) = places.get(&key) {
            let mut problem = Problem::new(Reason::DeclaredTwice, at, format!("`{key}` is declared twice"));
            problem.also.extend(row.map(|it| (it, "by this row".to_owned())));
            let first = first_row.as_ref().map_or((first, "first declared here"), |it| (it, "first by this one"));
            let hint = "give one of them another name: a key is unique in the workspace";
            problems.push(problem.also(first.0.clone(), first.1).hint(hint));
        } else {
            places.insert(key, (at, row));
            kept.extend(named);
        }
    }
    problems.extend(of_before(&kept, &places));
    let mut desired: Vec<Desired> = kept.into_iter().map(|it| it.want).collect();
    // They stand in the room of what they were taken from.
    desired.shrink_to_fit();
    (desired, problems)
}

/// What is wrong with `previously`.
fn of_before(all: &[Named], places: &HashMap<Key, (Place, Option<Place>)>) -> Vec<Problem> {
    let (mut claimed, mut problems) = (HashMap::<&Key, &Named>::new(), vec![]);
    for it in all {
        for before in &it.want.previously {
            let here = || it.previously.clone();
            if *before == it.want.key {
                let problem =
                    Problem::new(Reason::Predecessors, here(), format!("`{}` is its own predecessor", before.name()));
                problems.push(problem.hint("name what it was called before, or leave `previously` out"));
            } else if let Some(other) = claimed.insert(before, it) {
                let problem =
                    Problem::new(Reason::Predecessors, here(), format!("two documents were `{before}` before"));
                let hint = "keep it in the one that is to have the live object; the other one is made anew";
                problems.push(problem.also(other.previously.clone(), "the other one").hint(hint));
            } else if let (KindId::OnlineMeeting, Some((place, _))) = (before.kind().id, places.get(before)) {
                let what = format!("`{before}` is declared, and {} was called so", it.want.key);
                let hint = "give the new meeting another name: a meeting keeps the name that it was made under, since Graph finds it \
                            by that";
                problems.push(
                    Problem::new(Reason::Predecessors, place.clone(), what)
                        .also(here(), "`previously` is here")
                        .hint(hint),
                );
            }
        }
    }
    problems.extend(circles(all, &claimed));
    problems
}

/// Names that are exchanged: nothing tells which rename comes first.
fn circles(all: &[Named], claimed: &HashMap<&Key, &Named>) -> Vec<Problem> {
    let (mut seen, mut problems) = (HashSet::new(), vec![]);
    let next = |key: &Key| claimed.get(key).map(|it| &it.want.key);
    for it in all.iter().filter(|it| !it.want.previously.is_empty()) {
        // Each name has one successor, so a way that was gone already leads to nothing new.
        let (mut way, mut at) = (vec![], Some(&it.want.key));
        while let Some(key) = at.filter(|key| seen.insert(*key)) {
            way.push(key);
            at = next(key);
        }
        let circle = way.iter().position(|key| Some(*key) == at).map_or(&[][..], |start| &way[start..]);
        if let [_, .., last] = circle
            && let Some(first) = claimed.get(last)
        {
            let names: Vec<String> = circle.iter().map(|key| format!("`{key}`")).collect();
            let problem = Problem::new(
                Reason::Predecessors,
                first.previously.clone(),
                format!("{} exchange their names", shown(&names)),
            );
            problems.push(problem.hint("rename one of them to a third name first, and apply that"));
        }
    }
    problems
}

/// Names one after the other; of many the first.
fn shown(names: &[String]) -> String {
    match names.len().checked_sub(MOST_SHOWN) {
        None | Some(0) => names.join(" and "),
        Some(more) => format!("{} and {more} more", names[..MOST_SHOWN].join(" and ")),
    }
}
