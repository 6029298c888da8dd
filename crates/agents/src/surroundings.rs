//! What a door saw of the machine, as far as it says where tools keep their files.
//!
//! Deliberately missing: a look at the environment. A door hands over how to look a name up, so that tests need no environment.

use std::ffi::OsString;
use std::path::PathBuf;

/// Where desktop programs keep their settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Platform {
    /// In `$XDG_CONFIG_HOME`, else `~/.config`.
    #[default]
    Linux,
    /// In `~/Library/Application Support`.
    MacOs,
}

impl Platform {
    /// The one this was compiled for.
    pub const OWN: Self = if cfg!(target_os = "macos") { Self::MacOs } else { Self::Linux };
}

/// Folders that tools ask for. Every field but `home` is what a variable of the environment says, if it is set.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Surroundings {
    /// The home folder.
    pub home: PathBuf,
    /// The top of the project, if there is one.
    pub project: Option<PathBuf>,
    /// The platform.
    pub platform: Platform,
    /// `XDG_CONFIG_HOME`: in place of `~/.config`.
    pub config_home: Option<PathBuf>,
    /// `CLAUDE_CONFIG_DIR`: in place of `~/.claude`, and where `.claude.json` is then.
    pub claude_config_dir: Option<PathBuf>,
    /// `CODEX_HOME`: in place of `~/.codex`.
    pub codex_home: Option<PathBuf>,
    /// `GEMINI_CLI_HOME`: in place of the home folder, for Gemini CLI.
    pub gemini_cli_home: Option<PathBuf>,
    /// `OPENCODE_CONFIG`: a file that opencode reads after its own.
    pub opencode_config: Option<PathBuf>,
    /// `OPENCODE_CONFIG_DIR`: a folder that opencode reads after its own.
    pub opencode_config_dir: Option<PathBuf>,
    /// `GOOSE_PATH_ROOT`: where all folders of goose are.
    pub goose_path_root: Option<PathBuf>,
    /// `VSCODE_PORTABLE`: the folder of a portable installation.
    pub vscode_portable: Option<PathBuf>,
    /// `VSCODE_APPDATA`: in place of the folder for desktop programs' settings.
    pub vscode_appdata: Option<PathBuf>,
    /// `COPILOT_HOME`: in place of `~/.copilot`.
    pub copilot_home: Option<PathBuf>,
}

impl Surroundings {
    /// What the variables say that `look_up` knows. Empty values and relative paths count as unset: no tool means the folder that
    /// Acetate happens to run in.
    pub fn read(home: PathBuf, project: Option<PathBuf>, look_up: impl Fn(&str) -> Option<OsString>) -> Self {
        let path = |name: &str| look_up(name).map(PathBuf::from).filter(|path| path.is_absolute());
        Self {
            home,
            project,
            platform: Platform::OWN,
            config_home: path("XDG_CONFIG_HOME"),
            claude_config_dir: path("CLAUDE_CONFIG_DIR"),
            codex_home: path("CODEX_HOME"),
            gemini_cli_home: path("GEMINI_CLI_HOME"),
            opencode_config: path("OPENCODE_CONFIG"),
            opencode_config_dir: path("OPENCODE_CONFIG_DIR"),
            goose_path_root: path("GOOSE_PATH_ROOT"),
            vscode_portable: path("VSCODE_PORTABLE"),
            vscode_appdata: path("VSCODE_APPDATA"),
            copilot_home: path("COPILOT_HOME"),
        }
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.config_home.clone().unwrap_or_else(|| self.home.join(".config"))
    }

    /// The folder of VS Code's default profile.
    pub(crate) fn vscode_user(&self) -> PathBuf {
        if let Some(portable) = &self.vscode_portable {
            return portable.join("user-data/User");
        }
        let settings = self.vscode_appdata.clone().unwrap_or_else(|| match self.platform {
            Platform::Linux => self.config(),
            Platform::MacOs => self.home.join("Library/Application Support"),
        });
        settings.join("Code/User")
    }
}
