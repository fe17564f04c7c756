//! How many event GETs a second the twin answers, over keep-alive connections from several clients.
//!
//! Prints one line for each number of connections: `cargo bench --bench twin`. It asserts nothing: machines differ.

use std::{
    io::{Read, Write},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use convoke::face::sandbox::{Limits, Options, serve};

const SPAN: Duration = Duration::from_secs(3);

fn main() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    // The limits of a mailbox would end the measurement after two seconds.
    let limits = Limits { concurrent: usize::MAX, requests: usize::MAX };
    let sandbox = runtime.block_on(serve(Options { limits, ..Options::default() }))?;
    let address = sandbox.url.trim_start_matches("http://").trim_end_matches("/v1.0").to_string();
    let body = r#"{"subject":"Weekly","start":{"dateTime":"2026-12-01T10:00:00","timeZone":"Europe/Berlin"},"end":{"dateTime":"2026-12-01T11:00:00","timeZone":"Europe/Berlin"},"attendees":[{"emailAddress":{"address":"adele@contoso.example"}}],"isOnlineMeeting":true,"onlineMeetingProvider":"teamsForBusiness"}"#;
    let made = exchange(&mut TcpStream::connect(&address)?, &request("POST", "/v1.0/me/events", body))?;
    let id = made.split("\"id\":\"").nth(1).and_then(|it| it.split('"').next()).unwrap_or_default();
    let id = id.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    for connections in [1, 2, 4, 8, 16] {
        let began = Instant::now();
        let total: u64 = thread::scope(|scope| {
            let workers: Vec<_> = (0..connections).map(|_| scope.spawn(|| worker(&address, &id))).collect();
            workers.into_iter().map(|it| it.join().expect("no worker panics").unwrap_or(0)).sum()
        });
        let rate = total as f64 / began.elapsed().as_secs_f64();
        println!("{connections:>3} connections: {rate:>8.0} event GETs a second");
    }
    runtime.block_on(sandbox.stop())
}

fn worker(address: &str, id: &str) -> std::io::Result<u64> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let request = request("GET", &format!("/v1.0/me/events/{id}"), "");
    let (began, mut count) = (Instant::now(), 0);
    while began.elapsed() < SPAN {
        exchange(&mut stream, &request)?;
        count += 1;
    }
    Ok(count)
}

fn request(method: &str, target: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer x\r\nContent-Length: {length}\r\n\r\n{body}").into_bytes()
}

/// Sends one request and reads one answer to its end.
fn exchange(stream: &mut TcpStream, request: &[u8]) -> std::io::Result<String> {
    stream.write_all(request)?;
    let (mut answer, mut chunk) = (Vec::new(), [0; 16 * 1024]);
    loop {
        let count = stream.read(&mut chunk)?;
        answer.extend_from_slice(&chunk[..count]);
        let head = answer.windows(4).position(|it| it == b"\r\n\r\n");
        let Some(head) = head.map(|it| it + 4) else {
            if count == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            continue;
        };
        let text = String::from_utf8_lossy(&answer[..head]).to_ascii_lowercase();
        let length = text.lines().find_map(|it| it.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
        if count == 0 || answer.len() >= head + length.unwrap_or(0) {
            return Ok(String::from_utf8_lossy(&answer).into_owned());
        }
    }
}
