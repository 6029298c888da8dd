//! What the conformance suite wants to find on a server, put before any handler: its tools, prompts and resources, and answers to the rest
//! of the protocol that a product's own tools have no use for. Everything else goes to the handler behind.

mod asks;
mod content;
mod prompts;
mod resources;
mod rounds;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use rmcp::model::*;
use rmcp::service::{MaybeSendFuture, RequestContext, SubscriptionContext, SubscriptionSink};
use rmcp::{ErrorData, RoleServer, ServerHandler};
use serde_json::Value;

/// What outlives one request: handlers are made afresh for each, and a tool call has to reach streams that other requests hold open.
#[derive(Clone, Default)]
pub struct Shared(Arc<Mutex<HashMap<String, SubscriptionSink>>>);

impl Shared {
    fn streams(&self) -> std::sync::MutexGuard<'_, HashMap<String, SubscriptionSink>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn all(&self) -> Vec<SubscriptionSink> {
        self.streams().values().cloned().collect()
    }
}

/// A handler with the suite's fixtures before it.
pub struct WithFixtures<H> {
    inner: H,
    shared: Shared,
}

impl<H: ServerHandler> WithFixtures<H> {
    /// `shared` is the same for all handlers of one server.
    pub fn new(inner: H, shared: Shared) -> Self {
        Self { inner, shared }
    }
}

type Served<T> = Result<T, ErrorData>;

fn object(value: Value) -> JsonObject {
    match value {
        Value::Object(map) => map,
        _ => JsonObject::new(),
    }
}

fn tool(name: &'static str, description: &'static str, schema: Value) -> Tool {
    Tool::new(name, description, object(schema))
}

fn text(said: impl Into<String>) -> CallToolResponse {
    CallToolResult::success(vec![ContentBlock::text(said)]).into()
}

fn failed(said: impl Into<String>) -> CallToolResponse {
    CallToolResult::error(vec![ContentBlock::text(said)]).into()
}

/// Fixtures follow on the handler's last page, so the handler's own tools keep their places.
fn tools() -> Vec<Tool> {
    [content::tools(), asks::tools(), rounds::tools()].concat()
}

impl<H: ServerHandler> ServerHandler for WithFixtures<H> {
    fn get_info(&self) -> ServerConfig {
        let mut info = self.inner.get_info();
        let has = &mut info.capabilities;
        has.tools.get_or_insert_default().list_changed = Some(true);
        has.prompts.get_or_insert_default().list_changed = Some(true);
        let resources = has.resources.get_or_insert_default();
        resources.list_changed = Some(true);
        resources.subscribe = Some(true);
        has.logging.get_or_insert_default();
        has.completions.get_or_insert_default();
        info
    }

    fn supported_protocol_versions(&self) -> std::borrow::Cow<'static, [ProtocolVersion]> {
        self.inner.supported_protocol_versions()
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        tools().into_iter().find(|tool| tool.name == name).or_else(|| self.inner.get_tool(name))
    }

    async fn list_tools(&self, page: Option<PaginatedRequestParams>, context: RequestContext<RoleServer>) -> Served<ListToolsResult> {
        let mut listed = self.inner.list_tools(page, context).await?;
        if listed.next_cursor.is_none() {
            listed.tools.extend(tools());
        }
        Ok(listed)
    }

    async fn call_tool(&self, call: CallToolRequestParams, context: RequestContext<RoleServer>) -> Served<CallToolResponse> {
        if let Some(done) = content::call(&self.shared, &call, &context).await {
            return done;
        }
        if let Some(done) = asks::call(&call, &context).await {
            return done;
        }
        if let Some(done) = rounds::call(&call, &context) {
            return done;
        }
        self.inner.call_tool(call, context).await
    }

    async fn list_prompts(&self, page: Option<PaginatedRequestParams>, context: RequestContext<RoleServer>) -> Served<ListPromptsResult> {
        let mut listed = self.inner.list_prompts(page, context).await?;
        if listed.next_cursor.is_none() {
            listed.prompts.extend(prompts::all());
        }
        Ok(listed)
    }

    async fn get_prompt(&self, wanted: GetPromptRequestParams, context: RequestContext<RoleServer>) -> Served<GetPromptResponse> {
        match prompts::get(&wanted) {
            Some(prompt) => prompt,
            None => self.inner.get_prompt(wanted, context).await,
        }
    }

    async fn complete(&self, wanted: CompleteRequestParams, context: RequestContext<RoleServer>) -> Served<CompleteResult> {
        match prompts::complete(&wanted) {
            Some(completed) => Ok(completed),
            None => self.inner.complete(wanted, context).await,
        }
    }

    async fn list_resources(
        &self,
        page: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Served<ListResourcesResult> {
        let mut listed = self.inner.list_resources(page, context).await?;
        if listed.next_cursor.is_none() {
            listed.resources.extend(resources::all());
        }
        Ok(listed)
    }

    async fn list_resource_templates(
        &self,
        page: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Served<ListResourceTemplatesResult> {
        let mut listed = self.inner.list_resource_templates(page, context).await?;
        if listed.next_cursor.is_none() {
            listed.resource_templates.push(resources::template());
        }
        Ok(listed)
    }

    async fn read_resource(&self, wanted: ReadResourceRequestParams, context: RequestContext<RoleServer>) -> Served<ReadResourceResponse> {
        match resources::read(&wanted.uri) {
            Some(read) => Ok(read.into()),
            None => self.inner.read_resource(wanted, context).await,
        }
    }

    #[expect(deprecated, reason = "the 2025-11-25 revision still has it")]
    async fn subscribe(&self, to: SubscribeRequestParams, context: RequestContext<RoleServer>) -> Served<()> {
        if resources::is_ours(&to.uri) {
            return Ok(());
        }
        self.inner.subscribe(to, context).await
    }

    #[expect(deprecated, reason = "the 2025-11-25 revision still has it")]
    async fn unsubscribe(&self, from: UnsubscribeRequestParams, context: RequestContext<RoleServer>) -> Served<()> {
        if resources::is_ours(&from.uri) {
            return Ok(());
        }
        self.inner.unsubscribe(from, context).await
    }

    #[expect(deprecated, reason = "the 2025-11-25 revision still has it")]
    async fn set_level(&self, _: SetLevelRequestParams, context: RequestContext<RoleServer>) -> Served<()> {
        // Later revisions carry the level on each request and have no such method.
        match context.protocol_version() {
            Some(version) if version >= ProtocolVersion::V_2026_07_28 => Err(ErrorData::method_not_found::<SetLevelRequestMethod>()),
            _ => Ok(()),
        }
    }

    fn accepted_subscription_filter(&self, requested: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        Some(requested.supported_by(&self.get_info().capabilities))
    }

    async fn listen(&self, context: SubscriptionContext) -> Served<()> {
        let sink = context.sink().clone();
        let id = format!("{:p}", std::ptr::from_ref(&context));
        self.shared.streams().insert(id.clone(), sink);
        let ended = self.inner.listen(context).await;
        self.shared.streams().remove(&id);
        ended
    }

    fn ping(&self, context: RequestContext<RoleServer>) -> impl Future<Output = Served<()>> + MaybeSendFuture + '_ {
        self.inner.ping(context)
    }

    fn get_task(
        &self,
        asked: GetTaskParams,
        context: RequestContext<RoleServer>,
    ) -> impl Future<Output = Served<GetTaskResult>> + MaybeSendFuture + '_ {
        self.inner.get_task(asked, context)
    }

    fn update_task(
        &self,
        asked: UpdateTaskParams,
        context: RequestContext<RoleServer>,
    ) -> impl Future<Output = Served<()>> + MaybeSendFuture + '_ {
        self.inner.update_task(asked, context)
    }

    fn cancel_task(
        &self,
        asked: CancelTaskParams,
        context: RequestContext<RoleServer>,
    ) -> impl Future<Output = Served<()>> + MaybeSendFuture + '_ {
        self.inner.cancel_task(asked, context)
    }
}
