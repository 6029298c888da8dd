//! The engine's errors as a file system says them.

use acetate_engine::EngineError;
use acetate_types::ErrorKind;
use rustix::io::Errno;

/// The error number for an error of the engine. What has no number of its own is logged, for the caller sees nothing else of it.
pub(crate) fn of(error: &EngineError) -> Errno {
    match error.code() {
        "path_not_found" => Errno::NOENT,
        "path_exists" => Errno::EXIST,
        "not_a_directory" => Errno::NOTDIR,
        "is_a_directory" => Errno::ISDIR,
        "directory_not_empty" => Errno::NOTEMPTY,
        "path_too_long" | "path_too_deep" => Errno::NAMETOOLONG,
        "file_too_large" | "object_too_large" => Errno::FBIG,
        "session_quota" => Errno::DQUOT,
        "move_into_itself" => Errno::INVAL,
        "session_paused" | "session_not_found" | "workspace_deleted" => Errno::STALE,
        "right_missing" => Errno::ACCESS,
        "not_a_file" => Errno::INVAL,
        code => {
            let number = match error.kind() {
                ErrorKind::NotFound => Errno::NOENT,
                ErrorKind::Denied => Errno::ACCESS,
                ErrorKind::Invalid => Errno::INVAL,
                ErrorKind::Limit => Errno::DQUOT,
                ErrorKind::Unavailable if code.contains("disk_full") || code.contains("read_only") => Errno::ROFS,
                _ => Errno::IO,
            };
            tracing::warn!(%error, code, "a file operation failed");
            number
        }
    }
}
