use super::*;

#[test]
fn of_a_refusal_the_words_and_one_id_are_reported() {
    let said = "ClientSecretCredential authentication failed. AADSTS90002: Tenant 'x' not found. Trace ID: 0f0e Correlation \
                ID: 9a1f Timestamp: 2026-11-21 08:00:00Z\nTo troubleshoot, visit https://aka.ms/x";
    assert_eq!(plain(said), "AADSTS90002: Tenant 'x' not found. (trace id 0f0e)");
    assert_eq!(plain("no address\nat all"), "no address\nat all");
}

/// As deployments.md and workload-identity-federation.md list them: a token of one cloud is worth nothing in another.
#[test]
fn each_cloud_has_its_own_graph_login_and_exchange() {
    for (cloud, graph, authority, exchange) in [
        (Cloud::Global, "graph.microsoft.com", "login.microsoftonline.com", ""),
        (Cloud::UsGovL4, "graph.microsoft.us", "login.microsoftonline.us", "USGov"),
        (Cloud::UsGovL5, "dod-graph.microsoft.us", "login.microsoftonline.us", "USGov"),
        (Cloud::China, "microsoftgraph.chinacloudapi.cn", "login.chinacloudapi.cn", "China"),
    ] {
        let roots = roots(cloud);
        assert_eq!(roots.graph, format!("https://{graph}"));
        assert_eq!(roots.authority, format!("https://{authority}"), "{cloud:?}");
        assert_eq!(roots.exchange, format!("api://AzureADTokenExchange{exchange}"), "{cloud:?}");
    }
}

fn env(set: &[&'static str]) -> Env {
    let set = set.to_vec();
    Arc::new(move |name| set.contains(&name).then(|| "x".into()))
}

#[test]
fn the_first_way_whose_variables_are_set_is_chosen_and_the_others_are_reported() {
    let identity: &[&str] = &["IDENTITY_ENDPOINT", "IDENTITY_HEADER"];
    let cases: [(&[&str], Auth, &str); 4] = [
        (
            &["AZURE_CLIENT_SECRET", "AZURE_FEDERATED_TOKEN_FILE"],
            Auth::ClientSecret,
            "workloadIdentity: AZURE_FEDERATED_TOKEN_FILE is set too, and clientSecret goes first",
        ),
        (&["AZURE_CLIENT_CERTIFICATE_PATH"], Auth::ClientCertificate, "clientSecret: AZURE_CLIENT_SECRET is not set"),
        (
            &["ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"],
            Auth::GithubActions,
            "managedIdentity: IDENTITY_ENDPOINT, IDENTITY_HEADER are not set",
        ),
        (identity, Auth::ManagedIdentity, "azureCli, deviceCode: only where `spec.graph.auth` names them"),
    ];
    for (set, auth, told) in cases {
        let chosen = choose(&Graph::default(), &env(set)).unwrap();
        assert_eq!((chosen.auth, chosen.passed.len()), (auth, WAYS.len()), "{set:?}");
        assert!(chosen.passed.iter().any(|it| it == told), "{told}: {:?}", chosen.passed);
    }
    let named = |auth, set| choose(&Graph { auth: Some(auth), ..Graph::default() }, &env(set));
    assert_eq!(named(Auth::AzureCli, &["AZURE_CLIENT_ID"]).unwrap().auth, Auth::AzureCli);
    let actions = &["ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"];
    assert_eq!(named(Auth::AzureCli, actions).unwrap().auth, Auth::AzureCli);
    let two = &["AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH"];
    assert_eq!(named(Auth::ClientCertificate, two).unwrap().auth, Auth::ClientCertificate);
    for auth in [Auth::AzureCli, Auth::DeviceCode, Auth::ManagedIdentity, Auth::GithubActions] {
        let refused = Trouble::of(&named(auth, &["AZURE_CLIENT_SECRET"]).unwrap_err());
        let both = format!(
            "`spec.graph.auth` is `{}`, and the environment signs in with clientSecret: AZURE_CLIENT_SECRET is set",
            name(auth)
        );
        assert_eq!(refused.to_string(), both);
        assert!(refused.hint.is_some(), "{refused:?}");
    }
    let none = Trouble::of(&choose(&Graph::default(), &env(&["ACTIONS_ID_TOKEN_REQUEST_URL"])).unwrap_err());
    let lacks = "githubActions: ACTIONS_ID_TOKEN_REQUEST_TOKEN is not set";
    assert!(none.details.iter().any(|it| it == lacks) && none.hint.is_some(), "{none:?}");
}
