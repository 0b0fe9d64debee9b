//! The door to `DataFusion`'s planner, in a compilation of its own.
//!
//! The body of a future is compiled by the crate that awaits it. `DataFusion` plans SQL in one future, and with it come
//! its whole SQL grammar and every visitor of it: some ten thousand functions and two minutes of a processor, each time
//! anything changes in a crate that awaits a query. Here they are behind boxed futures, which are compiled once.

use datafusion::error::Result;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::prelude::{DataFrame, SQLOptions, SessionContext};
use futures::future::BoxFuture;
use std::sync::Arc;

/// Plans a query that can change nothing: no definition, no insertion, no setting.
pub fn plan<'a>(context: &'a SessionContext, sql: &'a str) -> BoxFuture<'a, Result<DataFrame>> {
    let read_only =
        SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
    Box::pin(context.sql_with_options(sql, read_only))
}

/// Says how a planned query would be run.
pub fn physical_plan(query: DataFrame) -> BoxFuture<'static, Result<Arc<dyn ExecutionPlan>>> {
    Box::pin(async move { query.create_physical_plan().await })
}

/// Runs a planned query; its rows come as they are asked for.
pub fn stream(query: DataFrame) -> BoxFuture<'static, Result<SendableRecordBatchStream>> {
    Box::pin(query.execute_stream())
}
