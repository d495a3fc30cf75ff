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

/// Waits for SIGINT or SIGTERM.
pub async fn wait_for_signal() {
    let signals = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
    );
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
