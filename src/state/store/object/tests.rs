use super::*;
use object_store::memory::InMemory;
use std::cell::RefCell;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const SHORT: Patience = Patience {
    connect: Duration::from_millis(200),
    answer: Duration::from_millis(200),
    pauses: [Duration::from_millis(1); 3],
};

fn remote(text: &str) -> Remote {
    Remote::parse(text).unwrap()
}

fn in_memory() -> Place {
    let store = Arc::new(InMemory::new());
    Place { patience: SHORT, ..Place::through("s3://records/state.json".into(), "state.json", 1 << 20, store) }
}

fn tag(text: &str) -> Version {
    Version(text.into())
}

#[tokio::test]
async fn what_somebody_else_wrote_is_not_overwritten() {
    let place = in_memory();
    assert!(place.load(&Part::Document).await.unwrap().is_none());
    assert_eq!(place.version(&Part::Document).await.unwrap(), None);
    let first = place.save_if(&Part::Document, b"one", None).await.ok().unwrap();
    assert!(matches!(place.save_if(&Part::Document, b"two", None).await, Err(Unsaved::Moved)));
    assert_eq!(place.version(&Part::Document).await.unwrap().as_ref(), Some(&first));
    let second = place.save_if(&Part::Document, b"two", Some(&first)).await.ok().unwrap();
    assert_eq!(place.version(&Part::Document).await.unwrap().as_ref(), Some(&second));
    assert!(matches!(place.save_if(&Part::Document, b"three", Some(&first)).await, Err(Unsaved::Moved)));
    assert_eq!(place.load(&Part::Document).await.unwrap(), Some((b"two".to_vec(), second)));
}

/// What a write is answered by, and what stands there when it is looked for.
type Turn = (Result<&'static str, Unwritten>, Option<(&'static str, &'static str)>);

/// Writes `ours` over the version `1` while a store answers like this.
async fn written(turns: Vec<Turn>) -> (Result<Version, Unsaved>, usize) {
    let (answers, stands): (Vec<_>, Vec<_>) = turns.into_iter().unzip();
    let (answers, stands) = (RefCell::new(answers.into_iter()), RefCell::new(stands.into_iter()));
    let put = || {
        let answer = answers.borrow_mut().next().expect("no more writes than were foreseen");
        async { answer.map(tag) }
    };
    let load = || {
        let stands = stands.borrow_mut().next().expect("no more reads than were foreseen");
        async move { Ok(stands.map(|(bytes, version)| (bytes.as_bytes().to_vec(), tag(version)))) }
    };
    let done = settled(b"ours", Some(&tag("1")), &SHORT.pauses, put, load).await;
    (done, answers.borrow().len())
}

fn lost() -> Result<&'static str, Unwritten> {
    Err(Unwritten::Lost(anyhow!("lost")))
}

fn refused() -> Result<&'static str, Unwritten> {
    Err(Unwritten::Refused)
}

#[tokio::test]
async fn a_write_whose_answer_was_lost_is_looked_for() {
    let (before, ours, other) = (Some(("old", "1")), Some(("ours", "2")), Some(("other", "2")));
    for (turns, expect) in [
        (vec![(Ok("2"), None)], Ok("2")),
        (vec![(lost(), ours)], Ok("2")),
        (vec![(lost(), other)], Err("moved")),
        (vec![(lost(), None)], Err("moved")),
        (vec![(lost(), before), (Ok("2"), None)], Ok("2")),
        // It came through in the end, and the second one was refused for it.
        (vec![(lost(), before), (refused(), ours)], Ok("2")),
        (vec![(lost(), before), (refused(), other)], Err("moved")),
        // What was refused outright is not ours, whatever it holds.
        (vec![(refused(), ours)], Err("moved")),
        (vec![(refused(), None)], Err("moved")),
        // Two that wrote at once, and S3 took neither.
        (vec![(refused(), before), (Ok("2"), None)], Ok("2")),
        ((0..4).map(|_| (lost(), before)).collect(), Err("lost")),
        (vec![(Err(Unwritten::Failed(anyhow!("no right to"))), None)], Err("no right to")),
    ] {
        let (done, left) = written(turns).await;
        let got = done.map_err(|unsaved| match unsaved {
            Unsaved::Moved => "moved".to_owned(),
            Unsaved::Failed(error) => error.to_string(),
        });
        assert_eq!((got, left), (expect.map(tag).map_err(str::to_owned), 0));
    }
}

/// A server on loopback that says the same to everybody; `None` for nothing at all.
async fn server(answer: Option<&'static str>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut open = vec![];
        while let Ok((mut socket, _)) = listener.accept().await {
            let Some(answer) = answer else {
                open.push(socket);
                continue;
            };
            tokio::spawn(async move {
                let mut request = [0; 4096];
                let _ = socket.read(&mut request).await;
                let _ = socket.write_all(answer.as_bytes()).await;
            });
        }
    });
    address
}

const KEY: &str = "c2VjcmV0LXNlY3JldC1zZWNyZXQ=";

/// A place on that server, with what the environment says besides.
fn at(text: &str, address: SocketAddr) -> Place {
    let env = move |name: &str| {
        let value = match name {
            "AZURE_STORAGE_ENDPOINT" | "AWS_ENDPOINT_URL" | "STORAGE_EMULATOR_HOST" => format!("http://{address}"),
            "AZURE_STORAGE_ACCOUNT" => "account".into(),
            "AZURE_STORAGE_KEY" | "AWS_SECRET_ACCESS_KEY" | "GOOGLE_OAUTH_ACCESS_TOKEN" => KEY.into(),
            "AWS_ACCESS_KEY_ID" => "id".into(),
            _ => return None,
        };
        Some(value)
    };
    let sign_in = || bail!("nobody signs in");
    let access = Access { env: &env, cloud: Default::default(), sign_in: &sign_in };
    let remote = remote(text);
    let (reads, writes) = shops::open(&remote, &access, SHORT).unwrap();
    let (name, path) = (remote.to_string(), remote.path.clone());
    Place { name, path, remote: Some(remote), room: None, reads, writes, patience: SHORT }
}

const ALL: [&str; 3] = ["az://records/state.json", "s3://records/state.json", "gs://records/state.json"];

#[tokio::test]
async fn what_a_store_refuses_is_said_with_the_way_out_and_without_what_was_signed() {
    let quoting = "HTTP/1.1 403 Forbidden\r\nContent-Length: 119\r\nConnection: close\r\n\r\n<Error><Code>SignatureDoesNotMatch</Code><StringToSign>\
                   c2VjcmV0LXNlY3JldC1zZWNyZXQ=</StringToSign><X>aaaaaaa</X></Error>";
    let page = "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\nConnection: close\r\n\r\npage";
    let bucket =
        "HTTP/1.1 404 Not Found\r\nContent-Length: 35\r\nConnection: close\r\n\r\n<Error><Code>NoSuchBucket</Code></Er";
    let away = "HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let busy = "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\nConnection: close\r\n\r\npage";
    for (answer, expect, hint) in [
        (Some(quoting), "the store answered 403 SignatureDoesNotMatch", "look at "),
        (Some(page), "the store answered 404", "`records`"),
        (Some(bucket), "the store answered 404 NoSuchBucket", "`records`"),
        (Some(away), "the store answered 301", "AWS_REGION"),
        (Some(busy), "the store answered 503", "run it again"),
        (Some("nonsense\r\n\r\n"), "the connection to the store ended", "run it again"),
        (None, "did not answer", "run it again"),
    ] {
        let address = server(answer).await;
        for text in ALL {
            let place = at(text, address);
            let read = Trouble::of(&place.load(&Part::Document).await.unwrap_err());
            let Err(Unsaved::Failed(error)) = place.save_if(&Part::Document, b"{}", None).await else {
                panic!("{text}")
            };
            let written = Trouble::of(&error);
            for trouble in [&read, &written] {
                let way_out = trouble.hint.as_ref().expect("there is a way out");
                assert!(trouble.what.contains(expect) && way_out.contains(hint), "{text}: {trouble:?}");
                assert!(!format!("{trouble:?}").contains(KEY), "{trouble:?}");
            }
            assert!(written.what.starts_with(&format!("cannot write the state `{text}`")), "{written:?}");
        }
    }
}

#[tokio::test]
async fn a_store_that_is_not_there_is_said() {
    let address = SocketAddr::from(([127, 0, 0, 1], 1));
    for text in ALL {
        let trouble = Trouble::of(&at(text, address).load(&Part::Document).await.unwrap_err());
        assert!(trouble.what.contains("the store cannot be reached") && trouble.hint.is_some(), "{trouble:?}");
    }
}

#[tokio::test]
async fn an_object_that_is_too_large_is_not_read() {
    let large = "HTTP/1.1 200 OK\r\nContent-Length: 536870913\r\nETag: \"1\"\r\nx-goog-generation: 1\r\nLast-Modified: Fri, 27 Nov 2026 \
                 12:00:00 GMT\r\nConnection: close\r\n\r\n{}";
    let address = server(Some(large)).await;
    for text in ALL {
        let error = at(text, address).load(&Part::Document).await.unwrap_err();
        assert!(error.to_string().contains("larger than 512 MB"), "{error:#}");
    }
}

/// What is said where these variables are all that is set.
fn refused_with(text: &str, set: &[(&str, &str)]) -> Trouble {
    let env = |name: &str| set.iter().find(|(it, _)| *it == name).map(|(_, value)| value.to_string());
    let sign_in = || bail!(Trouble::new("no way to sign in was found").hint("set one up"));
    let access = Access { env: &env, cloud: Default::default(), sign_in: &sign_in };
    Trouble::of(&Place::open(remote(text), &access).err().unwrap())
}

#[test]
fn what_opens_a_store_and_is_missing_or_broken_is_said() {
    let account = ("AZURE_STORAGE_ACCOUNT", "account");
    for (text, set, expect, hint) in [
        (ALL[0], &[][..], "no storage account", "AZURE_STORAGE_ACCOUNT"),
        (ALL[0], &[account], "no way to sign in", "set one up"),
        (ALL[0], &[("AZURE_STORAGE_ACCOUNT", "x/../secret")], "AZURE_STORAGE_ACCOUNT is not", "letters"),
        (ALL[0], &[account, ("AZURE_STORAGE_KEY", "secret!")], "AZURE_STORAGE_KEY is not", "copy"),
        (ALL[0], &[account, ("AZURE_STORAGE_SAS_TOKEN", "secret")], "AZURE_STORAGE_SAS_TOKEN cannot", "make a new"),
        (
            ALL[0],
            &[account, ("AZURE_STORAGE_ENDPOINT", "http://secret.example")],
            "AZURE_STORAGE_ENDPOINT is not",
            "https",
        ),
        (ALL[1], &[], "no credentials for S3", "AWS_ACCESS_KEY_ID"),
        (ALL[1], &[("AWS_ACCESS_KEY_ID", "secret")], "no credentials for S3", "AWS_SECRET_ACCESS_KEY"),
        (ALL[2], &[], "no credentials for Google", "GOOGLE_APPLICATION_CREDENTIALS"),
        (ALL[2], &[("GOOGLE_APPLICATION_CREDENTIALS", "/secret")], "GOOGLE_APPLICATION_CREDENTIALS cannot", "key file"),
    ] {
        let trouble = refused_with(text, set);
        let way_out = trouble.hint.as_ref().expect("there is a way out");
        assert!(trouble.what.contains(text) && trouble.what.contains(expect), "{set:?}: {trouble:?}");
        assert!(way_out.contains(hint), "{set:?}: {trouble:?}");
        assert!(!format!("{trouble:?}").contains("secret"), "{trouble:?}");
    }
}
