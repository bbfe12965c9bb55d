//! `gestor-plugins`, the native program. What it does stands in the library (`native`).

fn main() -> std::process::ExitCode {
    gestor_plugins::native::main(std::env::args_os())
}
