//! The way to Graph: which one, and who signs in.

use crate::graph::{self, Client, Settings, Token, Watch, auth};
use crate::kind::workspace::{Auth, Graph, NOT_ME};
use crate::reason::Reason;
use crate::reconcile::Project;
use crate::sandbox;
use crate::state::store::{OUR_FOLDER, keep_private};
use anyhow::{Context, Result, bail};

/// What the caller says of the way.
pub struct Ways {
    /// The embedded twin instead of a tenant.
    pub sandbox: bool,
    /// Reads a variable of the environment; an empty one is none.
    pub env: auth::Env,
    /// Requests in flight at once, over all mailboxes.
    pub parallelism: usize,
    /// The language of what Graph words by itself.
    pub language: Option<String>,
    /// Told of what is asked.
    pub watch: Watch,
    /// Told why a way to sign in was taken or not.
    pub explain: fn(&str),
    /// Told what a person has to do to sign in.
    pub ask: fn(&str),
}

/// A client, and the twin behind it if it is the embedded one.
pub struct Connection {
    pub client: Client,
    twin: Option<sandbox::Sandbox>,
}

impl Connection {
    /// Signs in, so that a sign-in that fails is one error and not one for each mailbox.
    pub async fn signed_in(self) -> Result<Connection> {
        self.client.grants().await?;
        Ok(self)
    }

    /// Ends the twin, so that its tenant is on the disk.
    pub async fn close(self) -> Result<()> {
        match self.twin {
            Some(twin) => twin.stop().await,
            None => Ok(()),
        }
    }
}

/// Holds what the environment says of who signs in where against the workspace; asks nothing, and reads no state.
///
/// Fails where they disagree, and where the tenant is not the one that is expected.
pub fn agreed(project: &Project, env: &auth::Env) -> Result<Graph> {
    auth::agreed(&project.owner()?.spec.graph, env, &project.given.pins)
}

/// Connects to Graph, or to the embedded twin; asks nothing yet.
///
/// Fails where no way to sign in is found, where environment and workspace disagree, or the twin cannot be served.
pub async fn connect(project: &Project, ways: Ways) -> Result<Connection> {
    let (root, token, app, twin) = if ways.sandbox {
        let file = project.own_file(".convoke/sandbox.json")?;
        keep_private(&project.folder()?.join(OUR_FOLDER))?;
        let twin = sandbox::serve(sandbox::Options { file: Some(file), ..Default::default() }).await?;
        (twin.url.clone(), Token::ready(twin.token.clone()), None, Some(twin))
    } else {
        let graph = agreed(project, &ways.env)?;
        let root = (ways.env)("CONVOKE_GRAPH_URL");
        root.as_deref().map(usable).transpose()?;
        let root = root.unwrap_or_else(|| format!("{}/v1.0", auth::roots(graph.cloud).graph));
        (root, token(project, &graph, &ways)?, graph.client_id, None)
    };
    let Ways { language, watch, parallelism, .. } = ways;
    let settings = Settings { app, language, watch: Some(watch), parallelism, ..Settings::new(root, token) };
    Ok(Connection { client: Client::new(settings)?, twin })
}

/// Refuses an address in CONVOKE_GRAPH_URL that is none of Graph's, before a sign-in is looked for.
fn usable(root: &str) -> Result<()> {
    graph::usable(root).with_context(|| {
        Reason::GraphAddress
            .trouble(format!("CONVOKE_GRAPH_URL cannot be used: `{}`", graph::masked(root)))
            .hint("write it like `https://graph.microsoft.com/v1.0`, or unset it")
    })
}

fn token(project: &Project, graph: &Graph, ways: &Ways) -> Result<Token> {
    if let Some(token) = (ways.env)("CONVOKE_ACCESS_TOKEN") {
        (ways.explain)("sign-in: with the token in CONVOKE_ACCESS_TOKEN, which goes before every other way");
        return Ok(Token::ready(token));
    }
    let chosen = auth::choose(graph, &ways.env)?;
    somebody_is_me(project, chosen.auth)?;
    chosen.passed.iter().for_each(|it| (ways.explain)(&format!("sign-in: not {it}")));
    (ways.explain)(&format!("sign-in: {}, because {}", auth::name(chosen.auth), chosen.why));
    auth::token(&chosen, graph, ways.env.clone(), ways.ask)
}

/// Refuses `organizer: me` where the sign-in that was found is an app's; one that is named is refused with the manifest.
fn somebody_is_me(project: &Project, auth: Auth) -> Result<()> {
    match project.desired().iter().find(|want| want.spec.organizer == "me" && auth.is_app()) {
        Some(want) => {
            let (key, way) = (&want.key, auth::name(auth));
            let app = format!("`{key}` has `organizer: me`, and the sign-in that was found, {way}, is an app's");
            bail!(Reason::SignInDiffers.trouble(app).hint(NOT_ME))
        }
        None => Ok(()),
    }
}
