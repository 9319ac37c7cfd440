package io.ballast.ledger;

import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** An append-only file of JSON lines; a line reaches the operating system before {@link #append} returns. */
final class JsonLines implements AutoCloseable {
  private final Path file;
  private final Supplier<String> safe;
  private final FileOutputStream out;

  /** @param safe says what is safe on disk, for the message of a failure */
  JsonLines(Path file, Supplier<String> safe) {
    this.file = file;
    this.safe = safe;
    try {
      out = new FileOutputStream(file.toFile(), true); // a channel would close itself when its thread is interrupted
    } catch (IOException e) {
      throw new StorageException("open", file, e, safe.get());
    }
  }

  synchronized void append(Map<String, ?> object) {
    try {
      out.write((Json.line(object) + "\n").getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new StorageException("write", file, e, safe.get());
    }
  }

  /** Forces everything written to the device. */
  synchronized void sync() {
    try {
      out.getFD().sync();
    } catch (IOException e) {
      throw new StorageException("write", file, e, safe.get());
    }
  }

  @Override public synchronized void close() {
    try {
      out.close();
    } catch (IOException e) {
      throw new StorageException("close", file, e, safe.get());
    }
  }

  /** The lines of a file, none if it is absent; a last line that was cut off is left out. */
  static List<Map<String, Object>> read(Path file) {
    List<Map<String, Object>> lines = new ArrayList<>();
    scan(file, line -> lines.add(line));
    return lines;
  }

  /** Cuts the file before the first line that is not wanted or was cut off. */
  static void truncate(Path file, Predicate<Map<String, Object>> wanted) {
    long length = scan(file, wanted);
    File path = file.toFile();
    if (!path.exists() || path.length() == length) return;
    try (var access = new RandomAccessFile(path, "rw")) {
      access.setLength(length);
      access.getFD().sync();
    } catch (IOException e) {
      throw new StorageException("cut", file, e, "the file as it was");
    }
  }

  /** Hands out whole lines while they are wanted; returns the number of bytes they take. */
  private static long scan(Path file, Predicate<Map<String, Object>> wanted) {
    byte[] bytes;
    try {
      if (!Files.exists(file)) return 0;
      bytes = Files.readAllBytes(file);
    } catch (IOException e) {
      throw new StorageException("read", file, e, "the file as it was");
    }
    int start = 0;
    for (int number = 1; start < bytes.length; number++) {
      int end = start;
      while (end < bytes.length && bytes[end] != '\n') end++;
      if (end == bytes.length) return start;
      try {
        if (!wanted.test(Json.object(new String(bytes, start, end - start, StandardCharsets.UTF_8)))) return start;
      } catch (IllegalArgumentException e) {
        throw new StorageException("%s line %d is not JSON; the lines above it are good, remove the rest to go on".formatted(file, number));
      }
      start = end + 1;
    }
    return start;
  }
}
