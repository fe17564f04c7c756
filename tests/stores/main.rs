//! States in object stores, against servers of others that `run` beside this starts: what two writers and a lost answer do to each
//! other, and pipelines that begin in an empty folder each time.

#[path = "../support/mod.rs"]
mod support;

mod interrupted;
mod pipelines;

use convoke::face::kind::workspace::Remote;
use convoke::face::state::store::{Access, Part, Store, Unsaved};
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// Azurite's; everybody knows it.
const KEY: &str = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// A server that `run` has started.
#[derive(Clone)]
struct Server {
    scheme: &'static str,
    endpoint: &'static str,
    address: String,
}

impl Server {
    fn all() -> [Server; 2] {
        let address =
            |name: &str| std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: use tests/stores/run"));
        [
            Server { scheme: "az", endpoint: "AZURE_STORAGE_ENDPOINT", address: address("STORES_AZURE") },
            Server { scheme: "s3", endpoint: "AWS_ENDPOINT_URL_S3", address: address("STORES_S3") },
        ]
    }

    /// An address that nobody else has.
    fn place(&self) -> String {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let (run, count) = (std::process::id(), COUNT.fetch_add(1, Ordering::SeqCst));
        format!("{}://records/{run}-{count}/state.json", self.scheme)
    }

    /// What the environment says of it.
    fn variables(&self) -> Vec<(&'static str, String)> {
        let text = |name, value: &str| (name, value.to_owned());
        vec![
            (self.endpoint, self.address.clone()),
            text("AZURE_STORAGE_ACCOUNT", "devstoreaccount1"),
            text("AZURE_STORAGE_KEY", KEY),
            text("AWS_ACCESS_KEY_ID", "id"),
            text("AWS_SECRET_ACCESS_KEY", "key"),
        ]
    }

    fn open(&self, place: &str) -> Store {
        let variables = self.variables();
        let env = |name: &str| variables.iter().find(|(it, _)| *it == name).map(|(_, value)| value.clone());
        let access = Access { env: &env, cloud: Default::default(), sign_in: &|| anyhow::bail!("there is a key") };
        Store::object(Remote::parse(place).unwrap(), &access).unwrap()
    }
}

fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(work)
}

/// The first line of defence: a server that takes every write would let all the other tests pass by luck.
#[test]
fn the_server_writes_on_condition_alone() {
    for server in Server::all() {
        let store = server.open(&server.place());
        for part in [Part::Document, Part::Entry { journal: "journal".into(), number: 0 }] {
            wait(holds_to_conditions(&store, &part));
        }
    }
}

async fn holds_to_conditions(store: &Store, part: &Part) {
    assert!(store.load(part).await.unwrap().is_none());
    let first = store.save_if(part, b"one", None).await.ok().unwrap();
    let again = store.save_if(part, b"two", None).await;
    assert!(matches!(again, Err(Unsaved::Moved)), "If-None-Match: *");
    let second = store.save_if(part, b"two", Some(&first)).await.ok().unwrap();
    let stale = store.save_if(part, b"three", Some(&first)).await;
    assert!(matches!(stale, Err(Unsaved::Moved)), "If-Match");
    assert_eq!(store.load(part).await.unwrap(), Some((b"two".to_vec(), second.clone())));
    // What is removed is not there to be written over, and can be removed again.
    for _ in 0..2 {
        store.remove(part).await.unwrap();
        assert!(store.load(part).await.unwrap().is_none());
    }
    let gone = store.save_if(part, b"three", Some(&second)).await;
    assert!(matches!(gone, Err(Unsaved::Moved)), "If-Match on what is not there");
}

#[test]
fn of_eight_that_make_a_state_at_once_one_does() {
    for server in Server::all() {
        wait(async {
            for _ in 0..10 {
                let place = server.place();
                let mut all = JoinSet::new();
                for number in 0..8 {
                    let store = server.open(&place);
                    let bytes = format!("writer {number}").into_bytes();
                    all.spawn(async move {
                        match store.save_if(&Part::Document, &bytes, None).await {
                            Ok(version) => Some((bytes, version)),
                            Err(Unsaved::Moved) => None,
                            Err(Unsaved::Failed(error)) => panic!("{error:#}"),
                        }
                    });
                }
                let won: Vec<_> = all.join_all().await.into_iter().flatten().collect();
                assert_eq!(won.len(), 1, "{}", server.scheme);
                assert_eq!(server.open(&place).load(&Part::Document).await.unwrap().as_ref(), won.first());
            }
        });
    }
}

/// Adds one, as often as it takes; two that write the same are told apart by their names.
async fn increment(store: &Store, name: &str) {
    loop {
        let found = store.load(&Part::Document).await.unwrap();
        let (count, version) = match &found {
            None => (0, None),
            Some((bytes, version)) => {
                (String::from_utf8_lossy(bytes).split(' ').next().unwrap().parse::<u32>().unwrap(), Some(version))
            }
        };
        match store.save_if(&Part::Document, format!("{} {name}", count + 1).as_bytes(), version).await {
            Ok(_) => return,
            Err(Unsaved::Moved) => {}
            Err(Unsaved::Failed(error)) => panic!("{error:#}"),
        }
    }
}

async fn count(store: &Store) -> String {
    let (bytes, _) = store.load(&Part::Document).await.unwrap().unwrap();
    String::from_utf8_lossy(&bytes).split(' ').next().unwrap().to_owned()
}

#[test]
fn a_hundred_that_are_written_at_once_lose_none() {
    for server in Server::all() {
        wait(async {
            let place = server.place();
            let mut all = JoinSet::new();
            for writer in 0..10 {
                let store = server.open(&place);
                all.spawn(async move {
                    for turn in 0..10 {
                        increment(&store, &format!("{writer}/{turn}")).await;
                    }
                });
            }
            all.join_all().await;
            assert_eq!(count(&server.open(&place)).await, "100", "{}", server.scheme);
        });
    }
}

/// A way to a server that loses the answer to a write whenever it is told to.
async fn losing(server: &Server) -> (Server, Arc<AtomicBool>) {
    let lose = Arc::new(AtomicBool::new(false));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (_, rest) = server.address.split_once("://").unwrap();
    let (upstream, path) =
        rest.split_once('/').map_or((rest, String::new()), |(host, path)| (host, format!("/{path}")));
    let address = format!("http://{}{path}", listener.local_addr().unwrap());
    let (upstream, told) = (upstream.to_owned(), lose.clone());
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(&upstream).await.unwrap();
            tokio::spawn(between(client, server, told.clone()));
        }
    });
    (Server { address, ..server.clone() }, lose)
}

async fn between(mut client: TcpStream, mut server: TcpStream, lose: Arc<AtomicBool>) {
    let (mut asked, mut answered, mut doomed) = (vec![0; 1 << 16], vec![0; 1 << 16], false);
    loop {
        tokio::select! {
            read = client.read(&mut asked) => match read {
                Ok(length @ 1..) => {
                    doomed |= asked.starts_with(b"PUT ") && lose.swap(false, Ordering::SeqCst);
                    if server.write_all(&asked[..length]).await.is_err() { return }
                }
                _ => return,
            },
            read = server.read(&mut answered) => match read {
                Ok(length @ 1..) if !doomed => {
                    if client.write_all(&answered[..length]).await.is_err() { return }
                }
                _ => return,
            },
        }
    }
}

#[test]
fn a_write_whose_answer_is_lost_is_written_once_and_known_to_be() {
    for server in Server::all() {
        wait(async {
            let (through, lose) = losing(&server).await;
            let store = through.open(&server.place());
            for turn in 1..=20 {
                lose.store(true, Ordering::SeqCst);
                increment(&store, &turn.to_string()).await;
                assert!(!lose.load(Ordering::SeqCst), "an answer was lost");
                assert_eq!(count(&store).await, turn.to_string(), "{}", server.scheme);
            }
        });
    }
}

#[test]
fn a_state_of_fifty_megabytes_is_kept_whole() {
    for server in Server::all() {
        wait(async {
            let store = server.open(&server.place());
            let bytes: Vec<u8> = (0..50_u32 << 20).map(|at| (at % 251) as u8).collect();
            let version = store.save_if(&Part::Document, &bytes, None).await.ok().unwrap();
            let (read, known) = store.load(&Part::Document).await.unwrap().unwrap();
            assert!(read == bytes && known == version, "{}", server.scheme);
        });
    }
}

#[test]
fn an_object_of_any_name_that_is_taken_is_found_again() {
    for server in Server::all() {
        wait(async {
            let (run, long) = (std::process::id(), "a".repeat(700));
            for name in ["a+b=c@d/x_y-z.json", "-/_/@", "con/aux/nul", long.as_str()] {
                let place = format!("{}://records/names/{run}/{name}", server.scheme);
                let store = server.open(&place);
                let version = store.save_if(&Part::Document, name.as_bytes(), None).await.ok().unwrap();
                let found = store.load(&Part::Document).await.unwrap();
                assert_eq!(found, Some((name.as_bytes().to_vec(), version)), "{place}");
            }
        });
    }
}

#[test]
fn a_bucket_that_is_not_there_is_no_state_that_is_not_there() {
    for server in Server::all() {
        let store = server.open(&format!("{}://nowhere-at-all/state.json", server.scheme));
        let error = wait(store.load(&Part::Document)).unwrap_err();
        assert!(error.to_string().contains("the store answered 404"), "{error:#}");
        let written = wait(store.save_if(&Part::Document, b"{}", None));
        assert!(matches!(written, Err(Unsaved::Failed(_))), "{}", server.scheme);
    }
}
