//! Names of servers for the HTTP client: looked up beside the runtime, and in place where the system refuses a thread.

use std::net::SocketAddr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::base::lookup;

type Fault = Box<dyn std::error::Error + Send + Sync>;

/// Looks names up as the system does. `has_thread` says whether there may be a thread for it.
#[derive(Debug)]
pub(super) struct Resolver {
    pub(super) has_thread: fn() -> bool,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let has_thread = self.has_thread;
        Box::pin(async move { Ok(Box::new(addresses(name.as_str(), has_thread).await?.into_iter()) as Addrs) })
    }
}

async fn addresses(host: &str, has_thread: fn() -> bool) -> Result<Vec<SocketAddr>, Fault> {
    if !has_thread() {
        return Ok(lookup::addresses(host)?);
    }
    let host = host.to_owned();
    Ok(tokio::task::spawn_blocking(move || lookup::addresses(&host)).await??)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_with_and_without_a_thread() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for has_thread in [|| true, || false] {
            let found = runtime.block_on(addresses("localhost", has_thread)).unwrap();
            assert!(found.iter().any(|address| address.ip().is_loopback()), "{found:?}");
            assert!(runtime.block_on(addresses("no\0name", has_thread)).is_err());
        }
    }

    #[test]
    fn without_a_thread_none_is_asked_of_the_runtime() {
        // No runtime that could give one: this would panic.
        let mut future = std::pin::pin!(addresses("localhost", || false));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(matches!(
            future.as_mut().poll(&mut context),
            std::task::Poll::Ready(Ok(_))
        ));
    }
}
