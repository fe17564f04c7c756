//! The client against small servers on loopback: what it sends, how often, and what it makes of the answers.

mod fence;
mod observe;
mod read;
mod send;
mod server;
mod trouble;
