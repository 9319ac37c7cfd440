package io.ballast.cli;

import io.ballast.config.Overrides;
import io.ballast.ledger.Json;
import io.ballast.verify.Tally;
import io.ballast.verify.Verdict;
import io.ballast.verify.Verifier;
import io.ballast.verify.Verifiers;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "verify",
    description = "Run an answer checker over JSON lines.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footerHeading = "%nInput: a line {\"gold\": …, \"answer\": …} each, more fields allowed. Output: a line {\"score\", \"verdict\", \"extracted\",%n"
        + "\"reason\"} each; a line that is no such object is \"invalid\" and makes the exit status 2 after the last; blank lines are skipped.%n%nExamples:%n",
    footer = {
      "  ballast verify --verifier gsm8k --input answers.jsonl",
      "  ballast verify --verifier math --input - --set time-limit=2 < answers.jsonl",
      "  ballast verify --verifier gsm8k --input train.jsonl --lint-gold     are the expected answers themselves readable?"
    })
final class VerifyVerb implements Callable<Integer> {

  /** Lines a core may be ahead of the one that is printed next. */
  private static final int LINES_AHEAD = 16;
  /** Where a data set's own line has its expected answer: the first of these that is there. */
  private static final List<String> GOLDS = List.of("gold", "answer", "solution", "target");

  @Option(names = "--verifier", paramLabel = "V", description = "The checker: gsm8k, math, exact, regex, json-schema, code and others.")
  private @Nullable String name;

  @Option(names = "--input", paramLabel = "FILE|-", description = "The JSON lines; - reads stdin.")
  private @Nullable String input;

  @Option(names = "--set", paramLabel = "KEY=VALUE", description = "A setting of the checker, for example time-limit=2 (seconds an answer may take).")
  private List<String> overrides = List.of();

  @Option(names = "--lint-gold", description = "Check the expected answers themselves: the field gold or, in a data set's own file, answer, solution or target.")
  private boolean lintGold;

  @Override public Integer call() throws IOException {
    Verifier verifier = verifier();
    if (input == null) throw new RequestException("verify needs --input FILE or - for stdin");
    var totals = new Totals();
    int cores = Runtime.getRuntime().availableProcessors();
    var waiting = new ArrayDeque<Future<Checked>>();
    var workers = Executors.newFixedThreadPool(cores, Thread.ofPlatform().daemon().name("verify-", 0).factory());
    try (InputStream in = Streams.open(input); var lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      while (true) {
        if (!lines.ready()) { // whoever writes the input may wait for what is known so far
          while (!waiting.isEmpty()) print(waiting.remove(), totals);
          Streams.out().flush();
        }
        String line = lines.readLine();
        if (line == null) break;
        if (line.isBlank()) continue;
        waiting.add(workers.submit(() -> check(verifier, line)));
        if (waiting.size() == cores * LINES_AHEAD) print(waiting.remove(), totals);
      }
      while (!waiting.isEmpty()) print(waiting.remove(), totals);
      Streams.out().flush();
    } finally {
      workers.shutdownNow();
    }
    Streams.err().println(totals.tally + (totals.invalid == 0 ? "" : ", " + totals.invalid + " invalid"));
    return totals.invalid == 0 ? Exit.DONE : Exit.REQUEST_WRONG;
  }

  private static final class Totals {
    final Tally tally = new Tally();
    long invalid;
  }

  /** A line's verdict; {@code wrongLine} says why there is none. */
  private record Checked(@Nullable Verdict verdict, String wrongLine) {}

  /** In the order of the input, whichever line was done first. */
  private static void print(Future<Checked> line, Totals totals) throws IOException {
    Checked checked;
    try {
      checked = line.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while checking", e);
    } catch (ExecutionException e) {
      throw new IOException("a line could not be checked: " + e.getCause(), e);
    }
    if (checked.verdict == null) {
      totals.invalid++;
      Streams.out().print(Json.line(result(0, "invalid", "", checked.wrongLine)) + "\n");
      return;
    }
    var verdict = checked.verdict;
    totals.tally.add(verdict);
    Streams.out().print(Json.line(result(verdict.score(), verdict.label(), verdict.extracted(), verdict.reason())) + "\n");
  }

  private Verifier verifier() {
    if (name == null) throw new RequestException("verify needs --verifier, one of: " + String.join(", ", Verifiers.names()));
    try {
      return Verifiers.named(name, Overrides.read(overrides));
    } catch (IllegalArgumentException e) {
      throw new RequestException(e.getMessage());
    }
  }

  private Checked check(Verifier verifier, String line) {
    Map<String, @Nullable Object> given;
    try {
      given = Json.object(line);
    } catch (IllegalArgumentException e) {
      return new Checked(null, String.valueOf(e.getMessage()));
    }
    if (lintGold) {
      for (String field : GOLDS) if (given.containsKey(field)) return new Checked(verifier.lint(text(given.get(field))), "");
      return new Checked(null, "the line has none of the fields " + String.join(", ", GOLDS));
    }
    for (String field : List.of("gold", "answer")) {
      if (!given.containsKey(field)) return new Checked(null, "the line has no field \"%s\"".formatted(field));
    }
    return new Checked(verifier.verify(text(given.get("gold")), text(given.get("answer"))), "");
  }

  private static Map<String, Object> result(double score, String verdict, String extracted, String reason) {
    var result = new LinkedHashMap<String, Object>();
    result.put("score", score);
    result.put("verdict", verdict);
    result.put("extracted", extracted);
    result.put("reason", reason);
    return result;
  }

  /** A field as the text checkers read: texts as they are, everything else as JSON. */
  private static String text(@Nullable Object field) {
    return switch (field) {
      case null -> "";
      case String text -> text;
      case Double number when number == Math.rint(number) && Math.abs(number) < 1e15 -> String.valueOf(number.longValue());
      case Number number -> number.toString();
      case Boolean flag -> flag.toString();
      default -> Json.text(field);
    };
  }
}
