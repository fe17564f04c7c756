//! Pages as their readers see them: blocks of commands and manifests, headings that links lead to, links.

use pulldown_cmark::{CodeBlockKind, Event, LinkType, Options, Parser, Tag, TagEnd};
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// What stands in a block.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// Commands behind `$ `, each with what it prints beneath it.
    Console,
    /// Commands alone, one a line.
    Commands,
    /// A manifest; with a name it is the file of that name from there on, and so are rows.
    Manifest(Option<String>),
    /// Neither.
    Text(String),
}

pub struct Page {
    /// From the root of the repository.
    pub name: String,
    pub text: String,
    pub blocks: Vec<(Block, Range<usize>)>,
    pub links: Vec<String>,
    pub pictures: Vec<String>,
    pub headings: Vec<String>,
}

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every page for users and contributors, the README first.
pub fn all() -> Vec<Page> {
    let mut names = vec!["README.md".into(), "CONTRIBUTING.md".into(), "SECURITY.md".into()];
    gather(&root().join("docs"), &mut names);
    names.iter().map(|name| read(name)).collect()
}

fn gather(folder: &Path, names: &mut Vec<String>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        match path.is_dir() {
            true => gather(&path, names),
            false if path.extension().is_some_and(|it| it == "md") => {
                names.push(path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/"));
            }
            false => {}
        }
    }
}

pub fn read(name: &str) -> Page {
    let text = fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut page = Page {
        name: name.into(),
        text: text.clone(),
        blocks: vec![],
        links: vec![],
        pictures: vec![],
        headings: vec![],
    };
    let (mut block, mut heading) = (None, None);
    for (event, range) in Parser::new_ext(&text, Options::ENABLE_TABLES).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => block = Some((sort_of(&kind), range.end..range.start)),
            Event::End(TagEnd::CodeBlock) => page.blocks.extend(block.take()),
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::End(TagEnd::Heading(_)) => page.headings.extend(heading.take().map(|it| anchor(&it))),
            Event::Start(Tag::Link { link_type, dest_url, .. }) if link_type != LinkType::Email => {
                page.links.push(dest_url.to_string());
            }
            Event::Start(Tag::Image { dest_url, .. }) => page.pictures.push(dest_url.to_string()),
            Event::Text(words) | Event::Code(words) => {
                if let Some((_, inside)) = &mut block {
                    *inside = inside.start.min(range.start)..inside.end.max(range.end);
                } else if let Some(heading) = &mut heading {
                    heading.push_str(&words);
                }
            }
            _ => {}
        }
    }
    page
}

fn sort_of(kind: &CodeBlockKind) -> Block {
    let CodeBlockKind::Fenced(words) = kind else { return Block::Commands };
    match words.split_once(' ').unwrap_or((words, "")) {
        ("console", "") => Block::Console,
        ("sh", "") => Block::Commands,
        ("yaml", "") => Block::Manifest(None),
        ("yaml" | "csv", file) => Block::Manifest(Some(file.into())),
        (other, _) => Block::Text(other.into()),
    }
}

/// What a heading is called in a link, by the rule of GitHub and mdbook.
pub fn anchor(heading: &str) -> String {
    let kept =
        heading.to_lowercase().chars().filter(|it| it.is_alphanumeric() || " -_".contains(*it)).collect::<String>();
    kept.replace(' ', "-")
}
