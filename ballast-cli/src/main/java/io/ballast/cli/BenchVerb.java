package io.ballast.cli;

import io.ballast.bench.Shape;
import io.ballast.bench.StepBenchmark;
import io.ballast.bench.StepResult;
import io.ballast.bench.Work;
import io.ballast.ledger.Json;
import io.ballast.method.Nearest;
import io.ballast.sample.Numerics;
import io.ballast.tensor.DType;
import io.ballast.tensor.Device;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "bench",
    description = "Measured speed and memory: sampling (rollout), one optimizer update (train) or both (step) on a random model; or objectives alone, on random numbers.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footerHeading = "%nSettings: shape (3m, 13m, 135m), prompts, group, max-new, prompt-length, steps, dtype (fp32, bf16), device, numerics%n"
        + "(fast, exact), first-phase (score all tokens before the backward pass, as on stale data: true, false).%n"
        + "Settings of objective: method (default: all), tokens (1000000), sequences (4096), threads (1), warm-up (10)%n"
        + "and iterations (9), evaluations before and while it is measured, forks (1: a process a method; 0: none).%n%nExamples:%n",
    footer = {
      "  ballast bench step --set shape=13m --set dtype=bf16 --json",
      "  ballast bench objective --set method=bapo"
    })
final class BenchVerb implements Callable<Integer> {
  private static final List<String> KEYS =
      List.of("shape", "prompts", "group", "max-new", "prompt-length", "steps", "dtype", "device", "numerics", "first-phase");
  private static final List<String> OBJECTIVE_KEYS = List.of("method", "tokens", "sequences", "threads", "warm-up", "iterations", "forks");
  private static final List<String> PARTS = List.of("rollout", "train", "step", "objective");

  @Parameters(paramLabel = "rollout|train|step|objective", description = "What is run.")
  private String part = "";

  @Option(names = "--set", paramLabel = "KEY=VALUE", description = "A setting, see below.")
  private Map<String, String> settings = new LinkedHashMap<>();

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Override public Integer call() {
    if (!PARTS.contains(part)) throw new RequestException(Nearest.message("benchmark", part, PARTS));
    refuseUnknown(part.equals("objective") ? OBJECTIVE_KEYS : KEYS);
    if (part.equals("objective")) return objective();
    Work work = work();
    var benchmark = new StepBenchmark(StepBenchmark.Part.valueOf(part.toUpperCase(Locale.ROOT)), work);
    StepResult result = benchmark.run(step -> Streams.err().println(step == 0 ? "warm-up done" : "step %d of %d done".formatted(step, work.steps())));
    if (json) Streams.out().println(Json.line(fields(result)));
    else fields(result).forEach((name, value) -> Streams.out().println("%-22s %s".formatted(name, shown(value))));
    return Exit.DONE;
  }

  private int objective() {
    String method = settings.get("method");
    try {
      new ObjectiveBench(number("tokens", 1_000_000), number("sequences", 4_096), number("threads", 1), number("warm-up", 10), number("iterations", 9),
          number("forks", 1)).run(method == null || method.equals("all") ? null : method, this::print);
    } catch (IllegalArgumentException e) {
      throw new RequestException(e.getMessage());
    }
    return Exit.DONE;
  }

  /** JSON lines as asked for, or a row of a table. */
  private void print(Map<String, Object> line) {
    if (json) Streams.out().println(Json.line(line));
    else Streams.out().println(String.format(Locale.ROOT, "%-24s %8.2f ms  %6.1f ns/token  %5.2f × ppo  %6.1f bytes/token%s", line.get("method"), line.get("millis"),
        line.get("nanosPerToken"), line.get("ratioToPpo"), line.get("bytesAllocatedPerToken"),
        line.containsKey("beyondProbe") ? "  reads " + line.get("beyondProbe") : ""));
    Streams.out().flush();
  }

  private void refuseUnknown(List<String> known) {
    for (String key : settings.keySet()) if (!known.contains(key)) throw new RequestException(Nearest.message("setting of bench " + part, key, known));
  }

  private Work work() {
    try {
      Shape shape = Shape.parse(settings.getOrDefault("shape", "3m"));
      Work d = Work.of(shape);
      return new Work(shape, number("prompts", d.prompts()), number("group", d.group()), number("max-new", d.maxNew()),
          number("prompt-length", d.promptLength()), number("steps", d.steps()), DType.parse(settings.getOrDefault("dtype", "fp32")),
          Device.parse(settings.getOrDefault("device", "cpu")).usable(), numerics(settings.getOrDefault("numerics", "fast")),
          truth("first-phase", d.firstPhase()));
    } catch (IllegalArgumentException e) {
      throw new RequestException(e.getMessage());
    }
  }

  private int number(String key, int otherwise) {
    String text = settings.get(key);
    if (text == null) return otherwise;
    try {
      return Integer.parseInt(text.strip());
    } catch (NumberFormatException e) {
      throw new RequestException("%s must be a whole number, got '%s'".formatted(key, text));
    }
  }

  private boolean truth(String key, boolean otherwise) {
    String text = settings.get(key);
    if (text == null) return otherwise;
    if (!text.equals("true") && !text.equals("false")) throw new RequestException("%s must be true or false, got '%s'".formatted(key, text));
    return text.equals("true");
  }

  private static Numerics numerics(String text) {
    for (Numerics known : Numerics.values()) if (known.name().equalsIgnoreCase(text)) return known;
    throw new RequestException(Nearest.message("numerics", text, List.of("fast", "exact")));
  }

  private static Map<String, @Nullable Object> fields(StepResult r) {
    var fields = new LinkedHashMap<String, @Nullable Object>();
    fields.put("params", r.params());
    fields.put("tokens", r.tokens());
    fields.put("stepSeconds", r.stepSeconds());
    fields.put("sampleSeconds", r.sampleSeconds());
    fields.put("trainSeconds", r.trainSeconds());
    fields.put("sampleTokensPerSecond", r.sampleTokensPerSecond());
    fields.put("stepTokensPerSecond", r.stepTokensPerSecond());
    fields.put("peakResidentMb", r.peakResidentMb());
    fields.put("matmulPeakGflops", r.matmulPeakGflops());
    fields.put("memoryBandwidthGbs", r.memoryBandwidthGbs());
    fields.put("trainFlopsUtilisation", r.trainFlopsUtilisation());
    fields.put("sampleRoofline", r.sampleRoofline());
    fields.values().removeIf(value -> value == null);
    return fields;
  }

  private static String shown(Object value) {
    return value instanceof Double number ? "%.4g".formatted(number) : value.toString();
  }
}
