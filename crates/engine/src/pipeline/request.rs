//! What is handed to the pipeline, and how the answer comes back.

use crate::EngineError;
use crate::error::RETRY;
use crate::pipeline::project::{Projection, RefMove};
use crate::workspace::WorkspaceState;
use acetate_catalog::{Applied, Batch};
use acetate_git::ObjectBatch;
use acetate_types::ErrorKind;
use crossbeam_channel::{Receiver, Sender, bounded};
use std::sync::Arc;

/// Requests that wait at most; beyond it callers wait for room.
const QUEUE: usize = 65_536;

/// Called in the pipeline's thread once a request is durable, before anyone is answered: makes the new state visible.
pub(crate) type Publish = Box<dyn FnOnce(&Applied) + Send>;

/// Something to make durable.
pub(crate) struct Request {
    /// New objects. They are staged by whoever sends the request; the pipeline unstages them.
    pub(crate) objects: Vec<Arc<ObjectBatch>>,
    /// What the catalog is told, as one batch.
    pub(crate) writes: Batch,
    /// Refs to bring to disk afterwards.
    pub(crate) refs: Vec<RefMove>,
    /// What the request stands on, if it stands on something that is not durable yet.
    pub(crate) guard: Option<Guard>,
    /// Makes the new state visible.
    pub(crate) publish: Option<Publish>,
    /// Where the answer goes.
    pub(crate) reply: Sender<Result<Applied, EngineError>>,
}

/// A request that stands on earlier ones of a workspace: void when one of those failed.
#[derive(Clone)]
pub(crate) struct Guard {
    /// The workspace.
    pub(crate) workspace: Arc<WorkspaceState>,
    /// Its count of failures when the request was made.
    pub(crate) epoch: u64,
}

/// What the pipeline's thread receives.
pub(crate) enum Message {
    /// Something to make durable.
    Request(Request),
    /// The store closes.
    Stop,
}

/// The caller's end of a request.
pub(crate) struct Reply(Receiver<Result<Applied, EngineError>>);

impl Reply {
    /// A pair of ends.
    pub(crate) fn pair() -> (Sender<Result<Applied, EngineError>>, Self) {
        let (sender, receiver) = bounded(1);
        (sender, Self(receiver))
    }

    /// Waits until the request is durable or has failed.
    pub(crate) fn wait(self) -> Result<Applied, EngineError> {
        self.0.recv().unwrap_or_else(|_| Err(closed()))
    }
}

/// What is answered when the pipeline is gone.
pub(crate) fn closed() -> EngineError {
    EngineError::new(ErrorKind::Unavailable, "shutting_down", "the daemon is shutting down").hint("try again once it is back")
}

/// The void request's answer.
pub(crate) fn retry() -> EngineError {
    EngineError::new(ErrorKind::Unavailable, RETRY, "the state moved while the call was prepared").hint("try again")
}

/// The sending ends of the pipeline and of its projector.
#[derive(Clone)]
pub(crate) struct Pipeline {
    requests: Sender<Message>,
    projections: Sender<Projection>,
}

impl Pipeline {
    /// The pipeline's ends, and what its two threads receive.
    pub(crate) fn new() -> (Self, Receiver<Message>, Receiver<Projection>) {
        let (requests, request_ends) = bounded(QUEUE);
        // Unbounded would let a slow disk pile up kept packs without limit; the pipeline waits instead.
        let (projections, projection_ends) = bounded(1024);
        (Self { requests, projections }, request_ends, projection_ends)
    }

    /// Sends a request; waits only when the queue is full.
    pub(crate) fn send(&self, request: Request) {
        if let Err(crossbeam_channel::SendError(Message::Request(refused))) = self.requests.send(Message::Request(request)) {
            let _ = refused.reply.send(Err(closed()));
        }
    }

    /// Sends objects and writes and waits until they are durable.
    pub(crate) fn commit(
        &self,
        objects: Vec<Arc<ObjectBatch>>,
        writes: Batch,
        refs: Vec<RefMove>,
        publish: Option<Publish>,
    ) -> Result<Applied, EngineError> {
        let (reply, end) = Reply::pair();
        self.send(Request { objects, writes, refs, guard: None, publish, reply });
        end.wait()
    }

    /// Hands over to the projector.
    pub(crate) fn project(&self, projection: Projection) {
        // Once the projector is gone the store is shutting down; what it did not get is done at the next start.
        let _ = self.projections.send(projection);
    }

    /// Waits until everything sent so far is durable, answered and on disk.
    pub(crate) fn finish(&self) -> Result<(), EngineError> {
        // An empty request is a barrier of the pipeline.
        let (reply, end) = Reply::pair();
        self.send(Request { objects: Vec::new(), writes: Batch::default(), refs: Vec::new(), guard: None, publish: None, reply });
        end.wait()?;
        self.settle()
    }

    /// Ends the two threads once they have done what was sent before.
    pub(crate) fn stop(&self) {
        let _ = self.requests.send(Message::Stop);
        let _ = self.projections.send(Projection::Stop);
    }

    /// Waits until everything sent to the projector so far is on disk.
    pub(crate) fn settle(&self) -> Result<(), EngineError> {
        let (done, end) = bounded(1);
        self.projections.send(Projection::Barrier(done)).map_err(|_| closed())?;
        end.recv().map_err(|_| closed())?
    }
}
