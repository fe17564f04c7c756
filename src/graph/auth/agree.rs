//! Who signs in where: what the environment says goes before the workspace file, and where the two disagree nobody signs in.
//!
//! A secret belongs to the environment that holds it, and the file to whoever may write it: so the file alone leads no secret to
//! another cloud, tenant or app. Nothing is asked of anybody here.

use crate::graph::auth::{Env, roots};
use crate::graph::token::Token;
use crate::kind::workspace::{Cloud, Graph, Pins};
use crate::problem::cut;
use crate::reason::Reason;
use anyhow::{Result, bail};
use reqwest::Url;

/// The clouds that share a login authority, by its names: the first is the one to write (authentication-national-cloud.md).
const AUTHORITIES: [(&[&str], &[Cloud]); 3] = [
    (&["login.microsoftonline.com", "login.microsoft.com", "login.windows.net"], &[Cloud::Global]),
    (&["login.microsoftonline.us", "login.usgovcloudapi.net"], &[Cloud::UsGovL4, Cloud::UsGovL5]),
    (&["login.chinacloudapi.cn", "login.partner.microsoftonline.cn"], &[Cloud::China]),
];

/// Returns the workspace's word on Graph with what the environment says before it.
///
/// Fails where the two name different clouds, tenants or apps, where only the file names a cloud other than the global one, and
/// where the tenant is not the expected one.
pub fn agreed(graph: &Graph, env: &Env, pins: &Pins) -> Result<Graph> {
    let agreed = match env("CONVOKE_ACCESS_TOKEN") {
        Some(bearer) => of_token(graph, env, &Token::ready(bearer))?,
        None => of_variables(graph, env)?,
    };
    if pins.tenant.is_some() {
        let Some(tenant) = &agreed.tenant_id else {
            let unknown = Reason::SignInDiffers
                .trouble("CONVOKE_EXPECT_TENANT is set, and nothing names the tenant that is signed in to");
            bail!(unknown.hint("set AZURE_TENANT_ID in the job's environment"));
        };
        if let Some((message, way_out)) = pins.refused_tenant("the sign-in", tenant) {
            bail!(Reason::SignInDiffers.trouble(message).hint(way_out));
        }
    }
    Ok(agreed)
}

/// A ready token goes to the cloud that it is for, and nowhere else.
fn of_token(graph: &Graph, env: &Env, token: &Token) -> Result<Graph> {
    // What the environment names outright is its own affair.
    if env("CONVOKE_GRAPH_URL").is_none() {
        match token.claim("aud").and_then(|audience| cloud_of(&audience)) {
            Some(cloud) if cloud == graph.cloud => {}
            Some(cloud) => {
                let (its, ours) = (roots(cloud).graph, cloud_name(graph.cloud));
                let other =
                    format!("the token in CONVOKE_ACCESS_TOKEN is for `{its}`, and `spec.graph.cloud` is `{ours}`");
                let way_out = format!("write `cloud: {}`, or set a token of that cloud", cloud_name(cloud));
                bail!(Reason::SignInDiffers.trouble(other).hint(way_out));
            }
            None => named_outside(graph.cloud, env, "the token in CONVOKE_ACCESS_TOKEN")?,
        }
    }
    let its = token.claim("tid");
    if let (Some(its), Some(ours)) = (&its, &graph.tenant_id)
        && is_id(ours)
        && !its.eq_ignore_ascii_case(ours)
    {
        let other = format!(
            "the token in CONVOKE_ACCESS_TOKEN is of the tenant `{}`, and `spec.graph.tenantId` is `{ours}`",
            cut(its)
        );
        bail!(Reason::SignInDiffers.trouble(other).hint("change `spec.graph.tenantId`, or set a token of that tenant"));
    }
    let tenant_id = its.or_else(|| env("AZURE_TENANT_ID")).or_else(|| graph.tenant_id.clone());
    let client_id = token.app().or_else(|| env("AZURE_CLIENT_ID")).or_else(|| graph.client_id.clone());
    Ok(Graph { tenant_id, client_id, ..graph.clone() })
}

fn of_variables(graph: &Graph, env: &Env) -> Result<Graph> {
    named_outside(graph.cloud, env, "a sign-in")?;
    let tenant_id = one_of("tenantId", graph.tenant_id.as_ref(), "AZURE_TENANT_ID", env)?;
    let client_id = one_of("clientId", graph.client_id.as_ref(), "AZURE_CLIENT_ID", env)?;
    Ok(Graph { tenant_id, client_id, ..graph.clone() })
}

/// Refuses a cloud that the environment does not name as well, unless it is the global one; `what` would go there.
fn named_outside(cloud: Cloud, env: &Env, what: &str) -> Result<()> {
    let authority = env("AZURE_AUTHORITY_HOST");
    let known = authority.as_deref().and_then(host).and_then(|host| {
        AUTHORITIES.iter().find(|(names, _)| names.contains(&host.as_str())).map(|(_, clouds)| (host, *clouds))
    });
    let (name, login) = (cloud_name(cloud), roots(cloud).authority);
    match known {
        Some((_, clouds)) if clouds.contains(&cloud) => Ok(()),
        Some((host, clouds)) => {
            let other = format!("`spec.graph.cloud` is `{name}`, and AZURE_AUTHORITY_HOST names `{host}`");
            let theirs: Vec<String> = clouds.iter().map(|cloud| format!("`cloud: {}`", cloud_name(*cloud))).collect();
            let theirs = theirs.join(" or ");
            bail!(
                Reason::SignInDiffers
                    .trouble(other)
                    .hint(format!("write {theirs} in the workspace, or set AZURE_AUTHORITY_HOST to {login}"))
            )
        }
        None if cloud == Cloud::Global => Ok(()),
        // A stand-in for Entra ID, and for Graph, that the environment names: the cloud in the file leads nowhere.
        None if authority.is_some() && env("CONVOKE_GRAPH_URL").is_some() => Ok(()),
        None => {
            let alone = format!(
                "`spec.graph.cloud` is `{name}`, and the environment does not say so: {what} would go to {login}"
            );
            bail!(
                Reason::SignInDiffers.trouble(alone).hint(format!(
                    "set AZURE_AUTHORITY_HOST to {login} in the job's environment, or leave `cloud` out"
                ))
            )
        }
    }
}

/// The value of the environment, else of the file. Fails where both have one and it is not the same.
fn one_of(name: &str, ours: Option<&String>, variable: &str, env: &Env) -> Result<Option<String>> {
    match (env(variable), ours) {
        (Some(theirs), Some(ours)) if !theirs.eq_ignore_ascii_case(ours) => {
            let (theirs, ours) = (cut(&theirs), cut(ours));
            let other = format!("`spec.graph.{name}` is `{ours}`, and {variable} is `{theirs}`");
            bail!(
                Reason::SignInDiffers
                    .trouble(other)
                    .hint(format!("write the same in both, or take `{name}` out of the workspace"))
            )
        }
        (theirs, ours) => Ok(theirs.or_else(|| ours.cloned())),
    }
}

/// The cloud whose Graph an audience names; the id of Graph's app is the same in every cloud.
fn cloud_of(audience: &str) -> Option<Cloud> {
    let host = host(audience)?;
    Cloud::ALL.into_iter().find(|cloud| self::host(roots(*cloud).graph).is_some_and(|it| it == host))
}

fn host(address: &str) -> Option<String> {
    Url::parse(address.trim()).ok()?.host_str().map(str::to_lowercase)
}

/// Whether a tenant is named by its id, and not by a domain.
fn is_id(tenant: &str) -> bool {
    uuid::Uuid::try_parse(tenant).is_ok()
}

fn cloud_name(cloud: Cloud) -> &'static str {
    match cloud {
        Cloud::Global => "global",
        Cloud::UsGovL4 => "usGovL4",
        Cloud::UsGovL5 => "usGovL5",
        Cloud::China => "china",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trouble::Trouble;
    use base64::Engine;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;
    use std::sync::Arc;

    const TENANT: &str = "84841066-274d-4ec0-a5c1-276be684bdd3";
    const CHINA: &str = "https://login.chinacloudapi.cn/";
    const GRAPH_APP: &str = "00000003-0000-0000-c000-000000000000";

    fn env(set: &[(&str, &str)]) -> Env {
        let set: Vec<(String, String)> =
            set.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        Arc::new(move |name| set.iter().find(|(it, _)| it == name).map(|(_, value)| value.clone()))
    }

    fn of(cloud: Cloud) -> Graph {
        Graph { cloud, ..Graph::default() }
    }

    fn said(graph: &Graph, set: &[(&str, &str)], pins: &Pins) -> String {
        match agreed(graph, &env(set), pins) {
            Ok(_) => String::new(),
            Err(error) => {
                let Trouble { what, hint, .. } = Trouble::of(&error);
                format!("{what}; {}", hint.expect("there is a way out"))
            }
        }
    }

    fn jwt(claims: &str) -> String {
        format!("e30.{}.canary-signature", BASE64_URL_SAFE_NO_PAD.encode(claims))
    }

    #[test]
    fn a_ready_token_goes_to_the_cloud_that_it_is_for() {
        let global = jwt(r#"{"aud": "https://graph.microsoft.com/"}"#);
        let china = jwt(r#"{"aud": "https://microsoftgraph.chinacloudapi.cn"}"#);
        let app = jwt(&format!(r#"{{"aud": "{GRAPH_APP}"}}"#));
        for (token, cloud, more, expect) in [
            (global.as_str(), Cloud::Global, None, ""),
            (&global, Cloud::China, None, "is for `https://graph.microsoft.com`, and `spec.graph.cloud` is `china`"),
            (&global, Cloud::China, Some(("AZURE_AUTHORITY_HOST", CHINA)), "write `cloud: global`"),
            (&china, Cloud::China, None, ""),
            (&china, Cloud::Global, None, "write `cloud: china`"),
            (&china, Cloud::UsGovL5, None, "`usGovL5`"),
            (&app, Cloud::Global, None, ""),
            (&app, Cloud::China, None, "the environment does not say so"),
            ("canary-opaque", Cloud::Global, None, ""),
            ("canary-opaque", Cloud::UsGovL4, None, "set AZURE_AUTHORITY_HOST to https://login.microsoftonline.us"),
            ("canary-opaque", Cloud::China, Some(("AZURE_AUTHORITY_HOST", CHINA)), ""),
            ("canary-opaque", Cloud::China, Some(("CONVOKE_GRAPH_URL", "https://graph.example/v1.0")), ""),
        ] {
            let set: Vec<_> = [("CONVOKE_ACCESS_TOKEN", token)].into_iter().chain(more).collect();
            let said = said(&of(cloud), &set, &Pins::default());
            assert_eq!(said.is_empty(), expect.is_empty(), "{cloud:?} {more:?}: {said}");
            assert!(said.contains(expect) && !said.contains("canary"), "{said}");
        }
    }

    #[test]
    fn no_file_alone_leads_a_secret_to_another_cloud() {
        for (cloud, authority, expect) in [
            (Cloud::Global, None, ""),
            (Cloud::China, None, "a sign-in would go to https://login.chinacloudapi.cn; set AZURE_AUTHORITY_HOST"),
            (Cloud::China, Some(CHINA), ""),
            (Cloud::China, Some("https://login.partner.microsoftonline.cn"), ""),
            (Cloud::UsGovL5, Some("https://login.microsoftonline.us"), ""),
            (
                Cloud::China,
                Some("https://login.microsoftonline.com"),
                "is `china`, and AZURE_AUTHORITY_HOST names `login.microsoftonline.com`",
            ),
            (Cloud::Global, Some("https://login.microsoftonline.us/"), "write `cloud: usGovL4` or `cloud: usGovL5`"),
            (Cloud::Global, Some("http://127.0.0.1:1"), ""),
            (Cloud::China, Some("http://127.0.0.1:1"), "the environment does not say so"),
        ] {
            let set: Vec<_> = authority.map(|it| ("AZURE_AUTHORITY_HOST", it)).into_iter().collect();
            let said = said(&of(cloud), &set, &Pins::default());
            assert_eq!(said.is_empty(), expect.is_empty(), "{cloud:?} {authority:?}: {said}");
            assert!(said.contains(expect), "{said}");
        }
    }

    #[test]
    fn environment_and_file_name_one_tenant_and_one_app() {
        let file =
            Graph { tenant_id: Some("contoso.example".into()), client_id: Some("app".into()), ..Graph::default() };
        assert_eq!(said(&file, &[("AZURE_TENANT_ID", "Contoso.example")], &Pins::default()), "");
        let both = said(&file, &[("AZURE_TENANT_ID", TENANT)], &Pins::default());
        assert!(
            both.contains(&format!("`spec.graph.tenantId` is `contoso.example`, and AZURE_TENANT_ID is `{TENANT}`")),
            "{both}"
        );
        assert!(said(&file, &[("AZURE_CLIENT_ID", "other")], &Pins::default()).contains("AZURE_CLIENT_ID is `other`"));
        let alone = agreed(&Graph::default(), &env(&[("AZURE_TENANT_ID", TENANT)]), &Pins::default()).unwrap();
        assert_eq!(alone.tenant_id.as_deref(), Some(TENANT));
    }

    #[test]
    fn the_tenant_that_is_signed_in_to_is_the_expected_one() {
        let pins = Pins { tenant: Some(TENANT.into()), ..Pins::default() };
        let token = |tenant: &str| jwt(&format!(r#"{{"tid": "{tenant}"}}"#));
        let (other, own) = (token("0c6e8f5a-7d3b-4a52-9a1e-5b8f2f4f6a11"), token(TENANT));
        for (set, expect) in [
            (&[("CONVOKE_ACCESS_TOKEN", own.as_str())][..], ""),
            (
                &[("CONVOKE_ACCESS_TOKEN", other.as_str()), ("AZURE_TENANT_ID", TENANT)],
                "`0c6e8f5a-7d3b-4a52-9a1e-5b8f2f4f6a11`",
            ),
            (&[("CONVOKE_ACCESS_TOKEN", "opaque"), ("AZURE_TENANT_ID", TENANT)], ""),
            (&[("CONVOKE_ACCESS_TOKEN", "opaque")], "nothing names the tenant"),
            (&[("AZURE_TENANT_ID", "contoso.example")], "the sign-in names the tenant `contoso.example`"),
            (&[], "nothing names the tenant"),
        ] {
            let said = said(&Graph::default(), set, &pins);
            assert_eq!(said.is_empty(), expect.is_empty(), "{said}");
            assert!(said.contains(expect), "{said}");
        }
        let file = Graph { tenant_id: Some(TENANT.into()), ..Graph::default() };
        let said = said(&file, &[("CONVOKE_ACCESS_TOKEN", &other)], &Pins::default());
        assert!(said.contains("is of the tenant `0c6e8f5a") && said.contains(TENANT), "{said}");
    }
}
