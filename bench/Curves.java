import io.ballast.ledger.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** Writes what became of the runs of curves.sh: a section on each method's page, and the table of docs/staleness.md. Arguments: the runs, docs. */
final class Curves {
  private static final String BEGIN = "<!-- written by bench/curves.sh -->", END = "<!-- end of what bench/curves.sh writes -->";
  private static final String BLOCKS = "▁▂▃▄▅▆▇█";

  /** One run: greedy pass@1 on held-out prompts when evaluated, mean reward and entropy of each update. */
  record Run(double[] passed, double[] reward, double[] entropy) {

    static Run of(Path metrics) throws IOException {
      List<Map<String, Object>> lines = Files.readAllLines(metrics).stream().map(Json::object).toList();
      return new Run(column(lines, "pass-at-1"), column(lines, "reward-mean"), column(lines, "entropy"));
    }

    private static double[] column(List<Map<String, Object>> lines, String name) {
      return lines.stream().map(line -> line.get(name)).filter(Number.class::isInstance).mapToDouble(value -> ((Number) value).doubleValue()).toArray();
    }

    double start() {
      return passed[0];
    }

    double end() {
      return passed[passed.length - 1];
    }

    double best() {
      return Arrays.stream(passed).max().orElseThrow();
    }

    String outcome() {
      return end() < start() ? "collapsed" : end() < best() - 0.1 ? "slipped" : "held";
    }

    /** Two updates a block, the lowest block for reward 0 to 1/8, the highest for 7/8 to 1. */
    String spark() {
      var text = new StringBuilder();
      for (int i = 0; i + 1 < reward.length; i += 2) {
        double mean = (reward[i] + reward[i + 1]) / 2;
        text.append(BLOCKS.charAt(Math.clamp((int) (mean * BLOCKS.length()), 0, BLOCKS.length() - 1)));
      }
      return text.toString();
    }

    String entropies() {
      return String.format(Locale.ROOT, "%.3f → %.3f", entropy[0], entropy[entropy.length - 1]);
    }
  }

  static void main(String[] args) throws IOException {
    Path runs = Path.of(args[0]), docs = Path.of(args[1]);
    Map<Integer, Map<String, Run>> all = new TreeMap<>();
    try (var folders = Files.newDirectoryStream(runs, "staleness-*")) {
      for (Path folder : folders) all.put(Integer.parseInt(folder.getFileName().toString().substring("staleness-".length())), finished(folder));
    }
    var ids = new TreeSet<String>();
    all.values().forEach(byMethod -> ids.addAll(byMethod.keySet()));
    for (String id : ids) replace(docs.resolve("methods").resolve(id + ".md"), "\n## Curve\n\n", section(id, all));
    replace(docs.resolve("staleness.md"), "\n", table(ids, all));
  }

  private static Map<String, Run> finished(Path folder) throws IOException {
    Map<String, Run> byMethod = new TreeMap<>();
    try (var dirs = Files.newDirectoryStream(folder, Files::isDirectory)) {
      for (Path dir : dirs) {
        Path events = dir.resolve("events.jsonl");
        if (Files.exists(events) && Files.readString(events).contains("\"event\":\"finished\"")) byMethod.put(dir.getFileName().toString(), Run.of(dir.resolve("metrics.jsonl")));
      }
    }
    return byMethod;
  }

  private static String section(String id, Map<Integer, Map<String, Run>> all) {
    var text = new StringBuilder("| staleness | pass@1 after 0, 10, 20, 30, 40 updates | mean reward, update 1 to 40 | entropy, nats | outcome |\n| --- | --- | --- | --- | --- |\n");
    all.forEach((staleness, byMethod) -> {
      Run run = byMethod.get(id);
      if (run == null) return;
      String passed = String.join(", ", IntStream.range(0, run.passed.length).mapToObj(i -> percent(run.passed[i])).toList());
      text.append("| %d | %s %% | `%s` | %s | %s |\n".formatted(staleness, passed, run.spark(), run.entropies(), run.outcome()));
    });
    return text + "\nOne run each, seed 0, recipe `bench/curves.yaml`; [what that shows and what it does not](../staleness.md). Again: `bench/curves.sh -s 4 " + id + "`\n";
  }

  private static String table(TreeSet<String> ids, Map<Integer, Map<String, Run>> all) {
    List<String> head = new ArrayList<>(List.of("method"));
    for (int staleness : all.keySet()) head.addAll(List.of("staleness " + staleness + ": end (best)", "entropy", "outcome"));
    var text = new StringBuilder("| " + String.join(" | ", head) + " |\n|" + " --- |".repeat(head.size()) + "\n");
    for (String id : ids) {
      List<String> row = new ArrayList<>(List.of("[`%s`](methods/%s.md)".formatted(id, id)));
      for (Map<String, Run> byMethod : all.values()) {
        Run run = byMethod.get(id);
        row.addAll(run == null ? List.of("", "", "") : List.of("%s (%s)".formatted(percent(run.end()), percent(run.best())), run.entropies(), run.outcome()));
      }
      text.append("| ").append(String.join(" | ", row)).append(" |\n");
    }
    return text.toString();
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f", 100 * share);
  }

  /** Puts the text between the page's markers; a page without them gets heading and markers at its end. */
  private static void replace(Path page, String heading, String text) throws IOException {
    String old = Files.readString(page), between = BEGIN + "\n" + text + END + "\n";
    int from = old.indexOf(BEGIN), to = old.indexOf(END);
    Files.writeString(page, from < 0 ? old.stripTrailing() + "\n" + heading + between : old.substring(0, from) + between + old.substring(to + END.length()).stripLeading());
  }
}
