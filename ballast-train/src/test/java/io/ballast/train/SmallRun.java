package io.ballast.train;

import io.ballast.config.RecipeReader;
import io.ballast.config.ResolvedRecipe;
import io.ballast.ledger.ProgressDisplay;
import io.ballast.ledger.RunDirectory;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** A recipe of smoke size, run in a folder, and what can be compared about two runs. */
final class SmallRun {
  private static final List<String> SIZE = List.of("model.layers=2", "model.hidden=64", "model.heads=2", "model.kv-heads=1", "model.mlp=128",
      "task.digits=1", "warm-start.steps=12", "warm-start.batch=16", "rollout.prompts=4", "rollout.group-size=4", "rollout.max-new=16",
      "schedule.steps=8", "eval.prompts=16", "eval.every=4", "run.checkpoint-every=3", "run.log-rollouts=1");

  private SmallRun() {}

  static ResolvedRecipe recipe(String... overrides) {
    List<String> all = new ArrayList<>(SIZE);
    boolean checkpoint = Arrays.stream(overrides).anyMatch(o -> o.startsWith("model.path="));
    if (checkpoint) all.removeIf(o -> o.startsWith("model.")); // the checkpoint has a shape of its own
    all.addAll(Arrays.asList(overrides));
    return new RecipeReader(Map.of()).readText("", "small run", all);
  }

  static Training training(ResolvedRecipe recipe) {
    return Training.of(recipe).display(new ProgressDisplay(new PrintStream(OutputStream.nullOutputStream()), false, 100));
  }

  static Summary start(Path folder, ResolvedRecipe recipe) {
    try (var run = RunDirectory.start(folder, Clock.systemUTC())) {
      return training(recipe).run(run);
    }
  }

  static Summary resume(Path folder) {
    try (var run = RunDirectory.resume(folder, Clock.systemUTC())) {
      return training(new RecipeReader(Map.of()).resume(run.recipe(), List.of())).run(run);
    }
  }

  /** Asks to stop at the n-th question, as a signal would. */
  static BooleanSupplier after(int questions) {
    var asked = new int[1];
    return () -> ++asked[0] >= questions;
  }

  /** The files of a run that must be equal in equal runs, by name: everything but clock readings. */
  static Map<String, String> bytes(Path run) {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(run)) {
      for (Path file : paths.filter(Files::isRegularFile).toList()) {
        String name = run.relativize(file).toString();
        if (name.endsWith("events.jsonl") || name.endsWith("report.html") || name.endsWith(".lock")) continue;
        byte[] content = Files.readAllBytes(file);
        files.put(name, name.endsWith("metrics.jsonl") ? withoutClock(new String(content, StandardCharsets.UTF_8)) : Arrays.hashCode(content) + "/" + content.length);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return files;
  }

  private static String withoutClock(String metrics) {
    return metrics.replaceAll("\"(seconds|tokens-per-second)\":[^,}]*", "\"$1\":0");
  }
}
