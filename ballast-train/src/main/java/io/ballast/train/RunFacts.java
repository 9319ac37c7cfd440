package io.ballast.train;

import io.ballast.config.ResolvedRecipe;
import io.ballast.ledger.RunDirectory;
import io.ballast.tensor.Native;
import io.ballast.verify.Task;
import io.ballast.verify.task.TaskFamily;
import io.ballast.verify.task.TaskSource;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What a run records about itself beside the recipe: versions, threads, the hash of its data. A resumed run must find the same data. */
record RunFacts(ResolvedRecipe resolved, Setup setup) {
  private static final String DATA = "data-sha256";
  private static final int MOST_HASHED = 20_000;

  /** Writes {@code recipe.yaml}; refuses to go on with other data than the run began with. */
  void record(RunDirectory run, Optional<Path> checkpoint) {
    String hash = hash(setup.tasks());
    String before = resolved.recorded().get(DATA);
    if (checkpoint.isPresent() && before != null && !before.equals(hash)) {
      throw new IllegalArgumentException("the data has changed since %s began (hash %.12s…, now %.12s…); a run goes on with its own data only"
          .formatted(run.path(), before, hash));
    }
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("ballast", version());
    facts.put("java", Runtime.version().toString());
    facts.put("mkl", String.valueOf(Native.mkl()));
    facts.put("threads", String.valueOf(Native.threads()));
    facts.put(DATA, hash);
    run.writeRecipe(resolved.record(facts));
  }

  private static String version() {
    String version = Training.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  /** SHA-256 over prompts and golds of the first {@value #MOST_HASHED} tasks of either side and over the sizes. */
  private static String hash(TaskFamily family) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(family.settings().toString().getBytes(StandardCharsets.UTF_8));
      add(digest, family.training());
      add(digest, family.heldOut());
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void add(MessageDigest digest, TaskSource source) {
    digest.update(Long.toString(source.size()).getBytes(StandardCharsets.UTF_8));
    for (long i = 0; i < Math.min(source.size(), source.size() == Long.MAX_VALUE ? 200 : MOST_HASHED); i++) {
      Task task = source.at(i);
      digest.update((task.prompt() + "\0" + task.gold() + "\0").getBytes(StandardCharsets.UTF_8));
    }
  }
}
