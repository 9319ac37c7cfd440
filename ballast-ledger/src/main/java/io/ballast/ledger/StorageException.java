package io.ballast.ledger;

import java.io.IOException;
import java.nio.file.Path;

/** The disk failed a run: full, read-only, damaged. The message says what could not be done, why, and what is safe. */
public final class StorageException extends RuntimeException {
  private static final long serialVersionUID = 1;

  StorageException(String message) {
    super(message);
  }

  StorageException(String action, Path path, IOException cause, String safe) {
    super("cannot %s %s: %s; safe on disk: %s".formatted(action, path, reason(path, cause), safe), cause);
  }

  /** What went wrong without the path that the exception's own message repeats. */
  private static String reason(Path path, IOException cause) {
    String message = cause instanceof java.nio.file.FileSystemException e && e.getReason() != null ? e.getReason() : cause.getMessage();
    if (cause instanceof java.nio.file.AccessDeniedException) return "permission denied";
    if (cause instanceof java.nio.file.NoSuchFileException) return "no such file or folder";
    if (message == null) return cause.getClass().getSimpleName();
    return message.replace(path + " ", "").replaceAll("^\\((.*)\\)$", "$1");
  }
}
