//! Whether files have changed.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use crate::alert::files::expand;
use crate::alert::files::stamp::{Stamp, content};

/// Files by path or pattern, as they were at the last look.
///
/// A look costs a `stat` for each file and a `readdir` for each directory of a pattern. A file is read when its time, size or
/// inode is another, and once more at the look after that: two writes within one tick of the file system's clock look alike.
#[derive(Debug)]
pub(crate) struct Watched {
    patterns: Vec<PathBuf>,
    seen: BTreeMap<PathBuf, Seen>,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    stamp: Option<Stamp>,
    content: Option<u64>,
    /// Whether the stamp was the same at two looks.
    is_settled: bool,
}

/// The files that are not as they were, in the order of their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Changed {
    pub(crate) paths: Vec<PathBuf>,
}

impl Watched {
    /// Remembers what these paths and patterns stand for now.
    pub(crate) fn new(patterns: impl IntoIterator<Item = PathBuf>) -> Self {
        let mut watched = Self { patterns: patterns.into_iter().collect(), seen: BTreeMap::new() };
        watched.look();
        watched
    }

    /// Goes on with these paths and patterns. Of files that were seen before counts what they were at the last look, so that a
    /// change which came since is news.
    pub(crate) fn follow(&mut self, patterns: impl IntoIterator<Item = PathBuf>) {
        let mut now = Self::new(patterns);
        for (path, seen) in &mut now.seen {
            if let Some(before) = self.seen.get(path) {
                *seen = *before;
            }
        }
        *self = now;
    }

    /// What has changed since the last look; `None` for nothing.
    pub(crate) fn look(&mut self) -> Option<Changed> {
        let paths = self.patterns.iter().flat_map(|pattern| expand(pattern).unwrap_or_default());
        let now: BTreeMap<PathBuf, Seen> = paths
            .map(|path| {
                let seen = self.seen.get(&path);
                let stamp = Stamp::of(&path);
                let is_same = seen.is_some_and(|seen| seen.stamp == stamp);
                let known = seen.filter(|seen| is_same && seen.is_settled);
                let content = known.map_or_else(|| content(&path), |seen| seen.content);
                (path, Seen { stamp, content, is_settled: is_same })
            })
            .collect();
        let content_of =
            |files: &BTreeMap<PathBuf, Seen>, path: &PathBuf| files.get(path).and_then(|seen| seen.content);
        let mut paths: Vec<PathBuf> = self.seen.keys().chain(now.keys()).cloned().collect();
        paths.sort();
        paths.dedup();
        paths.retain(|path| content_of(&self.seen, path) != content_of(&now, path));
        self.seen = now;
        (!paths.is_empty()).then_some(Changed { paths })
    }
}

impl fmt::Display for Changed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, path) in self.paths.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{}", path.display())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::Watched;
    use crate::alert::config::scratch::Scratch;

    fn changed(watched: &mut Watched) -> Vec<String> {
        let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
        watched.look().map(|changed| changed.paths.iter().map(name).collect()).unwrap_or_default()
    }

    #[test]
    fn only_another_content_is_news() {
        let scratch = Scratch::new("watched");
        let path = scratch.write("a.yml", "one");
        let mut watched = Watched::new([path.clone()]);
        assert!(watched.look().is_none());
        scratch.write("a.yml", "one");
        assert!(watched.look().is_none(), "written again, and the same");
        scratch.write("a.yml", "two");
        assert_eq!(changed(&mut watched), ["a.yml"]);
        // As many bytes, and perhaps in the same tick of the file system's clock.
        scratch.write("a.yml", "tri");
        assert_eq!(changed(&mut watched), ["a.yml"]);
        assert!(watched.look().is_none());
        std::fs::remove_file(&path).unwrap();
        assert_eq!(changed(&mut watched), ["a.yml"]);
        assert!(watched.look().is_none());
        scratch.write("a.yml", "tri");
        assert_eq!(changed(&mut watched), ["a.yml"]);
    }

    #[test]
    fn files_of_a_pattern_come_and_go() {
        let scratch = Scratch::new("watched");
        scratch.write("rules/a.yml", "one");
        scratch.write("rules/b.txt", "other");
        let mut watched = Watched::new([scratch.path().join("rules/*.yml")]);
        assert!(watched.look().is_none());
        scratch.write("rules/c.yml", "three");
        assert_eq!(changed(&mut watched), ["c.yml"]);
        scratch.write("rules/b.txt", "another");
        assert!(watched.look().is_none());
        std::fs::remove_file(scratch.path().join("rules/a.yml")).unwrap();
        scratch.write("rules/c.yml", "3");
        assert_eq!(changed(&mut watched), ["a.yml", "c.yml"]);
    }

    #[test]
    fn what_changes_while_the_files_are_read_is_news() {
        let scratch = Scratch::new("follow");
        let path = scratch.write("a.yml", "one");
        let mut watched = Watched::new([path.clone()]);
        watched.look();
        scratch.write("a.yml", "another");
        let template = scratch.write("b.tmpl", "one");
        watched.follow([path.clone(), template]);
        assert_eq!(changed(&mut watched), ["a.yml"]);
        watched.follow([path]);
        scratch.write("b.tmpl", "another");
        assert!(watched.look().is_none(), "nobody names it any more");
    }

    #[cfg(unix)]
    #[test]
    fn the_swap_of_a_configmap_is_seen() {
        use std::os::unix::fs::symlink;

        let scratch = Scratch::new("configmap");
        scratch.write("..one/alerts.yml", "one");
        scratch.write("..two/alerts.yml", "two");
        symlink("..one", scratch.path().join("..data")).unwrap();
        symlink("..data/alerts.yml", scratch.path().join("alerts.yml")).unwrap();
        let mut watched = Watched::new([scratch.path().join("alerts.yml")]);
        symlink("..two", scratch.path().join("..data_tmp")).unwrap();
        std::fs::rename(scratch.path().join("..data_tmp"), scratch.path().join("..data")).unwrap();
        assert_eq!(changed(&mut watched), ["alerts.yml"]);
        assert!(watched.look().is_none());
    }
}
