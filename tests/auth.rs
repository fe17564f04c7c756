//! Every way to sign in, by the real program, against a local stand-in for Entra ID that writes down what it was sent.

use crate::support::{House, Run, program, run};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use convoke::face::sandbox::Options;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

const TENANT: &str = "84841066-274d-4ec0-a5c1-276be684bdd3";
const CLIENT: &str = "b6a6a2a9-5e1f-4b1c-8f0d-6a3d4f1c2b90";
/// An app whose tokens run out at once.
const SHORT: &str = "0c6e8f5a-7d3b-4a52-9a1e-5b8f2f4f6a11";
const SCOPE: &str = "https://graph.microsoft.com/.default";

/// What came in: path, and the fields of the query and of the form together; headers that matter with a `:` in front.
#[derive(Debug, Clone)]
struct Asked {
    path: String,
    fields: BTreeMap<String, String>,
}

type Log = Arc<Mutex<Vec<Asked>>>;

/// Entra ID, GitHub, Azure DevOps and a managed identity in one.
struct Entra {
    origin: String,
    log: Log,
    house: House,
    _runtime: tokio::runtime::Runtime,
}

fn fields(text: &str) -> BTreeMap<String, String> {
    let plain =
        |text: &str| percent_encoding::percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    text.split('&').filter_map(|part| part.split_once('=')).map(|(name, value)| (plain(name), plain(value))).collect()
}

async fn answer(State(log): State<Log>, uri: Uri, headers: HeaderMap, body: Bytes) -> (StatusCode, String) {
    let mut all = fields(uri.query().unwrap_or_default());
    all.extend(fields(&String::from_utf8_lossy(&body)));
    for name in ["authorization", "metadata", "x-identity-header"] {
        if let Some(value) = headers.get(name) {
            all.insert(format!(":{name}"), value.to_str().unwrap().into());
        }
    }
    let asked = Asked { path: uri.path().into(), fields: all.clone() };
    let (polls, number) = {
        let mut log = log.lock().unwrap();
        log.push(asked);
        (log.iter().filter(|it| it.fields.contains_key("device_code")).count(), log.len())
    };
    let token = json!({"token_type": "Bearer", "access_token": "canary-token-abc", "expires_in": 3599});
    let (status, body) = match uri.path() {
        "/github" if all["run"] == "3" => (200, json!({"value": "x".repeat(2 << 20)})),
        "/github" if all["run"] == "2" => (403, json!({"message": "no"})),
        "/blobs/records/state.json" => {
            return (StatusCode::NOT_FOUND, "<Error><Code>BlobNotFound</Code></Error>".into());
        }
        "/github" => (200, json!({"value": "a-github-token"})),
        "/devops" => (200, json!({"oidcToken": "a-devops-token"})),
        "/identity" | "/metadata/identity/oauth2/token" => {
            let mut body = token.clone();
            body["expires_on"] = (jiff::Timestamp::now().as_second() + 3600).to_string().into();
            body["expires_in"] = "3600".into();
            body["resource"] = "https://graph.microsoft.com".into();
            (200, body)
        }
        path if path.ends_with("/devicecode") => (
            200,
            json!({"device_code": "D", "message": "open the page and type ABC", "interval": 0.02, "expires_in": 900}),
        ),
        _ if all.contains_key("device_code") && polls == 1 => (400, json!({"error": "authorization_pending"})),
        // Good for a moment, and with a refresh token that is another each time.
        _ if all.get("client_id").is_some_and(|it| it == SHORT) => {
            let mut body = token.clone();
            (body["expires_in"], body["refresh_token"]) = (1.into(), format!("refresh-{number}").into());
            (200, body)
        }
        _ if all.get("client_secret").is_some_and(|it| it == "expired") => {
            let said = "AADSTS7000222: The provided client secret keys for app are expired.";
            (401, json!({"error": "invalid_client", "error_description": said, "error_codes": [7000222]}))
        }
        _ => (200, token),
    };
    (StatusCode::from_u16(status).unwrap(), body.to_string())
}

impl Entra {
    fn new() -> Entra {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let log = Log::default();
        let app = Router::new().fallback(answer).with_state(log.clone());
        runtime.spawn(async move { axum::serve(listener, app).await });
        let house = House::new(Options::default());
        let manifest = "apiVersion: convoke.dev/v1\nkind: Event\nmetadata: {name: weekly}\nspec: {subject: Weekly, start: 2038-02-02T10:00, duration: 45m}\n";
        house.write("manifests.yaml", manifest);
        Entra { origin, log, house, _runtime: runtime }
    }

    /// Plans with nothing in the environment but the usual three and these.
    fn plan(&self, auth: Option<&str>, variables: &[(&str, &str)]) -> Run {
        if let Some(auth) = auth {
            self.house.write(
                "convoke.yaml",
                &crate::support::WORKSPACE.replace("spec:", &format!("spec:\n  graph: {{auth: {auth}}}")),
            );
        }
        let mut command = program(self.house.folder.path());
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("AZURE") || name.starts_with("ACTIONS_"))
        {
            command.env_remove(name);
        }
        command.env("CONVOKE_GRAPH_URL", &self.house.sandbox().url).env("AZURE_AUTHORITY_HOST", &self.origin);
        command.env("AZURE_TENANT_ID", TENANT).env("AZURE_CLIENT_ID", CLIENT);
        let ended = run(command.envs(variables.iter().copied()).args(["plan", "-vv"]));
        assert!(!ended.out.contains("canary-token") && !ended.err.contains("canary-token"), "{ended:?}");
        ended
    }

    fn asked(&self) -> Vec<Asked> {
        self.log.lock().unwrap().clone()
    }
}

fn planned(ended: &Run, way: &str) {
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.out.contains("1 to create") && ended.err.contains(&format!("sign-in: {way}, because ")), "{ended:?}");
}

/// Holds that the last request was one for a token with these fields.
fn exchanged(entra: &Entra, expect: &[(&str, &str)]) -> Asked {
    let last = entra.asked().last().unwrap().clone();
    assert_eq!(last.path, format!("/{TENANT}/oauth2/v2.0/token"));
    for (name, value) in [("client_id", CLIENT), ("scope", SCOPE)].iter().chain(expect) {
        assert_eq!(last.fields.get(*name).map(String::as_str), Some(*value), "{name}: {last:?}");
    }
    last
}

const ASSERTION: (&str, &str) = ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
const GRANT: (&str, &str) = ("grant_type", "client_credentials");

#[test]
fn a_client_secret_is_found_in_the_environment() {
    let entra = Entra::new();
    planned(&entra.plan(None, &[("AZURE_CLIENT_SECRET", "s3cret")]), "clientSecret");
    exchanged(&entra, &[GRANT, ("client_secret", "s3cret")]);
    assert_eq!(entra.asked().len(), 1, "one token serves the whole run");
}

#[test]
fn an_expired_secret_says_so_with_the_way_out() {
    let entra = Entra::new();
    let ended = entra.plan(None, &[("AZURE_CLIENT_SECRET", "expired")]);
    assert_eq!(ended.code, 1);
    let words = ended.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("AADSTS7000222") && words.contains("has expired: make a new one"), "{ended:?}");
    assert!(ended.out.is_empty() && entra.house.sandbox().counts().requests == 0, "nothing was planned: {ended:?}");
}

#[test]
fn a_certificate_signs_an_assertion_for_the_token_endpoint() {
    let entra = Entra::new();
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/app.pem");
    planned(&entra.plan(None, &[("AZURE_CLIENT_CERTIFICATE_PATH", file)]), "clientCertificate");
    let asked = exchanged(&entra, &[GRANT, ASSERTION]);
    let parts: Vec<&str> = asked.fields["client_assertion"].split('.').collect();
    let part = |place: usize| -> Value { serde_json::from_slice(&BASE64.decode(parts[place]).unwrap()).unwrap() };
    let (header, claims) = (part(0), part(1));
    assert_eq!((&header["alg"], &claims["iss"], &claims["sub"]), (&json!("RS256"), &json!(CLIENT), &json!(CLIENT)));
    assert_eq!(claims["aud"], format!("{}/{TENANT}/oauth2/v2.0/token", entra.origin));
    assert!(claims["exp"].as_i64().unwrap() - claims["nbf"].as_i64().unwrap() <= 600);

    use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
    let pem = std::fs::read(file).unwrap();
    let certificate = CertificateDer::from_pem_slice(&pem).unwrap();
    assert_eq!(header["x5t#S256"], BASE64.encode(Sha256::digest(certificate.as_ref())));
    let PrivateKeyDer::Pkcs8(key) = PrivateKeyDer::from_pem_slice(&pem).unwrap() else { panic!("not PKCS#8") };
    let key = ring::signature::RsaKeyPair::from_pkcs8(key.secret_pkcs8_der()).unwrap();
    let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.public().as_ref());
    let text = format!("{}.{}", parts[0], parts[1]);
    public.verify(text.as_bytes(), &BASE64.decode(parts[2]).unwrap()).unwrap();
}

#[test]
fn a_kubernetes_token_file_is_exchanged() {
    let entra = Entra::new();
    entra.house.write("token", "a-cluster-token");
    let file = entra.house.path("token");
    planned(&entra.plan(None, &[("AZURE_FEDERATED_TOKEN_FILE", file.to_str().unwrap())]), "workloadIdentity");
    exchanged(&entra, &[GRANT, ASSERTION, ("client_assertion", "a-cluster-token")]);
}

#[test]
fn a_github_job_asks_for_a_token_with_the_right_audience_and_exchanges_it() {
    let entra = Entra::new();
    let url = format!("{}/github?run=1", entra.origin);
    let variables = [("ACTIONS_ID_TOKEN_REQUEST_URL", url.as_str()), ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "job")];
    planned(&entra.plan(None, &variables), "githubActions");
    let first = entra.asked()[0].clone();
    assert_eq!(first.fields["audience"], "api://AzureADTokenExchange");
    assert_eq!((first.fields["run"].as_str(), first.fields[":authorization"].as_str()), ("1", "Bearer job"));
    exchanged(&entra, &[GRANT, ASSERTION, ("client_assertion", "a-github-token")]);
}

#[test]
fn a_github_job_without_the_permission_is_told_which() {
    let entra = Entra::new();
    let url = format!("{}/github?run=2", entra.origin);
    let variables = [("ACTIONS_ID_TOKEN_REQUEST_URL", url.as_str()), ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "job")];
    let ended = entra.plan(None, &variables);
    assert_eq!(ended.code, 1);
    assert!(ended.err.contains("\n  hint: give the job `permissions: id-token: write`\n"), "{ended:?}");
    assert!(ended.err.split_whitespace().collect::<Vec<_>>().join(" ").contains("this job: 403"), "{ended:?}");
}

#[test]
fn an_answer_of_a_sign_in_that_is_too_large_is_left() {
    let entra = Entra::new();
    let url = format!("{}/github?run=3", entra.origin);
    let variables = [("ACTIONS_ID_TOKEN_REQUEST_URL", url.as_str()), ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "job")];
    let ended = entra.plan(None, &variables);
    let words = ended.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(ended.code == 1 && words.contains("GitHub answered: the answer holds more than 1 MB"), "{ended:?}");
}

#[test]
fn an_azure_pipeline_asks_for_the_token_of_its_service_connection() {
    let entra = Entra::new();
    let url = "https://devops.example/devops".to_owned();
    let variables = [
        ("SYSTEM_OIDCREQUESTURI", url.as_str()),
        ("SYSTEM_ACCESSTOKEN", "job"),
        ("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID", "connection-1"),
    ];
    planned(&entra.plan(None, &variables), "azurePipelines");
    let first = entra.asked()[0].clone();
    assert_eq!(first.fields["serviceConnectionId"], "connection-1");
    assert_eq!(first.fields[":authorization"], "Bearer job");
    exchanged(&entra, &[GRANT, ASSERTION, ("client_assertion", "a-devops-token")]);
}

#[test]
fn a_managed_identity_is_asked_for_graph() {
    let entra = Entra::new();
    let url = format!("{}/identity", entra.origin);
    planned(&entra.plan(None, &[("IDENTITY_ENDPOINT", &url), ("IDENTITY_HEADER", "canary-header")]), "managedIdentity");
    let asked = entra.asked()[0].clone();
    assert_eq!((asked.path.as_str(), asked.fields["resource"].as_str()), ("/identity", "https://graph.microsoft.com"));
    assert_eq!(asked.fields[":x-identity-header"], "canary-header");
}

#[test]
fn a_machine_asks_its_metadata_service() {
    let entra = Entra::new();
    planned(&entra.plan(Some("managedIdentity"), &[]), "managedIdentity");
    let asked = entra.asked();
    let asked = asked.iter().find(|it| it.path == "/metadata/identity/oauth2/token").unwrap();
    assert_eq!(asked.fields["resource"], "https://graph.microsoft.com");
    assert_eq!((asked.fields["client_id"].as_str(), asked.fields[":metadata"].as_str()), (CLIENT, "true"));
}

#[cfg(unix)]
#[test]
fn the_azure_cli_is_asked_when_the_workspace_says_so() {
    use std::os::unix::fs::PermissionsExt;
    let entra = Entra::new();
    let script = "#!/bin/sh\necho \"$@\" > \"$0.log\"\necho '{\"accessToken\": \"canary-token-abc\", \"expires_on\": 4102444800, \"tokenType\": \"Bearer\"}'\n";
    entra.house.write("bin/az", script);
    let az = entra.house.path("bin/az");
    std::fs::set_permissions(&az, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", az.parent().unwrap().display(), std::env::var("PATH").unwrap());
    planned(&entra.plan(Some("azureCli"), &[("PATH", &path)]), "azureCli");
    let called = std::fs::read_to_string(entra.house.path("bin/az.log")).unwrap();
    assert!(
        called.contains("account get-access-token") && called.contains(SCOPE) && called.contains(TENANT),
        "{called}"
    );
}

#[test]
fn a_person_signs_in_with_a_device_code() {
    let entra = Entra::new();
    let ended = entra.plan(Some("deviceCode"), &[]);
    planned(&ended, "deviceCode");
    assert!(ended.err.contains("open the page and type ABC"), "{ended:?}");
    let asked = entra.asked();
    assert_eq!(asked[0].path, format!("/{TENANT}/oauth2/v2.0/devicecode"));
    let scope = "https://graph.microsoft.com/OnlineMeetings.ReadWrite https://graph.microsoft.com/Calendars.ReadWrite offline_access";
    assert_eq!((asked[0].fields["scope"].as_str(), asked[0].fields["client_id"].as_str()), (scope, CLIENT));
    assert_eq!(asked.len(), 3, "asked again while the person had not signed in: {asked:?}");
    assert_eq!(asked[2].fields["grant_type"], "urn:ietf:params:oauth:grant-type:device_code");
    assert_eq!(asked[2].fields["device_code"], "D");
}

#[test]
fn a_person_signs_in_once_and_the_refresh_token_serves_from_then_on() {
    let entra = Entra::new();
    // A room is asked for its free times, which is one request more.
    let room = "  attendees: [{emailAddress: {address: room-baker@contoso.example}, type: resource}]\n";
    let event = "apiVersion: convoke.dev/v1\nkind: Event\nmetadata: {name: weekly}\nspec:\n  start: 2038-02-02T10:00\n  duration: 45m\n";
    entra.house.write("manifests.yaml", &format!("{event}{room}"));
    let ended = entra.plan(Some("deviceCode"), &[("AZURE_CLIENT_ID", SHORT)]);
    planned(&ended, "deviceCode");
    assert_eq!(ended.err.matches("open the page and type ABC").count(), 1, "{ended:?}");
    assert!(!ended.err.contains("refresh-") && !ended.out.contains("refresh-"), "{ended:?}");
    let asked = entra.asked();
    let (person, rest) = asked.split_at(3);
    assert_eq!(person.iter().filter(|it| it.path.ends_with("/devicecode")).count(), 1);
    assert!(rest.len() > 1, "the token ran out again and again: {asked:?}");
    for (number, it) in rest.iter().enumerate() {
        assert_eq!(it.path, format!("/{TENANT}/oauth2/v2.0/token"));
        let sent = ["grant_type", "refresh_token", "client_id", "scope"].map(|name| it.fields[name].as_str());
        // Each answer brought the one that counts next.
        let last = format!("refresh-{}", number + 3);
        assert_eq!(sent, ["refresh_token", last.as_str(), SHORT, person[0].fields["scope"].as_str()]);
    }
}

#[test]
fn without_any_way_every_way_is_named() {
    let entra = Entra::new();
    let ended = entra.plan(None, &[]);
    assert_eq!(ended.code, 1);
    for way in
        ["clientSecret: AZURE_CLIENT_SECRET is not set", "githubActions: ", "hint: set one of them up", "--sandbox"]
    {
        assert!(ended.err.contains(way), "{way}: {ended:?}");
    }
    assert!(entra.asked().is_empty());
}

/// Writes what a stranger may propose into the workspace file, plans, and holds that nobody was asked for anything.
fn refused(graph: &str, variables: &[(&str, &str)], expect: &[&str]) {
    let entra = Entra::new();
    let workspace = crate::support::WORKSPACE.replace("spec:", &format!("spec:\n  graph: {graph}"));
    entra.house.write("convoke.yaml", &workspace);
    let ended = entra.plan(None, variables);
    let said = ended.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(ended.code == 1 && ended.out.is_empty(), "{ended:?}");
    expect.iter().chain(&["hint: "]).for_each(|it| assert!(said.contains(it), "{it}: {ended:?}"));
    assert!(!said.contains("s3cret"), "{ended:?}");
    assert!(entra.asked().is_empty() && entra.house.sandbox().counts().requests == 0, "{ended:?}");
    assert!(!entra.house.path(".convoke").exists());
}

#[test]
fn the_file_alone_leads_nobody_to_another_cloud_tenant_or_app() {
    const CHINA: &str = "https://login.chinacloudapi.cn";
    let secret = ("AZURE_CLIENT_SECRET", "s3cret");
    let global = ("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.com");
    let both = ["`spec.graph.cloud` is `china`", "`login.microsoftonline.com`", CHINA];
    refused("{cloud: china}", &[secret, global], &both);
    refused("{cloud: china}", &[secret, ("AZURE_AUTHORITY_HOST", "")], &["the environment does not say so", CHINA]);
    let token = format!("e30.{}.s3cret", BASE64.encode(r#"{"aud": "https://graph.microsoft.com"}"#));
    let ready = [("CONVOKE_ACCESS_TOKEN", token.as_str()), ("CONVOKE_GRAPH_URL", "")];
    refused("{cloud: china}", &ready, &["is for `https://graph.microsoft.com`", "is `china`", "write `cloud: global`"]);
    refused("{tenantId: evil.example}", &[secret], &["`evil.example`", TENANT, "AZURE_TENANT_ID"]);
    refused(&format!("{{clientId: {SHORT}}}"), &[secret], &[SHORT, CLIENT, "AZURE_CLIENT_ID"]);
    let expected = ("CONVOKE_EXPECT_TENANT", "contoso.example");
    refused("{}", &[secret, expected], &[TENANT, "CONVOKE_EXPECT_TENANT says `contoso.example`"]);
}

/// The tenant becomes a part of the address that a device code is asked from.
#[test]
fn a_device_code_is_asked_of_a_tenant_and_of_nothing_else() {
    for tenant in ["../elsewhere", "contoso.example/x", "a?b=c"] {
        refused(
            &format!("{{auth: deviceCode, tenantId: {tenant:?}}}"),
            &[("AZURE_TENANT_ID", "")],
            &["convoke.yaml:5:"],
        );
        refused("{auth: deviceCode}", &[("AZURE_TENANT_ID", tenant)], &["not a tenant"]);
    }
}

/// What leads to the blobs of the stand-in.
#[cfg(feature = "remote-state")]
fn blobs(entra: &Entra) -> Vec<(&'static str, String)> {
    vec![
        ("CONVOKE_STATE", "az://records/state.json".into()),
        ("AZURE_STORAGE_ACCOUNT", "account".into()),
        ("AZURE_STORAGE_ENDPOINT", format!("{}/blobs", entra.origin)),
    ]
}

#[cfg(feature = "remote-state")]
#[test]
fn a_state_in_azure_is_opened_by_the_same_sign_in_with_a_token_of_its_own() {
    let entra = Entra::new();
    let mut variables = blobs(&entra);
    variables.push(("AZURE_CLIENT_SECRET", "s3cret".into()));
    let variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    planned(&entra.plan(None, &variables), "clientSecret");
    let asked = entra.asked();
    let scopes: Vec<_> = asked.iter().filter_map(|it| it.fields.get("scope")).collect();
    assert_eq!(scopes, ["https://storage.azure.com/.default", SCOPE]);
    let bearer = ":authorization".to_owned();
    assert_eq!(asked[1].path, "/blobs/records/state.json");
    assert_eq!(asked[1].fields.get(&bearer).map(String::as_str), Some("Bearer canary-token-abc"));
}

#[cfg(feature = "remote-state")]
#[test]
fn a_state_in_azure_that_nothing_opens_says_what_would() {
    let entra = Entra::new();
    // A token for Graph is none for a store.
    let token = [("CONVOKE_ACCESS_TOKEN", "canary-token-abc".to_owned())];
    let variables = [blobs(&entra), token.to_vec()].concat();
    let variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let ended = entra.plan(None, &variables);
    let words = ended.err.split_whitespace().collect::<Vec<_>>().join(" ");
    for expect in [
        "cannot use the state `az://records/state.json`: no key of the storage account is set, and no way to sign in was found",
        "AZURE_CLIENT_SECRET is not set",
        "hint: set AZURE_STORAGE_KEY or AZURE_STORAGE_SAS_TOKEN, or set one of these up",
    ] {
        assert!(ended.code == 1 && words.contains(expect), "{expect}: {ended:?}");
    }
    assert!(entra.asked().is_empty());
}
