//! The program; all of it is in the library's `cli`.

fn main() {
    use std::io::Read;
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).unwrap();
    let release: dryjob::model::Release = std::env::args().nth(1).unwrap().parse().unwrap();
    let show: Option<String> = std::env::args().nth(2);
    let (mut n, mut ok) = (0, 0);
    for line in text.lines() {
        let rec = match dryjob::scenario::Recording::from_json(line, release) { Ok(r) => r, Err(e) => { println!("ERR {e}"); n += 1; continue } };
        if show.as_ref().is_some_and(|s| *s != rec.id && s != "all") { continue }
        n += 1;
        let got = rec.play();
        let want = rec.steps.clone().unwrap();
        let tol = rec.tolerance().micros() as f64 / 1e6 + 1e-9;
        let bad = (0..got.len().max(want.len())).find(|i| match (got.get(*i), want.get(*i)) {
            (Some(g), Some(w)) => { let mut g2 = g.clone(); if (g.t - w.t).abs() <= tol { g2.t = w.t; } g2 != *w }
            _ => true,
        });
        match bad { None => ok += 1, Some(i) => {
            println!("DIFF {} step {}", rec.id, i);
            if show.is_some() { for k in i.saturating_sub(2)..i { println!("  before {}", serde_json::to_string(&want[k]).unwrap()); }
            println!("  want {}", want.get(i).map_or("-".into(), |s| serde_json::to_string(s).unwrap()));
            println!("  got  {}", got.get(i).map_or("-".into(), |s| serde_json::to_string(s).unwrap())); }
        } }
    }
    println!("agree {ok} of {n}");
}
