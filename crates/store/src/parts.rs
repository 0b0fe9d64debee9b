//! A table of a session: the parts that the ledger names, and no other file.

use crate::error::StoreError;
use crate::ledger::Part;
use afterpatch_model::{Table, Timestamp};
use arrow_array::RecordBatch;
use arrow_schema::{DataType, Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::arrow::compute::concat_batches;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::stats::Precision;
use datafusion::common::{ColumnStatistics, Result, ScalarValue, Statistics};
use datafusion::datasource::TableType;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::object_store::ObjectStoreUrl;
use datafusion::datasource::physical_plan::parquet::CachedParquetFileReaderFactory;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::logical_expr::Expr;
use datafusion::physical_plan::ExecutionPlan;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use rayon::prelude::*;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The name under which a session knows the folder of its case.
pub(crate) const CASE_URL: &str = "case://case";

/// How many bytes at the end of a part are fetched first: they hold its metadata in nearly all parts.
const METADATA_BYTES: usize = 64 << 10;

/// Rows of a part that are read at once where it is read whole.
const PIECE_ROWS: usize = 1024;

/// A table that reads the parts of one case.
///
/// Unlike a listing of folders it costs nothing to open: sizes, row counts, servers and spans stand in the ledger,
/// and parts that a query cannot need are not opened at all.
#[derive(Debug)]
pub(crate) struct PartTable {
    schema: SchemaRef,
    files: Vec<PartitionedFile>,
    rows: usize,
}

impl PartTable {
    /// Makes the table from those of `parts` that belong to it.
    pub(crate) fn new(table: &Table, parts: &[Part]) -> Self {
        let schema = table.schema();
        let own: Vec<&Part> = parts.iter().filter(|part| part.table == table.name).collect();
        let rows = own.iter().map(|part| count(part.rows)).sum();
        let files = own.iter().map(|part| file_of(part, &schema)).collect();
        Self { schema, files, rows }
    }

    /// Says whether there are no parts.
    pub(crate) fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

#[async_trait]
impl TableProvider for PartTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let options = state.config_options().execution.parquet.clone();
        // A case lies in hundreds of parts, and rules ask of them a hundred times: what each holds is read once.
        let url = ObjectStoreUrl::parse(CASE_URL)?;
        let runtime = state.runtime_env();
        let known = runtime.cache_manager.get_file_metadata_cache();
        let readers = CachedParquetFileReaderFactory::new(runtime.object_store(&url)?, known);
        let source = ParquetSource::new(Arc::clone(&self.schema))
            .with_parquet_file_reader_factory(Arc::new(readers))
            .with_pushdown_filters(options.pushdown_filters)
            .with_reorder_filters(options.reorder_filters)
            .with_enable_page_index(options.enable_page_index)
            .with_metadata_size_hint(METADATA_BYTES);
        let groups = FileGroup::new(self.files.clone()).split_files(state.config().target_partitions());
        let mut statistics = Statistics::new_unknown(&self.schema);
        statistics.num_rows = Precision::Exact(self.rows);
        let scan = FileScanConfigBuilder::new(url, Arc::new(source))
            .with_file_groups(groups)
            .with_statistics(statistics)
            .with_projection_indices(projection.cloned())?
            .with_limit(limit)
            .build();
        Ok(DataSourceExec::from_data_source(scan))
    }
}

/// Reads parts of a table from the case at `case` whole, in their order; none where they hold more than `most_bytes`, or where one
/// was written with other columns than the table has now.
pub(crate) fn read_whole(
    case: &Path,
    table: &Table,
    parts: &[&Part],
    most_bytes: usize,
) -> std::result::Result<Option<RecordBatch>, StoreError> {
    let (schema, held) = (table.schema(), AtomicUsize::new(0));
    let read = |part: &&Part| {
        let path = case.join(&part.path);
        let file = File::open(&path).map_err(StoreError::io(&path))?;
        let mut batches = Vec::new();
        for rows in ParquetRecordBatchReaderBuilder::try_new(file)?.with_batch_size(PIECE_ROWS).build()? {
            let rows = rows.map_err(StoreError::rows(table.name))?;
            let more = rows.get_array_memory_size();
            if held.fetch_add(more, Ordering::Relaxed) + more > most_bytes
                || rows.schema().fields() != schema.fields()
            {
                return Ok(None);
            }
            batches.push(rows);
        }
        Ok(Some(batches))
    };
    // The first error is the same one on any number of threads.
    let read: Vec<std::result::Result<_, StoreError>> = parts.par_iter().map(read).collect();
    let read: Option<Vec<Vec<RecordBatch>>> = read.into_iter().collect::<std::result::Result<_, _>>()?;
    let whole = read.map(|batches| concat_batches(&schema, batches.iter().flatten()));
    whole.transpose().map_err(StoreError::rows(table.name))
}

fn file_of(part: &Part, schema: &Schema) -> PartitionedFile {
    PartitionedFile::new(part.path.clone(), part.size_bytes)
        .with_statistics(Arc::new(statistics_of(part, schema)))
}

/// What the ledger knows of a part lets a scan pass it over: its server and its first and last time.
fn statistics_of(part: &Part, schema: &Schema) -> Statistics {
    let mut statistics = Statistics::new_unknown(schema);
    statistics.num_rows = Precision::Exact(count(part.rows));
    for (field, column) in schema.fields().iter().zip(&mut statistics.column_statistics) {
        match field.name().as_str() {
            "server" if part.server.is_some() => {
                let server = ScalarValue::Utf8(part.server.clone());
                *column = bounds(server.clone(), server);
            }
            "time" => {
                if let (Some(first), Some(last)) = (part.first, part.last) {
                    *column = bounds(moment(first, field.data_type()), moment(last, field.data_type()));
                }
            }
            _ => {}
        }
    }
    statistics
}

fn bounds(min: ScalarValue, max: ScalarValue) -> ColumnStatistics {
    ColumnStatistics {
        min_value: Precision::Exact(min),
        max_value: Precision::Exact(max),
        null_count: Precision::Exact(0),
        ..ColumnStatistics::new_unknown()
    }
}

fn moment(time: Timestamp, kind: &DataType) -> ScalarValue {
    let zone = match kind {
        DataType::Timestamp(_, zone) => zone.clone(),
        _ => None,
    };
    ScalarValue::TimestampNanosecond(Some(time.nanos()), zone)
}

fn count(rows: u64) -> usize {
    usize::try_from(rows).unwrap_or(usize::MAX)
}
