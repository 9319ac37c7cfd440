package io.ballast.ledger;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * {@code checkpoints/step-N/}: each there as a whole or not at all. A checkpoint is written under a hidden name, listed with sizes and
 * sums in its {@value #MANIFEST}, forced to the device and only then renamed.
 */
public final class Checkpoints {
  static final String MANIFEST = "manifest.json";
  private static final String PREFIX = "step-";

  private final Path folder;
  private final Supplier<String> alsoSafe;

  /** @param alsoSafe what else a failure can say is safe, such as {@code ", metrics up to step 7"} */
  Checkpoints(Path folder, Supplier<String> alsoSafe) {
    this.folder = folder;
    this.alsoSafe = alsoSafe;
  }

  /** Fills the folder of a new checkpoint. */
  @FunctionalInterface
  public interface Contents {
    void writeTo(Path folder) throws IOException;
  }

  /** Where checkpoint {@code step} lies or would lie. */
  public Path folder(long step) {
    return folder.resolve(PREFIX + step);
  }

  /**
   * Writes a checkpoint; a complete one of the same step is replaced.
   *
   * @return its folder
   * @throws StorageException if the disk fails; earlier checkpoints are untouched
   */
  public Path write(long step, Contents contents) {
    Path aside = folder.resolve("." + PREFIX + step + ".part");
    Path target = folder(step);
    try {
      Files.createDirectories(folder);
      Disk.delete(aside);
      Files.createDirectory(aside);
      try {
        contents.writeTo(aside);
      } catch (UncheckedIOException e) {
        throw e.getCause();
      }
      seal(aside);
      if (Files.exists(target)) discard(target);
      Disk.rename(aside, target);
      return target;
    } catch (IOException e) {
      try {
        Disk.delete(aside); // a full disk is freed for the earlier results
      } catch (IOException ignored) {
        // the half checkpoint keeps its hidden name and is never read
      }
      throw new StorageException("write checkpoint", target, e, safe());
    }
  }

  /** Steps that have a checkpoint, ascending. */
  public List<Long> steps() {
    if (!Files.isDirectory(folder)) return List.of();
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.map(path -> path.getFileName().toString())
          .filter(name -> name.matches(PREFIX + "\\d{1,18}"))
          .map(name -> Long.parseLong(name.substring(PREFIX.length())))
          .sorted().toList();
    } catch (IOException e) {
      throw new StorageException("list", folder, e, "everything as it was");
    }
  }

  public OptionalLong newest() {
    List<Long> steps = steps();
    return steps.isEmpty() ? OptionalLong.empty() : OptionalLong.of(steps.getLast());
  }

  /**
   * The newest checkpoint's folder, every file checked against its manifest; empty where there is none.
   *
   * @throws StorageException if it is damaged, naming the file and how to go on
   */
  public Optional<Path> open() {
    OptionalLong newest = newest();
    if (newest.isEmpty()) return Optional.empty();
    Path path = folder(newest.getAsLong());
    verify(path);
    return Optional.of(path);
  }

  /** Deletes all but the newest {@code keep} and the best. */
  public void prune(int keep, OptionalLong best) {
    List<Long> steps = steps();
    for (long step : steps.subList(0, Math.max(0, steps.size() - keep))) {
      if (best.isPresent() && best.getAsLong() == step) continue;
      try {
        discard(folder(step));
      } catch (IOException e) {
        throw new StorageException("delete old checkpoint", folder(step), e, safe());
      }
    }
  }

  /** Removes what a killed process left half done. */
  void sweep() {
    if (!Files.isDirectory(folder)) return;
    try (Stream<Path> entries = Files.list(folder)) {
      for (Path path : entries.filter(p -> p.getFileName().toString().startsWith("." + PREFIX)).toList()) Disk.delete(path);
    } catch (IOException e) {
      throw new StorageException("clean", folder, e, safe());
    }
  }

  /** What a failure can say is safe. */
  String safe() {
    OptionalLong newest = newest();
    return (newest.isEmpty() ? "no checkpoint yet" : "checkpoint " + folder(newest.getAsLong())) + alsoSafe.get();
  }

  /** Out of sight in one move, then deleted, so that no half of it is ever taken for a checkpoint. */
  private static void discard(Path checkpoint) throws IOException {
    Path hidden = checkpoint.resolveSibling("." + checkpoint.getFileName() + ".old");
    Disk.delete(hidden);
    Disk.rename(checkpoint, hidden);
    Disk.delete(hidden);
  }

  private static void seal(Path checkpoint) throws IOException {
    var files = new LinkedHashMap<String, Object>();
    for (Path file : Disk.files(checkpoint)) {
      Path path = checkpoint.resolve(file);
      Disk.force(path);
      var facts = new LinkedHashMap<String, Object>(); // in a fixed order: equal checkpoints have equal manifests
      facts.put("bytes", Files.size(path));
      facts.put("crc32c", sum(path));
      files.put(file.toString().replace('\\', '/'), facts);
    }
    Disk.write(checkpoint.resolve(MANIFEST), Json.line(Map.of("files", files)) + "\n");
    try (Stream<Path> paths = Files.walk(checkpoint)) {
      for (Path path : paths.filter(Files::isDirectory).toList()) Disk.force(path);
    }
  }

  private void verify(Path checkpoint) {
    List<String> problems = new ArrayList<>();
    try {
      Path manifest = checkpoint.resolve(MANIFEST);
      if (!Files.exists(manifest)) {
        problems.add(MANIFEST + " is missing");
      } else if (Json.object(Files.readString(manifest)).get("files") instanceof Map<?, ?> files) {
        files.forEach((name, facts) -> check(checkpoint.resolve(String.valueOf(name)), (Map<?, ?>) facts, problems));
      } else {
        problems.add(MANIFEST + " lists no files");
      }
    } catch (IOException | IllegalArgumentException e) {
      problems.add(MANIFEST + " cannot be read");
    }
    if (problems.isEmpty()) return;
    List<Long> older = steps().stream().filter(step -> !folder(step).equals(checkpoint)).toList();
    throw new StorageException("checkpoint %s is damaged: %s; %s".formatted(checkpoint, String.join(", ", problems), older.isEmpty()
        ? "there is no older one to go on from"
        : "remove that folder to go on from " + PREFIX + older.getLast() + ", which lies beside it"));
  }

  private static void check(Path file, Map<?, ?> facts, List<String> problems) {
    try {
      if (!Files.isRegularFile(file)) {
        problems.add(file.getFileName() + " is missing");
      } else if (!(facts.get("bytes") instanceof Number bytes) || Files.size(file) != bytes.longValue()) {
        problems.add("%s has %d bytes, not %s".formatted(file.getFileName(), Files.size(file), facts.get("bytes")));
      } else if (!sum(file).equals(facts.get("crc32c"))) {
        problems.add(file.getFileName() + " has other contents than were written");
      }
    } catch (IOException e) {
      problems.add(file.getFileName() + " cannot be read");
    }
  }

  private static String sum(Path file) throws IOException {
    var crc = new CRC32C();
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = Files.newInputStream(file)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) crc.update(buffer, 0, n);
    }
    return Long.toHexString(crc.getValue());
  }
}
