//! Every command in the README runs as it stands there, in the order of the page, and every manifest in it is valid.

mod support;

use convoke::face::sandbox::{Options, serve};
use std::fs;
use std::path::Path;
use support::{program, run};

#[test]
fn every_command_in_the_readme_runs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    let copied =
        std::process::Command::new("cp").arg("-r").args([&root.join("examples"), folder.path()]).status().unwrap();
    assert!(copied.success());
    // A copy starts anew, whatever was tried out in the clone.
    let _ = fs::remove_dir_all(folder.path().join("examples/.convoke"));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let twin = runtime.block_on(serve(Options::default())).unwrap();

    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let mut ran = 0;
    let parts: Vec<&str> = readme.split("\n```").collect();
    let (text, fenced): (Vec<_>, Vec<_>) = parts.iter().enumerate().partition(|(place, _)| place % 2 == 0);
    for (_, block) in fenced {
        let (language, manifest) = block.split_once('\n').unwrap();
        assert_eq!(language, "yaml", "what is `{language}`?");
        fs::write(folder.path().join("readme.yaml"), manifest).unwrap();
        let ended = run(program(folder.path()).args(["validate", "readme.yaml"]));
        assert_eq!(ended.code, 0, "{}{}", ended.out, ended.err);
    }
    for line in text
        .iter()
        .flat_map(|(_, text)| text.lines())
        .filter_map(|line| line.strip_prefix("    "))
        .filter(|line| !line.starts_with(' '))
    {
        let (command, comment) = line.split_once(" # ").unwrap_or((line, ""));
        let words: Vec<&str> = command.split_whitespace().collect();
        let program_at = words.iter().position(|word| !word.contains("=…")).unwrap();
        let args = match words[program_at..] {
            ["convoke", ref args @ ..] | ["cargo", "run", "--", ref args @ ..] => args,
            // This very run.
            ["cargo", "test", "--locked"] => continue,
            _ => panic!("what is `{line}`?"),
        };
        let mut command = program(folder.path());
        for variable in &words[..program_at] {
            let value = match *variable {
                "CONVOKE_GRAPH_URL=…" => &twin.url,
                "CONVOKE_ACCESS_TOKEN=…" => &twin.token,
                other => panic!("what is `{other}`?"),
            };
            command.env(variable.trim_end_matches("=…"), value);
        }
        let expect = if comment.contains("exits with 2") { 2 } else { 0 };
        let ended = run(command.args(args));
        assert_eq!(ended.code, expect, "{line}\n{}{}", ended.out, ended.err);
        ran += 1;
    }
    assert!(ran >= 10, "only {ran} commands were found");
}
