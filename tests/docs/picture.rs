//! The picture of a plan at the top of the README: the program's own coloured output.

use crate::docs::{dateless, page};
use crate::support::{program, run};
use anstyle_svg::Term;
use std::fs;

const PICTURE: &str = "docs/plan.svg";

#[test]
fn the_picture_shows_what_is_printed() {
    let folder = tempfile::tempdir().unwrap();
    let convoke = |args: &[&str]| {
        let ended = run(program(folder.path()).env_remove("NO_COLOR").args(args));
        assert_eq!(ended.code, 0, "{ended:?}");
        ended.out
    };
    convoke(&["init", "meetings"]);
    convoke(&["apply", "--sandbox", "--yes", "meetings"]);
    let file = folder.path().join("meetings/events/team-weekly.yaml");
    let text = fs::read_to_string(&file).unwrap();
    let edited =
        text.replace("T10:00 #", "T09:30 #").replace("recordAutomatically: false", "recordAutomatically: true");
    let edited = edited.replace("- adele@contoso.example\n", "- adele@contoso.example\n    - lidia@fabrikam.example\n");
    fs::write(file, edited).unwrap();
    let printed = convoke(&["plan", "--sandbox", "--color", "always", "meetings"]);
    assert!(printed.contains('\u{1b}'), "a plan in colour");

    let ink = anstyle_svg::Term::new().fg_color(anstyle::RgbColor(0x1f, 0x23, 0x28).into());
    let term: Term = ink.bg_color(anstyle::RgbColor(0xff, 0xff, 0xff).into());
    let picture = term.render_svg(&format!("$ convoke plan\n{printed}"));
    let kept = fs::read_to_string(page::root().join(PICTURE)).unwrap_or_default();
    if dateless(&kept) == dateless(&picture) {
        return;
    }
    assert!(
        std::env::var_os("UPDATE").is_some(),
        "{PICTURE} is stale; UPDATE=1 cargo test --locked --test all docs:: draws it anew"
    );
    fs::write(page::root().join(PICTURE), picture).unwrap();
}
