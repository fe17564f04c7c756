//! The reference, made from the tables and from the program's own help; never edited.

use crate::docs::page;
use convoke::face::cli::command;
use convoke::face::explain::{EXITS, Entry, Explanation, explain, reasons, variables};
use convoke::face::kind::{KindId, schema};
use convoke::face::manifest::yaml::flow;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

const MADE: &str =
    "<!-- Made by `UPDATE=1 cargo test --locked --test all docs::` from the tables of the program. Never edited. -->\n";

#[test]
fn the_reference_is_what_the_tables_say() {
    let kinds = schema::names().into_iter().map(|kind| (format!("{}.md", file(kind)), of_kind(kind)));
    let pages: BTreeMap<String, String> = kinds
        .chain([
            ("codes.md".into(), codes()),
            ("commands.md".into(), commands()),
            ("environment.md".into(), environment()),
        ])
        .collect();
    let mut stale = vec![];
    for (name, text) in pages {
        let place = page::root().join("docs/reference").join(&name);
        if fs::read_to_string(&place).unwrap_or_default() == text {
            continue;
        }
        match std::env::var_os("UPDATE") {
            Some(_) => fs::write(place, text).unwrap(),
            None => stale.push(name),
        }
    }
    assert!(stale.is_empty(), "stale: {stale:?}; UPDATE=1 cargo test --locked --test all docs:: writes them anew");
}

/// `OnlineMeeting` as a name of a file: `online-meeting`.
fn file(kind: &str) -> String {
    let parts =
        kind.chars().map(|it| if it.is_uppercase() { format!("-{}", it.to_lowercase()) } else { it.to_string() });
    parts.collect::<String>().trim_start_matches('-').to_owned()
}

fn of_kind(kind: &str) -> String {
    let about = explain(kind).unwrap();
    let mut text = format!("# {kind}\n\n{MADE}\n{}\n\n", prose(&about));
    text += &format!("`convoke explain {kind}` prints the same in a terminal.\n\n## What stands in `spec`\n\n");
    let spec = explain(&format!("{kind}.spec")).unwrap();
    text += &overview(kind, &spec.properties);
    let whole =
        ["metadata", "lifecycle"].into_iter().filter_map(|part| Some((part, explain(&format!("{kind}.{part}")).ok()?)));
    for (part, it) in whole {
        text += &format!("\n## `{part}`\n\n{}", section(&it));
    }
    for entry in spec.properties.iter().filter(|it| !it.closed) {
        let it = explain(&format!("{kind}.{}", entry.name)).unwrap();
        text += &format!("\n## `{}`\n\n{}", entry.name, section(&it));
    }
    let closed: Vec<String> =
        spec.properties.iter().filter(|it| it.closed).map(|it| format!("`{}`", it.name)).collect();
    if !closed.is_empty() {
        text += &format!(
            "\n## Not yours to write\n\nGraph sets these, or `convoke explain` says why they are refused: {}.\n",
            closed.join(", ")
        );
    }
    text.trim_end().to_owned() + "\n"
}

/// Every property that may be written, with what a plan makes of it.
fn overview(kind: &str, properties: &[Entry]) -> String {
    let table = KindId::named(kind);
    // What is ours, or is short for something else, is not sent under its name.
    let seen = |name: &str| {
        let row = table.and_then(|id| id.kind().fields().find(|it| it.name == name));
        row.filter(|it| format!("{:?}", it.home) == "Own").map_or("–", |it| if it.seen { "yes" } else { "no" })
    };
    let rows = properties.iter().filter(|it| !it.closed).map(|it| {
        let written = explain(&format!("{kind}.{}", it.name)).unwrap().writable.unwrap_or_default();
        let mail = seen(&it.name);
        let words = [format!("[`{0}`](#{1})", it.name, page::anchor(&it.name)), cell(&it.r#type), cell(&written)];
        match table {
            Some(_) => format!("| {} | {mail} |\n", words.join(" | ")),
            None => format!("| {} |\n", words[..2].join(" | ")),
        }
    });
    let head = match table {
        Some(_) => "| property | type | may be written | guests see a change |\n|---|---|---|---|\n",
        None => "| property | type |\n|---|---|\n",
    };
    let legend = if table.is_some() { "\n– stands for what is not sent under its own name.\n" } else { "" };
    format!("{head}{}{legend}", rows.collect::<String>())
}

/// What stands beneath the heading of a property.
fn section(it: &Explanation) -> String {
    format!("{}\n\n{}", prose(it), below(it)).trim_end().to_owned() + "\n"
}

/// Meaning, notes, facts and an example.
fn prose(it: &Explanation) -> String {
    let mut lines = vec![[vec![it.meaning.clone()], it.notes.clone()].concat().join(" ")];
    let facts = it.facts().into_iter().map(|(about, fact)| format!("* {about}: {}", words(fact)));
    let kind = (!it.r#type.is_empty()).then(|| format!("* type: {}", words(&it.r#type)));
    let name = it.path.rsplit('.').next().unwrap_or_default();
    let example = it.example.as_ref().map(|example| format!("* example: `{name}: {}`", flow(example)));
    let list: Vec<String> = kind.into_iter().chain(facts).chain(example).collect();
    lines[0] = words(&lines[0]);
    if !list.is_empty() && it.path.contains('.') {
        lines.push(list.join("\n"));
    }
    lines.join("\n\n")
}

/// Its values, and everything that may stand beneath it, by path.
fn below(it: &Explanation) -> String {
    let mut text = values(&it.values);
    let mut rows = vec![];
    gather(&it.path, "", &mut rows);
    if !rows.is_empty() {
        text += &format!("| beneath it | type | what |\n|---|---|---|\n{}", rows.concat());
    }
    text
}

fn values(values: &[Entry]) -> String {
    let rows = values.iter().map(|it| format!("| `{}` | {} |\n", it.name, cell(&it.meaning)));
    let rows: String = rows.collect();
    if rows.is_empty() { rows } else { format!("| value | what |\n|---|---|\n{rows}\n") }
}

fn gather(path: &str, before: &str, rows: &mut Vec<String>) {
    for entry in explain(path).unwrap().properties.into_iter().filter(|it| !it.closed) {
        let name = format!("{before}{}", entry.name);
        let it = explain(&format!("{path}.{}", entry.name)).unwrap();
        let values = it.values.iter().map(|it| format!("`{}`", it.name)).collect::<Vec<_>>().join(", ");
        let of = if values.is_empty() { String::new() } else { format!(" Values: {values}.") };
        let must = if entry.required { "Required. " } else { "" };
        rows.push(format!("| `{name}` | {} | {must}{}{of} |\n", cell(&entry.r#type), cell(&entry.meaning)));
        gather(&format!("{path}.{}", entry.name), &format!("{name}."), rows);
    }
}

/// Text in a cell of a table.
fn cell(text: &str) -> String {
    words(text).replace('|', "\\|")
}

/// Text in Markdown: what is in ticks stays, and nothing else is markup.
fn words(text: &str) -> String {
    let parts = text.split('`').enumerate();
    let escaped = parts.map(|(place, part)| match place % 2 {
        0 => part.replace('<', "&lt;").replace('*', "\\*").replace('_', "\\_").replace('[', "\\["),
        _ => part.to_owned(),
    });
    escaped.collect::<Vec<_>>().join("`")
}

/// Every code of what is refused, blocked or failed, with its cause and the way out.
fn codes() -> String {
    let mut text = format!(
        "# Codes\n\n{MADE}\nWhy a step is blocked, or a command refused: each reason has a code that stays, in reports, in JSON and in \
         errors. `convoke explain CVK0301` says the same as this page.\n"
    );
    for subject in reasons() {
        text += &format!("\n## {}\n", words(subject.subject));
        for about in subject.codes {
            let [title, cause, way_out] = [about.title, about.cause, about.way_out].map(words);
            text += &format!("\n### {}\n\n**{title}.** {cause}\n\n*Way out:* {way_out}\n", about.reason);
        }
    }
    text
}

/// Exit codes, and every command with what it takes.
fn commands() -> String {
    let mut text = format!("# Commands and exit codes\n\n{MADE}\n{}", exit_codes());
    let mut all = vec![];
    gather_commands(&command(), "convoke", &mut all);
    for (name, command) in &all {
        let about = command.get_long_about().or(command.get_about()).unwrap_or_default();
        text += &format!("\n## {name}\n\n{}\n", words(&about.to_string()));
        if let Some(help) = command.get_after_long_help().or(command.get_after_help()) {
            text += &format!("\n```text\n{}\n```\n", help.to_string().trim());
        }
        // What every command takes stands with the program.
        let global = name != "convoke";
        let rows = command.get_arguments().filter(|it| !it.is_hide_set() && (!global || !it.is_global_set()));
        let rows: String = rows.filter(|it| it.get_id() != "help" && it.get_id() != "version").map(argument).collect();
        if !rows.is_empty() {
            let more = if global { "" } else { "\nEvery command takes these:\n" };
            text += &format!("{more}\n| option | what |\n|---|---|\n{rows}");
        }
    }
    text
}

/// What each command exits with.
fn exit_codes() -> String {
    let mut text = "## Exit codes\n\n| command | code | what it says |\n|---|---|---|\n".to_owned();
    for it in EXITS {
        let commands: Vec<String> = it.commands.iter().map(|it| quoted_command(it)).collect();
        let rows = it.codes.iter().enumerate().map(|(place, exit)| {
            let commands = if place == 0 { commands.join(", ") } else { String::new() };
            format!("| {commands} | {} | {} |\n", exit.code, exit.meaning)
        });
        text.extend(rows);
    }
    text + "\nNotes never change a code.\n"
}

fn quoted_command(words: &str) -> String {
    if words.starts_with("every") { words.into() } else { format!("`{words}`") }
}

/// A command and those beneath it, each with all its words.
fn gather_commands(command: &clap::Command, name: &str, all: &mut Vec<(String, clap::Command)>) {
    all.push((name.to_owned(), command.clone()));
    for below in command.get_subcommands().filter(|it| it.get_name() != "help" && !it.is_hide_set()) {
        gather_commands(below, &format!("{name} {}", below.get_name()), all);
    }
}

/// A row of what a command takes.
fn argument(it: &clap::Arg) -> String {
    let values: Vec<String> = it.get_possible_values().iter().map(|it| format!("`{}`", it.get_name())).collect();
    let takes = it.get_action().takes_values();
    let of = if values.is_empty() || !takes { String::new() } else { format!(" Values: {}.", values.join(", ")) };
    let usual: Vec<String> = it.get_default_values().iter().map(|it| it.to_string_lossy().into_owned()).collect();
    let usual = if usual.is_empty() || !takes { String::new() } else { format!(" Usually `{}`.", usual.join(",")) };
    let help = it.get_long_help().or(it.get_help()).unwrap_or_default().to_string();
    format!("| {} | {}.{of}{usual} |\n", named(it), cell(help.trim_end_matches('.')).replace('\n', " "))
}

/// `--format FORMAT`, or `PATH`.
fn named(it: &clap::Arg) -> String {
    let value = it.get_value_names().filter(|_| it.get_action().takes_values()).and_then(|it| it.first());
    // A cell ends at a bar, in ticks too.
    let value = value.map(|it| it.replace('|', "\\|")).unwrap_or_default();
    let short = it.get_short().map(|it| format!("`-{it}`, ")).unwrap_or_default();
    let long = it.get_long().map(|it| format!("--{it} ")).unwrap_or_default();
    format!("{short}`{}`", format!("{long}{value}").trim_end())
}

/// Every variable that stands for a flag, with the commands that know it, and those that only the environment has.
fn environment() -> String {
    let mut all = vec![];
    gather_commands(&command(), "convoke", &mut all);
    let mut flags: BTreeMap<String, (BTreeSet<String>, BTreeSet<String>)> = BTreeMap::new();
    for (name, command) in &all {
        for it in command.get_arguments() {
            let Some(variable) = it.get_env().map(|it| it.to_string_lossy().into_owned()) else { continue };
            let (names, commands) = flags.entry(variable).or_default();
            names.insert(named(it));
            commands.insert(name.trim_start_matches("convoke").trim().to_owned());
        }
    }
    assert!(flags.len() > 20, "{flags:?}");
    let rows = flags.into_iter().map(|(variable, (names, commands))| {
        let commands: Vec<String> = commands.iter().filter(|it| !it.is_empty()).map(|it| format!("`{it}`")).collect();
        let commands = if commands.is_empty() { "every command".into() } else { commands.join(", ") };
        format!("| `{variable}` | {} | {commands} |\n", names.into_iter().collect::<Vec<_>>().join(" "))
    });
    format!(
        "# Environment\n\n{MADE}\n{WHERE}\n{}{FLAGS}\n| variable | stands for | of |\n|---|---|---|\n{}",
        others(),
        rows.collect::<String>()
    )
}

/// The variables that are no flag's, by subject.
fn others() -> String {
    let mut text = String::new();
    for about in variables() {
        text += &format!("## {}\n\n| variable | what |\n|---|---|\n", about.subject);
        for it in about.variables {
            let names: Vec<String> = it.name.split(", ").map(|it| format!("`{it}`")).collect();
            text += &format!("| {} | {} |\n", names.join(", "), it.meaning);
        }
        text.push('\n');
    }
    text
}

const WHERE: &str = "More stands in [sign in](../how-to/sign-in.md),
[what a pull request cannot change](../how-to/pipeline.md#what-a-pull-request-cannot-change) and
[a state that machines share](../how-to/shared-state.md).
";

const FLAGS: &str = "## In the place of flags

Nearly every flag has a variable, so that a pipeline sets once what holds for all its commands. None answers a question or takes something
away. `1`, `yes` and `true` set a flag; what is set to nothing is not set.
";
