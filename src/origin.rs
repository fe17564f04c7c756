//! Who runs the program, and out of which repository: as a pipeline says, or as the working tree does.

use crate::git;
use crate::problem::cut;
use std::path::Path;

/// Who runs the program.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Origin {
    /// The repository that the manifests come from, such as `github.com/contoso/meetings`; what `CONVOKE_OWNER` says goes before.
    pub owner: Option<String>,
    /// Who asked for it.
    pub actor: Option<String>,
    /// Where the pipeline shows its run.
    pub run: Option<String>,
}

impl Origin {
    /// Asks the environment, and the repository around the workspace's folder. `env` has no empty values.
    pub fn of(env: &dyn Fn(&str) -> Option<String>, folder: &Path) -> Origin {
        let named = env("CONVOKE_OWNER").filter(|name| !name.trim().is_empty());
        let named = named.and_then(|name| if name.contains("://") { place(&name) } else { Some(name) });
        let owner = named.or_else(|| repository(env)).or_else(|| place(&git::remote(folder)?));
        let actor = ["GITHUB_ACTOR", "GITLAB_USER_LOGIN", "BUILD_REQUESTEDFOR", "USER", "USERNAME", "LOGNAME"];
        Origin {
            owner: owner.map(|name| name.trim().chars().take(MOST).collect()),
            actor: actor.into_iter().find_map(env).map(|name| cut(name.trim())),
            run: run(env).map(|url| without_credentials(&url)).filter(|url| url.len() <= MOST),
        }
    }
}

/// How long a name of a repository or an address of a run may be.
const MOST: usize = 300;

/// The repository that a pipeline of GitHub, GitLab or Azure works for.
fn repository(env: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let github = || Some(format!("{}/{}", github(env), env("GITHUB_REPOSITORY")?));
    let gitlab = || Some(format!("{}/{}", env("CI_SERVER_URL")?, env("CI_PROJECT_PATH")?));
    place(&github().or_else(gitlab).or_else(|| env("BUILD_REPOSITORY_URI"))?)
}

/// The address of the run that a pipeline is in.
fn run(env: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let (repository, id) = (env("GITHUB_REPOSITORY"), env("GITHUB_RUN_ID"));
    let github = || Some(format!("{}/{}/actions/runs/{}", github(env), repository?, id?));
    let azure = || {
        let (organization, project) = (env("SYSTEM_COLLECTIONURI")?, env("SYSTEM_TEAMPROJECTID")?);
        Some(format!("{organization}{project}/_build/results?buildId={}", env("BUILD_BUILDID")?))
    };
    github().or_else(|| env("CI_JOB_URL")).or_else(azure)
}

fn github(env: &dyn Fn(&str) -> Option<String>) -> String {
    env("GITHUB_SERVER_URL").unwrap_or_else(|| "https://github.com".into())
}

/// Host and path of a repository's address, however it is reached: without scheme, name, password, port and `.git`, in lower case,
/// for the services take any. A path of this machine is none: another machine has another.
fn place(url: &str) -> Option<String> {
    let lower = url.trim().to_lowercase();
    let (host, path) = match lower.split_once("://") {
        Some(("file", _)) => return None,
        Some((_, rest)) => rest.rsplit('@').next()?.split_once('/')?,
        // As ssh has it: `git@host:path`. One letter is a drive.
        None => lower.rsplit('@').next()?.split_once(':').filter(|(host, _)| host.len() > 1 && !host.contains('/'))?,
    };
    let port = |port: &str| port.bytes().all(|sign| sign.is_ascii_digit());
    let host = host.rsplit_once(':').filter(|(_, end)| port(end)).map_or(host, |(host, _)| host);
    let path = path.split(['?', '#']).next()?.trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    // Azure DevOps has two spellings for one repository.
    let azure = path.strip_prefix("v3/").and_then(|path| path.split_once('/'));
    if let ("ssh.dev.azure.com", Some((organization, rest))) = (host, azure) {
        return Some(format!("dev.azure.com/{organization}/{}", rest.replacen('/', "/_git/", 1)));
    }
    (!host.is_empty() && !path.is_empty()).then(|| format!("{host}/{path}"))
}

fn without_credentials(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let end = rest.find('/').unwrap_or(rest.len());
    let host = rest[..end].rfind('@').map_or(0, |at| at + 1);
    format!("{scheme}://{}", &rest[host..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(set: &[(&str, &str)]) -> Origin {
        let env = |name: &str| set.iter().find(|(it, _)| *it == name).map(|(_, value)| value.to_string());
        Origin::of(&env, tempfile::tempdir().unwrap().path())
    }

    #[test]
    fn one_repository_has_one_name_however_it_is_reached() {
        for (url, expect) in [
            ("https://github.com/Contoso/Meetings.git", Some("github.com/contoso/meetings")),
            ("https://x-access-token:s3cret@github.com/contoso/meetings", Some("github.com/contoso/meetings")),
            ("https://user:pa/ss@github.com/contoso/meetings", Some("github.com/contoso/meetings")),
            ("git@github.com:contoso/meetings.git", Some("github.com/contoso/meetings")),
            ("ssh://git@gitlab.example:2222/group/sub/meetings.git/", Some("gitlab.example/group/sub/meetings")),
            ("https://gitlab.example/group/meetings?private_token=s3cret", Some("gitlab.example/group/meetings")),
            ("https://contoso@dev.azure.com/contoso/IT/_git/meetings", Some("dev.azure.com/contoso/it/_git/meetings")),
            ("git@ssh.dev.azure.com:v3/contoso/IT/meetings", Some("dev.azure.com/contoso/it/_git/meetings")),
            ("ssh://git@[::1]:22/meetings", Some("[::1]/meetings")),
            ("/srv/git/meetings.git", None),
            ("../meetings", None),
            ("file:///srv/git/meetings.git", None),
            (r"C:\meetings", None),
            ("https://github.com", None),
            ("", None),
        ] {
            assert_eq!(place(url).as_deref(), expect, "{url}");
        }
    }

    #[test]
    fn a_pipeline_says_who_it_is_and_where_it_runs() {
        let github = [
            ("GITHUB_SERVER_URL", "https://github.example"),
            ("GITHUB_REPOSITORY", "Contoso/meetings"),
            ("GITHUB_RUN_ID", "7"),
            ("GITHUB_ACTOR", "adele"),
            ("USER", "runner"),
        ];
        let gitlab = [
            ("CI_SERVER_URL", "https://gitlab.example"),
            ("CI_PROJECT_PATH", "group/meetings"),
            ("CI_JOB_URL", "https://name:s3cret@gitlab.example/group/meetings/-/jobs/7"),
            ("GITLAB_USER_LOGIN", "adele"),
        ];
        let azure = [
            ("BUILD_REPOSITORY_URI", "https://contoso@dev.azure.com/contoso/it/_git/meetings"),
            ("SYSTEM_COLLECTIONURI", "https://dev.azure.com/contoso/"),
            ("SYSTEM_TEAMPROJECTID", "1-2"),
            ("BUILD_BUILDID", "7"),
            ("BUILD_REQUESTEDFOR", "Adele Vance"),
        ];
        for (set, expect) in [
            (
                &github[..],
                ["github.example/contoso/meetings", "adele", "https://github.example/Contoso/meetings/actions/runs/7"],
            ),
            (&gitlab, ["gitlab.example/group/meetings", "adele", "https://gitlab.example/group/meetings/-/jobs/7"]),
            (
                &azure,
                [
                    "dev.azure.com/contoso/it/_git/meetings",
                    "Adele Vance",
                    "https://dev.azure.com/contoso/1-2/_build/results?buildId=7",
                ],
            ),
        ] {
            let Origin { owner, actor, run } = of(set);
            assert_eq!([owner, actor, run].map(Option::unwrap_or_default), expect);
            let named = of(&[set, &[("CONVOKE_OWNER", "team")]].concat());
            assert_eq!(named.owner.as_deref(), Some("team"));
        }
        assert_eq!(of(&[("USER", "adele")]), Origin { actor: Some("adele".into()), ..Origin::default() });
    }
}
