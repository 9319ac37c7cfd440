package io.ballast.train;

import io.ballast.config.Recipe;
import io.ballast.config.RecipeException;
import io.ballast.config.ResolvedRecipe;
import io.ballast.ledger.RunDirectory;
import io.ballast.objective.Column;
import io.ballast.tensor.Native;
import io.ballast.verify.Task;
import io.ballast.verify.task.TaskFamily;
import io.ballast.verify.task.TaskSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * What a run records about itself beside the recipe: versions, threads, the hashes of its data and of the checkpoints it reads. A resumed run
 * must find the same ones.
 */
record RunFacts(ResolvedRecipe resolved, Setup setup) {
  private static final String DATA = "data-sha256";
  private static final String SUM = "-crc32c", BASE = "model" + SUM;
  private static final int ENDLESS_HASHED = 200;

  /** Writes {@code recipe.yaml}; refuses to go on with other data than the run began with. */
  void record(RunDirectory run, Optional<Path> checkpoint) {
    String hash = hash(setup.tasks());
    unchanged("data", DATA, hash, run, checkpoint);
    Map<String, String> checkpoints = checkpoints();
    checkpoints.forEach((fact, sum) -> unchanged(fact.equals(BASE) ? "model under the adapter" : fact.replace(SUM, ""), fact, sum, run, checkpoint));
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("ballast", version());
    facts.put("java", Runtime.version().toString());
    facts.put("mkl", String.valueOf(Native.mkl()));
    facts.put("threads", String.valueOf(Native.threads()));
    facts.put(DATA, hash);
    facts.putAll(checkpoints);
    run.writeRecipe(resolved.record(facts));
  }

  /** Sums of the checkpoints that a run reads again when it goes on, by the fact they are recorded as. */
  private Map<String, String> checkpoints() {
    Recipe.Model model = setup.recipe().model();
    Map<String, String> sums = new LinkedHashMap<>();
    if (setup.adapts() && model.path() != null) sums.put(BASE, sum(Path.of(model.path())));
    if (setup.method().columns().contains(Column.TEACHER_LOGP)) sums.put("teacher" + SUM, sum(Path.of(model.teacher())));
    if (setup.method().columns().contains(Column.WEAK_TEACHER_LOGP)) sums.put("weak-teacher" + SUM, sum(Path.of(model.weakTeacher())));
    return sums;
  }

  private void unchanged(String what, String fact, String now, RunDirectory run, Optional<Path> checkpoint) {
    String before = resolved.recorded().get(fact);
    if (checkpoint.isEmpty() || before == null || before.equals(now)) return;
    throw new RecipeException("the %s has changed since %s began (hash %.12s…, now %.12s…); a run goes on with its own only"
        .formatted(what, run.path(), before, now));
  }

  private static String version() {
    String version = Training.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  /** CRC-32C of configuration and weights of a checkpoint that a run needs again when it goes on. */
  private static String sum(Path folder) {
    try (var files = Files.list(folder)) {
      var crc = new CRC32C();
      byte[] buffer = new byte[1 << 20];
      for (Path file : files.filter(file -> file.toString().matches(".*\\.safetensors|.*/config\\.json")).sorted().toList()) {
        try (var in = Files.newInputStream(file)) {
          for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) crc.update(buffer, 0, n);
        }
      }
      return "%08x".formatted(crc.getValue());
    } catch (IOException e) {
      throw new UncheckedIOException("%s cannot be read: %s".formatted(folder, e.getMessage()), e);
    }
  }

  /** SHA-256 over the settings by name, the sizes, and prompts, golds and demonstrations of all tasks; of an endless source, of its first ones. */
  static String hash(TaskFamily family) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(new TreeMap<>(family.settings()).toString().getBytes(StandardCharsets.UTF_8));
      add(digest, family, family.training());
      add(digest, family, family.heldOut());
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void add(MessageDigest digest, TaskFamily family, TaskSource source) {
    digest.update(Long.toString(source.size()).getBytes(StandardCharsets.UTF_8));
    for (long i = 0; i < (source.size() == Long.MAX_VALUE ? ENDLESS_HASHED : source.size()); i++) {
      Task task = source.at(i);
      digest.update((task.prompt() + "\0" + task.gold() + "\0" + family.demonstration(task, 0) + "\0").getBytes(StandardCharsets.UTF_8));
    }
  }
}
