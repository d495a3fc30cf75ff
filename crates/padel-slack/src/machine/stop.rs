//! The end of the process: a signal, and what learns of it.

use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
};

/// Says when to stop; clones say the same.
#[derive(Debug, Clone)]
pub struct Stop(pub watch::Receiver<bool>);

impl Stop {
    /// Waits until somebody says stop, or nobody is left who could.
    pub async fn wait(&mut self) {
        let _ = self.0.wait_for(|stop| *stop).await;
    }
}

/// Catches SIGINT and SIGTERM from now on, and not only from when the returned future is polled,
/// which waits for the first of them.
pub fn catch_signals() -> impl Future<Output = ()> {
    let signals = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
    );
    async {
        if let (Ok(mut interrupt), Ok(mut terminate)) = signals {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        } else {
            // Without handlers a signal ends the process at once, and the ledger has all that counts.
            std::future::pending::<()>().await;
        }
    }
}
