//! Where the links of the pages lead.

use crate::docs::page;
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

#[test]
fn every_link_leads_to_a_file_and_a_heading_that_are_there() {
    let mut lost = vec![];
    for page in page::all() {
        for link in page.links.iter().chain(&page.pictures) {
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            // A page of the book leads to the repository by its address.
            let repository = format!("{}/blob/main/", env!("CARGO_PKG_REPOSITORY"));
            let inside = file.strip_prefix(&repository);
            if inside.is_none() && link.contains("://") {
                continue;
            }
            let target = if let Some(inside) = inside {
                inside.to_owned()
            } else if file.is_empty() {
                page.name.clone()
            } else {
                beside(&page.name, file)
            };
            let there = page::root().join(&target).exists();
            let has = || page::read(&target).headings.iter().any(|it| it == heading);
            let found = heading.is_empty() || target.ends_with(".md") && has();
            if !there || !found {
                lost.push(format!("{}: {link}", page.name));
            }
        }
    }
    assert!(lost.is_empty(), "{lost:#?}");
}

/// What the summary does not name is no page of the book, and a page of it that leads outside leads nowhere there.
#[test]
fn the_book_has_every_page_and_leads_to_its_own_pages_alone() {
    let inside = |name: &str| name.starts_with("docs/");
    let pages: Vec<_> = page::all().into_iter().filter(|page| inside(&page.name)).collect();
    let summary = pages.iter().find(|page| page.name == "docs/SUMMARY.md").unwrap();
    let named: BTreeSet<String> = summary.links.iter().map(|link| beside(&summary.name, link)).collect();
    let there: BTreeSet<String> =
        pages.iter().map(|page| page.name.clone()).filter(|name| name != "docs/SUMMARY.md").collect();
    assert_eq!(named, there);
    let out = |page: &page::Page, link: &str| !link.contains("://") && !inside(&beside(&page.name, link));
    let lost: Vec<_> = pages.iter().flat_map(|page| page.links.iter().filter(|it| out(page, it))).collect();
    assert!(lost.is_empty(), "{lost:#?}");
}

/// A path that is written beside a file, from the root.
fn beside(name: &str, link: &str) -> String {
    let link = link.split('#').next().unwrap_or_default();
    let path = Path::new(name).parent().unwrap().join(link);
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => assert!(clean.pop(), "{name}: {link}"),
            Component::Normal(part) => clean.push(part),
            _ => {}
        }
    }
    clean.to_string_lossy().replace('\\', "/")
}
