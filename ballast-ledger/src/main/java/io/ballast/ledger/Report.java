package io.ballast.ledger;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * {@code report.html}: plots, sampled answers token by token, recipe and events of a run on one page that needs nothing but a browser.
 * It is drawn from the run directory alone and computes nothing that is not there.
 */
public final class Report {
  private static final int MOST_POINTS = 4_000, MOST_STEPS = 12, MOST_GROUPS = 4, MOST_SAMPLES = 8;

  private Report() {}

  /**
   * Draws or redraws the page of a run.
   *
   * @return the page
   * @throws RunRefusedException if the folder is no run
   */
  public static Path write(Path run) {
    if (!Files.isDirectory(run)) throw new RunRefusedException("there is no run at %s".formatted(run));
    if (!Files.exists(run.resolve("events.jsonl")) && !Files.exists(run.resolve("metrics.jsonl"))) {
      throw new RunRefusedException("%s is not a run: it has neither metrics.jsonl nor events.jsonl".formatted(run));
    }
    Path page = run.resolve("report.html");
    try {
      Disk.write(page, page(run));
    } catch (IOException e) {
      throw new StorageException("write", page, e, "the run itself, the page is drawn from it");
    }
    return page;
  }

  private static String page(Path run) throws IOException {
    var data = new LinkedHashMap<String, @Nullable Object>();
    data.put("name", run.toAbsolutePath().normalize().getFileName().toString());
    data.put("events", EventLog.read(run.resolve("events.jsonl")));
    data.put("recipe", Files.exists(run.resolve("recipe.yaml")) ? Files.readString(run.resolve("recipe.yaml")) : "");
    data.put("metrics", columns(MetricsLog.read(run.resolve("metrics.jsonl"))));
    data.put("warmStart", columns(MetricsLog.read(run.resolve("warm-start").resolve("metrics.jsonl"))));
    data.put("rollouts", rollouts(run.resolve("rollouts")));
    String name = String.valueOf(data.get("name"));
    return resource("report.html")
        .replace("/*STYLE*/", resource("report.css"))
        .replace("<!--TITLE-->", name.replace("&", "&amp;").replace("<", "&lt;"))
        .replace("/*SCRIPT*/", resource("report.js"))
        .replace("/*DATA*/", Json.text(data).replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029"));
  }

  /** Metric lines as one array a name; of very long runs every n-th line and those with an evaluation. */
  private static Map<String, Object> columns(List<Map<String, Object>> lines) {
    int stride = 1 + lines.size() / MOST_POINTS;
    List<Map<String, Object>> shown = new ArrayList<>();
    Set<String> names = new LinkedHashSet<>();
    for (int i = 0; i < lines.size(); i++) {
      if (i % stride != 0 && i != lines.size() - 1 && !lines.get(i).containsKey("pass-at-1")) continue;
      shown.add(lines.get(i));
      names.addAll(lines.get(i).keySet());
    }
    var columns = new LinkedHashMap<String, Object>();
    for (String name : names) {
      List<@Nullable Object> values = new ArrayList<>();
      for (var line : shown) values.add(line.get(name));
      columns.put(name, values);
    }
    return columns;
  }

  /** Trajectories of up to {@value #MOST_STEPS} steps spread over the run, the first and the last among them. */
  private static List<Map<String, Object>> rollouts(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) return List.of();
    List<Long> steps;
    try (Stream<Path> files = Files.list(folder)) {
      steps = files.flatMap(file -> RunDirectory.rolloutStep(file).stream()).sorted().toList();
    }
    Set<Long> chosen = new LinkedHashSet<>();
    int wanted = Math.min(MOST_STEPS, steps.size());
    for (int i = 0; i < wanted; i++) chosen.add(steps.get(wanted == 1 ? 0 : (int) Math.round((double) i * (steps.size() - 1) / (wanted - 1))));
    List<Map<String, Object>> shown = new ArrayList<>();
    for (long step : chosen) {
      var one = new LinkedHashMap<String, Object>();
      one.put("step", step);
      one.put("trajectories", some(JsonLines.read(folder.resolve("step-" + step + ".jsonl"))));
      shown.add(one);
    }
    return shown;
  }

  private static List<Map<String, Object>> some(List<Map<String, Object>> trajectories) {
    Map<Object, List<Map<String, Object>>> groups = new LinkedHashMap<>();
    for (var trajectory : trajectories) {
      groups.computeIfAbsent(String.valueOf(trajectory.get("group")), _ -> new ArrayList<>()).add(trajectory);
    }
    return groups.values().stream().limit(MOST_GROUPS).flatMap(group -> group.stream().limit(MOST_SAMPLES)).toList();
  }

  private static String resource(String name) {
    try (var in = Report.class.getResourceAsStream(name)) {
      if (in == null) throw new IllegalStateException(name + " is missing from the class path");
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
