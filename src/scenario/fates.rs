//! Entries about containers as fates of pods.
//!
//! Each entry is about some containers of some pods. In each of the files that lie over each other
//! the first that matches counts, for each container by itself; what it does not say, that of the
//! next file says. A fate is about all containers of some pods. So there is a fate for each
//! combination of entries that can meet in a pod, in the order in which the entries stand.

use super::content::Placed;
use super::fields::{Fields, Flaws};
use super::process;
use crate::model::Job;
use crate::workload::{Fate, Whose};
use serde_yaml::{Mapping, Value};
use std::ops::RangeInclusive;

/// The most combinations of entries.
const MANY: usize = 10_000;

/// An entry.
struct Entry<'a> {
    layer: usize,
    /// Empty for all regular ones.
    containers: Vec<String>,
    whose: Whose,
    says: &'a Mapping,
}

/// What the entries of one file say about one container, or about all others.
struct Column<'a> {
    /// The place of the name; the last is that of the others.
    name: usize,
    /// The last is for all pods, and says nothing.
    members: Vec<(Whose, Option<&'a Mapping>)>,
}

/// Combinations of entries as they are found.
struct Search<'a> {
    names: &'a [&'a str],
    columns: &'a [Column<'a>],
    seen: usize,
    fates: Vec<Fate>,
}

/// The fates of a Job's pods; none where they would be too many.
pub(super) fn fates(entries: &[Placed<Mapping>], job: &Job) -> Option<Vec<Fate>> {
    let entries: Vec<Entry<'_>> = entries.iter().map(entry).collect();
    let mut names: Vec<&str> = Vec::new();
    for name in entries.iter().flat_map(|it| &it.containers) {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let mut layers: Vec<usize> = entries.iter().map(|it| it.layer).collect();
    layers.sort_unstable();
    layers.dedup();
    let regular = |name: &str| {
        let mut containers = job.spec.template.containers.iter();
        containers.any(|it| it.name == name)
    };
    let mut columns = Vec::new();
    for place in 0..=names.len() {
        let only = names.get(place).copied();
        for layer in &layers {
            let fits = |entry: &&Entry<'_>| match only {
                _ if entry.layer != *layer => false,
                Some(name) if entry.containers.iter().any(|it| it == name) => true,
                Some(name) => regular(name) && entry.containers.is_empty(),
                None => entry.containers.is_empty(),
            };
            let members = entries.iter().filter(fits);
            let members = members.map(|it| (it.whose.clone(), Some(it.says)));
            let last = (Whose::default(), None);
            columns.push(Column {
                name: place,
                members: members.chain([last]).collect(),
            });
        }
    }
    let mut search = Search {
        names: &names,
        columns: &columns,
        seen: 0,
        fates: Vec::new(),
    };
    let said = vec![None; names.len() + 1];
    search
        .combine(0, &Whose::default(), &said)
        .then_some(search.fates)
}

impl Search<'_> {
    /// Adds the fates of all combinations that begin so, with what is said of each name; whether
    /// there was room.
    fn combine(&mut self, at: usize, begun: &Whose, said: &[Option<Mapping>]) -> bool {
        let columns = self.columns;
        let Some(column) = columns.get(at) else {
            // An earlier one for the same pods counts.
            if !self.fates.iter().any(|it| it.whose == *begun) {
                self.fates.push(self.fate(begun, said));
            }
            self.seen += 1;
            return self.seen <= MANY;
        };
        for (whose, says) in &column.members {
            let Some(both) = meet(begun, whose) else {
                continue;
            };
            let mut said = said.to_vec();
            if let Some(says) = says {
                let own = said[column.name].get_or_insert_with(Mapping::new);
                fill(own, says);
            }
            let whole = both == *begun;
            if !self.combine(at + 1, &both, &said) {
                return false;
            }
            if whole {
                break;
            }
        }
        true
    }

    fn fate(&self, whose: &Whose, said: &[Option<Mapping>]) -> Fate {
        let read = |says: Option<&Mapping>| {
            let flaws = Flaws::default();
            let value = Value::Mapping(says.cloned().unwrap_or_default());
            process::process(&Fields::new(&value, "", &flaws))
        };
        let others = said.get(self.names.len()).and_then(Option::as_ref);
        let mut fate = Fate::of(read(others));
        fate.whose = whose.clone();
        for (name, says) in self.names.iter().zip(said) {
            if says.is_some() {
                fate = fate.container(*name, read(says.as_ref()));
            }
        }
        fate
    }
}

/// Words that say how a run ends.
const ENDS: &[&str] = &["exit", "fail"];
/// Words that say what a run works on, if that is no queue.
const WORKS: &[&str] = &["run", "drawn", "checkpoints", "failFirst", "badInputs"];

/// Adds what is not said.
fn fill(own: &mut Mapping, other: &Mapping) {
    // Of words that say the same thing, those of one file count.
    let has = |words: &[&str]| words.iter().any(|word| own.contains_key(*word));
    let ends = has(ENDS);
    let (queues, works) = (has(&["queue"]), has(WORKS));
    for (key, value) in other {
        let key_is_of = |words: &[&str]| key.as_str().is_some_and(|key| words.contains(&key));
        let said =
            ends && key_is_of(ENDS) || queues && key_is_of(WORKS) || works && key_is_of(&["queue"]);
        if !(said || own.contains_key(key)) {
            own.insert(key.clone(), value.clone());
        }
    }
}

/// What both are for, if there is such a run.
fn meet(one: &Whose, other: &Whose) -> Option<Whose> {
    Some(Whose {
        index: common(&one.index, &other.index)?,
        nth: common(&one.nth, &other.nth)?,
        run: common(&one.run, &other.run)?,
    })
}

type Ranges = Vec<RangeInclusive<u32>>;

/// The numbers that are in both lists, an empty one being for all; `None` if there are none.
fn common(one: &Ranges, other: &Ranges) -> Option<Ranges> {
    if one.is_empty() || other.is_empty() {
        return Some(if one.is_empty() { other } else { one }.clone());
    }
    let pairs = one.iter().flat_map(|a| other.iter().map(move |b| (a, b)));
    let both = pairs.map(|(a, b)| *a.start().max(b.start())..=*a.end().min(b.end()));
    let both: Ranges = both.filter(|it| !it.is_empty()).collect();
    (!both.is_empty()).then_some(both)
}

fn entry(it: &Placed<Mapping>) -> Entry<'_> {
    let flaws = Flaws::default();
    let value = Value::Mapping(it.it.clone());
    let fields = Fields::new(&value, "", &flaws);
    let containers = fields.texts("container").into_iter();
    Entry {
        layer: it.layer,
        containers: containers.map(str::to_owned).collect(),
        whose: Whose {
            index: fields.ranges("index").unwrap_or_default(),
            nth: fields.ranges("nth").unwrap_or_default(),
            run: fields.ranges("attempt").unwrap_or_default(),
        },
        says: &it.it,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::{Process, Work};

    /// Which pods follow which processes, for files with `/` between them.
    fn told(yaml: &str) -> Vec<String> {
        let job = Job::from_yaml(
            "{apiVersion: batch/v1, kind: Job, metadata: {name: j}, spec: {template: {spec: \
             {restartPolicy: Never, initContainers: [{name: setup, image: i}], containers: \
             [{name: main, image: i}, {name: side, image: i}]}}}}",
        );
        let layers = yaml.split('/').enumerate();
        let layers = layers.flat_map(|(layer, yaml)| {
            let list: Vec<Mapping> = serde_yaml::from_str(yaml).unwrap();
            let place = move |it| Placed {
                path: String::new(),
                layer,
                it,
            };
            list.into_iter().map(place)
        });
        let entries: Vec<_> = layers.collect();
        let fates = fates(&entries, &job.unwrap()).unwrap();
        let work = |it: &Process| {
            let law = match &it.work {
                Work::For(law) => law.to_string(),
                other => format!("{other:?}"),
            };
            let failing = it.endings.iter().map(|it| format!("/{}", it.0));
            law + &failing.collect::<String>()
        };
        let text = |fate: &Fate| {
            let mut parts = vec![format!("{:?}", fate.whose.index)];
            let named = fate.containers.iter();
            parts.extend(named.map(|(name, it)| format!("{name}={}", work(it))));
            parts.push(format!("*={}", work(&fate.others)));
            parts.join(" ")
        };
        fates.iter().map(text).collect()
    }

    #[test]
    fn without_a_word_containers_run_for_a_minute() {
        assert_eq!(told("[]"), ["[] *=1m"]);
        assert_eq!(told("[{nth: 0, run: 1s}]"), ["[] *=1s", "[] *=1m"]);
    }

    #[test]
    fn for_each_container_the_first_entry_that_matches_counts() {
        let yaml = "[{container: main, index: 0-4, run: 1s}, {container: side, index: 3-9, run: \
                    2s}, {run: 3s}]";
        let want = [
            "[3..=4] main=1s side=2s *=3s",
            "[0..=4] main=1s side=3s *=3s",
            "[3..=9] main=3s side=2s *=3s",
            "[] main=3s side=3s *=3s",
        ];
        assert_eq!(told(yaml), want);
    }

    #[test]
    fn what_a_file_does_not_say_the_one_below_it_says() {
        assert_eq!(told("[{run: 9s}]/[{fail: 2%}]"), ["[] *=9s/2%"]);
        assert_eq!(told("[{fail: 3%}]/[{run: 9s, fail: 2%}]"), ["[] *=9s/3%"]);
        assert_eq!(told("[{exit: 3}]/[{run: 9s, fail: 2%}]"), ["[] *=9s/100%"]);
        let queue = told("[{queue: {items: 1, service: 1s}}]/[{run: 1s, checkpoints: 1s}]");
        assert!(queue[0].starts_with("[] *=Queue("), "{queue:?}");
        let yaml = "[{run: 9s}]/[{queue: {items: 1, service: 1s}, fail: 2%}]";
        assert_eq!(told(yaml), ["[] *=9s/2%"]);
        let yaml = "[{run: 9s}]/[{index: 3, fail: 50%}, {run: 1s, fail: 2%}]";
        assert_eq!(told(yaml), ["[3..=3] *=9s/50%", "[] *=9s/2%"]);
        let yaml = "[{container: main, fail: 5%}]/[{index: 3, run: 7s}, {run: 1s, fail: 2%}]";
        let want = ["[3..=3] main=7s/5% *=7s", "[] main=1s/5% *=1s/2%"];
        assert_eq!(told(yaml), want);
    }

    #[test]
    fn more_combinations_than_anybody_means_are_refused() {
        let place = |it| Placed {
            path: String::new(),
            layer: 0,
            it,
        };
        let one = |container: &str, at: u32| {
            let yaml = format!("{{container: {container}, nth: '{at}-{}'}}", at + 500);
            place(serde_yaml::from_str(&yaml).unwrap())
        };
        let names = ["main", "side", "other"];
        let all = names
            .iter()
            .flat_map(|name| (1..90).map(|at| one(name, at)));
        let all: Vec<_> = all.collect();
        let yaml = "{apiVersion: batch/v1, kind: Job, metadata: {name: j}, spec: {template: {spec: \
                    {restartPolicy: Never, containers: [{name: main, image: i}]}}}}";
        assert!(fates(&all, &Job::from_yaml(yaml).unwrap()).is_none());
    }

    #[test]
    fn entries_for_all_are_not_for_init_containers() {
        let yaml = "[{run: 5s}, {container: [setup, side], index: 7, run: 1s}]";
        let want = ["[7..=7] setup=1s side=5s *=5s", "[] side=5s *=5s"];
        assert_eq!(told(yaml), want);
    }
}
