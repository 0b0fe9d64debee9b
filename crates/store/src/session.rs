//! Queries over the facts of a case: SQL in, rows out, and nothing written.

use crate::coverage::{self, COVERAGE};
use crate::error::StoreError;
use crate::functions::FUNCTIONS;
use crate::hits::{self, HITS};
use crate::json;
use crate::ledger::Part;
use crate::parts::{self, CASE_URL, PartTable};
use crate::problems::PROBLEMS;
use afterpatch_model::{Coverage, Table, tables};
use afterpatch_planner as planner;
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use datafusion::catalog::TableProvider;
use datafusion::common::DFSchema;
use datafusion::datasource::object_store::ObjectStoreUrl;
use datafusion::datasource::{MemTable, ViewTable};
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::logical_expr::{EmptyRelation, LogicalPlan, ScalarUDF, ScalarUDFImpl};
use datafusion::object_store::local::LocalFileSystem;
use datafusion::prelude::{SessionConfig, SessionContext};
use futures::StreamExt;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use serde_json::{Map, Value};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use tokio::runtime::Runtime;

/// How a session may use the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionOptions {
    /// Threads that a query runs on.
    pub threads: usize,
    /// Bytes that sorts, joins and groupings may hold; what goes beyond is spilled into the case.
    pub memory_bytes: usize,
}

impl Default for SessionOptions {
    fn default() -> Self {
        let threads = std::thread::available_parallelism().map_or(2, usize::from);
        Self { threads, memory_bytes: 1 << 30 }
    }
}

/// A place to ask questions of the facts in SQL.
///
/// Every fact table of [`tables::ALL`] is there, empty where the case has no rows for it, with the tables
/// `coverage`, `problems` and `hits` and the functions of [`FUNCTIONS`]. Only queries run: a session changes nothing.
///
/// ```
/// use afterpatch_store::Session;
/// let rows = serde_json::json!({"time": "2021-03-02T10:00:00Z", "server": "MX1", "url_path": "/ecp/y.js"});
/// let facts = [("web_requests", vec![rows.as_object().unwrap().clone()])];
/// let session = Session::with_facts(&facts).unwrap();
/// let rows = session.rows("SELECT uri(url_path, url_query) AS uri FROM web_requests").unwrap();
/// assert_eq!(rows[0]["uri"], "/ecp/y.js");
/// ```
pub struct Session {
    context: SessionContext,
    runtime: Runtime,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("id", &self.context.session_id()).finish_non_exhaustive()
    }
}

impl Session {
    /// Opens a session whose tables are all empty.
    pub fn empty() -> Result<Self, StoreError> {
        Self::with_facts(&[])
    }

    /// Opens a session over rows given as JSON objects, by table. Columns left out are null; times are ISO texts.
    pub fn with_facts(facts: &[(&str, Vec<Map<String, Value>>)]) -> Result<Self, StoreError> {
        let session = Self::sized(SessionOptions { threads: 1, ..SessionOptions::default() }, None)?;
        for (name, rows) in facts {
            let table = all_tables().find(|table| table.name == *name);
            let table = table.ok_or_else(|| StoreError::UnknownTable((*name).to_owned()))?;
            session.register(table.name, json::batch_of(table, rows)?)?;
        }
        Ok(session)
    }

    /// Opens a session whose tables are all empty and which uses the machine as `options` say. What its memory does not
    /// hold goes into a folder below `scratch`; without one a query that needs more fails.
    pub fn sized(options: SessionOptions, scratch: Option<&Path>) -> Result<Self, StoreError> {
        let session = Self::bare(options, scratch)?;
        for table in all_tables() {
            session.add_parts(table, &[])?;
        }
        Ok(session)
    }

    /// Opens a session over the parts of the case at `case`.
    pub(crate) fn over(
        case: &Path,
        parts: &[Part],
        covered: &[Coverage],
        options: SessionOptions,
    ) -> Result<Self, StoreError> {
        let session = Self::in_case(case, options)?;
        let hits = hits::kept(case)?;
        for table in all_tables().filter(|table| table.name != HITS.name) {
            session.add_parts(table, parts)?;
        }
        session.add_parts(&HITS, hits.as_slice())?;
        session.register(COVERAGE.name, coverage::to_rows(covered)?)?;
        Ok(session)
    }

    /// Opens a session over one file of the case at `case`, as a table of its own.
    pub(crate) fn over_part(
        case: &Path,
        table: &'static Table,
        part: &Part,
        options: SessionOptions,
    ) -> Result<Self, StoreError> {
        let session = Self::in_case(case, options)?;
        session.add_parts(table, std::slice::from_ref(part))?;
        Ok(session)
    }

    /// Opens a session without tables that finds the files of the case at `case`.
    fn in_case(case: &Path, options: SessionOptions) -> Result<Self, StoreError> {
        let session = Self::bare(options, Some(case))?;
        let folder =
            LocalFileSystem::new_with_prefix(case).map_err(datafusion::error::DataFusionError::from)?;
        session.context.register_object_store(ObjectStoreUrl::parse(CASE_URL)?.as_ref(), Arc::new(folder));
        Ok(session)
    }

    /// Runs a query and returns its rows.
    pub fn query(&self, sql: &str) -> Result<Vec<RecordBatch>, StoreError> {
        let mut batches = Vec::new();
        self.stream(sql, &mut |batch| batches.push(batch.clone()))?;
        Ok(batches)
    }

    /// Runs a query and returns its rows as JSON objects, times as ISO 8601.
    pub fn rows(&self, sql: &str) -> Result<Vec<Map<String, Value>>, StoreError> {
        let mut rows = Vec::new();
        for batch in self.query(sql)? {
            rows.extend(json::rows_of(&batch)?);
        }
        Ok(rows)
    }

    /// Runs a query and hands its rows to `each` as they come, so that they are never all held.
    pub fn stream(&self, sql: &str, each: &mut dyn FnMut(&RecordBatch)) -> Result<(), StoreError> {
        self.runtime.block_on(async {
            let mut rows = planner::stream(planner::plan(&self.context, sql).await?).await?;
            while let Some(batch) = rows.next().await {
                each(&batch?);
            }
            Ok(())
        })
    }

    /// Runs a query and writes its rows to a Parquet file as they come, so that they are never all held.
    pub fn write_parquet(&self, sql: &str, path: &Path) -> Result<(), StoreError> {
        self.runtime.block_on(async {
            let mut rows = planner::stream(planner::plan(&self.context, sql).await?).await?;
            let file = File::create(path).map_err(StoreError::io(path))?;
            let packed = WriterProperties::builder().set_compression(Compression::ZSTD(ZstdLevel::default()));
            let mut writer = ArrowWriter::try_new(file, rows.schema(), Some(packed.build()))?;
            while let Some(batch) = rows.next().await {
                writer.write(&batch?)?;
            }
            writer.close()?;
            Ok(())
        })
    }

    /// Reads the small ones of a case's tables of facts into memory, from the `parts` of the case at `case`.
    pub(crate) fn hold_small(&self, case: &Path, parts: &[Part]) -> Result<(), StoreError> {
        const MOST_ROWS: u64 = 30_000;
        const MOST_BYTES: usize = 32 << 20;
        for table in tables::ALL {
            let own: Vec<&Part> = parts.iter().filter(|part| part.table == table.name).collect();
            let count: u64 = own.iter().map(|part| part.rows).sum();
            if !(1..=MOST_ROWS).contains(&count) {
                continue;
            }
            if let Some(rows) = parts::read_whole(case, table, &own, MOST_BYTES)? {
                self.register(table.name, rows)?;
            }
        }
        Ok(())
    }

    /// Adds a table that lives in memory, in place of one of that name.
    pub fn register(&self, name: &str, batch: RecordBatch) -> Result<(), StoreError> {
        self.register_all(name, batch.schema(), vec![batch])
    }

    /// Adds a table that lives in memory in several pieces, in place of one of that name.
    pub fn register_all(
        &self,
        name: &str,
        schema: SchemaRef,
        pieces: Vec<RecordBatch>,
    ) -> Result<(), StoreError> {
        let table = MemTable::try_new(schema, vec![pieces])?;
        self.context.deregister_table(name)?;
        self.context.register_table(name, Arc::new(table))?;
        Ok(())
    }

    /// Adds rows to a table that is there.
    pub(crate) fn extend(&self, table: &'static Table, rows: RecordBatch) -> Result<(), StoreError> {
        if rows.num_rows() == 0 {
            return Ok(());
        }
        let Some(there) = self.context.deregister_table(table.name)? else {
            return Ok(());
        };
        let more = self.context.read_batch(rows)?;
        let both = self.context.read_table(there)?.union(more)?;
        self.add(table, both.into_view())
    }

    /// Adds a function to SQL, in place of one of that name.
    pub fn add_function(&self, function: impl ScalarUDFImpl + 'static) {
        self.context.register_udf(ScalarUDF::new_from_impl(function));
    }

    /// Names a query, in place of one of that name, so that others can build upon it.
    pub fn define(&self, name: &str, sql: &str) -> Result<(), StoreError> {
        let view = self.runtime.block_on(planner::plan(&self.context, sql))?.into_view();
        self.context.deregister_table(name)?;
        self.context.register_table(name, view)?;
        Ok(())
    }

    /// Plans a query without running it: says whether it could run.
    pub fn check(&self, sql: &str) -> Result<(), StoreError> {
        self.runtime
            .block_on(async { planner::physical_plan(planner::plan(&self.context, sql).await?).await })?;
        Ok(())
    }

    fn bare(options: SessionOptions, scratch: Option<&Path>) -> Result<Self, StoreError> {
        let context = SessionContext::new_with_config_rt(config(options), memory(options, scratch)?);
        for function in FUNCTIONS {
            context.register_udf(function.to_udf());
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(options.threads.max(1))
            .thread_name("query")
            .build()
            .map_err(StoreError::io(Path::new("threads for queries")))?;
        Ok(Self { context, runtime })
    }

    /// Adds a table over its parts. One that has none is no scan of nothing but nothing, which the planner sees: most rules ask
    /// for what a case does not have.
    fn add_parts(&self, table: &'static Table, parts: &[Part]) -> Result<(), StoreError> {
        let parts = PartTable::new(table, parts);
        if !parts.is_empty() {
            return self.add(table, Arc::new(parts));
        }
        let schema = Arc::new(DFSchema::try_from(table.schema())?);
        let nothing = LogicalPlan::EmptyRelation(EmptyRelation { produce_one_row: false, schema });
        self.add(table, Arc::new(ViewTable::new(nothing, None)))
    }

    fn add(&self, table: &'static Table, provider: Arc<dyn TableProvider>) -> Result<(), StoreError> {
        self.context.register_table(table.name, provider)?;
        Ok(())
    }
}

/// Returns the fact tables and those about them, in the order of the docs.
pub fn all_tables() -> impl Iterator<Item = &'static Table> {
    tables::ALL.iter().copied().chain([&COVERAGE, &PROBLEMS, &HITS])
}

fn config(options: SessionOptions) -> SessionConfig {
    SessionConfig::new()
        .with_target_partitions(options.threads.max(1))
        .with_information_schema(true)
        .with_collect_statistics(false)
        .set_bool("datafusion.execution.parquet.pushdown_filters", true)
        .set_bool("datafusion.execution.parquet.reorder_filters", true)
}

/// The folder in a case where sorts and joins put what does not fit into memory.
pub(crate) const SPILL_FOLDER: &str = ".spill";

fn memory(options: SessionOptions, scratch: Option<&Path>) -> Result<Arc<RuntimeEnv>, StoreError> {
    let folder = scratch.map(|scratch| scratch.join(SPILL_FOLDER));
    // A case on a read-only medium can still be asked, as long as the question fits into memory.
    let spill = match folder.filter(|folder| std::fs::create_dir_all(folder).is_ok()) {
        Some(folder) => DiskManagerMode::Directories(vec![folder]),
        None => DiskManagerMode::Disabled,
    };
    let builder = RuntimeEnvBuilder::new()
        .with_memory_pool(Arc::new(FairSpillPool::new(options.memory_bytes)))
        .with_disk_manager_builder(DiskManagerBuilder::default().with_mode(spill));
    Ok(builder.build_arc()?)
}
