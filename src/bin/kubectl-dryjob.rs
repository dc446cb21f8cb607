//! The program under the name by which `kubectl dryjob` finds it.

fn main() -> std::process::ExitCode {
    dryjob::cli::main()
}
