//! What an entry says about a container, as a process.

use super::fields::{Either as Side, Fields};
use super::leaf::{self, Ending as Word, FAILS, is_never};
use crate::base::{Chance, Law, Span};
use crate::workload::{
    BadInputs, BadNodes, Checkpoints, Ending, Failure, FirstRuns, Growth, Hang, Health, HookRun,
    Hooks, Idle, Memory, OomKill, Orphans, Process, Stop, Which, Work, WorkQueue,
};

/// How long containers run unless told.
pub(super) const ONE_MINUTE: Span = Span::from_secs(60);

/// The process that an entry describes.
pub(super) fn process(it: &Fields<'_>) -> Process {
    let mut process = Process::lasting(ONE_MINUTE);
    work(it, &mut process);
    process.endings = endings(it);
    for hazard in it.tables("hazard") {
        if let Some(law) = hazard.law("after") {
            process.hazards.push((law, ending(&hazard)));
        }
    }
    process.first = first(it);
    process.checkpoints = checkpoints(it);
    process.bad_inputs = it.table("badInputs").map(|it| {
        let which = which(&it, it.ranges("index"));
        let failure = failure(&it);
        BadInputs { which, failure }
    });
    process.bad_nodes = it.table("badNodes").map(|it| {
        let named = it.texts("nodes").into_iter().map(str::to_owned);
        BadNodes {
            which: which(&it, it.has("nodes").then(|| named.collect())),
            chance: it.chance("chance").unwrap_or(Chance::ALWAYS),
            failure: failure(&it),
        }
    });
    process.memory = memory(it);
    process.disk = growth(it, "storage");
    if let Some(stop) = stop(it) {
        process.stop = stop;
    }
    if let Some(it) = it.table("hooks") {
        process.hooks = Hooks {
            post_start: hook(&it, "postStart"),
            pre_stop: hook(&it, "preStop"),
        };
    }
    if let Some(it) = it.table("probes") {
        process.health = health(&it);
    }
    process
}

fn work(it: &Fields<'_>, process: &mut Process) {
    if let Some(queue) = it.table("queue").and_then(|it| queue(&it)) {
        for other in ["run", "drawn", "checkpoints", "failFirst", "badInputs"] {
            if it.has(other) {
                it.flaw(other, "who works on a queue has no use for this");
            }
        }
        process.work = Work::Queue(queue);
        return;
    }
    let pieces = it.text("drawn") == Some("piece");
    let law = match it.either("run") {
        Some(Side::Short(value)) if is_never(value) => {
            if pieces {
                it.flaw("drawn", "a run that does not end is not drawn");
            }
            for what in ["checkpoints", "badInputs"] {
                if it.has(what) {
                    it.flaw(what, "a run that does not end is at no piece of work");
                }
            }
            process.work = Work::Stays;
            return;
        }
        Some(Side::Short(value)) => leaf::law(value).ok(),
        // A file's values take its place when it is read.
        Some(Side::Long(_)) | None => Law::constant(ONE_MINUTE).ok(),
    };
    if let Some(law) = law {
        process.work = if pieces {
            Work::Piece(law)
        } else {
            Work::For(law)
        };
    }
}

fn checkpoints(it: &Fields<'_>) -> Option<Checkpoints> {
    let (it, every, restore) = match it.either("checkpoints")? {
        Side::Short(_) => (it.clone(), it.time("checkpoints")?, None),
        Side::Long(it) => {
            let (every, restore) = (it.time("every")?, it.law("restore"));
            (it, every, restore)
        }
    };
    if every == Span::ZERO {
        let name = if it.has("every") {
            "every"
        } else {
            "checkpoints"
        };
        it.flaw(name, "this time has to be longer than 0s");
    }
    let mut checkpoints = Checkpoints::every(every);
    checkpoints.restore = restore;
    Some(checkpoints)
}

fn queue(it: &Fields<'_>) -> Option<WorkQueue> {
    let mut queue = WorkQueue::of(it.whole("items")?, it.law("service")?);
    queue.arrivals = it.law("arrivals");
    if let Some(asks) = it.time("asks") {
        if asks == Span::ZERO {
            it.flaw("asks", "this time has to be longer than 0s");
        }
        queue.idle = Idle::Asks(asks);
    }
    if it.flag("lost") {
        if it.has("givenBack") {
            it.flaw("lost", "an item is either lost or given back");
        }
        queue.orphans = Orphans::Lost;
    } else if let Some(after) = it.time("givenBack") {
        queue.orphans = Orphans::GivenBack(after);
    }
    if let Some(Ok((chance, word))) = it.value("crash").map(leaf::failing) {
        (queue.crashes, queue.crash) = (chance, of_word(word));
    }
    if let Some(it) = it.table("poison") {
        queue.poison = Some(which(&it, it.ranges("items")));
        queue.poisoned = ending(&it);
    }
    queue.deliveries = it.whole("deliveries");
    Some(queue)
}

fn endings(it: &Fields<'_>) -> Vec<(Chance, Failure)> {
    let mut endings = Vec::new();
    for (value, path) in it.values("fail") {
        if value.is_mapping() {
            let it = it.below(value, path);
            let chance = it.chance("chance").unwrap_or(Chance::NEVER);
            endings.push((chance, failure(&it)));
        } else if let Ok((chance, word)) = leaf::failing(value) {
            endings.push((chance, Failure::with(of_word(word))));
        }
    }
    let sum: f64 = endings.iter().map(|it| it.0.probability()).sum();
    // 18 decimals are more than a float holds: the sum of ten times 10 % is allowed.
    if sum > 1.0 + 1e-9 {
        it.flaw("fail", "these probabilities are more than 100% together");
    }
    let all = it.value("exit").and_then(|it| leaf::ending(it).ok());
    if let Some(word) = all.filter(|it| *it != Word::Exit(0)) {
        if !endings.is_empty() {
            let words = "this is how every run ends, so none is left for `fail`";
            it.flaw("exit", words);
        }
        endings.push((Chance::ALWAYS, Failure::with(of_word(word))));
    }
    endings
}

fn first(it: &Fields<'_>) -> Option<FirstRuns> {
    match it.either("failFirst")? {
        Side::Short(runs) => Some(FirstRuns {
            runs: u32::try_from(runs.as_u64()?).ok()?,
            failure: Failure::with(of_word(FAILS)),
        }),
        Side::Long(it) => Some(FirstRuns {
            runs: it.whole("runs")?,
            failure: failure(&it),
        }),
    }
}

fn which<T>(it: &Fields<'_>, listed: Option<Vec<T>>) -> Which<T> {
    match (listed, it.chance("share")) {
        (None, Some(share)) => Which::Drawn(share),
        (listed, _) => Which::Listed(listed.unwrap_or_default()),
    }
}

/// How a run ends, and when.
fn failure(it: &Fields<'_>) -> Failure {
    let failure = Failure::with(ending(it));
    match (it.chance("at"), it.law("after")) {
        (None, None) => failure,
        (None, Some(law)) => failure.after(law),
        (Some(at), None) => {
            if let Some(at) = per_cent(at) {
                return failure.at_per_cent(at);
            }
            it.flaw("at", "whole per cent are expected here, such as 50%");
            failure
        }
        (Some(_), Some(_)) => {
            it.flaw("after", "the time is told twice, as `at` and as `after`");
            failure
        }
    }
}

fn per_cent(at: Chance) -> Option<u8> {
    (0..=100).find(|n| Chance::ratio(u64::from(*n), 100) == Ok(at))
}

fn ending(it: &Fields<'_>) -> Ending {
    let word = it.value("exit").and_then(|it| leaf::ending(it).ok());
    of_word(word.unwrap_or(FAILS))
}

/// How a file says that a run ends so: `42`, `SIGKILL`, `oomKilled`, `startError`.
#[must_use]
pub fn ending_word(ending: Ending) -> String {
    let code = |code: u8| {
        let signal = leaf::signal_word(code);
        signal.map_or_else(|| code.to_string(), str::to_owned)
    };
    match ending {
        Ending::Exit(number) => code(number),
        Ending::Signal(number) => code(number.saturating_add(128)),
        Ending::StartError => "startError".to_owned(),
        Ending::OutOfMemory => "oomKilled".to_owned(),
    }
}

const fn of_word(word: Word) -> Ending {
    match word {
        Word::Exit(code) => Ending::Exit(code),
        Word::StartError => Ending::StartError,
        Word::OutOfMemory => Ending::OutOfMemory,
    }
}

fn growth(it: &Fields<'_>, name: &str) -> Option<Growth> {
    match it.either(name)? {
        Side::Short(_) => Some(Growth::steady(it.units(name)?)),
        Side::Long(it) => {
            let per = it.time("per")?;
            if per == Span::ZERO {
                it.flaw("per", "this time has to be longer than 0s");
            }
            let start = Growth::steady(it.units("start")?);
            Some(start.growing(it.units("grows")?, per))
        }
    }
}

fn memory(it: &Fields<'_>) -> Option<Memory> {
    let growth = growth(it, "memory")?;
    let it = it.table("memory");
    let child = it.as_ref().and_then(|it| it.text("kills")) == Some("child");
    let exit = it.as_ref().and_then(|it| it.whole("exit"));
    if let (Some(it), Some(_), false) = (it, exit, child) {
        it.flaw("exit", "this is for `kills: child` alone");
    }
    let kills = match (child, exit) {
        (false, _) => OomKill::Group,
        (true, Some(code)) => OomKill::ChildThenExit(code),
        (true, None) => OomKill::ChildOnly,
    };
    Some(Memory { growth, kills })
}

fn stop(it: &Fields<'_>) -> Option<Stop> {
    match it.either("onStop")? {
        Side::Short(word) if word.as_str() == Some("ignores") => Some(Stop::Ignores),
        Side::Short(_) => Some(Stop::Finishes),
        Side::Long(it) => {
            let ending = it.value("exit").and_then(|it| leaf::ending(it).ok());
            Some(Stop::Exits {
                after: it.law("after"),
                ending: ending.map(of_word),
            })
        }
    }
}

fn hook(it: &Fields<'_>, name: &str) -> Option<HookRun> {
    let it = it.table(name)?;
    Some(HookRun {
        takes: it.law("takes").or_else(|| Law::constant(Span::ZERO).ok())?,
        fails: it.chance("fails").unwrap_or(Chance::NEVER),
    })
}

fn health(it: &Fields<'_>) -> Health {
    Health {
        started: it.law("started"),
        ready: it.law("ready"),
        unready: it.law("unready"),
        hangs: it.table("hangs").and_then(|it| {
            Some(Hang {
                chance: it.chance("chance")?,
                after: it.law("after")?,
            })
        }),
    }
}
