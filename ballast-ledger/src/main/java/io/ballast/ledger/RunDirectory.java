package io.ballast.ledger;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The folder of a run: {@code recipe.yaml}, {@code metrics.jsonl}, {@code events.jsonl}, {@code rollouts/}, {@code checkpoints/},
 * {@code report.html}, and {@code warm-start/} with the same files for the supervised warm start. One process at a time works in it.
 */
public final class RunDirectory implements AutoCloseable {
  private static final List<String> OWN = List.of("recipe.yaml", "metrics.jsonl", "events.jsonl", "rollouts", "checkpoints", "warm-start", "report.html");

  private final Path path;
  private final Clock clock;
  private final Checkpoints checkpoints;
  private final @Nullable FileChannel lock;
  private @Nullable MetricsLog metrics;
  private @Nullable EventLog events;

  private RunDirectory(Path path, Clock clock, @Nullable FileChannel lock) {
    this.path = path;
    this.clock = clock;
    this.lock = lock;
    checkpoints = new Checkpoints(path.resolve("checkpoints"), () -> metrics == null || metrics.last() < 0 ? "" : ", metrics up to step " + metrics.last());
  }

  /** A new folder {@code parent/NAME-DATE-TIME}, with a number behind it where that one is taken. */
  public static RunDirectory create(Path parent, String name, Clock clock) {
    String stamped = name + "-" + LocalDateTime.now(clock).format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss"));
    try {
      Files.createDirectories(parent);
      for (int n = 1; ; n++) {
        Path path = parent.resolve(n == 1 ? stamped : stamped + "-" + n);
        if (Files.exists(path)) continue;
        Files.createDirectory(path);
        return new RunDirectory(path, clock, lock(path));
      }
    } catch (IOException e) {
      throw new StorageException("create a run folder in", parent, e, "nothing was started");
    }
  }

  /**
   * The folder {@code path} for a run from its start. A run that holds a checkpoint is never overwritten; one that holds none is
   * cleared and starts over.
   *
   * @throws RunRefusedException if it holds a checkpoint or something that is no run, or another process works in it
   */
  public static RunDirectory start(Path path, Clock clock) {
    try {
      if (Files.exists(path) && !Files.isDirectory(path)) throw new RunRefusedException("%s is a file; --run takes a folder".formatted(path));
      if (Files.isDirectory(path)) refuseForeign(path);
      Files.createDirectories(path);
      var run = new RunDirectory(path, clock, lock(path));
      List<Long> steps = Stream.concat(run.checkpoints.steps().stream(), run.warmStartCheckpoints().steps().stream()).toList();
      if (!steps.isEmpty()) {
        run.close();
        throw new RunRefusedException("%s holds a run with %s; add --resume to go on, or give another folder"
            .formatted(path, run.checkpoints.steps().isEmpty() ? "a checkpoint of its warm start" : "checkpoint step-" + run.checkpoints.steps().getLast()));
      }
      for (String name : OWN) Disk.delete(path.resolve(name));
      return run;
    } catch (IOException e) {
      throw new StorageException("prepare", path, e, "nothing was started");
    }
  }

  /**
   * An existing run, to go on with. What a killed process left half written is removed; call {@link #rewind} before writing.
   *
   * @throws RunRefusedException if there is no such run or another process works in it
   */
  public static RunDirectory resume(Path path, Clock clock) {
    try {
      if (!Files.isDirectory(path)) throw new RunRefusedException("there is no run at %s to resume; leave --resume out to start one there".formatted(path));
      refuseForeign(path);
      var run = new RunDirectory(path, clock, lock(path));
      run.checkpoints.sweep();
      run.warmStartCheckpoints().sweep();
      return run;
    } catch (IOException e) {
      throw new StorageException("open", path, e, "the run as it was");
    }
  }

  private static void refuseForeign(Path path) throws IOException {
    try (Stream<Path> entries = Files.list(path)) {
      List<String> names = entries.map(entry -> entry.getFileName().toString()).filter(name -> !name.startsWith(".")).toList();
      if (!names.isEmpty() && names.stream().noneMatch(OWN::contains)) {
        throw new RunRefusedException("%s holds other things (%s) and no run; give a new or empty folder".formatted(path, names.getFirst()));
      }
    }
  }

  private static FileChannel lock(Path path) throws IOException {
    var channel = FileChannel.open(path.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock lock;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      lock = null;
    }
    if (lock == null) {
      channel.close();
      throw new RunRefusedException("another process is working in %s; wait for it or give another folder".formatted(path));
    }
    return channel;
  }

  public Path path() {
    return path;
  }

  public Path recipe() {
    return path.resolve("recipe.yaml");
  }

  public Checkpoints checkpoints() {
    return checkpoints;
  }

  private Checkpoints warmStartCheckpoints() {
    return new Checkpoints(path.resolve("warm-start").resolve("checkpoints"), () -> "");
  }

  /** The warm start's own folder within this one, created where it is not there yet; this run's lock covers it. */
  public RunDirectory warmStart() {
    Path folder = path.resolve("warm-start");
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new StorageException("create", folder, e, safe());
    }
    return new RunDirectory(folder, clock, null);
  }

  /** Replaces {@code recipe.yaml} as a whole. */
  public void writeRecipe(String yaml) {
    try {
      Disk.write(recipe(), yaml);
    } catch (IOException e) {
      throw new StorageException("write", recipe(), e, safe());
    }
  }

  /** Drops everything recorded after {@code step} (−1: everything), so that it can be written again. */
  public void rewind(long step) {
    MetricsLog.dropAfter(path.resolve("metrics.jsonl"), step);
    JsonLines.truncate(path.resolve("events.jsonl"), line -> true);
    Path rollouts = path.resolve("rollouts");
    if (!Files.isDirectory(rollouts)) return;
    try (Stream<Path> files = Files.list(rollouts)) {
      for (Path file : files.toList()) if (rolloutStep(file).orElse(Long.MAX_VALUE) > step) Files.delete(file);
    } catch (IOException e) {
      throw new StorageException("clean", rollouts, e, safe());
    }
  }

  /** The log of metrics, opened for appending at the first call. */
  public synchronized MetricsLog metrics() {
    if (metrics == null) metrics = new MetricsLog(path.resolve("metrics.jsonl"), this::safe);
    return metrics;
  }

  /** The log of events, opened for appending at the first call. */
  public synchronized EventLog events() {
    if (events == null) events = new EventLog(path.resolve("events.jsonl"), this::safe, clock);
    return events;
  }

  /** Writes {@code rollouts/step-N.jsonl} as a whole. */
  public void writeRollouts(long step, List<Trajectory> trajectories) {
    Path file = path.resolve("rollouts").resolve("step-" + step + ".jsonl");
    var text = new StringBuilder();
    for (var trajectory : trajectories) text.append(Json.line(trajectory.json())).append('\n');
    try {
      Files.createDirectories(path.resolve("rollouts"));
      Disk.write(file, text.toString());
    } catch (IOException e) {
      throw new StorageException("write", file, e, safe());
    }
  }

  /**
   * Forces the logs to the device, writes checkpoint {@code step}, notes it in the events and deletes those that are too many.
   *
   * @param best the step whose checkpoint is kept however old it is
   */
  public Path checkpoint(long step, int keep, OptionalLong best, Checkpoints.Contents contents) {
    metrics().sync();
    Path written = checkpoints.write(step, contents);
    events().checkpoint(step);
    events().sync();
    checkpoints.prune(keep, best);
    return written;
  }

  /** The step of the best {@code pass-at-1} recorded so far among those that have a checkpoint or are {@code candidate}. */
  public OptionalLong best(long candidate) {
    List<Long> steps = checkpoints.steps();
    OptionalLong best = OptionalLong.empty();
    double most = -1;
    for (var line : MetricsLog.read(path.resolve("metrics.jsonl"))) {
      if (!(line.get("step") instanceof Number step) || !(line.get("pass-at-1") instanceof Number pass)) continue;
      if (pass.doubleValue() > most && (step.longValue() == candidate || steps.contains(step.longValue()))) {
        most = pass.doubleValue();
        best = OptionalLong.of(step.longValue());
      }
    }
    return best;
  }

  /** What a failure can tell the user is safe: the newest checkpoint and the last metric line. */
  public String safe() {
    return checkpoints.safe();
  }

  static Optional<Long> rolloutStep(Path file) {
    String name = file.getFileName().toString();
    return name.matches("step-\\d{1,18}\\.jsonl") ? Optional.of(Long.parseLong(name.substring(5, name.length() - 6))) : Optional.empty();
  }

  @Override public void close() {
    if (metrics != null) metrics.close();
    if (events != null) events.close();
    if (lock == null) return;
    try {
      lock.close();
    } catch (IOException e) {
      throw new StorageException("close", path, e, safe());
    }
  }
}
