package io.ballast.cli;

import io.ballast.config.Overrides;
import io.ballast.data.DataSettings;
import io.ballast.data.TaskFile;
import io.ballast.ledger.Json;
import io.ballast.ledger.ProgressDisplay;
import io.ballast.model.Policy;
import io.ballast.sample.Completion;
import io.ballast.sample.Generator;
import io.ballast.sample.Request;
import io.ballast.text.ChatTemplate;
import io.ballast.text.Tokenizer;
import io.ballast.verify.PassRates;
import io.ballast.verify.Tally;
import io.ballast.verify.Task;
import io.ballast.verify.Verdict;
import io.ballast.verify.Verifier;
import io.ballast.verify.Verifiers;
import io.ballast.verify.task.TaskFamily;
import io.ballast.verify.task.Tasks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "eval",
    description = "pass@1, pass@k and avg@k of a checkpoint, with 95 %% bootstrap intervals over the prompts.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  ballast eval --model runs/first/checkpoints/step-200/model --data arithmetic --greedy",
      "  ballast eval --model DIR --data test.jsonl --verifier gsm8k --samples 8 --temperature 0.8 --json",
      "  ballast eval --model DIR --data data/gsm8k --set data.dataset=gsm8k --set data.chat=true"
    })
final class EvalVerb implements Callable<Integer> {

  @Mixin
  private ModelOptions options = new ModelOptions();

  @Option(names = "--data", paramLabel = "SRC", description = "Prompts and expected answers: JSON lines, JSON, CSV, Parquet, or a folder (of which the test part, if it has one); "
      + "or a task's name: its held-out prompts.")
  private @Nullable String data;

  @Option(names = "--verifier", paramLabel = "V", description = "The checker of answers; a task or a known data set has its own.")
  private @Nullable String verifierName;

  @Option(names = "--set", paramLabel = "KEY=VALUE", description = "A setting of the task or, with a file, of the checker; data.KEY says what its columns mean, as in a recipe: "
      + "data.dataset, data.prompt, data.answer, data.template, data.chat, data.system.")
  private List<String> overrides = List.of();

  @Option(names = "--prompt-field", paramLabel = "NAME", description = "Field of the prompt (default: prompt, question, problem or input).")
  private @Nullable String promptField;

  @Option(names = "--gold-field", paramLabel = "NAME", description = "Field of the expected answer (default: gold, answer, solution or target).")
  private @Nullable String goldField;

  @Option(names = "--limit", paramLabel = "N", description = "The first N prompts only (a task: 256 unless given).")
  private @Nullable Integer limit;

  @Option(names = "--samples", paramLabel = "K", description = "Answers to each prompt (default: 1).")
  private int samples = 1;

  @Mixin
  private SamplingOptions sampling = new SamplingOptions();

  @Option(names = "--json", description = "One JSON object instead of lines for people.")
  private boolean json;

  /** Prompts in order, how many there are, and what checks the answers. */
  private record Source(int size, boolean rendered, Verifier verifier, Consumer<Consumer<Task>> tasks) {}

  @Override public Integer call() {
    if (samples < 1) throw new RequestException("--samples must be at least 1, got " + samples);
    if (limit != null && limit < 1) throw new RequestException("--limit must be at least 1, got " + limit);
    options.folder();
    var tally = new Tally();
    PassRates rates;
    int prompts;
    try {
      Source source = source();
      prompts = source.size;
      try (Policy policy = options.policy(); Tokenizer tokenizer = Objects.requireNonNull(options.tokenizer(true)); var generator = new Generator(policy);
          var display = ProgressDisplay.standard(Streams.err())) {
        SamplingOptions.Plan plan = sampling.plan(options.folder("generation_config.json"), policy.config(), samples > 1);
        display.phase("sampling", 0, (long) source.size * samples);
        var run = new Run(source, tokenizer, generator, plan, display, tally);
        source.tasks.accept(run);
        rates = run.rates();
      }
    } catch (IllegalArgumentException e) {
      throw new RequestException(e.getMessage());
    }
    print(prompts, rates, tally);
    return Exit.DONE;
  }

  private Source source() {
    if (data == null) {
      throw new RequestException("--data is missing: a file or folder of examples, or a task (%s)".formatted(String.join(", ", Tasks.names())));
    }
    Map<String, Object> settings = Overrides.read(overrides);
    if (Tasks.names().contains(data) && !Files.exists(Path.of(data))) {
      TaskFamily family = Tasks.named(data, settings);
      int count = (int) Math.min(family.heldOut().size(), limit == null ? 256 : limit);
      return new Source(count, false, verifierName == null ? family.verifier() : Verifiers.named(verifierName, Map.of()),
          sink -> LongStream.range(0, count).forEach(i -> sink.accept(family.heldOut().at(i))));
    }
    DataSettings columns = columns(settings);
    var file = new TaskFile(columns, columns.chat() ? chat() : _ -> "");
    // Read once to count and to find what cannot be read, then again as it is evaluated: a large file is never held.
    long[] rows = {0};
    file.each(_ -> rows[0]++);
    int count = (int) Math.min(rows[0], limit == null ? Integer.MAX_VALUE : limit);
    return new Source(count, columns.chat(), Verifiers.named(columns.verifier(), columns.verifierSettings()), sink -> file.each(task -> {
      if (task.id() < count) sink.accept(task);
    }));
  }

  /** Settings that begin with {@code data.} say what the columns mean; the others belong to the checker. */
  private DataSettings columns(Map<String, Object> settings) {
    Map<String, Object> given = new LinkedHashMap<>(Map.of("path", data));
    if (promptField != null) given.put("prompt", promptField);
    if (goldField != null) given.put("answer", goldField);
    if (verifierName != null) given.put("verifier", verifierName);
    settings.forEach((key, value) -> given.put(key.startsWith("data.") ? key.substring("data.".length()) : "verifier." + key, value));
    if (verifierName == null && !given.containsKey("dataset")) {
      throw new RequestException("--verifier is missing, one of: %s; or --set data.dataset=gsm8k (or math), which brings its own"
          .formatted(String.join(", ", Verifiers.names())));
    }
    return DataSettings.of(given);
  }

  private Function<List<Map<String, Object>>, String> chat() {
    try {
      ChatTemplate template = ChatTemplate.read(options.folder("tokenizer.json"));
      return messages -> template.render(messages, ChatTemplate.Options.prompt());
    } catch (IOException e) {
      throw new RequestException("%s: the chat template cannot be read: %s".formatted(options.folder(), e.getMessage()));
    }
  }

  /** Answers and checks prompts as they come, {@value #AT_ONCE} at a time; what is kept of a prompt is two numbers. */
  private final class Run implements Consumer<Task> {
    private static final int AT_ONCE = 64;
    private final Source source;
    private final Tokenizer tokenizer;
    private final Generator generator;
    private final SamplingOptions.Plan plan;
    private final ProgressDisplay display;
    private final Tally tally;
    private final List<Task> waiting = new ArrayList<>();
    private final int[] right;
    private final double[] score;
    private int done;

    Run(Source source, Tokenizer tokenizer, Generator generator, SamplingOptions.Plan plan, ProgressDisplay display, Tally tally) {
      this.source = source;
      this.tokenizer = tokenizer;
      this.generator = generator;
      this.plan = plan;
      this.display = display;
      this.tally = tally;
      right = new int[source.size];
      score = new double[source.size];
    }

    @Override public void accept(Task task) {
      waiting.add(task);
      if (waiting.size() == AT_ONCE) answer();
    }

    PassRates rates() {
      if (!waiting.isEmpty()) answer();
      return new PassRates(right, score, samples);
    }

    private void answer() {
      List<Request> requests = new ArrayList<>();
      for (Task task : waiting) {
        int[] prompt = source.rendered ? tokenizer.encode(task.prompt()) : tokenizer.encodePrompt(task.prompt());
        requests.add(Request.of(task.id(), prompt, samples, plan.maxNew(prompt.length)));
      }
      for (Completion answer : generator.generate(requests, plan.how(), (_, finished, _) -> {
        display.step((long) done * samples + finished, Map.of());
        return true;
      })) {
        Task task = waiting.get(answer.request());
        Verdict verdict = source.verifier.verify(task.gold(), tokenizer.decode(answer.tokens()));
        tally.add(verdict);
        if (verdict instanceof Verdict.Right) right[done + answer.request()]++;
        score[done + answer.request()] += verdict.score() / samples;
      }
      done += waiting.size();
      waiting.clear();
    }
  }

  private void print(int prompts, PassRates rates, Tally tally) {
    var results = new LinkedHashMap<String, PassRates.Rate>();
    results.put("pass@1", rates.passAt(1));
    for (int k = 2; k < samples; k *= 2) results.put("pass@" + k, rates.passAt(k));
    if (samples > 1) results.put("pass@" + samples, rates.passAt(samples));
    results.put("avg@" + samples, rates.average());
    if (!json) {
      results.forEach((name, rate) -> Streams.out().println(String.format(Locale.ROOT, "%-8s %5.1f %%   (95 %% of resamples: %.1f to %.1f)", name,
          100 * rate.value(), 100 * rate.low(), 100 * rate.high())));
      Streams.out().println("%d prompts, %d answer(s) each: %s".formatted(prompts, samples, tally));
      return;
    }
    var object = new LinkedHashMap<String, Object>();
    object.put("prompts", prompts);
    object.put("samples", samples);
    results.forEach((name, rate) -> {
      var one = new LinkedHashMap<String, Object>();
      one.put("value", rate.value());
      one.put("low", rate.low());
      one.put("high", rate.high());
      object.put(name.replace("@", "At"), one);
    });
    var verdicts = new LinkedHashMap<String, Object>();
    for (String label : List.of("right", "wrong", "unanswered", "unreadable-gold", "timed-out")) verdicts.put(label, tally.count(label));
    object.put("verdicts", verdicts);
    Streams.out().println(Json.line(object));
  }
}
