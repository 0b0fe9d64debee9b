//! The files that lie around a page on its server, as far as the evidence has them.

use super::super::files::{self, File};
use afterpatch_model::{Artifact, path_drive, path_key};
use afterpatch_pages::page::Named;
use afterpatch_pages::together::{LARGEST, Neighbour, Neighbours};
use afterpatch_store::{Case, LedgerArtifact};
use std::collections::HashMap;
use std::sync::OnceLock;

/// The files of a case, to be found by their paths.
pub(super) struct Web<'c> {
    case: &'c Case,
    files: &'c [LedgerArtifact],
    /// Where in `files` those of a [`path_key`] stand. Most cases have no page that asks.
    by_path: OnceLock<HashMap<String, Vec<usize>>>,
}

impl<'c> Web<'c> {
    /// Makes what finds some of the files of a case.
    pub(super) fn of(case: &'c Case, files: &'c [LedgerArtifact]) -> Self {
        Self { case, files, by_path: OnceLock::new() }
    }

    /// Returns what finds the files around a page.
    pub(super) fn around<'w>(&'w self, page: &'w File<'w>) -> Around<'w> {
        Around { web: self, page }
    }

    /// Returns the file of a page's server at a path: the one that was collected with the page before others, and one of the
    /// same drive before those of others.
    fn file(&self, path: &str, page: &File<'_>) -> Option<&'c Artifact> {
        let key = path_key(path);
        let by_path = self.by_path.get_or_init(|| {
            let mut by_path: HashMap<String, Vec<usize>> = HashMap::new();
            for (at, line) in self.files.iter().enumerate() {
                by_path.entry(path_key(&line.artifact.path)).or_default().push(at);
            }
            by_path
        });
        let files = by_path.get(&key)?.iter().map(|at| &self.files[*at].artifact);
        let of_server = files.filter(|file| match &file.server {
            Some(server) => server.as_str() == page.server,
            None => page.collection == Some(&file.collection),
        });
        let drive = path_drive(page.path);
        of_server
            .min_by_key(|file| (page.collection != Some(&file.collection), path_drive(&file.path) != drive))
    }
}

/// What finds the files around one page.
pub(super) struct Around<'w> {
    web: &'w Web<'w>,
    page: &'w File<'w>,
}

impl Neighbours for Around<'_> {
    fn find(&self, by: Option<&str>, named: Named<'_>) -> Option<Neighbour> {
        let page = path_key(self.page.path);
        let by = by.map_or_else(|| page.clone(), path_key);
        let found = named.paths(&by).find_map(|path| self.web.file(&path, self.page))?;
        let is_page = path_key(&found.path) == page;
        (!is_page).then(|| Neighbour { path: found.path.clone(), size_bytes: found.size_bytes })
    }

    fn read(&self, path: &str) -> Option<Vec<u8>> {
        let file = self.web.file(path, self.page)?;
        files::read(self.web.case, &file.id, LARGEST).ok()
    }
}
