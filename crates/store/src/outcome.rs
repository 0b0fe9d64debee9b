//! What was found, beside the facts that it rests on: detections and the one result.

use crate::case::Case;
use crate::error::StoreError;
use crate::files;
use afterpatch_model::{CaseResult, Detection};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs;

const DETECTIONS: &str = "detections.jsonl";
const FINDINGS: &str = "findings.jsonl";
const ANSWERS: &str = "answers.json";
const PLAN: &str = "plan.json";
const RESULT: &str = "result.json";

impl Case {
    /// Writes `detections.jsonl`: one detection a line, in the order given.
    pub fn write_detections(&self, detections: &[Detection]) -> Result<(), StoreError> {
        self.write_lines(DETECTIONS, detections)
    }

    /// Reads the detections that were written last; none where no rule was run yet.
    pub fn read_detections(&self) -> Result<Vec<Detection>, StoreError> {
        let path = self.folder().join(DETECTIONS);
        if !path.exists() {
            return Ok(Vec::new());
        }
        let text = fs::read_to_string(&path).map_err(StoreError::io(&path))?;
        text.lines().map(|line| serde_json::from_str(line).map_err(StoreError::json(DETECTIONS))).collect()
    }

    /// Writes `result.json` whole, and its findings, answers and plan each as a file of its own.
    pub fn write_result(&self, result: &CaseResult) -> Result<(), StoreError> {
        let servers = result.servers.iter().flat_map(|server| &server.answers);
        let answers: Vec<_> = result.answers.iter().chain(servers).collect();
        self.write_lines(FINDINGS, &result.findings)?;
        self.write_json(ANSWERS, &answers)?;
        self.write_json(PLAN, &result.plan)?;
        self.write_json(RESULT, result)
    }

    /// Reads the result that was written last.
    pub fn read_result(&self) -> Result<CaseResult, StoreError> {
        self.read_json(RESULT)
    }

    fn write_lines<T: Serialize>(&self, name: &str, values: &[T]) -> Result<(), StoreError> {
        let mut text = Vec::new();
        for value in values {
            serde_json::to_writer(&mut text, value).map_err(StoreError::json(name))?;
            text.push(b'\n');
        }
        files::write_whole(&self.folder().join(name), &text)
    }

    fn write_json<T: Serialize>(&self, name: &str, value: &T) -> Result<(), StoreError> {
        let mut text = serde_json::to_vec_pretty(value).map_err(StoreError::json(name))?;
        text.push(b'\n');
        files::write_whole(&self.folder().join(name), &text)
    }

    fn read_json<T: DeserializeOwned>(&self, name: &str) -> Result<T, StoreError> {
        let path = self.folder().join(name);
        let text = fs::read(&path).map_err(StoreError::io(&path))?;
        serde_json::from_slice(&text).map_err(StoreError::json(name))
    }
}
