//! A state in a Secret of its namespace: each part of it under a key of its own, in a Secret that holds nothing else.
//!
//! A change is a patch of one key on condition of the version that was read, so that a part is written over what it was and nothing else.
//! Each change of one part moves the version of all: what was refused for another part's sake is sent again. Who made the Secret lets the
//! operator `get` and `patch` that one; it never makes one.

use anyhow::Result;
use async_trait::async_trait;
use convoke::face::reason::Reason;
use convoke::face::state::store::Store;
use convoke::face::trouble::Trouble;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use kube::api::{Patch, PatchParams};
use kube::{Api, Client};
use object_store::client::{HttpError, HttpErrorKind};
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, GetResultPayload, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMode, PutMultipartOptions, PutOptions, PutPayload, PutResult,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

/// The most resources of a Workspace whose state is in a Secret; one of ten guests takes 1.2 KB.
pub const MOST: usize = 500;

/// What a Secret holds at most, in bytes (`MaxSecretSize` of Kubernetes).
const ROOM: usize = 1 << 20;

/// What the document is called in it, and what the names of its other parts begin with.
const DOCUMENT: &str = "state";

/// How often a change is sent that is refused since another part was changed meanwhile.
const TIMES: usize = 8;

/// How long the API server is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// Keeps a state in a Secret; asks nobody yet.
pub fn store(client: Client, namespace: &str, name: &str) -> Store {
    let place = Place { api: Api::namespaced(client, namespace), name: name.to_owned(), changing: Arc::default() };
    Store::through(format!("{place}/{DOCUMENT}"), DOCUMENT, ROOM, Arc::new(place))
}

/// What a Secret holds, by key.
type Data = BTreeMap<String, ByteString>;

#[derive(Debug, Clone)]
struct Place {
    api: Api<Secret>,
    name: String,
    /// Of our own changes one is sent at a time: each would refuse the others.
    changing: Arc<Mutex<()>>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "secret://{}", self.name)
    }
}

impl Place {
    /// Reads what it holds, and its version.
    ///
    /// Fails where it is not there, may not be read, or holds what is none of a state.
    async fn read(&self) -> Result<(Data, Option<String>), Error> {
        let answer = tokio::time::timeout(PATIENCE, self.api.get(&self.name)).await;
        let secret = answer.map_err(|_| told(self.silent()))?.map_err(|error| told(self.words(&error, "get")))?;
        let data = secret.data.unwrap_or_default();
        let is_ours = |key: &&String| *key == DOCUMENT || key.starts_with(&format!("{DOCUMENT}."));
        if let Some(key) = data.keys().find(|key| !is_ours(key)) {
            let other = format!("the Secret `{}` holds `{key}`, which is nothing of a state", self.name);
            let own = format!("name one that holds nothing else: `kubectl create secret generic {DOCUMENT}` makes one");
            return Err(told(Reason::Store.trouble(other).hint(own)));
        }
        Ok((data, secret.metadata.resource_version))
    }

    /// Changes one part if it is as `allows` says; nothing for `bytes` takes it out. Sends nothing where there is no such part.
    async fn change(
        &self,
        location: &Path,
        bytes: Option<Vec<u8>>,
        allows: impl Fn(Option<&ByteString>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let (key, bytes) = (location.as_ref(), bytes.map(ByteString));
        let _alone = self.changing.lock().await;
        for turn in 0..TIMES {
            let (data, version) = self.read().await?;
            let before = data.get(key);
            // What was refused may have come through: the client sends by itself what was not answered once more. Bytes that two could
            // both have written do not matter, or differ.
            if before == bytes.as_ref() && (turn > 0 || bytes.is_none()) {
                return Ok(());
            }
            allows(before)?;
            self.has_room(&data, key, &bytes)?;
            let patch = json!({"metadata": {"resourceVersion": version}, "data": {key: bytes}});
            match self.send(&patch).await {
                Ok(()) => return Ok(()),
                // Of two that send again at once neither gets on: each waits for as long as chance says, and longer each time.
                Err(kube::Error::Api(status)) if status.code == 409 => {
                    tokio::time::sleep(Duration::from_millis(fastrand::u64(..10 << turn))).await;
                }
                // The API server has answered that it did not take it; whatever else happened, it may have.
                Err(kube::Error::Api(status)) if status.code < 500 => {
                    return Err(told(self.words(&kube::Error::Api(status), "patch")));
                }
                Err(error) => return Err(lost(self.words(&error, "patch"))),
            }
        }
        let busy =
            format!("the Secret `{}` was changed by somebody else each time that it was to be written", self.name);
        Err(told(Reason::Store.trouble(busy).hint("find out who writes it: it is for this state alone")))
    }

    async fn send(&self, patch: &Value) -> Result<(), kube::Error> {
        let (params, patch) = (PatchParams::default(), Patch::Merge(patch));
        self.api.patch_metadata(&self.name, &params, &patch).await.map(drop)
    }

    fn has_room(&self, data: &Data, key: &str, bytes: &Option<ByteString>) -> Result<(), Error> {
        let others = data.iter().filter(|(name, _)| *name != key).map(|(_, it)| it.0.len()).sum::<usize>();
        let all = others + bytes.as_ref().map_or(0, |it| it.0.len());
        if all <= ROOM {
            return Ok(());
        }
        let full =
            format!("the state takes {} KB, and the Secret `{}` has room for {} KB", all >> 10, self.name, ROOM >> 10);
        Err(told(Reason::Store.trouble(full).hint(ELSEWHERE)))
    }

    fn silent(&self) -> Trouble {
        let what = format!("the API server did not give the Secret `{}` within {} s", self.name, PATIENCE.as_secs());
        Reason::Store.trouble(what)
    }

    /// Words what an API server answers, and the way out.
    fn words(&self, error: &kube::Error, verb: &str) -> Trouble {
        let what = format!("the Secret `{}`", self.name);
        match error {
            kube::Error::Api(status) if status.code == 404 => {
                let none = Reason::Store.trouble(format!("{what} for the state is not there"));
                none.hint(format!("make an empty one: `kubectl create secret generic {}`", self.name))
            }
            kube::Error::Api(status) if status.code == 403 => {
                let refused = Reason::Store.trouble(format!("{what} for the state is not for the operator"));
                refused
                    .hint(format!("let its service account `{verb}` it, by a Role and a RoleBinding in the namespace"))
            }
            kube::Error::Api(status) => Reason::Store
                .trouble(format!("{what} cannot be used: {}", status.message))
                .hint("see that it may be changed, and that the API server is well"),
            _ => Reason::Store.trouble(format!("the API server cannot be asked for {what}: {error}")),
        }
    }
}

/// The way out of a Secret.
pub const ELSEWHERE: &str =
    "keep the state in an object store: `spec.state: az://container/path`, `s3://…` or `gs://…`";

/// What was not written.
fn told(trouble: Trouble) -> Error {
    Error::Generic { store: "Secret", source: trouble.into() }
}

/// What may have been written all the same.
fn lost(trouble: Trouble) -> Error {
    Error::Generic { store: "Secret", source: HttpError::new(HttpErrorKind::Unknown, trouble).into() }
}

/// What a write is on condition of.
fn tag(bytes: &[u8]) -> String {
    let mut hash = DefaultHasher::new();
    bytes.hash(&mut hash);
    format!("{:016x}", hash.finish())
}

#[async_trait]
impl ObjectStore for Place {
    async fn get_opts(&self, location: &Path, _: GetOptions) -> Result<GetResult, Error> {
        let Some(ByteString(bytes)) = self.read().await?.0.remove(location.as_ref()) else {
            return Err(Error::NotFound { path: location.to_string(), source: "no such key".into() });
        };
        let meta = ObjectMeta {
            location: location.clone(),
            last_modified: Default::default(),
            size: bytes.len() as u64,
            e_tag: Some(tag(&bytes)),
            version: None,
        };
        let (range, payload) = (0..meta.size, stream::once(async { Ok(bytes.into()) }).boxed());
        let payload = GetResultPayload::Stream(payload);
        Ok(GetResult { payload, meta, range, attributes: Default::default(), extensions: Default::default() })
    }

    async fn put_opts(&self, location: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult, Error> {
        let bytes: Vec<u8> = payload.into_iter().flatten().collect();
        let result = PutResult { e_tag: Some(tag(&bytes)), version: None, extensions: Default::default() };
        let allows = |before: Option<&ByteString>| {
            let path = location.to_string();
            match (&options.mode, before) {
                (PutMode::Create, Some(_)) => Err(Error::AlreadyExists { path, source: "it is there".into() }),
                (PutMode::Update(version), now) if version.e_tag != now.map(|it| tag(&it.0)) => {
                    Err(Error::Precondition { path, source: "it is another one".into() })
                }
                _ => Ok(()),
            }
        };
        self.change(location, Some(bytes), allows).await?;
        Ok(result)
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path, Error>>,
    ) -> BoxStream<'static, Result<Path, Error>> {
        let place = self.clone();
        let removed = move |location: Result<Path, Error>| {
            let place = place.clone();
            async move {
                let location = location?;
                place.change(&location, None, |_| Ok(())).await?;
                Ok(location)
            }
        };
        locations.then(removed).boxed()
    }

    // A state has no need of what follows.

    async fn put_multipart_opts(&self, _: &Path, _: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>, Error> {
        Err(unneeded())
    }

    fn list(&self, _: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta, Error>> {
        stream::once(async { Err(unneeded()) }).boxed()
    }

    async fn list_with_delimiter(&self, _: Option<&Path>) -> Result<ListResult, Error> {
        Err(unneeded())
    }

    async fn copy_opts(&self, _: &Path, _: &Path, _: CopyOptions) -> Result<(), Error> {
        Err(unneeded())
    }
}

fn unneeded() -> Error {
    Error::NotSupported { source: "no state asks for it".into() }
}
