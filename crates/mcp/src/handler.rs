//! The one handler: what a client asks, translated into calls of the tools, resources and prompts.

use crate::caller::{Caller, Link};
use crate::instructions::INSTRUCTIONS;
use crate::outcome::failed;
use crate::shared::Shared;
use crate::tools::Call;
use crate::{pending, prompts, resources, tools};
use acetate_engine::{Access, EngineError};
use rmcp::model::{
    CacheScope, CallToolRequestParams, CallToolResponse, CallToolResult, CreateTaskResult, DetailedTask, GetPromptRequestParams,
    GetPromptResponse, GetTaskParams, GetTaskResult, Implementation, ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult,
    ListToolsResult, PaginatedRequestParams, ReadResourceRequestParams, ReadResourceResponse, ReadResourceResult, ServerCapabilities,
    ServerConfig, Task, TaskPayload, TaskStatus, Tool,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, ServerHandler};
use serde_json::Value;
use std::sync::Arc;

/// How long the lists may be kept by clients: they are part of the program.
const LISTS_MS: u64 = 3_600_000;
/// How often a client should ask for a task.
const POLL_MS: u64 = 1_000;

/// Serves one client, or, over stateless HTTP, one request.
#[derive(Clone, Debug)]
pub struct Handler {
    shared: Arc<Shared>,
    link: Option<Arc<Link>>,
}

impl Handler {
    /// A handler whose requests carry their own caller: each one's HTTP head has an [`Access`] among its extensions.
    pub fn new(shared: Arc<Shared>) -> Self {
        Self { shared, link: None }
    }

    /// A handler of a connection that one process has to itself.
    pub fn linked(shared: Arc<Shared>, link: Arc<Link>) -> Self {
        Self { shared, link: Some(link) }
    }

    fn call(&self, context: &RequestContext<RoleServer>) -> Result<Call, EngineError> {
        let caller = Caller::of(self.link.as_ref(), context)?;
        let client = context.client_info().map(|info| info.name).filter(|name| !name.is_empty());
        let client = client.map_or_else(|| "mcp".to_owned(), |name| crate::awareness::quoted(&name));
        Ok(Call { shared: self.shared.clone(), caller, client, cancelled: context.ct.clone() })
    }

    /// Blocking work for a caller.
    async fn with_access<T, F>(&self, context: &RequestContext<RoleServer>, work: F) -> Result<T, EngineError>
    where
        T: Send + 'static,
        F: FnOnce(&Shared, &Access) -> Result<T, EngineError> + Send + 'static,
    {
        let call = self.call(context)?;
        call.alone(move |call| work(&call.shared, &call.caller.access()?)).await
    }
}

impl ServerHandler for Handler {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder().enable_tools().enable_resources().enable_prompts().enable_tasks().build();
        let about = Implementation::new("acetate", env!("CARGO_PKG_VERSION")).with_title("Acetate");
        ServerConfig::new(capabilities).with_server_info(about).with_instructions(INSTRUCTIONS)
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        tools::list().iter().find(|tool| tool.name == name).cloned()
    }

    async fn list_tools(&self, _: Option<PaginatedRequestParams>, _: RequestContext<RoleServer>) -> Result<ListToolsResult, ErrorData> {
        let mut list = ListToolsResult::with_all_items(tools::list().to_vec());
        (list.ttl_ms, list.cache_scope) = (Some(LISTS_MS), Some(CacheScope::Public));
        Ok(list)
    }

    async fn call_tool(&self, asked: CallToolRequestParams, context: RequestContext<RoleServer>) -> Result<CallToolResponse, ErrorData> {
        let call = match self.call(&context) {
            Ok(call) => call,
            Err(error) => return Ok(failed(&error).into()),
        };
        let link = call.caller.link().cloned();
        let tasks = context.client_capabilities().is_some_and(|client| client.supports_tasks());
        let Some(done) = tools::run(call, &asked.name, asked.arguments.unwrap_or_default()).await else {
            return Err(ErrorData::invalid_params(format!("there is no tool {:?}", crate::outcome::clip(&asked.name, 100)), None));
        };
        Ok(match done {
            Ok(outcome) => match outcome.data.get("submission_id").and_then(Value::as_str) {
                // A client that knows tasks gets one to ask for; others get the id.
                Some(id) if tasks => match self.shared.pending.get(id) {
                    Some(under) => CallToolResponse::Task(CreateTaskResult::new(task(id, &under, TaskStatus::Working))),
                    None => told(outcome.result(), link.as_deref()).into(),
                },
                _ => told(outcome.result(), link.as_deref()).into(),
            },
            Err(error) => told(failed(&error), link.as_deref()).into(),
        })
    }

    async fn get_task(&self, asked: GetTaskParams, context: RequestContext<RoleServer>) -> Result<GetTaskResult, ErrorData> {
        let unknown = || ErrorData::invalid_params("there is no such task", None);
        let under = self.shared.pending.get(&asked.task_id).ok_or_else(unknown)?;
        // Whoever may not use the session may not know of its task.
        let session = under.session.clone();
        self.with_access(&context, move |shared, access| shared.engine.session(access, &session).map(drop)).await.map_err(|_| unknown())?;
        let payload = match under.now() {
            None => TaskPayload::Working,
            Some(done) => {
                let result = done.map_or_else(|error| failed(&error), crate::outcome::Outcome::result);
                match serde_json::to_value(result) {
                    Ok(Value::Object(result)) => TaskPayload::Completed { result },
                    _ => return Err(ErrorData::internal_error("the result can't be written", None)),
                }
            }
        };
        let status = payload.status();
        Ok(GetTaskResult::new(DetailedTask::new(task(&asked.task_id, &under, status), payload)))
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let found = self.with_access(&context, resources::list).await.map_err(|error| resources::error(&error, ""))?;
        Ok(ListResourcesResult::with_all_items(found))
    }

    async fn list_resource_templates(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        let mut list = ListResourceTemplatesResult::with_all_items(resources::templates());
        (list.ttl_ms, list.cache_scope) = (Some(LISTS_MS), Some(CacheScope::Public));
        Ok(list)
    }

    async fn read_resource(
        &self,
        asked: ReadResourceRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let uri = asked.uri.clone();
        let read = self.with_access(&context, move |shared, access| resources::read(shared, access, &uri)).await;
        let contents = read.map_err(|error| resources::error(&error, &asked.uri))?;
        Ok(ReadResourceResult::new(vec![contents]).into())
    }

    async fn list_prompts(&self, _: Option<PaginatedRequestParams>, _: RequestContext<RoleServer>) -> Result<ListPromptsResult, ErrorData> {
        let mut list = ListPromptsResult::with_all_items(prompts::list());
        (list.ttl_ms, list.cache_scope) = (Some(LISTS_MS), Some(CacheScope::Public));
        Ok(list)
    }

    async fn get_prompt(&self, asked: GetPromptRequestParams, _: RequestContext<RoleServer>) -> Result<GetPromptResponse, ErrorData> {
        Ok(prompts::get(&asked)?.into())
    }
}

/// A result that tells the process at the other end which session is its own, so that it can say so to the next daemon.
fn told(mut result: CallToolResult, link: Option<&Link>) -> CallToolResult {
    if let Some(own) = link.and_then(Link::own) {
        result.meta.get_or_insert_default().0.insert("acetate/session".to_owned(), serde_json::json!(own));
    }
    result
}

fn task(id: &str, under: &pending::Under, status: TaskStatus) -> Task {
    let began = pending::when(under.began);
    Task::new(id, status, began.clone(), began).with_poll_interval_ms(POLL_MS)
}
