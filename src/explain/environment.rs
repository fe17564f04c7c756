//! Variables of the environment that are no flag's: they sign in, pin what a job may do, and say where it runs.

use serde::Serialize;

/// Variables that are about one subject.
#[derive(Debug, Serialize)]
pub struct Variables {
    /// What they are about.
    pub subject: &'static str,
    /// Those that belong together stand together.
    pub variables: Vec<Variable>,
}

/// One variable.
#[derive(Debug, Serialize)]
pub struct Variable {
    pub name: String,
    /// What it says, in a sentence.
    pub meaning: String,
}

type Rows = &'static [(&'static str, &'static str)];

const SIGN_IN: Rows = &[
    ("CONVOKE_ACCESS_TOKEN", "A ready bearer token; it goes before every other way to sign in."),
    ("CONVOKE_GRAPH_URL", "Graph's root with its version, if it is not the cloud's; plain http to this machine alone."),
    ("AZURE_TENANT_ID", "The tenant that is signed in to."),
    ("AZURE_CLIENT_ID", "The app registration that signs in."),
    ("AZURE_CLIENT_SECRET", "Signs in with a client secret."),
    ("AZURE_CLIENT_CERTIFICATE_PATH", "Signs in with a certificate and its key, a PEM file."),
    ("AZURE_FEDERATED_TOKEN_FILE", "Signs in with a Kubernetes workload identity."),
    (
        "ACTIONS_ID_TOKEN_REQUEST_URL, ACTIONS_ID_TOKEN_REQUEST_TOKEN",
        "Sign in from GitHub Actions; set where the job has `permissions: id-token: write`.",
    ),
    (
        "SYSTEM_OIDCREQUESTURI, SYSTEM_ACCESSTOKEN, AZURESUBSCRIPTION_SERVICE_CONNECTION_ID",
        "Sign in from Azure Pipelines with a service connection.",
    ),
    ("IDENTITY_ENDPOINT, IDENTITY_HEADER", "Sign in with a managed identity."),
    ("AZURE_AUTHORITY_HOST", "The login address of another cloud; a workspace alone does not choose one."),
];

const PINS: Rows = &[
    ("CONVOKE_CEILING_MAILS", "The most mails of an apply; no flag or file allows more."),
    ("CONVOKE_CEILING_OUTSIDE", "The most people beyond the organizer's domain whom it mails."),
    ("CONVOKE_CEILING_REMOVALS", "What it may cancel or replace, as a count or a share."),
    ("CONVOKE_CEILING_CHANGES", "What it may change, as a count or a share."),
    (
        "CONVOKE_EXPECT_WORKSPACE",
        "The name that the workspace must have; behind it, with commas, names that it may have had.",
    ),
    ("CONVOKE_EXPECT_TENANT", "The tenant that must be signed in to."),
    ("CONVOKE_EXPECT_STATE", "How the place of the state must begin."),
    ("CONVOKE_MAILBOXES", "Who may organize, such as `team-*@contoso.example`."),
    ("CONVOKE_ATTENDEE_DOMAINS", "Whom manifests may invite, such as `contoso.example *.contoso.example`."),
];

const STORES: Rows = &[
    (
        "AZURE_STORAGE_ACCOUNT, AZURE_STORAGE_KEY, AZURE_STORAGE_SAS_TOKEN",
        "A state in az://; without a key the sign-in to Azure opens it.",
    ),
    (
        "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION, AWS_ENDPOINT_URL",
        "A state in s3://; a web identity or a container's role does as well.",
    ),
    ("GOOGLE_APPLICATION_CREDENTIALS, GOOGLE_OAUTH_ACCESS_TOKEN", "A state in gs://."),
];

const PLACES: Rows = &[
    ("GITHUB_TOKEN", "Comments, checks and issues on GitHub, by `convoke ci`."),
    ("CONVOKE_GITLAB_TOKEN", "The same on GitLab: a token of the project."),
    ("CI, GITHUB_ACTIONS, GITLAB_CI, TF_BUILD", "Say that a pipeline runs it: what others wrote live is hidden then."),
    ("CONVOKE_OWNER", "The repository that writes the state, where pipeline and git cannot say."),
    ("HTTPS_PROXY, NO_PROXY", "The proxy on the way to Graph."),
    ("NO_COLOR", "No colour, as `--color never`."),
];

/// Returns all of them by subject.
pub fn environment() -> Vec<Variables> {
    let all = [
        ("Signing in", SIGN_IN),
        ("What a job may do at most", PINS),
        ("A state in an object store", STORES),
        ("Where it runs", PLACES),
    ];
    let variable = |(name, meaning): &(&str, &str)| Variable { name: (*name).into(), meaning: (*meaning).into() };
    let of =
        |(subject, rows): (&'static str, Rows)| Variables { subject, variables: rows.iter().map(variable).collect() };
    all.into_iter().map(of).collect()
}
